package certs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/certs/pebbletest"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/zone/zonetest"
)

// rigs are numbered: challenges are shared by the whole process by name, so no two
// may prove the same.
var rigs atomic.Int32

// wall is the machine's clock, moved by as much as the test says.
type wall struct{ ahead atomic.Int64 }

func (w *wall) Now() time.Time {
	return time.Now().Add(time.Duration(w.ahead.Load())).UTC().Truncate(time.Millisecond)
}

func (w *wall) Advance(d time.Duration) { w.ahead.Add(int64(d)) }

// rig is a computer with a store, two listeners and an authority that finds them.
type rig struct {
	name, next, dead string // dead leads to a machine where nobody answers

	ahead   time.Duration
	t       testing.TB
	db      *db.DB
	clock   *wall
	dns     *zonetest.Net
	pebble  *pebbletest.Pebble
	config  certs.Config
	manager *certs.Manager
	end     func()

	plain, secure net.Listener
	serving       atomic.Pointer[certs.Manager]
	mu            sync.Mutex
	told          []certs.Entry
}

// newRig sets everything up but starts no manager. change may change the options
// of the authority.
func newRig(t testing.TB, change func(*pebbletest.Options)) *rig {
	t.Helper()
	return newRigOn(t, db.Config{Path: filepath.Join(t.TempDir(), "portico.db")}, change)
}

func newRigOn(t testing.TB, c db.Config, change func(*pebbletest.Options)) *rig {
	t.Helper()
	r := &rig{t: t, clock: &wall{}, dns: zonetest.Start(t)}
	zone := fmt.Sprintf("shop%d.test", rigs.Add(1))
	r.name, r.next, r.dead = "portal."+zone, "new."+zone, "dead."+zone
	r.dns.Zone(zone).Set("portal A 127.0.0.1", "new A 127.0.0.1", "dead A 127.0.0.9")
	c.Clock = r.clock
	r.db = dbtest.Open(t, c, source)
	r.listen()
	o := pebbletest.Options{DNS: r.dns.Resolver(), HTTPPort: port(r.plain), TLSPort: port(r.secure)}
	if change != nil {
		change(&o)
	}
	r.pebble = pebbletest.Start(t, o)
	r.config = certs.Config{DB: r.db, Box: box(t), Clock: r.clock, Directory: r.pebble.Directory, Roots: r.pebble.Roots,
		Email: func(context.Context) string { return "owner@office.test" }, HTTPPort: o.HTTPPort, TLSPort: o.TLSPort,
		Alone: true, Notify: r.notify, Tick: 20 * time.Millisecond, Grace: 50 * time.Millisecond}
	t.Cleanup(r.stop)
	return r
}

// listen opens ports that outlive managers, as after a quick restart.
func (r *rig) listen() {
	silent := log.New(io.Discard, "", 0)
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	plain := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if m := r.serving.Load(); m != nil {
			m.HTTPChallenge(hello).ServeHTTP(w, q)
			return
		}
		http.Error(w, "nobody", http.StatusServiceUnavailable)
	}))
	plain.Config.ErrorLog = silent
	plain.Start()
	r.plain = plain.Listener
	secure := httptest.NewUnstartedServer(hello)
	secure.Config.ErrorLog = silent
	secure.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return r.serving.Load().TLSConfig(), nil }}
	secure.StartTLS()
	r.secure = secure.Listener
	r.t.Cleanup(func() { plain.Close(); secure.Close() })
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func (r *rig) notify(e certs.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, e)
}

