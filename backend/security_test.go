package backend_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"portico/backend"
	"portico/backend/backendtest"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db/dbtest"
)

// raw sends bytes to a server from an address of its own and answers the reply.
// An https:// in front of the server speaks TLS.
func raw(t *testing.T, server, from, request string) *http.Response {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	server, encrypted := strings.CutPrefix(server, "https://")
	conn, err := dialer.Dial("tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	if encrypted {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}) //nolint:gosec // whose certificate it is does not matter here
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", request, err)
	}
	return r
}

// Promise A13: links and redirects lead to our host only, whatever a request says.
func TestNoHeaderMovesOurLinksToAnotherHost(t *testing.T) {
	t.Parallel()
	t.Run("at the default address", func(t *testing.T) {
		t.Parallel()
		w := backendtest.New(t, "").WithMail()
		server := httptest.NewServer(w.Backend.Portal())
		defer server.Close()
		w.Backend.SetBaseURL(server.URL)
		host := strings.TrimPrefix(server.URL, "http://")
		tryHosts(t, w, host, host, server.URL)
	})
	t.Run("at a name of the owner's", func(t *testing.T) {
		t.Parallel()
		w := backendtest.New(t, "").WithMail()
		server := httptest.NewTLSServer(w.Backend.Portal())
		defer server.Close()
		w.Backend.UseNames("portal.shop-of-the-test.com", []string{"old.shop-of-the-test.com"}, false)
		tryHosts(t, w, server.URL, "portal.shop-of-the-test.com", "https://portal.shop-of-the-test.com")
		tryHosts(t, w, server.URL, "old.shop-of-the-test.com", "https://portal.shop-of-the-test.com")
	})
}

