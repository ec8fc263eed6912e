// Package stand stands in for backend until backend.go exists.
package stand

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"time"

	"io/fs"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/web"
	"portico/frontend"
)

type Config struct {
	Data                       string
	Database, Secrets, BaseURL string
	Trusted                    []netip.Prefix
	Version                    string
	Log                        *slog.Logger
	Clock                      clock.Clock
	MailRoots                  *x509.CertPool
}
type Backend struct {
	lock        *os.File
	base, staff string
	assets      *web.Assets
	sub         func([]byte)
}

func New(ctx context.Context, c Config) (*Backend, error) {
	f, err := db.Lock(c.Data)
	if err != nil {
		return nil, err
	}
	dist, _ := fs.Sub(frontend.Dist(), "staff")
	a, _ := web.LoadAssets(dist)
	return &Backend{lock: f, base: c.BaseURL, assets: a}, nil
}
func (b *Backend) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (b *Backend) Close() error                  { return b.lock.Close() }
func (b *Backend) SetBaseURL(u string)           { b.base = u }
func (b *Backend) SetStaffURL(u string)          { b.staff = u }
func (b *Backend) Subscribe(f func([]byte)) {
	b.sub = f
	go func() {
		for {
			time.Sleep(time.Second)
			f([]byte(`{"topic":"tick"}`))
		}
	}()
}
func (b *Backend) mux(via string) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	m.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(1500 * time.Millisecond)
		fmt.Fprint(w, "done")
	})
	if via != "portal" {
		m.HandleFunc("POST /api/staff/staff-link", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(201)
			fmt.Fprintf(w, `{"url":"%s/enter/abc"}`, b.staff)
		})
		m.HandleFunc("GET /api/staff/me", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"name":"Staff","via":"`+via+`","version":"x","language":"en","time_zone":"UTC","theme":"light"}`)
		})
		m.HandleFunc("GET /api/staff/portal", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"url":"%s"}`, b.base)
		})
		m.HandleFunc("POST /api/staff/demo", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"contacts":60}`) })
		m.HandleFunc("POST /api/staff/verify", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"ok":true,"items":[{"key":"store","ok":true,"what":"The store is whole."}]}`)
		})
		m.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
			name := r.URL.Path[1:]
			if !b.assets.Has(name) {
				name = "index.html"
			}
			b.assets.Serve(w, r, name)
		})
	}
	return m
}
func (b *Backend) Portal() http.Handler { return b.mux("portal") }
func (b *Backend) Staff() http.Handler  { return b.mux("browser") }
func (b *Backend) Window() http.Handler { return b.mux("window") }
func (b *Backend) Socket() http.Handler { return b.mux("cli") }

type Description struct {
	Routes        []web.Route
	Staff, Portal []byte
}

func Describe() (*Description, error) {
	return &Description{Staff: []byte("{}"), Portal: []byte("{}")}, nil
}
