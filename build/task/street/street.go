// Package street is the outside world of a portal with a name of its own, for
// programs that are driven from outside: name servers, a certificate authority, a
// router and a service that tells the public address, all on loopback.
package street

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"portico/backend/kernel/certs/pebbletest"
	"portico/backend/kernel/reach/reachtest"
	"portico/backend/kernel/zone/zonetest"
)

// Street is such a world. Close ends it.
type Street struct {
	Args []string // what `portico serve` needs to live in it, but for its own listeners
	Root []byte   // the root that issues certificates, in PEM

	host   *host
	dns    *zonetest.Net
	pebble *pebbletest.Pebble
	mu     sync.Mutex
	held   chan struct{} // open while orders are held back
}

// Open makes a world for a portal that listens at these ports of 127.0.0.1.
func Open(httpPort, tlsPort int) (*Street, error) {
	folder, err := os.MkdirTemp("", "portico-street-")
	if err != nil {
		return nil, err
	}
	s := &Street{host: &host{folder: folder}}
	s.host.Cleanup(func() { _ = os.RemoveAll(folder) })
	err = s.host.run(func(t testing.TB) {
		s.dns = zonetest.Start(t)
		s.pebble = pebbletest.Start(t, pebbletest.Options{DNS: s.dns.Resolver(), HTTPPort: httpPort, TLSPort: tlsPort, Terms: "https://authority.test/terms"})
		here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "127.0.0.1") }))
		t.Cleanup(here.Close)
		roots := filepath.Join(folder, "authority.pem")
		if err := os.WriteFile(roots, s.pebble.RootPEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Root = s.pebble.IssuedPEM()
		router := reachtest.NewRouter(t, reachtest.Options{PCP: true, External: netip.MustParseAddr("203.0.113.7")})
		s.Args = []string{"--router", router.Gateway.String(), "--acme-dir", s.pebble.Directory, "--acme-ca", roots, "--resolver", s.dns.Resolver().String(), "--dns-port", strconv.Itoa(int(s.dns.Port())), "--address-lookup", here.URL}
	})
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Set puts records into a zone, which is made on two name servers when it is not there.
func (s *Street) Set(zone string, records ...string) error {
	return s.host.run(func(testing.TB) { s.dns.Zone(zone, "127.0.0.2", "127.0.0.3").Set(records...) })
}

// Hold keeps orders at the authority until it is called with false.
func (s *Street) Hold(hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil {
		close(s.held)
		s.held = nil
	}
	if !hold {
		s.pebble.Intercept(nil)
		return
	}
	held := make(chan struct{})
	s.held = held
	s.pebble.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == pebbletest.NewOrder {
			<-held
		}
		return false
	})
}

// Created is how many accounts and orders the authority created so far.
func (s *Street) Created() (accounts, orders int) { return s.pebble.Created() }

// Close ends everything in it.
func (s *Street) Close() {
	if s.pebble != nil {
		s.Hold(false)
	}
	s.host.close()
}

// host stands for the test that the parts of the street expect around them.
type host struct {
	testing.TB
	folder string
	err    error
	ends   []func()
}

// run does what may fail as a test fails.
func (h *host) run(do func(testing.TB)) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(h)
	}()
	<-done
	err := h.err
	h.err = nil
	return err
}

func (h *host) close() {
	for i := range h.ends {
		h.ends[len(h.ends)-1-i]()
	}
}

func (h *host) Helper()                   {}
func (h *host) Cleanup(end func())        { h.ends = append(h.ends, end) }
func (h *host) TempDir() string           { return h.folder }
func (h *host) Errorf(f string, a ...any) { h.err = errors.Join(h.err, fmt.Errorf(f, a...)) }
func (h *host) Fatalf(f string, a ...any) { h.Errorf(f, a...); runtime.Goexit() }
func (h *host) Skipf(f string, a ...any)  { h.Fatalf(f, a...) }
func (h *host) Fatal(a ...any)            { h.Fatalf("%s", fmt.Sprint(a...)) }