// tryHosts sends every variant of a Host to a server that answers to host; links
// are to be made of base whatever it is.
func tryHosts(t *testing.T, w *backendtest.World, server, host, base string) {
	t.Helper()
	const evil = "evil.example"
	ip, port, err := net.SplitHostPort(host)
	if err != nil { // a name, at the port that goes without saying
		ip, port = "127.0.0.1", "443"
	}
	who, _, _ := strings.Cut(host, ".")
	scheme, _, _ := strings.Cut(base, ":")
	type story struct {
		line    string // "" is the usual request line
		headers string
		ours    bool // the request is for us: the mail must still lead to us
	}
	stories := []story{
		{"", "Host: " + evil, false},
		{"", "Host: " + evil + ":" + port, false},
		{"", "Host: " + ip, false},
		{"", "Host: " + ip + ":1", false},
		{"", "Host: " + ip + ".:" + port, false},
		{"", "Host: " + host + "." + evil, false},
		{"", "Host: " + evil + "." + host, false},
		{"", "Host: " + host + "@" + evil, false},
		{"", "Host: " + evil + "@" + host, false},
		{"", "Host: user:pass@" + host, false},
		{"", "Host: " + host + "/" + evil, false},
		{"", "Host: " + host + "#" + evil, false},
		{"", "Host: " + host + "," + evil, false},
		{"", "Host: " + host + " " + evil, false},
		{"", "Host: localhost:" + port, false},
		{"", "Host: [::1]:" + port, false},
		{"", "Host: 127.1:" + port, false},
		{"", "Host: 2130706433:" + port, false},
		{"", "Host: ", false},
		{"", "Host: " + host + "\r\nHost: " + evil, false},
		{"", "Host: " + evil + "\r\nHost: " + host, false},
		{"POST http://" + evil + "/api/portal/login HTTP/1.1", "Host: " + host, false},
		{"POST http://" + evil + "/api/portal/login HTTP/1.1", "Host: " + evil, false},
		{"POST http://" + host + "/api/portal/login HTTP/1.1", "Host: " + evil, true}, // RFC 9112 §3.2.2: the address in the line is the one that counts
		{"", "Host: " + strings.ToUpper(host), true},
		{"", "Host: " + host + "\r\nX-Forwarded-Host: " + evil, true},
		{"", "Host: " + host + "\r\nX-Forwarded-Host: " + evil + "\r\nX-Forwarded-Host: " + host, true},
		{"", "Host: " + host + "\r\nForwarded: for=1.2.3.4;host=" + evil + ";proto=https", true},
		{"", "Host: " + host + "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Server: " + evil, true},
		{"", "Host: " + host + "\r\nX-Host: " + evil + "\r\nX-HTTP-Host-Override: " + evil + "\r\nX-Original-Host: " + evil, true},
		{"", "Host: " + host + "\r\nX-Original-URL: http://" + evil + "/\r\nX-Rewrite-URL: //" + evil, true},
		{"", "Host: " + host + "\r\nOrigin: " + scheme + "://" + host + "\r\nReferer: http://" + evil, true},
	}
	for i, s := range stories {
		email := fmt.Sprintf("%s-%02d@example.com", who, i)
		w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": w.Contact("Host", email)}, 201)
		if s.line == "" {
			s.line = "POST /api/portal/login HTTP/1.1"
		}
		body := `{"email":"` + email + `"}`
		r := raw(t, server, fmt.Sprintf("127.77.0.%d", i+1), fmt.Sprintf("%s\r\n%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", s.line, s.headers, len(body), body))
		answer, _ := io.ReadAll(r.Body)
		switch {
		case s.ours && r.StatusCode != http.StatusAccepted:
			t.Errorf("%q: %d %s", s.headers, r.StatusCode, answer)
		case !s.ours && r.StatusCode != http.StatusMisdirectedRequest && r.StatusCode != http.StatusBadRequest:
			t.Errorf("%q for another host: %d", s.headers, r.StatusCode)
		case !s.ours && r.Header.Get("Set-Cookie") != "":
			t.Errorf("%q for another host sets a cookie", s.headers)
		}
		if strings.Contains(string(answer)+fmt.Sprint(r.Header), evil) {
			t.Errorf("%q is repeated: %v %s", s.headers, r.Header, answer)
		}
		if s.ours {
			if l := w.Await(email, 1); !strings.Contains(l.Text, base+"/k/") || strings.Contains(strings.ToLower(l.Raw), evil) {
				t.Errorf("%q moved the link:\n%s", s.headers, l.Text)
			}
		}
	}
	for _, l := range w.Mail.All() {
		for i, s := range stories {
			if !s.ours && l.To == fmt.Sprintf("%s-%02d@example.com", who, i) {
				t.Errorf("%q was refused and mail went out", s.headers)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} { // answer for any name, and say nothing
		if r := raw(t, server, "127.77.0.99", "GET "+path+" HTTP/1.1\r\nHost: "+evil+"\r\nConnection: close\r\n\r\n"); r.StatusCode != 200 || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s for any name: %d", path, r.StatusCode)
		}
	}
}

func TestRedirectsStayOnThisSite(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	in := w.SignedIn(w.Contact("Ana", "ana@example.com"), "127.1.0.1")
	for _, next := range []string{"//evil.example", "/\\evil.example", "https://evil.example", "http:evil.example", "/%2f/evil.example", "/%5cevil.example", "\\\\evil.example", "/\tevil", "/%0d%0aSet-Cookie:%20x=1", "javascript:alert(1)", "/..//evil.example", " //evil.example", "evil.example", "/%00", "%"} {
		r := in.Get("/login?next=" + url.QueryEscape(next))
		to := r.Header.Get("Location")
		if u, err := url.Parse(to); r.Status != 303 || err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
			t.Errorf("next=%q leads to %q (%d)", next, to, r.Status)
		}
		if r := w.Browser("127.1.0.2").Do("POST", "/api/portal/login", m{"email": "ana@example.com", "next": next}); r.Status != 202 {
			t.Errorf("next=%q: %d", next, r.Status)
		}
	}
	if r := in.Get("/login?next=/profile%3Ftab=1"); r.Header.Get("Location") != "/profile?tab=1" {
		t.Errorf("an honest page: %v", r.Header)
	}
	for _, path := range []string{"//evil.example/x", "/a/../../evil.example", "/\\evil.example", "/k//evil.example"} {
		r := httptest.NewRequest("GET", "http://portal.test/", nil)
		r.URL.Path, r.URL.RawPath, r.RequestURI = path, "", path
		got := httptest.NewRecorder()
		w.Backend.Portal().ServeHTTP(got, r)
		if to := got.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") || strings.HasPrefix(to, "/\\") {
			t.Errorf("%q is redirected to %q", path, to)
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	d, err := backend.Describe()
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, h http.Header, audience string) {
		t.Helper()
		for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if h.Get(name) != value {
				t.Errorf("%s: %s is %q", what, name, h.Get(name))
			}
		}
		if r := h.Get("Referrer-Policy"); r != "same-origin" && r != "no-referrer" {
			t.Errorf("%s: Referrer-Policy %q", what, r)
		}
		if h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no Permissions-Policy", what)
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "http") {
			t.Errorf("%s: CSP %q", what, csp)
		}
		if audience == "portal" && !strings.Contains(csp, "sandbox") && csp != "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; "+
			"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" {
			t.Errorf("%s: another CSP than the design's: %q", what, csp)
		}
	}
	for _, r := range d.Routes {
		h, host := w.Backend.Portal(), "portal.test"
		if r.Audience == "staff" {
			h, host = w.Backend.Staff(), "127.0.0.1:8081"
		}
		for _, asked := range []string{host, "evil.example"} {
			req := httptest.NewRequest(r.Method, at(r.Path, nil), nil)
			req.Host = asked
			got := httptest.NewRecorder()
			h.ServeHTTP(got, req)
			check(fmt.Sprint(name(r), " for ", asked, ": ", got.Code), got.Header(), r.Audience)
			if asked != host && got.Code != http.StatusMisdirectedRequest && !strings.HasSuffix(r.Path, "z") {
				t.Errorf("%s for another host: %d", name(r), got.Code)
			}
			if strings.HasPrefix(r.Path, "/api/") && asked == host && got.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept by caches: %q", name(r), got.Header().Get("Cache-Control"))
			}
		}
	}
}

