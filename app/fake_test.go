package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend"
	"portico/backend/kernel/db"
	"portico/backend/kernel/reach"
)

// fakeEngine stands in for the backend: it has the real lock, notes what is done
// to it in which order, and answers a few operations.
type fakeEngine struct {
	mu     sync.Mutex
	did    []string
	lock   *os.File
	config backend.Config
	staff  string
	block  chan struct{} // GET /slow answers when it is closed
	runErr error
	domain bool // a name of the owner's is set up from the beginning
	wanted func()

	plain, encrypted int // ports
	secure           reach.Listen
}

func (f *fakeEngine) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, what)
}

func (f *fakeEngine) noted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.did)
}

func (f *fakeEngine) Run(ctx context.Context) error {
	f.note("run")
	if f.runErr != nil {
		return f.runErr
	}
	<-ctx.Done()
	f.note("run ended")
	return nil
}

func (f *fakeEngine) Close() error {
	f.note("closed")
	return f.lock.Close()
}

func (f *fakeEngine) SetBaseURL(url string) { f.note("base " + url) }
func (f *fakeEngine) Listening(plain, secure reach.Listen) {
	f.note(fmt.Sprintf("listening %t %t", plain.Open, secure.Open))
	f.plain, f.encrypted, f.secure = plain.Port(), secure.Port(), secure
}

func (f *fakeEngine) OnDomain(wanted func()) {
	f.mu.Lock()
	f.wanted = wanted
	f.mu.Unlock()
	if f.domain {
		wanted()
	}
}

// TLSConfig has a certificate that nobody trusts.
func (f *fakeEngine) TLSConfig() *tls.Config {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
}

func (f *fakeEngine) SetStaffURL(url string) { f.staff = url }
func (f *fakeEngine) Subscribe(func([]byte)) {}
func (f *fakeEngine) CloseSockets(context.Context) error {
	f.note("sockets closed")
	return nil
}
func (f *fakeEngine) Window() http.Handler { return f.answers("window") }
func (f *fakeEngine) Staff() http.Handler  { return f.answers("browser") }
func (f *fakeEngine) Socket() http.Handler { return f.answers("cli") }
func (f *fakeEngine) Portal() http.Handler { return f.answers("portal") }
func (f *fakeEngine) answers(via string) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /via", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"via":%q}`, via) })
	m.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		f.note("slow began")
		<-f.block
		f.note("slow answered")
		fmt.Fprint(w, `{"via":"slow"}`)
	})
	if via == "portal" {
		return m
	}
	m.HandleFunc("POST /api/staff/staff-link", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"url":"%s/enter/once"}`, f.staff)
	})
	m.HandleFunc("POST /api/staff/demo", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"contacts":60}`) })
	m.HandleFunc("DELETE /api/staff/demo", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	m.HandleFunc("POST /api/staff/tokens", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":"tk_1","name":"n","token":"secret-token"}`)
	})
	m.HandleFunc("GET /api/staff/tokens", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"items":[{"id":"tk_1","name":"accounting","created_at":"2026-11-20T10:00:00Z","last_used_at":null}]}`)
	})
	m.HandleFunc("DELETE /api/staff/tokens/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "tk_1" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"code":"token.missing","status":404,"detail":"There is no such token.","errors":[{"field":"id","code":"x","message":"unknown id"}]}`)
	})
	m.HandleFunc("POST /api/staff/verify", func(w http.ResponseWriter, r *http.Request) {
		whole := !strings.Contains(f.config.Data, "damaged")
		fmt.Fprintf(w, `{"ok":%v,"items":[{"key":"store","ok":%v,"what":"The store has been read."}]}`, whole, whole)
	})
	return m
}

// opens is an opener that gives out f.
func (f *fakeEngine) opens(ctx context.Context, c backend.Config) (engine, error) {
	lock, err := db.Lock(c.Data)
	if err != nil {
		return nil, err
	}
	f.lock, f.config = lock, c
	return f, nil
}

// screen is a buffer that one goroutine writes while another reads.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// testProgram is a program with a fake backend and an environment of its own.
func testProgram(f *fakeEngine, env map[string]string) (p *program, out, err *screen) {
	out, err = &screen{}, &screen{}
	return &program{out: out, err: err, env: func(name string) string { return env[name] }, backend: f.opens,
		signals: func(ctx context.Context) (context.Context, func()) { return context.WithCancel(ctx) }}, out, err
}

// shortDir is a folder whose path leaves room for a socket; t.TempDir's do not always.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "p")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// eventually waits for something that happens on another goroutine.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
	}
}
