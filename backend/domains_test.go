package backend_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/backend"
	"portico/backend/backendtest"
	"portico/backend/kernel/certs/pebbletest"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/reach/reachtest"
	"portico/backend/kernel/zone/zonetest"
)

// street is a computer with a portal, a DNS of its own and a certificate
// authority that finds it; everything is on loopback.
type street struct {
	*backendtest.World
	t       *testing.T
	dns     *zonetest.Net
	pebble  *pebbletest.Pebble
	staging *pebbletest.Pebble // where orders are rehearsed; nil: nowhere
	router  *reachtest.Router  // nil: none
	config  backend.Config
	now     atomic.Pointer[backend.Backend]
	plain   *httptest.Server
	secure  *httptest.Server
}

// scene says what is special about a street.
type scene struct {
	badNonces int                // percent of the requests that the authority lets be made again
	issuers   []string           // by which CAA records know the authority
	rehearsal bool               // the authority has a place for rehearsals
	router    *reachtest.Options // what stands in front of the computer; nil: nothing
}

// streets tells a story on both engines.
func streets(t *testing.T, c scene, story func(t *testing.T, s *street)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); story(t, newStreet(t, c, "")) })
	if server := os.Getenv("PORTICO_TEST_POSTGRES"); server != "" {
		t.Run("postgres", func(t *testing.T) { t.Parallel(); story(t, newStreet(t, c, dbtest.Database(t, server))) })
	}
}

func newStreet(t *testing.T, c scene, database string) *street {
	t.Helper()
	s := &street{t: t, dns: zonetest.Start(t)}
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.now.Load().Portal().ServeHTTP(w, r) })
	s.plain = httptest.NewServer(answer)
	s.secure = httptest.NewUnstartedServer(answer)
	s.secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.secure.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.now.Load().TLSConfig(), nil }}
	s.secure.StartTLS()
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "127.0.0.1") }))
	t.Cleanup(func() { s.plain.Close(); s.secure.Close(); here.Close() })
	o := pebbletest.Options{DNS: s.dns.Resolver(), HTTPPort: portOf(s.plain), TLSPort: portOf(s.secure), BadNonces: c.badNonces, Issuers: c.issuers}
	s.pebble = pebbletest.Start(t, o)
	s.config = backend.Config{Data: t.TempDir(), Database: database, Domain: backend.DomainConfig{Directory: s.pebble.Directory, Roots: s.pebble.Roots, Resolvers: []netip.AddrPort{s.dns.Resolver()},
		DNSPort: s.dns.Port(), Sources: []string{here.URL}, Dial: s.dns.Dial, Tick: 50 * time.Millisecond, Routerless: c.router == nil}}
	s.config.Domain.Outer.HTTP, s.config.Domain.Outer.TLS = o.HTTPPort, o.TLSPort
	if c.rehearsal {
		s.staging = pebbletest.Start(t, o)
		s.config.Domain.Staging, s.config.Domain.Roots = s.staging.Directory, x509.NewCertPool()
		s.config.Domain.Roots.AppendCertsFromPEM(append(s.pebble.RootPEM(), s.staging.RootPEM()...))
	}
	if c.router != nil {
		s.router = reachtest.NewRouter(t, *c.router)
		s.config.Domain.Gateways = func(context.Context) ([]reach.Gateway, error) {
			return []reach.Gateway{reach.GatewayAt(s.router.Gateway)}, nil
		}
	}
	s.boot()
	return s
}

func portOf(s *httptest.Server) int { return s.Listener.Addr().(*net.TCPAddr).Port }

func listenAt(s *httptest.Server) reach.Listen {
	return reach.Listen{Address: s.Listener.Addr().(*net.TCPAddr).AddrPort(), Open: true}
}

// boot starts the portal, again after Stop.
func (s *street) boot() {
	s.t.Helper()
	s.World = backendtest.Boot(s.t, s.config)
	s.now.Store(s.Backend)
	s.Backend.Listening(listenAt(s.plain), listenAt(s.secure))
}