func TestCookiesFollowTheSchemeOfTheAddress(t *testing.T) {
	for scheme, prefix := range map[string]string{"http": "", "https": "__Host-"} {
		t.Run(scheme, func(t *testing.T) {
			w := backendtest.New(t, "")
			w.Backend.SetBaseURL(scheme + "://portal.test")
			link := w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": w.Contact("Ana", "ana@example.com")}, 201).Text("url")
			path, ours := strings.CutPrefix(link, scheme+"://portal.test")
			if !ours {
				t.Fatalf("the link %s leads elsewhere", link)
			}
			b := w.Browser("127.1.0.1")
			check := func(r backendtest.Reply, name string, longest int) {
				t.Helper()
				for _, c := range (&http.Response{Header: r.Header}).Cookies() {
					if c.MaxAge < 0 {
						continue
					}
					if c.Name != prefix+name || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != (scheme == "https") || c.MaxAge < 1 || c.MaxAge > longest {
						t.Errorf("%s: %s", name, c.Raw)
					}
					return
				}
				t.Errorf("%s is not set: %v", name, r.Header)
			}
			check(b.Get(path), "land", 600)
			check(b.Form("/k", nil), "portico", 30*24*3600)
			check(w.Browser("127.1.0.2").Form("/login", url.Values{"email": {"ana@example.com"}}), "lr", 600)
			check(w.Browser("127.1.0.3").Do("POST", "/api/portal/login", m{"email": "ana@example.com"}), "lr", 600)
			b.Must("GET", "/api/portal/me", nil, 200)
			b.Must("POST", "/api/portal/logout", nil, 204)
			if b.Cookie(prefix+"portico") != "" {
				t.Error("signing out leaves the cookie")
			}
		})
	}
	w := backendtest.New(t, "")
	link := w.Staff.Must("POST", "/api/staff/staff-link", m{}, 201).Text("url")
	r := httptest.NewRequest("GET", link, nil)
	got := httptest.NewRecorder()
	w.Backend.Staff().ServeHTTP(got, r)
	for _, c := range got.Result().Cookies() {
		if c.Name != "portico-staff" || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
			t.Errorf("the dashboard's cookie: %s", c.Raw)
		}
	}
	dashboard := func(method, path string) *httptest.ResponseRecorder {
		r, answer := httptest.NewRequest(method, backendtest.StaffURL+path, nil), httptest.NewRecorder()
		r.AddCookie(got.Result().Cookies()[0])
		w.Backend.Staff().ServeHTTP(answer, r)
		return answer
	}
	if me := dashboard("GET", "/api/staff/me"); me.Code != http.StatusOK {
		t.Errorf("entered, and then: %d", me.Code)
	}
	left := dashboard("POST", "/api/staff/sign-out")
	if cookies := left.Result().Cookies(); left.Code != http.StatusNoContent || len(cookies) != 1 || cookies[0].Name != "portico-staff" || cookies[0].MaxAge >= 0 {
		t.Errorf("signing out of the dashboard: %d %v", left.Code, left.Header())
	}
	if me := dashboard("GET", "/api/staff/me"); me.Code != http.StatusUnauthorized {
		t.Errorf("signed out, and then: %d", me.Code)
	}
	again := httptest.NewRecorder()
	if w.Backend.Staff().ServeHTTP(again, httptest.NewRequest("GET", link, nil)); again.Code != http.StatusGone || again.Header().Get("Set-Cookie") != "" {
		t.Errorf("a one-time address worked twice: %d", again.Code)
	}
}

