package reach_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/reach"
)

var checks = reach.NewChecks(reach.ChecksConfig{Key: []byte("our own key"), Patience: 5 * time.Second})

// behind is the rest of a listener: what our own page must come before.
var behind = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "wrong host", http.StatusMisdirectedRequest)
})

func serve(t *testing.T, secure bool, h http.Handler) netip.AddrPort {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = quietLog()
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return netip.MustParseAddrPort(s.Listener.Addr().String())
}

// raw answers every connection with the same bytes.
func raw(t *testing.T, answer string) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 2048))
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

// closed is an address where nobody listens.
func closed(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func page(status int, header map[string]string, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// Who answers where we should.
func TestFetch(t *testing.T) {
	ours := checks.Handler(behind)
	for _, s := range []struct {
		story  string
		at     netip.AddrPort
		tls    bool
		way    reach.Way
		code   reach.Code
		params map[string]any
	}{
		{"we do", serve(t, false, ours), false, reach.Loopback, reach.SelfReached, map[string]any{"way": "loopback"}},
		{"we do, over TLS", serve(t, true, ours), true, reach.LAN, reach.SelfReached, nil},
		{"the router's page", serve(t, false, page(200, map[string]string{"Server": "RouterOS\r\n"}, "<html><head><title> My Router &amp; you </title>")), false, reach.Outside, reach.SelfOtherPage,
			map[string]any{"status": 200, "title": "My Router & you"}},
		{"nginx without the page", serve(t, false, page(404, map[string]string{"Server": "nginx/1.25"}, "not found")), false, reach.LAN, reach.SelfOtherPage, map[string]any{"status": 404, "server": "nginx/1.25", "title": ""}},
		{"another Portico", serve(t, true, reach.NewChecks(reach.ChecksConfig{Key: []byte("another key")}).Handler(behind)), true, reach.Outside, reach.SelfOtherHouse, nil},
		{"a parrot", serve(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })), false, reach.LAN, reach.SelfOtherPage, nil},
		{"a redirect of somebody's", serve(t, false, http.RedirectHandler("https://192.168.1.1/login", http.StatusFound)), false, reach.Outside, reach.SelfRedirected, map[string]any{"to": "https://192.168.1.1/login"}},
		{"plain HTTP on 443", serve(t, false, ours), true, reach.LAN, reach.SelfPlainOnTLS, nil},
		{"TLS on 80, Go's way", serve(t, true, ours), false, reach.LAN, reach.SelfTLSOnPlain, nil},
		{"TLS on 80, an alert", raw(t, "\x15\x03\x03\x00\x02\x02\x0a"), false, reach.LAN, reach.SelfTLSOnPlain, nil},
		{"TLS that fails", raw(t, "\x15\x03\x03\x00\x02\x02\x28"), true, reach.LAN, reach.SelfTLSFailed, nil},
		{"no TLS at all", raw(t, "220 mail ready\r\n"), true, reach.LAN, reach.SelfTLSFailed, nil},
		{"hung up", raw(t, ""), false, reach.LAN, reach.SelfUnreachable, map[string]any{"reason": "broken"}},
		{"nobody", closed(t), false, reach.LAN, reach.SelfUnreachable, map[string]any{"reason": "refused"}},
		{"nobody, and by the public address that says little", closed(t), false, reach.Outside, reach.SelfHairpin, nil},
	} {
		got := checks.Fetch(ctx, reach.Target{Way: s.way, TLS: s.tls, Host: "portal.example.com", Address: s.at})
		if got.Code != s.code || got.Subject != s.at.String() || got.Params["address"] != s.at.String() {
			t.Errorf("%s: %+v, want %s", s.story, got, s.code)
		}
		for k, want := range s.params {
			if got.Params[k] != want {
				t.Errorf("%s: %s is %q, want %q", s.story, k, got.Params[k], want)
			}
		}
		if strings.ContainsAny(fmt.Sprint(got.Params), "\r\n") {
			t.Errorf("%s: what others say is not on one line: %q", s.story, got.Params)
		}
	}
}

