package branding_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"portico/backend/branding"
	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/blob"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/events"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/web"
)

// world is the room with both of its listeners.
type world struct {
	*branding.Service
	db     *db.DB
	blobs  *blob.Store
	staff  http.Handler
	portal http.Handler
	mu     sync.Mutex
	pushes []string
}

func (w *world) Changed(topic string, _ ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pushes = append(w.pushes, topic)
}

func each(t *testing.T, story func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, db.Source{Room: "jobs", Files: jobs.Migrations}, db.Source{Room: "events", Files: events.Migrations},
			db.Source{Room: "audit", Files: audit.Migrations}, db.Source{Room: "branding", Files: branding.Migrations})
		log := slog.New(slog.DiscardHandler)
		d.Attach(events.New(d, jobs.NewRunner(d, log)), audit.Log{})
		blobs, err := blob.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = blobs.Close() })
		words, err := i18n.New(branding.Messages)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{db: d, blobs: blobs}
		w.Service = branding.New(branding.Deps{DB: d, Blobs: blobs, Pictures: blob.NewPictures(), Live: w, Words: words.Text})
		serve := func(audience string, register func(*web.API, *branding.Service), actor auth.Actor) http.Handler {
			api := web.NewAPI(audience, "Test", "Test", words.Text, log)
			register(api, w.Service)
			return web.Layers{CSP: "default-src 'none'", Words: words.Text, Log: log,
				Language: func(r *http.Request) string { return words.Match(r.Header.Get("Accept-Language")) },
				Identify: func(r *http.Request) (auth.Actor, error) {
					if r.Header.Get("Cookie") != "staff" {
						return auth.Actor{Kind: auth.KindAnonymous}, nil
					}
					return actor, nil
				}}.Wrap(api.Mux)
		}
		w.staff = serve("staff", branding.RegisterStaff, auth.Staff("Ada", "window"))
		w.portal = serve("portal", branding.RegisterPortal, auth.Actor{})
		story(t, w)
	})
}

// answer is what came back, with the body read.
type answer struct {
	status int
	header http.Header
	body   string
}

// send is one request; headers are pairs.
func send(h http.Handler, method, path, body string, headers ...string) answer {
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, path, r)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

// asStaff is send with the cookie that this test's Identify believes.
func (w *world) asStaff(method, path, body string, headers ...string) answer {
	return send(w.staff, method, path, body, append(headers, "Cookie", "staff")...)
}

// picture is a plain picture in one colour, with a seam so that it is not uniform.
func picture(t *testing.T, form string, width, height int, c color.Color) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, c)
		}
	}
	m.Set(width/2, height/2, color.Black)
	var b bytes.Buffer
	var err error
	if form == "jpeg" {
		err = jpeg.Encode(&b, m, nil)
	} else {
		err = png.Encode(&b, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// decoded is the size and kind of a picture that came back.
func decoded(t *testing.T, body string) (image.Image, string) {
	t.Helper()
	m, form, err := image.Decode(strings.NewReader(body))
	if err != nil {
		t.Fatalf("no picture: %v", err)
	}
	return m, form
}
