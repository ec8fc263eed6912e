package overview_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/events"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/search"
	"portico/backend/kernel/settings"
	"portico/backend/kernel/web"
	"portico/backend/overview"
)

var ctx = context.Background()

var ada = auth.Staff("Ada", "window")

// world is the room with both of its listeners, over the real tables of the rooms
// that it reads, whose services are played by the test.
type world struct {
	*overview.Service
	t      *testing.T
	db     *db.DB
	clock  *clock.Fake
	staff  http.Handler
	portal http.Handler

	mail     overview.MailStatus
	domain   overview.DomainStatus
	business overview.Business
	me       overview.Me
	address  string
	behind   time.Duration
	free     uint64
	mu       sync.Mutex
	pushes   []string
}

func (w *world) DomainStatus(context.Context, auth.Actor) (overview.DomainStatus, error) {
	return w.domain, nil
}

func (w *world) MailStatus(context.Context, auth.Actor) (overview.MailStatus, error) {
	return w.mail, nil
}
func (w *world) Business(context.Context) (overview.Business, error) { return w.business, nil }
func (w *world) Me(_ context.Context, a auth.Actor) (overview.Me, error) {
	me := w.me
	me.ContactID = a.ContactID
	return me, nil
}
func (w *world) Portal() string        { return w.address }
func (w *world) Behind() time.Duration { return w.behind }
func (w *world) Changed(topic string, _ ...string) {
	w.push(topic)
}
func (w *world) ClientChanged(id, topic string) { w.push(id + "/" + topic) }
func (w *world) push(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pushes = append(w.pushes, text)
}

// rooms are the directories whose tables this room reads. Their code is not
// imported, neither here nor there.
var rooms = map[string]fs.FS{"contacts": os.DirFS("../contacts"), "access": os.DirFS("../access"), "outbox": os.DirFS("../outbox")}

func each(t *testing.T, story func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, c db.Config, now *clock.Fake) {
		d, err := db.Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		sources := []db.Source{{Room: "jobs", Files: jobs.Migrations}, {Room: "events", Files: events.Migrations}, {Room: "audit", Files: audit.Migrations},
			{Room: "settings", Files: settings.Migrations}, {Room: "contacts", Files: rooms["contacts"]}, {Room: "access", Files: rooms["access"]},
			{Room: "outbox", Files: rooms["outbox"]}, {Room: "overview", Files: overview.Migrations}}
		if err := d.Migrate(ctx, sources, map[string]db.Directive{"search": search.Create}); err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		d.Attach(events.New(d, jobs.NewRunner(d, log)), audit.Log{})
		words, err := i18n.New(overview.Messages)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, db: d, clock: now, mail: overview.MailStatus{State: "ok"}, address: "http://127.0.0.1:8080", free: 60e9}
		w.Service = overview.New(overview.Deps{DB: d, Log: log, Words: words.Text, Version: "1.2.3", DataDir: "/data", Clock: w, Mail: w, Domain: w, Brand: w, Clients: w, Address: w, Live: w,
			Size:  func(context.Context) (int64, error) { return 12_345_678, nil },
			Space: func(string) (uint64, uint64, error) { return w.free, 100e9, nil }})
		serve := func(audience string, register func(*web.API, *overview.Service), actors map[string]auth.Actor) http.Handler {
			api := web.NewAPI(audience, "Test", "Test", words.Text, log)
			register(api, w.Service)
			return web.Layers{CSP: "default-src 'none'", Words: words.Text, Log: log,
				Language: func(r *http.Request) string { return words.Match(r.Header.Get("Accept-Language")) },
				Identify: func(r *http.Request) (auth.Actor, error) {
					if a, ok := actors[r.Header.Get("Cookie")]; ok {
						return a, nil
					}
					return auth.Actor{Kind: auth.KindAnonymous}, nil
				}}.Wrap(api.Mux)
		}
		w.staff = serve("staff", overview.RegisterStaff, map[string]auth.Actor{"staff": ada, "client": auth.Client("ct_ana", "se_1")})
		w.portal = serve("portal", overview.RegisterPortal, map[string]auth.Actor{"staff": ada, "ana": auth.Client("ct_ana", "se_1"), "bob": auth.Client("ct_bob", "se_2")})
		story(t, w)
	})
}

// answer is what came back, with the body read.
type answer struct {
	status int
	header http.Header
	body   string
}

// as is one request by whoever the cookie names; headers are pairs.
func as(h http.Handler, cookie, method, path, body string, headers ...string) answer {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", cookie)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

// fact is any fact with any data.
type fact struct {
	name, subject string
	data          map[string]any
}

func (f fact) FactName() string             { return f.name }
func (f fact) Subject() string              { return f.subject }
func (f fact) MarshalJSON() ([]byte, error) { return json.Marshal(f.data) }

// emit keeps facts in one commit.
func (w *world) emit(actor auth.Actor, facts ...fact) {
	w.t.Helper()
	if err := w.db.Write(ctx, func(tx *db.Tx) error {
		for _, f := range facts {
			if err := tx.Emit(actor, f); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// times is the same fact again and again.
func times(n int, f fact) []fact { return slices.Repeat([]fact{f}, n) }

// run is one statement of the story's own.
func (w *world) run(query string, args ...any) {
	w.t.Helper()
	if err := w.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

// contact adds one behind the back of its room.
func (w *world) contact(id, name string) {
	w.t.Helper()
	w.run(`INSERT INTO contacts (id, state, name, name_key, emails, phones, company, address, language, time_zone, theme, birthday, photo, created, updated, deleted_from)
		VALUES ($1, 'active', $2, $2, '[]', '[]', '', '{}', '', '', 'system', '', '', 0, 0, '')`, id, name)
}

// texts are the sentences of items.
func texts(items []overview.Item) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.Text
	}
	return out
}

// holds checks a response body.
func holds(t *testing.T, story string, a answer, status int, must []string, mustNot ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d, want %d: %s", story, a.status, status, a.body)
	}
	for _, text := range must {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: no %q in %s", story, text, a.body)
		}
	}
	for _, text := range mustNot {
		if strings.Contains(a.body, text) {
			t.Errorf("%s: %q in %s", story, text, a.body)
		}
	}
}