// get opens an address as a browser would that trusts the authority; names lead here.
func (s *street) get(url string) (*http.Response, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{
		DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: s.pebble.Issued()},
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(address)
			to := s.plain.Listener.Addr().String()
			if port == "443" {
				to = s.secure.Listener.Addr().String()
			}
			return (&net.Dialer{}).DialContext(ctx, "tcp", to)
		}}}
	r, err := client.Get(url)
	if err == nil {
		_ = r.Body.Close()
	}
	return r, err
}

func (s *street) must(url string, status int, to string) *http.Response {
	s.t.Helper()
	r, err := s.get(url)
	if err != nil {
		s.t.Fatalf("%s: %v", url, err)
	}
	if r.StatusCode != status || to != "" && r.Header.Get("Location") != to {
		s.t.Errorf("%s: %d to %q, want %d %q", url, r.StatusCode, r.Header.Get("Location"), status, to)
	}
	return r
}

func (s *street) domain() backendtest.Reply {
	return s.Staff.Must("GET", "/api/staff/domain", nil, 200)
}

// moved waits until an update has come to its end.
func (s *street) moved() {
	s.t.Helper()
	s.Staff.Must("POST", "/api/staff/domain/update", nil, 202)
	s.Eventually("the update", func() bool {
		state := s.domain().Text("update.state")
		return state == "done" || state == "failed"
	})
	if r := s.domain(); r.Text("update.state") != "done" || r.Text("state") != "active" {
		s.t.Fatalf("the update: %s", r.Body)
	}
}

func codes(r backendtest.Reply, at string) string {
	var all []string
	for _, f := range r.List(at) {
		all = append(all, fmt.Sprintf("%v:%v", f["severity"], f["code"]))
	}
	return strings.Join(all, " ")
}

// The whole story on loopback: a name is entered, its record appears, Update
// Domain is pressed, the portal answers there over trusted HTTPS; the name
// changes and old links work; a restart orders nothing.
func TestAPortalGetsAnAddressOfItsOwn(t *testing.T) {
	streets(t, scene{}, func(t *testing.T, s *street) {
		shop := s.dns.Zone("shop.test", "127.0.0.2", "127.0.0.3")
		old := s.Link(s.Contact("Ana", "ana@example.com"))

		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "https://Portal.Shop.test/"}, 200)
		s.Eventually("the first look", func() bool { return s.domain().At("check") != nil })
		r := s.domain()
		if r.Text("state") != "waiting" || r.List("records")[0]["value"] != "127.0.0.1" || !strings.Contains(codes(r, "check.findings"), "error:dns.no_record") {
			t.Fatalf("before the record: %s %s", r.Text("state"), codes(r, "check.findings"))
		}
		s.Staff.Must("POST", "/api/staff/domain/update", nil, 202)
		s.Eventually("the refusal", func() bool { return s.domain().Text("update.state") == "failed" })
		if accounts, orders := s.pebble.Created(); accounts+orders != 0 {
			t.Errorf("the authority was asked before the records were right: %d accounts, %d orders", accounts, orders)
		}

		shop.Set("portal 1 A 127.0.0.1")
		s.Eventually("that it is time", func() bool { return s.domain().Text("state") == "ready" })
		s.Eventually("that it is told", func() bool {
			return strings.Contains(fmt.Sprint(s.domain().List("notices")), "portal.shop.test leads to")
		})
		s.moved()
		s.Eventually("that the check knows of the certificate", func() bool { return !strings.Contains(codes(s.domain(), "check.findings"), "certificate.none") })
		if told := s.Staff.Must("GET", "/api/staff/portal", nil, 200).Text("reachability.text"); !strings.HasPrefix(told, "Your portal is at https://portal.shop.test. The certificate is good until") {
			t.Errorf("the dashboard says %q", told)
		}
		s.must("https://portal.shop.test/login", 200, "")
		s.must("http://portal.shop.test/login?a=b", 307, "https://portal.shop.test/login?a=b")
		s.must("http://portal.test"+old, 307, "https://portal.shop.test"+old)
		if got := s.must("https://portal.shop.test"+old, 303, ""); got.ProtoMajor != 2 || !strings.Contains(got.Header.Get("Set-Cookie"), "__Host-land") {
			t.Errorf("the link: HTTP/%d %v", got.ProtoMajor, got.Header)
		}

		shop.Set("clients 1 A 127.0.0.1")
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "clients.shop.test"}, 200)
		s.moved()
		s.must("https://clients.shop.test/login", 200, "")
		s.must("https://portal.shop.test"+old, 307, "https://clients.shop.test"+old)
		accounts, orders := s.pebble.Created()
		if accounts != 1 || orders != 2 {
			t.Errorf("%d accounts, %d orders", accounts, orders)
		}

		s.Stop()
		s.boot()
		s.must("https://clients.shop.test/login", 200, "")
		s.must("https://portal.shop.test/login", 307, "https://clients.shop.test/login")
		s.Staff.Must("DELETE", "/api/staff/domain", nil, 200)
		s.must("https://clients.shop.test/login", 200, "")
		s.must("http://portal.test/login", 200, "")
		if a, o := s.pebble.Created(); a != accounts || o != orders {
			t.Errorf("a restart ordered anew: %d accounts, %d orders", a, o)
		}
	})
}

