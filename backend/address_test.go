package backend_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"portico/backend"
	"portico/backend/backendtest"
)

// What becomes of a request by its name: served, sent to the canonical address,
// or refused. Names of the owner's are never served in clear.
func TestDoors(t *testing.T) {
	t.Parallel()
	const active, former = "portal.shop-of-the-test.com", "old.shop-of-the-test.com"
	type story struct {
		method, host, path, dest string
		tls                      bool
		want                     int
		to                       string
	}
	for name, world := range map[string]struct {
		base, active string
		former       []string
		stories      []story
	}{
		"a name is active": {backendtest.PortalURL, active, []string{former}, []story{
			{"GET", active, "/login", "", true, 200, ""},
			{"GET", active + ":443", "/login", "", true, 200, ""},
			{"GET", strings.ToUpper(active), "/login", "", true, 200, ""},
			{"GET", active + ":8443", "/", "", true, 421, ""},
			{"GET", active + ".", "/", "", true, 421, ""},
			{"GET", active, "/x?a=b&c=%2F%2Fevil.example", "", false, 307, "https://" + active + "/x?a=b&c=%2F%2Fevil.example"},
			{"HEAD", active + ":80", "/", "", false, 307, "https://" + active + "/"},
			{"GET", active, "//evil.example/", "", false, 307, "https://" + active + "//evil.example/"},
			{"GET", active, "/pages.css", "style", false, 307, "https://" + active + "/pages.css"},
			{"POST", active, "/login", "", false, 403, ""},
			{"GET", active, "/api/portal/me", "", false, 403, ""},
			{"GET", former, "/k/abc", "document", true, 307, "https://" + active + "/k/abc"},
			{"GET", former, "/k/abc", "", false, 307, "https://" + active + "/k/abc"},
			{"GET", former, "/api/portal/me", "empty", true, 401, ""},
			{"GET", former, "/brand.css", "style", true, 200, ""},
			{"GET", former, "/brand/icon-192.png", "image", true, 200, ""},
			{"POST", former, "/k", "document", true, 410, ""},
			{"GET", "portal.test", "/k/abc", "", false, 307, "https://" + active + "/k/abc"},
			{"GET", "portal.test", "/api/portal/me", "", false, 401, ""},
			{"POST", "portal.test", "/k", "", false, 410, ""},
			{"GET", "portal.test", "/", "", true, 421, ""},
			{"GET", "nobody.shop-of-the-test.com", "/", "", true, 421, ""},
			{"GET", "x." + active, "/", "", true, 421, ""},
			{"GET", "127.0.0.1", "/", "", true, 421, ""},
		}},
		"back at the default address in clear": {backendtest.PortalURL, "", []string{former}, []story{
			{"GET", former, "/k/abc", "document", true, 303, ""},
			{"GET", former, "/k/abc", "", false, 307, "https://" + former + "/k/abc"},
			{"GET", "portal.test", "/login", "", false, 200, ""},
		}},
		"back at a default address behind a proxy": {"https://portal.test", "", []string{former}, []story{
			{"GET", former, "/k/abc", "document", true, 307, "https://portal.test/k/abc"},
			{"GET", "portal.test", "/login", "", false, 200, ""},
			{"GET", "portal.test", "/login", "", true, 200, ""},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := backendtest.New(t, "")
			w.Backend.SetBaseURL(world.base)
			w.Backend.UseNames(world.active, world.former, false)
			for _, s := range world.stories {
				r := httptest.NewRequest(s.method, "/", nil)
				r.URL.Path, r.URL.RawQuery, _ = strings.Cut(s.path, "?")
				r.Host, r.TLS, r.RemoteAddr = s.host, nil, "127.0.0.1:4000"
				if s.tls {
					r.TLS = &tls.ConnectionState{}
				}
				if s.dest != "" {
					r.Header.Set("Sec-Fetch-Dest", s.dest)
				}
				got := httptest.NewRecorder()
				w.Backend.Portal().ServeHTTP(got, r)
				if got.Code != s.want || s.to != "" && got.Header().Get("Location") != s.to {
					t.Errorf("%s %s%s (TLS %v): %d to %q, want %d %q", s.method, s.host, s.path, s.tls, got.Code, got.Header().Get("Location"), s.want, s.to)
				}
				if got.Code == 421 && got.Header().Get("Set-Cookie") != "" || strings.TrimSuffix(got.Header().Get("Strict-Transport-Security"), "max-age=0") != "" {
					t.Errorf("%s %s: %v", s.method, s.host, got.Header())
				}
			}
		})
	}
}