func TestOnlyWholeSmallJSONIsRead(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	mib := strings.Repeat("x", 1<<20)
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	for _, s := range []struct {
		story, kind, body string
		least, most       int
	}{
		{"right", "application/json", `{"email":"a@example.com"}`, 202, 202},
		{"with a charset", "application/json; charset=utf-8", `{"email":"a@example.com"}`, 202, 202},
		{"in capitals", "Application/JSON", `{"email":"a@example.com"}`, 202, 415},
		{"as text", "text/plain", `{"email":"a@example.com"}`, 415, 415},
		{"as a form", "application/x-www-form-urlencoded", `{"email":"a@example.com"}`, 415, 415},
		{"as parts", "multipart/form-data; boundary=x", `{"email":"a@example.com"}`, 415, 415},
		{"of no type", "", `{"email":"a@example.com"}`, 415, 415},
		{"two types", "text/plain, application/json", `{"email":"a@example.com"}`, 415, 415},
		{"as an image", "image/png", `{"email":"a@example.com"}`, 400, 422},
		{"too large", "application/json", `{"email":"` + mib + `"}`, 413, 413},
		{"too deep", "application/json", deep, 400, 422},
		{"a list too deep", "application/json", strings.Repeat("[", 10_000), 400, 422},
		{"a field nobody asked for", "application/json", `{"email":"a@example.com","role":"staff"}`, 422, 422},
		{"no object", "application/json", `"a@example.com"`, 422, 422},
		{"a number", "application/json", `{"email":7}`, 422, 422},
		{"null", "application/json", `{"email":null}`, 422, 422},
		{"a list", "application/json", `{"email":["a@example.com"]}`, 422, 422},
		{"nothing asked", "application/json", `{}`, 422, 422},
		{"half", "application/json", `{"email":"a@exa`, 400, 400},
		{"two", "application/json", `{"email":"a@example.com"}{"email":"b@example.com"}`, 400, 422},
		{"NUL", "application/json", `{"email":"a\u0000@example.com"}`, 400, 422},
		{"a kind in capitals", "Application/JSON; Charset=UTF-8", `{"email":"nonsense"}`, 202, 202},
		{"not an address", "application/json", `{"email":"nonsense"}`, 202, 202},
		{"a backslash before u0000", "application/json", `{"email":"a\\u0000"}`, 202, 202},
	} {
		for _, chunked := range []bool{false, true} {
			r := httptest.NewRequest("POST", "http://portal.test/api/portal/login", strings.NewReader(s.body))
			if r.RemoteAddr = "127.3.0.1:1"; chunked {
				r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
			}
			if s.kind != "" {
				r.Header.Set("Content-Type", s.kind)
			}
			got := httptest.NewRecorder()
			w.Backend.Portal().ServeHTTP(got, r)
			if got.Code < s.least || got.Code > s.most {
				t.Errorf("%s (chunked %v): %d %.200s", s.story, chunked, got.Code, got.Body)
			}
			if got.Code >= 400 {
				var p m
				if kind := got.Header().Get("Content-Type"); json.Unmarshal(got.Body.Bytes(), &p) != nil || p["code"] == nil || p["detail"] == "" || kind != "application/problem+json" {
					t.Errorf("%s: %s %.200s", s.story, kind, got.Body)
				}
			}
		}
	}
	if r := w.Browser("127.3.0.1").Form("/login", url.Values{"email": {strings.Repeat("x", 20<<10)}}); r.Status < 400 || r.Status > 499 {
		t.Errorf("a form too large: %d", r.Status)
	}
}