// entries are those that were told so far, of one kind.
func (r *rig) entries(kind certs.Kind) (out []certs.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.told {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// start starts a manager that manages the names.
func (r *rig) start(names ...string) *certs.Manager {
	r.t.Helper()
	return r.startWith(certs.Options{}, names...)
}

func (r *rig) startWith(o certs.Options, names ...string) *certs.Manager {
	r.t.Helper()
	m, err := certs.New(ctx, r.config)
	if err != nil {
		r.t.Fatal(err)
	}
	r.manager = m
	r.serving.Store(m)
	for _, n := range names {
		if err := m.Manage(ctx, n, o); err != nil {
			r.t.Fatal(err)
		}
	}
	running, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(running)
	}()
	r.end = func() {
		cancel()
		<-done
		m.Close()
	}
	return m
}

func (r *rig) stop() {
	if r.end != nil {
		r.end()
		r.end = nil
	}
}

func (r *rig) status(name string) certs.Status {
	r.t.Helper()
	s, err := r.manager.Status(ctx, name)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// until waits for a status.
func (r *rig) until(name, what string, ok func(certs.Status) bool) certs.Status {
	r.t.Helper()
	var s certs.Status
	for range 1500 {
		if s = r.status(name); ok(s) {
			return s
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.t.Fatalf("%s never became %s: %+v, problem %+v\n%s", name, what, s, s.Problem, r.story(name))
	return s
}

func (r *rig) active(name string) certs.Status {
	r.t.Helper()
	return r.until(name, "active", func(s certs.Status) bool { return s.State == certs.StateActive })
}

func (r *rig) failing(name string) certs.Status {
	r.t.Helper()
	return r.until(name, "failing", func(s certs.Status) bool { return s.State == certs.StateFailing })
}

// renew lets the computer sleep for two months, and then takes it back, because the
// authority's clock does not move: to whoever is two months ahead the new
// certificate is an old one.
func (r *rig) renew(name string) {
	r.t.Helper()
	before := len(r.entries(certs.KindIssued))
	r.ahead += 61 * 24 * time.Hour // a day more each time
	r.clock.Advance(r.ahead)
	s := r.until(name, "renewed", func(s certs.Status) bool {
		return len(r.entries(certs.KindIssued)) > before && s.State == certs.StateFailing || s.State == certs.StateExpired
	})
	if s.Problem == nil || s.Problem.Code != certs.CodeClock {
		r.t.Errorf("a clock that is wrong goes unseen: %+v", s)
	}
	r.clock.Advance(-r.ahead)
	r.ahead += 24*time.Hour - 61*24*time.Hour
}

// story is the history, oldest first, for people.
func (r *rig) story(name string) string {
	entries, err := r.manager.History(ctx, name)
	if err != nil {
		r.t.Fatal(err)
	}
	var out string
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		out += e.At.Format("15:04:05.000 ") + string(e.Kind) + " " + string(e.State) + " " + string(e.Why) + " " + e.Text
		if e.Problem != nil {
			out += e.Problem.Error()
		}
		out += "\n"
	}
	return out
}

// served is the certificate that a handshake for a name gets, and whether the
// authority's root stands behind it.
func (r *rig) served(name string, roots *x509.CertPool) (*x509.Certificate, bool) {
	r.t.Helper()
	c, err := tls.Dial("tcp", r.secure.Addr().String(), &tls.Config{ServerName: name, InsecureSkipVerify: true}) //nolint:gosec // looked at below
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	chain := c.ConnectionState().PeerCertificates
	inner := x509.NewCertPool()
	for _, cert := range chain[1:] {
		inner.AddCert(cert)
	}
	_, err = chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: inner, CurrentTime: time.Now()})
	return chain[0], err == nil
}

// root is that of the internal certificate.
func (r *rig) root() *x509.Certificate {
	r.t.Helper()
	c, err := tls.Dial("tcp", r.secure.Addr().String(), &tls.Config{ServerName: "localhost", InsecureSkipVerify: true}) //nolint:gosec // whoever trusts it has seen it
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[1]
}

// created fails the test unless so much was created at the authority.
func (r *rig) created(accounts, orders int) {
	r.t.Helper()
	if a, o := r.pebble.Created(); a != accounts || o != orders {
		r.t.Errorf("%d accounts and %d orders were created, want %d and %d", a, o, accounts, orders)
	}
}

// pool are roots in PEM.
func pool(t testing.TB, raw []byte) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(raw) {
		t.Fatal("no certificates")
	}
	return p
}