// A check fetches our own page where the listener is, tells what keeps a wanted one
// shut, and judges no listeners in a process that has none.
func TestChecksLookWhereTheListenersAre(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	l, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	one := httptest.NewUnstartedServer(w.Backend.Portal())
	_ = one.Listener.Close()
	one.Listener = l
	one.StartTLS()
	defer one.Close()
	elsewhere := reach.Listen{Address: netip.MustParseAddrPort("203.0.113.250:8443")}
	check := func() string {
		return codes(w.Staff.Must("POST", "/api/staff/domain/check", m{"name": "portal.shop-of-the-test.com"}, 200), "findings")
	}
	if found := check(); !strings.Contains(found, "info:listen.stopped") || strings.Contains(found, "listen.no_tls") {
		t.Errorf("without listeners: %s", found)
	}
	for _, s := range []struct {
		plain, secure reach.Listen
		want          string
		not           string
	}{
		{reach.Listen{}, listenAt(one), "ok:self.reached ok:port.ready", "error:self listen."},
		{elsewhere, listenAt(one), "error:port.address_missing ok:self.reached", "error:self listen."},
		{listenAt(one), elsewhere, "error:port.address_missing error:listen.no_tls ok:port.ready", "self."},
		{listenAt(one), reach.Listen{}, "error:listen.no_tls ok:port.ready", "self. address_missing"},
	} {
		w.Backend.Listening(s.plain, s.secure)
		found := check()
		for _, code := range strings.Fields(s.want) {
			if !strings.Contains(found, code) {
				t.Errorf("%v %v: no %s in %s", s.plain, s.secure, code, found)
			}
		}
		for _, code := range strings.Fields(s.not) {
			if strings.Contains(found, code) {
				t.Errorf("%v %v: %s in %s", s.plain, s.secure, code, found)
			}
		}
	}
}

// The record follows the public address by itself: by an update address, whose
// refusal the owner is told once, and by signed updates, which also prove the name.
func TestTheRecordFollowsTheAddress(t *testing.T) {
	streets(t, scene{}, func(t *testing.T, s *street) {
		s.WithMail()
		shop := s.dns.Zone("dyn.test")
		shop.AllowUpdates(true)
		asked := atomic.Int32{}
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			http.Error(w, "badauth", http.StatusUnauthorized)
		}))
		defer service.Close()
		options := func(in m) { s.Staff.Must("PATCH", "/api/staff/domain/options", in, 200) }
		options(m{"dynamic": "url", "update_url": service.URL + "/?ip={ip}&name={name}"})
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.dyn.test"}, 200)
		mail := s.Await("hello@bakery.example", 1) // where no other address is named
		if !strings.Contains(mail.Text, "portal.dyn.test") || asked.Load() != 1 {
			t.Errorf("asked %d times, told:\n%s", asked.Load(), mail.Text)
		}
		options(m{"dynamic": "dns_update", "method": "dns_update", "server": s.dns.Resolver().String(), "zone": "dyn.test", "key_name": zonetest.KeyName, "secret": zonetest.KeySecret})
		s.Eventually("the record", func() bool { return s.domain().Text("state") == "ready" })
		s.moved()
		s.must("https://portal.dyn.test/login", 200, "")
		if left := shop.Texts("_acme-challenge.portal", "TXT"); len(left) > 0 || asked.Load() != 1 {
			t.Errorf("left behind: %v; asked %d times", left, asked.Load())
		}
	})
}

