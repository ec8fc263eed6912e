package outbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	netmail "net/mail"
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
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/search"
	"portico/backend/kernel/secret"
)

var (
	ctx   = context.Background()
	staff = auth.Staff("Mia", "window")
)

// world is an outbox with everything around it made up.
type world struct {
	t        *testing.T
	s        *Service
	d        *db.DB
	clk      *clock.Fake
	server   *server
	secrets  *secrets
	links    *links
	inviter  *inviter
	runner   *jobs.Runner
	people   people
	brand    *brand
	live     *live
	log      *bytes.Buffer
	logLock  sync.Mutex
	troubled bool // errors in the log are part of the story
}

// each tells a story on both engines, with an account set up.
func each(t *testing.T, story func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		w := newWorld(t, c, clk)
		w.setUp()
		story(w)
	})
}

func newWorld(t *testing.T, c db.Config, clk *clock.Fake) *world {
	t.Helper()
	d := dbtest.Open(t, c, db.Source{Room: "jobs", Files: jobs.Migrations}, db.Source{Room: "events", Files: events.Migrations},
		db.Source{Room: "audit", Files: audit.Migrations}, db.Source{Room: "outbox", Files: Migrations})
	if err := d.Write(ctx, func(tx *db.Tx) error { return search.Create(ctx, tx, found.Name) }); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, d: d, clk: clk, log: &bytes.Buffer{}, live: &live{},
		secrets: &secrets{kept: map[string]secret.Secret{}},
		links:   &links{all: map[string]Link{}},
		inviter: &inviter{},
		people: people{
			"ct_ana":   {ContactID: "ct_ana", Name: "Ana Petrović", FirstName: "Ana", Email: "ana@example.com", Company: "Petrović Design", Language: "en", TimeZone: "Europe/Berlin"},
			"ct_jonas": {ContactID: "ct_jonas", Name: "Jonas Weber", FirstName: "Jonas", Email: "jonas@example.com", Language: "de", TimeZone: "Europe/Berlin"},
		},
		brand: &brand{Business{Name: "Corner Shop", SupportEmail: "help@shop.example", BaseURL: "https://portal.shop.example", Language: "en", TimeZone: "Europe/Berlin", Accent: "#0f766e"}},
	}
	w.server = &server{w: w, script: map[string][]answer{}}
	log := slog.New(slog.NewTextHandler(lockedWriter{w}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.runner = jobs.NewRunner(d, log)
	d.Attach(events.New(d, w.runner), audit.Log{})
	w.s = w.service()
	t.Cleanup(func() {
		if !w.troubled && strings.Contains(w.log.String(), "level=ERROR") {
			t.Errorf("logged: %s", w.log.String())
		}
	})
	return w
}

func (w *world) service() *Service {
	w.t.Helper()
	s, err := New(Deps{DB: w.d, Log: slog.New(slog.NewTextHandler(lockedWriter{w}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Recipients: w.people, People: found, Brand: w.brand, Links: w.links, Inviter: w.inviter, Owner: german{}, Jobs: w.runner, Secrets: w.secrets, Live: w.live, FilesDir: w.t.TempDir(),
		Dial: w.server.dial, Probe: w.server.probe, Dice: func() float64 { return 0.5 }})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

type lockedWriter struct{ w *world }

func (l lockedWriter) Write(p []byte) (int, error) {
	l.w.logLock.Lock()
	defer l.w.logLock.Unlock()
	return l.w.log.Write(p)
}

var account = Account{Kind: AccountSMTP, Host: "smtp.shop.example", Port: 587, Security: mail.SecurityStartTLS,
	Username: "mia", FromName: "Corner Shop", FromAddress: "hello@shop.example"}

// found is how people are found in these stories.
var found = search.Index{Name: "people"}

const password = "pa55-word-of-mia"

func (w *world) setUp() {
	w.t.Helper()
	if _, err := w.s.SaveAccount(ctx, staff, account, password); err != nil {
		w.t.Fatal(err)
	}
}

// queue keeps mails; each invitation has a link of its own.
func (w *world) queue(m Mail) string {
	w.t.Helper()
	id, err := w.tryQueue(m)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) tryQueue(m Mail) (id string, err error) {
	if m.Kind == "" {
		m.Kind = KindInvitation
	}
	if m.To == "" {
		m.To = "ana@example.com"
	}
	err = w.d.Write(ctx, func(tx *db.Tx) error {
		id, err = w.s.Queue(ctx, tx, m)
		return err
	})
	return id, err
}

func (w *world) send() int {
	w.t.Helper()
	n, err := w.s.SendDue(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) mail(id string) Message {
	w.t.Helper()
	m, err := messageByID(ctx, w.d.Read(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) account() kept {
	w.t.Helper()
	k, err := accountRow(ctx, w.d.Read())
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

func (w *world) want(id string, state State, problem string) Message {
	w.t.Helper()
	m := w.mail(id)
	if m.State != state || m.Problem != problem {
		w.t.Errorf("mail is %s %q, want %s %q", m.State, m.Problem, state, problem)
	}
	return m
}

// facts are the names of what was told to other rooms, with its data.
func (w *world) facts() (out []string) {
	w.t.Helper()
	rows, err := w.d.Read().Query(ctx, `SELECT name, data FROM events ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, data string
		if err := rows.Scan(&name, &data); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, name+" "+data)
	}
	return out
}

// server is a mail server that answers as it is told, by recipient.
type server struct {
	w        *world
	mu       sync.Mutex
	script   map[string][]answer
	dialing  []*mail.Problem // what the next dials meet; nil dials well
	dials    int
	open     int
	got      []sent
	probed   []mail.Account
	accounts []mail.Account
	during   func(to string) // runs while a mail is on its way
}

type answer struct {
	problem *mail.Problem
	data    bool // content left before the problem
}

type sent struct {
	to, from, messageID string
	raw                 []byte
}

func (s *server) dial(_ context.Context, a mail.Account) (mail.Sender, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dials++
	s.accounts = append(s.accounts, a)
	if len(s.dialing) > 0 {
		p := s.dialing[0]
		s.dialing = s.dialing[1:]
		if p != nil {
			return nil, p
		}
	}
	s.open++
	return &line{s: s}, nil
}

func (s *server) probe(_ context.Context, a mail.Account, to string, raw []byte, _ func(mail.Step)) []mail.StepResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probed = append(s.probed, a)
	s.got = append(s.got, read(to, a.FromAddress, raw))
	return []mail.StepResult{{Step: mail.StepConnect}, {Step: mail.StepAuth, Code: 535, Reply: "5.7.8 no",
		Problem: &mail.Problem{Step: mail.StepAuth, Class: mail.Auth, Key: "mail.auth_refused", Code: 535, Reply: "5.7.8 no"}}}
}

func (s *server) answer(to string, answers ...answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script[to] = append(s.script[to], answers...)
}

func (s *server) received() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sent(nil), s.got...)
}

// line is one connection to the server.
type line struct {
	s    *server
	gone bool
}

func (l *line) Close() error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if !l.gone {
		l.gone = true
		l.s.open--
	}
	return nil
}

func (l *line) Send(ctx context.Context, from, to string, raw []byte, onData func() error) (mail.Receipt, error) {
	l.s.mu.Lock()
	var a answer
	if q := l.s.script[to]; len(q) > 0 {
		a, l.s.script[to] = q[0], q[1:]
	}
	during := l.s.during
	l.s.mu.Unlock()
	if a.problem == nil || a.data {
		if err := onData(); err != nil {
			return mail.Receipt{}, &mail.Problem{Step: mail.StepData, Class: mail.Cancelled, Key: "mail.not_recorded", Err: err}
		}
	}
	if during != nil {
		during(to)
	}
	if err := ctx.Err(); err != nil {
		return mail.Receipt{}, &mail.Problem{Step: mail.StepAfterData, Class: mail.Unknown, Key: "mail.unknown", Err: err}
	}
	if a.problem != nil {
		return mail.Receipt{}, a.problem
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.got = append(l.s.got, read(to, from, raw))
	return mail.Receipt{Code: 250, Text: "2.0.0 queued as X1"}, nil
}

func read(to, from string, raw []byte) sent {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	return sent{to: to, from: from, messageID: m.Header.Get("Message-ID"), raw: raw}
}

// subject, text and html are a mail as its reader sees it.
func (m sent) subject() string {
	parsed, _ := netmail.ReadMessage(bytes.NewReader(m.raw))
	s, _ := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	return s
}

func (m sent) text() string { return m.part("text/plain") }
func (m sent) html() string { return m.part("text/html") }

func (m sent) part(kind string) string {
	parsed, _ := netmail.ReadMessage(bytes.NewReader(m.raw))
	return findPart(kind, parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
}

func findPart(want, contentType, encoding string, body io.Reader) string {
	kind, params, _ := mime.ParseMediaType(contentType)
	if strings.HasPrefix(kind, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if err != nil {
				return ""
			}
			if s := findPart(want, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); s != "" {
				return s
			}
		}
	}
	if kind != want {
		return ""
	}
	if strings.EqualFold(encoding, "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(body)
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

type people map[string]Recipient

func (p people) Recipients(_ context.Context, ids []string) (map[string]Recipient, error) {
	out := map[string]Recipient{}
	for _, id := range ids {
		if r, ok := p[id]; ok {
			out[id] = r
		}
	}
	return out, nil
}

type brand struct{ b Business }

func (b *brand) Business(context.Context) (Business, error) { return b.b, nil }

type links struct {
	mu  sync.Mutex
	all map[string]Link
	err error
}

func (l *links) Materialise(_ context.Context, selectors []string) (map[string]Link, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]Link{}
	for _, selector := range selectors {
		if link, ok := l.all[selector]; ok {
			out[selector] = link
		}
	}
	return out, l.err
}

// inviter notes what it is told about invitations, when that is kept.
type inviter struct {
	mu   sync.Mutex
	told []Settled
}

func (i *inviter) Settled(_ context.Context, tx *db.Tx, list []Settled) error {
	tx.AfterCommit(func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.told = append(i.told, list...)
	})
	return nil
}

// german is an owner who reads German.
type german struct{}

func (german) Language(context.Context) (string, error) { return "de", nil }

type secrets struct {
	mu   sync.Mutex
	kept map[string]secret.Secret
	err  error
}

func (s *secrets) Get(name string) (secret.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.kept[name]
	if s.err != nil || !ok {
		return "", errors.Join(s.err, secret.ErrMissing)
	}
	return v, nil
}

func (s *secrets) Set(name string, v secret.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[name] = v
	return s.err
}

func (s *secrets) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, name)
	return nil
}

type live struct {
	mu     sync.Mutex
	topics []string
}

func (l *live) Changed(topic string, _ ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.topics = append(l.topics, topic)
}

// Problems as servers make them.
func temporary() *mail.Problem {
	return &mail.Problem{Step: mail.StepRecipient, Class: mail.Temporary, Key: "mail.temporary", Code: 451, Enhanced: "4.3.0", Reply: "4.3.0 later"}
}

func noSuchUser() *mail.Problem {
	return &mail.Problem{Step: mail.StepRecipient, Class: mail.BadRecipient, Key: "mail.recipient_unknown", Code: 550, Enhanced: "5.1.1", Reply: "5.1.1 no such user"}
}

func wrongPassword() *mail.Problem {
	return &mail.Problem{Step: mail.StepAuth, Class: mail.Auth, Key: "mail.auth_refused", Code: 535, Reply: "5.7.8 bad credentials"}
}

func offline() *mail.Problem {
	return &mail.Problem{Step: mail.StepConnect, Class: mail.Offline, Key: "mail.network_unreachable", Err: errors.New("no route")}
}

func noReply() *mail.Problem {
	return &mail.Problem{Step: mail.StepAfterData, Class: mail.Unknown, Key: "mail.unknown", Err: io.EOF}
}

const minute = time.Minute

// dbtestEach is each before anybody has set up an account.
func dbtestEach(t *testing.T, story func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) { story(newWorld(t, c, clk)) })
}