// Mass assignment: a client changes four fields of their own, whatever is sent.
func TestAClientCannotChangeWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana, bob := w.Contact("Ana", "ana@example.com"), w.Contact("Bob", "bob@example.com")
	b := w.SignedIn(ana, "127.1.0.1")
	before := w.Staff.Must("GET", "/api/staff/contacts/"+ana, nil, 200)
	for _, body := range []m{{"emails": []string{"new@example.com"}}, {"email": "new@example.com"}, {"tags": []string{"vip"}}, {"company": "x"}, {"id": bob}, {"contact_id": bob},
		{"state": "deleted"}, {"archived": true}, {"photo": "x"}, {"birthday": "2000-01-01"}, {"phones": []string{"+4930901820"}}, {"address": m{"city": "x"}}, {"portal": m{}}, {"name": "Eve", "emails": []string{"x@example.com"}}} {
		if r := b.Do("PATCH", "/api/portal/me?contact_id="+bob+"&id="+bob, body); r.Status != 422 {
			t.Errorf("%v: %d %s", body, r.Status, r.Body)
		}
	}
	after := w.Staff.Must("GET", "/api/staff/contacts/"+ana, nil, 200)
	if before.Text("name") != after.Text("name") || before.Text("updated_at") != after.Text("updated_at") {
		t.Errorf("something changed: %s", after.Body)
	}
	b.Must("PATCH", "/api/portal/me?contact_id="+bob, m{"name": "Ana B", "language": "de", "time_zone": "Europe/Berlin", "theme": "dark"}, 200)
	if r := w.Staff.Must("GET", "/api/staff/contacts/"+bob, nil, 200); r.Text("name") != "Bob" {
		t.Errorf("somebody else was changed: %s", r.Body)
	}
}