// What a router shows to those behind it by its public address stands in nobody's
// way; and what answers in clear is only told once https reaches us.
func TestTheRoutersOwnPageOnlyWarns(t *testing.T) {
	ours, login := checks.Handler(behind), page(200, nil, "<title>Router</title>")
	secure := serve(t, true, ours)
	for _, s := range []struct {
		story       string
		way         reach.Way
		https, http netip.AddrPort
		want        []reach.Severity
	}{
		{"its page on both", reach.Outside, serve(t, true, login), serve(t, false, login), []reach.Severity{reach.Warns, reach.Warns}},
		{"its page on 80 only", reach.Outside, secure, serve(t, false, login), []reach.Severity{reach.Good, reach.Tells}},
		{"a redirect on 80", reach.Outside, secure, serve(t, false, http.RedirectHandler("https://192.168.1.1/", http.StatusFound)), []reach.Severity{reach.Good, reach.Tells}},
		{"another Portico on 80", reach.Outside, secure, serve(t, false, reach.NewChecks(reach.ChecksConfig{Key: []byte("x")}).Handler(behind)), []reach.Severity{reach.Good, reach.Tells}},
		{"a redirect on both", reach.Outside, serve(t, true, http.RedirectHandler("/login", http.StatusFound)), serve(t, false, http.RedirectHandler("/login", http.StatusFound)), []reach.Severity{reach.Warns, reach.Warns}},
		{"TLS of its own that fails", reach.Outside, raw(t, "\x15\x03\x03\x00\x02\x02\x28"), serve(t, false, ours), []reach.Severity{reach.Warns, reach.Good}},
		{"a page in clear on 443", reach.Outside, serve(t, false, login), closed(t), []reach.Severity{reach.Warns, reach.Tells}},
		{"another Portico on 443", reach.Outside, serve(t, true, reach.NewChecks(reach.ChecksConfig{Key: []byte("x")}).Handler(behind)), serve(t, false, ours), []reach.Severity{reach.Blocks, reach.Good}},
		{"somebody else inside", reach.LAN, serve(t, true, login), serve(t, false, login), []reach.Severity{reach.Blocks, reach.Blocks}},
		{"somebody else on 80 inside", reach.LAN, secure, serve(t, false, login), []reach.Severity{reach.Good, reach.Blocks}},
	} {
		var got []reach.Severity
		for _, f := range checks.FetchAll(ctx, reach.Target{Way: s.way, Host: "portal.example.com", Address: s.https, TLS: true}, reach.Target{Way: s.way, Host: "portal.example.com", Address: s.http}) {
			got = append(got, f.Severity)
		}
		if !slices.Equal(got, s.want) {
			t.Errorf("%s: %v, want %v", s.story, got, s.want)
		}
	}
}

// The page answers its own path and nonces only, and leaves everything else alone.
func TestCheckPage(t *testing.T) {
	at := serve(t, false, checks.Handler(behind))
	const nonce = "AAAAAAAAAAAAAAAAAAAAAA"
	for path, want := range map[string]int{
		reach.CheckPath + nonce: 200, reach.CheckPath: 421, reach.CheckPath + nonce + "A": 421, reach.CheckPath + "<script>alert(1)</scri": 421, "/" + nonce: 421,
		reach.CheckPath + nonce + "/other": 421, reach.CheckPath + nonce + "/socket": 400, "/": 421,
	} {
		answer, err := http.Get("http://" + at.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != want || want == 200 && (answer.Header.Get("Cache-Control") != "no-store" || strings.Contains(string(body), nonce)) {
			t.Errorf("%s: %d %q %v", path, answer.StatusCode, body, answer.Header)
		}
	}
	if answer, err := http.Post("http://"+at.String()+reach.CheckPath+nonce, "", nil); err != nil || answer.StatusCode != 421 {
		t.Errorf("POST: %v %v", answer, err)
	}
}

// A proxy that drops the Upgrade lets pages through and WebSockets not.
func TestSocket(t *testing.T) {
	ours := checks.Handler(behind)
	stripped := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Upgrade")
		r.Header.Del("Connection")
		ours.ServeHTTP(w, r)
	})
	for _, s := range []struct {
		story  string
		at     netip.AddrPort
		tls    bool
		code   reach.Code
		status any
	}{
		{"through", serve(t, false, ours), false, reach.SocketReached, nil},
		{"through TLS", serve(t, true, ours), true, reach.SocketReached, nil},
		{"stripped", serve(t, false, stripped), false, reach.SocketBlocked, 400},
		{"refused", serve(t, false, page(403, nil, "no")), false, reach.SocketBlocked, 403},
		{"cut", raw(t, ""), false, reach.SocketBlocked, 0},
		{"another Portico's", serve(t, false, reach.NewChecks(reach.ChecksConfig{Key: []byte("x")}).Handler(behind)), false, reach.SocketBlocked, 101},
	} {
		got := checks.Socket(ctx, reach.Target{Way: reach.Loopback, TLS: s.tls, Host: "portal.example.com", Address: s.at})
		if got.Code != s.code || got.Params["status"] != s.status {
			t.Errorf("%s: %+v", s.story, got)
		}
	}
}

func TestSelfTargets(t *testing.T) {
	local, public := netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("203.0.113.7")
	for _, s := range []struct {
		listen        string
		local, public netip.Addr
		want          []string
	}{
		{"0.0.0.0:8443", local, public, []string{"loopback 127.0.0.1:8443", "lan 192.168.1.5:8443", "public 203.0.113.7:443"}},
		{"[::]:8443", netip.Addr{}, netip.Addr{}, []string{"loopback [::1]:8443"}},
		{"127.0.0.1:8443", local, netip.Addr{}, []string{"loopback 127.0.0.1:8443"}},
		{"192.168.1.9:443", local, netip.Addr{}, []string{"lan 192.168.1.9:443"}},
	} {
		var got []string
		for _, target := range reach.SelfTargets("portal.example.com", netip.MustParseAddrPort(s.listen), true, s.local, s.public, 443) {
			got = append(got, string(target.Way)+" "+target.Address.String())
			if !target.TLS || target.Host != "portal.example.com" {
				t.Errorf("%+v", target)
			}
		}
		if !slices.Equal(got, s.want) {
			t.Errorf("%s: %v, want %v", s.listen, got, s.want)
		}
	}
}