// refuseOrders is an authority that is down for a while.
func refuseOrders(w http.ResponseWriter, r *http.Request) bool {
	if !strings.Contains(r.URL.Path, "order") {
		return false
	}
	pebbletest.Refuse(w, http.StatusServiceUnavailable, "serverInternal", "down for maintenance")
	return true
}

// While the authority is down, or the portal is stopped in the middle, an update
// waits and goes on by itself; the old address serves all the time.
func TestAnUpdateOutlastsTroubleAndRestarts(t *testing.T) {
	streets(t, scene{badNonces: 50}, func(t *testing.T, s *street) {
		s.dns.Zone("slow.test").Set("portal 1 A 127.0.0.1")
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.slow.test"}, 200)
		s.Eventually("that it is time", func() bool { return s.domain().Text("state") == "ready" })
		s.pebble.Intercept(refuseOrders)
		s.Staff.Must("POST", "/api/staff/domain/update", nil, 202)
		s.Eventually("the wait", func() bool { return s.domain().Text("update.state") == "waiting" })
		steps := s.domain().List("update.steps")
		step := steps[2]
		if steps[1]["state"] != "skipped" || fmt.Sprint(step["what"]) != "The certificate authority has a fault of its own." || !strings.Contains(fmt.Sprint(step["detail"]), "maintenance") || step["next_try"] == nil {
			t.Errorf("the step: %v", step)
		}
		s.must("http://portal.test/login", 200, "")
		s.Stop()
		s.pebble.Intercept(nil)
		s.boot()
		s.Staff.Must("POST", "/api/staff/domain/retry", nil, 200)
		s.Eventually("the end", func() bool { return s.domain().Text("update.state") == "done" })
		s.must("https://portal.slow.test/login", 200, "")
		if accounts, orders := s.pebble.Created(); accounts != 1 || orders != 1 {
			t.Errorf("%d accounts, %d orders", accounts, orders)
		}
	})
}

// The owner's switch reaches the questions themselves: without leave no public
// resolver is asked, by DNS or by HTTPS.
func TestPublicResolversAreAskedWithLeaveOnly(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	var lock sync.Mutex
	domain := backendtest.Nowhere(t)
	domain.Resolvers = nil // as on any computer
	domain.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		lock.Lock()
		defer lock.Unlock()
		asked[address] = true
		return nil, errors.New("nobody is here")
	}
	w := backendtest.Boot(t, backend.Config{Data: t.TempDir(), Domain: domain})
	w.Staff.Must("PATCH", "/api/staff/domain/options", m{"outside": false}, 200)
	w.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.shop-of-the-test.com"}, 200)
	public := func() (all []string) {
		lock.Lock()
		asked = map[string]bool{}
		lock.Unlock()
		w.Staff.Must("POST", "/api/staff/domain/check", m{}, 200)
		lock.Lock()
		defer lock.Unlock()
		for _, address := range []string{"1.1.1.1:443", "8.8.8.8:443"} { // a computer's own resolver may be theirs, but not by HTTPS
			if asked[address] {
				all = append(all, address)
			}
		}
		return all
	}
	if all := public(); len(all) > 0 {
		t.Errorf("asked without leave: %v", all)
	}
	w.Staff.Must("PATCH", "/api/staff/domain/options", m{"outside": true}, 200)
	if len(public()) == 0 {
		t.Error("nobody was asked with leave")
	}
}