// Promise A12, without the times (those belong to the bench): whoever is asked
// for, the answer is the same, and mail goes only to those who may.
func TestNobodyLearnsWhoIsKnown(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		contact := func(kind string) string { return w.Contact("Name "+kind, kind+"@example.com") }
		w.SignedIn(contact("joined"), "127.1.0.1")
		w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": contact("linked")}, 201)
		w.Staff.Must("POST", "/api/staff/portal/invitations", m{"emails": []string{"asking@example.com"}}, 200)
		w.Await("asking@example.com", 1)
		banned := contact("banned")
		w.SignedIn(banned, "127.1.0.2")
		w.Staff.Must("POST", "/api/staff/portal/contacts/"+banned+"/suspend", m{}, 200)
		contact("strang") // a contact whom nobody invited
		erased := contact("erased")
		w.SignedIn(erased, "127.1.0.3")
		w.Staff.Must("DELETE", "/api/staff/contacts/"+erased, nil, 204)
		start := len(w.Mail.All())
		expect := map[string]bool{"joined": true, "linked": true, "asking": true, "banned": false, "strang": false, "erased": false, "nobody": false}
		volatile := regexp.MustCompile(`(portico|lr)=[^;]*`)
		for _, way := range []string{"api", "form"} {
			answers := map[string]string{}
			for kind := range expect {
				for range 4 { // the fourth is over the limit
					b := w.Browser("127.40." + fmt.Sprint(len(answers)+10*len(way)) + ".1")
					email := kind + "@example.com"
					var r backendtest.Reply
					if way == "api" {
						r = b.Do("POST", "/api/portal/login", m{"email": email})
					} else {
						r = b.Form("/login", url.Values{"email": {email}})
					}
					answer := strings.ReplaceAll(fmt.Sprint(r.Status, r.Header, r.Body), kind, "(who)")
					answers[volatile.ReplaceAllString(answer, "$1=")] = kind
				}
			}
			if len(answers) != 1 {
				t.Errorf("%s tells people apart:", way)
				for a, kind := range answers {
					t.Errorf("%s: %.700s", kind, a)
				}
			}
			for _, code := range []string{"ABCD-EFGH", "", "x"} {
				codes := map[string]string{}
				for kind := range expect {
					b := w.Browser("127.41.0.1")
					r := b.Do("POST", "/api/portal/login/code", m{"email": kind + "@example.com", "code": code})
					codes[fmt.Sprint(r.Status, r.Header, r.Body)] = kind
				}
				if len(codes) != 1 {
					t.Errorf("codes tell people apart: %v", codes)
				}
			}
		}
		for kind, may := range expect {
			if may {
				w.Await(kind+"@example.com", 1)
			}
		}
		for _, l := range w.Mail.All()[start:] {
			if kind, _, _ := strings.Cut(l.To, "@"); !expect[kind] {
				t.Errorf("mail went to %s", l.To)
			}
		}
	})
}