// The default address is never served in clear to where others can read along: with
// https in front only this computer and the named proxies come without it, and what
// is meant for a local network is not there for others who write its Host.
func TestTheDefaultAddressInClear(t *testing.T) {
	t.Parallel()
	const secure, near, here = "https://portal.shop-of-the-test.com", "http://192.168.1.20", "http://127.0.0.1:8080"
	proxy := []netip.Prefix{netip.MustParsePrefix("203.0.113.9/32")}
	plain := backendtest.New(t, "")
	behind := backendtest.Boot(t, backend.Config{Data: t.TempDir(), Trusted: proxy, Domain: backendtest.Nowhere(t)})
	for _, s := range []struct {
		base, from, method, path string
		tls                      bool // this program listens for https
		trusted                  []netip.Prefix
		want                     int
	}{
		{secure, "198.51.100.7:1", "GET", "/k/abc?x=1", true, nil, 307},
		{secure, "192.168.1.9:1", "HEAD", "/login", true, nil, 307},
		{secure, "198.51.100.7:1", "POST", "/login", true, nil, 403},
		{secure, "198.51.100.7:1", "GET", "/api/portal/me", true, nil, 403},
		{secure, "[::ffff:127.0.0.1]:1", "GET", "/login", true, nil, 200},
		{secure, "203.0.113.9:1", "GET", "/login", true, proxy, 200},
		{secure, "198.51.100.7:1", "GET", "/login", true, proxy, 307},
		{secure, "198.51.100.7:1", "GET", "/login", false, proxy, 307},
		{secure, "172.17.0.1:1", "GET", "/login", false, nil, 200}, // a proxy that nobody named
		{near, "198.51.100.7:1", "GET", "/login", true, nil, 421},
		{near, "[2001:db8::7]:1", "GET", "/api/portal/me", false, nil, 421},
		{near, "192.168.1.9:1", "GET", "/login", true, nil, 200},
		{near, "[fd00::9]:1", "GET", "/login", false, nil, 200},
		{near, "[fe80::9%eth0]:1", "GET", "/login", false, nil, 200},
		{near, "203.0.113.9:1", "GET", "/login", false, proxy, 200},
		{near, "127.0.0.1:1", "GET", "/login", false, nil, 200},
		{here, "192.168.1.9:1", "GET", "/login", false, nil, 421},
		{here, "127.0.0.1:1", "GET", "/login", false, nil, 200},
	} {
		b := plain.Backend
		if s.trusted != nil {
			b = behind.Backend
		}
		b.SetBaseURL(s.base)
		b.Encrypts(s.tls)
		got := httptest.NewRecorder()
		b.Portal().ServeHTTP(got, asked(s.method, s.base, s.path, s.from))
		if got.Code != s.want || s.want == 307 && got.Header().Get("Location") != s.base+s.path {
			t.Errorf("%s %s%s from %s (https here %v, proxies %v): %d to %q, want %d", s.method, s.base, s.path, s.from, s.tls, s.trusted, got.Code, got.Header().Get("Location"), s.want)
		}
	}
}

// asked is a request in clear.
func asked(method, base, path, from string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	_, r.Host, _ = strings.Cut(base, "://")
	r.RemoteAddr = from
	return r
}

// A link in a mail sent before the address changed works after, and the session
// it makes belongs to the new address.
func TestOldLinksWorkAfterTheAddressChanged(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	link := w.Link(w.Contact("Ana", "ana@example.com"))
	w.Backend.UseNames("portal.shop-of-the-test.com", nil, true)
	old := w.Browser("127.1.0.1")
	moved := old.Get(link)
	to, ours := strings.CutPrefix(moved.Header.Get("Location"), "https://portal.shop-of-the-test.com")
	if !ours || moved.Status != 307 || moved.Header.Get("Cache-Control") != "no-store" || len(moved.Header.Values("Set-Cookie")) > 0 {
		t.Fatalf("%d %v", moved.Status, moved.Header)
	}
	b := w.BrowserAt("https://portal.shop-of-the-test.com", "127.1.0.1")
	b.Follow(to)
	in := b.Form("/k", nil)
	if in.Status != http.StatusSeeOther || b.Cookie("__Host-portico") == "" || in.Header.Get("Strict-Transport-Security") != "max-age=15768000" {
		t.Fatalf("signing in at the new address: %d %v", in.Status, in.Header)
	}
	w.Backend.UseNames("portal.shop-of-the-test.com", nil, false)
	if told := b.Get("/login").Header.Get("Strict-Transport-Security"); told != "max-age=0" {
		t.Errorf("switched off, browsers are told %q", told)
	}
	w.Backend.UseNames("portal.shop-of-the-test.com", nil, true)
	b.Must("GET", "/api/portal/me", nil, 200)
	if url := w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": w.Contact("Ben", "ben@example.com")}, 201).Text("url"); !strings.HasPrefix(url, "https://portal.shop-of-the-test.com/k/") {
		t.Errorf("new links are made of %s", url)
	}
}