// synchronised is a buffer that many goroutines log into.
type synchronised struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (s *synchronised) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func TestNoSecretStaysInLogsOrData(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "").WithMail() // lends its mailbox
	var logs synchronised
	data := t.TempDir()
	b, err := backend.New(context.Background(), backend.Config{Data: data, BaseURL: backendtest.PortalURL, Clock: clock.NewFake(dbtest.Noon), Version: "test",
		Log: slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	b.SetStaffURL(backendtest.StaffURL)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- b.Run(ctx) }()

	secrets := map[string]string{}
	jar := map[string]string{}
	send := func(h http.Handler, method, target string, body any, form url.Values) (int, m, http.Header) {
		t.Helper()
		var content io.Reader = http.NoBody
		kind := ""
		if form != nil {
			content, kind = strings.NewReader(form.Encode()), "application/x-www-form-urlencoded"
		} else if body != nil {
			raw, _ := json.Marshal(body)
			content, kind = bytes.NewReader(raw), "application/json"
		}
		r := httptest.NewRequest(method, target, content)
		r.RemoteAddr = "127.0.0.1:4000"
		r.Header.Set("Content-Type", kind)
		for k, v := range jar {
			r.AddCookie(&http.Cookie{Name: k, Value: v})
		}
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		for i, c := range got.Result().Cookies() {
			if jar[c.Name] = c.Value; c.Value != "" {
				secrets[fmt.Sprint("cookie ", c.Name, method, target, i)] = c.Value
			}
		}
		out := m{}
		_ = json.Unmarshal(got.Body.Bytes(), &out)
		return got.Code, out, got.Header()
	}
	must := func(h http.Handler, method, target string, body any, form url.Values, want int) m {
		t.Helper()
		code, out, _ := send(h, method, target, body, form)
		if code != want {
			t.Fatalf("%s %s: %d %v", method, target, code, out)
		}
		return out
	}
	staff, portal := b.Socket(), b.Portal()
	use := func(path string) {
		t.Helper()
		secrets["token "+path] = strings.TrimPrefix(path, "/k/")
		must(portal, "GET", "http://portal.test"+path, nil, nil, 303)
		must(portal, "GET", "http://portal.test/k", nil, nil, 200)
		must(portal, "POST", "http://portal.test/k", nil, url.Values{}, 303)
		must(portal, "GET", "http://portal.test/api/portal/home", nil, nil, 200)
	}
	must(staff, "PUT", "/api/staff/mail/account", m{"host": "127.0.0.1", "port": w.Mail.Port, "security": "none", "from_address": "hello@bakery.example"}, nil, 200)
	const email = "secret-journey@example.com"
	must(staff, "POST", "/api/staff/portal/invitations", m{"emails": []string{email}}, nil, 200)
	use(w.Await(email, 1).Link())
	must(portal, "POST", "http://portal.test/api/portal/login", m{"email": email}, nil, 202)
	letter := w.Await(email, 2)
	secrets["login token"], secrets["code"] = strings.TrimPrefix(letter.Link(), "/k/"), letter.Code()
	must(portal, "POST", "http://portal.test/api/portal/login/code", m{"email": email, "code": letter.Code()}, nil, 200)
	contact, _ := must(portal, "GET", "http://portal.test/api/portal/me", nil, nil, 200)["contact_id"].(string)
	must(staff, "POST", "/api/staff/portal/login-emails", m{"contact_ids": []string{contact}}, nil, 200)
	use(w.Await(email, 3).Link())
	made, _ := must(staff, "POST", "/api/staff/portal/magic-links", m{"contact_id": contact}, nil, 201)["url"].(string)
	use(strings.TrimPrefix(made, backendtest.PortalURL))
	secrets["bearer"], _ = must(staff, "POST", "/api/staff/tokens", m{"name": "x"}, nil, 201)["token"].(string)
	enter, _ := must(staff, "POST", "/api/staff/staff-link", m{}, nil, 201)["url"].(string)
	secrets["staff link"] = strings.TrimPrefix(enter, backendtest.StaffURL+"/enter/")
	must(b.Staff(), "GET", enter, nil, nil, 303)
	must(b.Staff(), "GET", backendtest.StaffURL+"/enter/"+secrets["staff link"], nil, nil, 410)
	send(portal, "GET", "http://portal.test/k/"+secrets["code"]+"nonsense", nil, nil) // unknown tokens are not logged either
	secrets["unknown token"] = secrets["code"] + "nonsense"
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	search := func() {
		t.Helper()
		check := func(where string, content []byte) {
			for what, secret := range secrets {
				if len(secret) < 8 {
					t.Fatalf("%s is not known to this test: %q", what, secret)
				}
				tail := secret[len(secret)-8:]
				if len(secret) > 40 {
					tail = secret[len(secret)*2/3:]
				}
				if bytes.Contains(content, []byte(secret)) || bytes.Contains(content, []byte(tail)) {
					t.Errorf("%s holds the %s", where, what)
				}
			}
		}
		check("the log", logs.b.Bytes())
		err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			check(strings.TrimPrefix(path, data), content)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	search() // with the write-ahead log
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	search()
	if len(secrets) < 15 {
		t.Errorf("only %d secrets were looked for", len(secrets))
	}
}

func TestSocketsNeedTheExactOriginAndEndWithTheSession(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana, bob := w.Contact("Ana", "ana@example.com"), w.Contact("Bob", "bob@example.com")
	var first, second, other, old string
	for _, c := range []struct {
		to      *string
		contact string
	}{{&old, ana}, {&first, ana}, {&second, ana}, {&other, bob}} {
		*c.to = w.SignedIn(c.contact, "127.1.0.1").Cookie("portico")
	}
	staff := newStage(t, backendtest.New(t, "")) // its world has a dashboard session
	portal, dash := httptest.NewServer(w.Backend.Portal()), httptest.NewServer(staff.Backend.Staff())
	defer portal.Close()
	defer dash.Close()
	w.Backend.SetBaseURL(portal.URL)
	staff.Backend.SetStaffURL(dash.URL)
	dial := func(server, path string, h http.Header) (*websocket.Conn, int) {
		t.Helper()
		d := websocket.Dialer{TLSClientConfig: &tls.Config{}}
		conn, r, err := d.Dial("ws"+strings.TrimPrefix(server, "http")+path, h)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
			return conn, 101
		}
		if r == nil {
			t.Fatal(err)
		}
		return nil, r.StatusCode
	}
	header := func(origin, cookie string) http.Header {
		h := http.Header{}
		if origin != "-" {
			h["Origin"] = []string{origin}
		}
		if cookie != "" {
			h["Cookie"] = []string{cookie}
		}
		return h
	}
	for server, s := range map[string]struct{ path, cookie string }{portal.URL: {"/api/portal/live", "portico=" + first}, dash.URL: {"/api/staff/live", "portico-staff=" + staff.cookie}} {
		for _, origin := range []string{"-", "", "null", "https://evil.example", server + ".evil.example", server + "/", strings.Replace(server, "http", "https", 1), strings.ToUpper(server), "http://localhost"} {
			if _, code := dial(server, s.path, header(origin, s.cookie)); code != http.StatusForbidden {
				t.Errorf("%s with Origin %q: %d", s.path, origin, code)
			}
		}
		if _, code := dial(server, s.path, header(server, "")); code != http.StatusUnauthorized {
			t.Errorf("%s without a session: %d", s.path, code)
		}
		if _, code := dial(server, s.path, header(server, s.cookie)); code != 101 {
			t.Errorf("%s as it should be: %d", s.path, code)
		}
	}
	closes := func(what string, conn *websocket.Conn, code int) {
		t.Helper()
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // well before the minute's own recheck
		for {
			_, _, err := conn.ReadMessage()
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				if closed.Code != code {
					t.Errorf("%s: closed with %d, want %d", what, closed.Code, code)
				}
				return
			}
			if err != nil {
				t.Errorf("%s: %v", what, err)
				return
			}
		}
	}
	open := func(session string) *websocket.Conn {
		t.Helper()
		conn, code := dial(portal.URL, "/api/portal/live", header(portal.URL, "portico="+session))
		if code != 101 {
			t.Fatalf("a session: %d", code)
		}
		return conn
	}
	own := func(session, method, path string) {
		t.Helper()
		r, _ := http.NewRequest(method, portal.URL+path, nil)
		r.Header.Set("Cookie", "portico="+session)
		got, err := http.DefaultClient.Do(r)
		if err != nil || got.StatusCode != 204 {
			t.Fatalf("%s: %v %v", path, got, err)
		}
		_ = got.Body.Close()
	}
	untouched := open(other)
	conn := open(first)
	own(first, "POST", "/api/portal/logout")
	closes("signing out", conn, 4401)
	conn = open(old)
	own(second, "POST", "/api/portal/sessions/sign-out-others")
	closes("signing others out", conn, 4401)
	conn = open(second)
	w.Staff.Must("POST", "/api/staff/portal/contacts/"+ana+"/suspend", m{}, 200)
	closes("suspending", conn, 4401)
	if _, code := dial(portal.URL, "/api/portal/live", header(portal.URL, "portico="+second)); code != http.StatusUnauthorized {
		t.Errorf("a suspended contact: %d", code)
	}
	w.Staff.Must("PATCH", "/api/staff/contacts/"+bob, m{"emails": []string{"robert@example.com"}}, 200)
	closes("a new address", untouched, 4401)
}
