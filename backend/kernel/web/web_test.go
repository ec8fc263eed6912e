package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
)

func TestClientAddressBelievesOnlyTrustedProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, s := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:5", nil, "192.0.2.1"},
		{"192.0.2.1:5", []string{"1.2.3.4"}, "192.0.2.1"}, // no proxy of ours: a lie
		{"10.0.0.1:5", nil, "10.0.0.1"},
		{"10.0.0.1:5", []string{"1.2.3.4"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"6.6.6.6, 1.2.3.4"}, "1.2.3.4"}, // what the client wrote stands further left
		{"10.0.0.1:5", []string{"6.6.6.6", "1.2.3.4"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"1.2.3.4, 10.0.0.9"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"10.0.0.7, 10.0.0.9"}, "10.0.0.7"},
		{"10.0.0.1:5", []string{"nonsense"}, "10.0.0.1"},
		{"10.0.0.1:5", []string{"1.2.3.4, nonsense"}, "10.0.0.1"},
		{"10.0.0.1:5", []string{"1.2.3.4:99"}, "10.0.0.1"},
		{"10.0.0.1:5", []string{""}, "10.0.0.1"},
		{"[2001:db8::1]:5", []string{"2001:db9::7"}, "2001:db9::7"},
		{"[::ffff:10.0.0.1]:5", []string{"1.2.3.4"}, "1.2.3.4"},
		{"@", []string{"1.2.3.4"}, ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = s.peer
		r.Header["X-Forwarded-For"] = s.forwarded
		if got := clientAddress(r, proxies); got != s.want {
			t.Errorf("%s via %q: %q, want %q", s.peer, s.forwarded, got, s.want)
		}
		r.Header.Set("X-Real-Ip", "9.9.9.9")
		r.Header.Set("Forwarded", "for=9.9.9.9")
		Layers{Trusted: proxies}.visited(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
				if len(r.Header[name]) > 0 {
					t.Errorf("%s goes on to where somebody could believe it", name)
				}
			}
			if visitOf(r.Context()).address != s.want {
				t.Errorf("noted: %q", visitOf(r.Context()).address)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	}
}

func TestSafePath(t *testing.T) {
	for path, want := range map[string]string{"": "/", "/": "/", "/profile": "/profile", "/a/b?c=d&e#f": "/a/b?c=d&e#f", "/a//b": "/a//b", "/ü": "/ü",
		"//evil": "/", "/\\evil": "/", "\\\\evil": "/", "/%2fevil": "/", "/%5cevil": "/", "/a\\b": "/", "/a%5cb": "/", "http://evil": "/", "evil": "/", "/\t/evil": "/", "/%09/evil": "/",
		"/a\r\nb": "/", "/%0d%0a": "/", "/%zz": "/", "/" + strings.Repeat("a", 512): "/", "/\x7f": "/", "javascript:alert(1)": "/", "/%00": "/"} {
		if got := SafePath(path); got != want {
			t.Errorf("%.40q: %q, want %q", path, got, want)
		}
	}
}

func FuzzSafePath(f *testing.F) {
	for _, s := range []string{"/", "/a?b", "//e", "/\\e", "/%2f%2fe", "/%5c", "/.//e", "/;//e", "/@e", "/:80", "/%252fe", "/?//e"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://portal.test/login")
	f.Fuzz(func(t *testing.T, path string) {
		got := SafePath(path)
		to, err := base.Parse(got)
		if err != nil || to.Host != "portal.test" || to.Scheme != "https" || strings.ContainsAny(got, "\r\n\t\x00\\") || SafePath(got) != got {
			t.Errorf("%q leads to %q (%v)", path, got, err)
		}
		w := httptest.NewRecorder()
		http.Redirect(w, httptest.NewRequest("GET", "/login", nil), got, http.StatusSeeOther)
		if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || !strings.HasPrefix(to, "/") {
			t.Errorf("%q is sent on to %q", path, to)
		}
	})
}

func TestNilListsAreEmptyOnes(t *testing.T) {
	type inner struct{ Tags []string }
	type node struct {
		Name  string
		Kids  []node
		Bytes []byte
		Map   map[string][]string
		At    time.Time
		Ptr   *inner
		Nil   *inner
		Inner inner
	}
	v := &node{Kids: []node{{}}, Ptr: &inner{}}
	fillLists(reflect.ValueOf(v))
	for story, ok := range map[string]bool{"of a child": v.Kids[0].Kids != nil, "behind a pointer": v.Ptr.Tags != nil, "inside": v.Inner.Tags != nil, "bytes stay": v.Bytes == nil, "nil stays": v.Nil == nil} {
		if !ok {
			t.Errorf("list %s", story)
		}
	}
	fillLists(reflect.ValueOf((*node)(nil)))
}

func say(_, key string, _ map[string]any) (string, bool) { return "auf Deutsch", key == "x.known" }

func TestProblems(t *testing.T) {
	want := map[fault.Kind]int{fault.Internal: 500, fault.Invalid: 422, fault.Malformed: 400, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.Conflict: 409,
		fault.Gone: 410, fault.TooLarge: 413, fault.UnsupportedMedia: 415, fault.TooMany: 429, fault.Unavailable: 503, fault.StorageFull: 507}
	if len(want) != len(status) {
		t.Errorf("%d kinds have a status, %d are tried", len(status), len(want))
	}
	for kind, code := range want {
		p := ProblemOf(fmt.Errorf("wrapped: %w", fault.New(kind, "x.y", "It is {what}.", "what", "so")), "de", say)
		if p.StatusCode != code || p.Code != "x.y" || p.Type != "urn:portico:x.y" || p.Detail != "It is so." || p.Title != http.StatusText(code) {
			t.Errorf("%d: %+v", kind, p)
		}
	}
	if p := ProblemOf(fault.New(fault.Gone, "x.known", "in English"), "de", say); p.Detail != "auf Deutsch" {
		t.Errorf("not told in the reader's language: %+v", p)
	}
	if p := ProblemOf(errors.New("password of ana@example.com"), "en", say); p.StatusCode != 500 || strings.Contains(fmt.Sprint(*p), "ana@") {
		t.Errorf("a private cause is told: %+v", p)
	}
	slow := fault.New(fault.TooMany, "x.slow", "Slower.")
	slow.RetryAfter = 90
	w := httptest.NewRecorder()
	WriteProblem(w, httptest.NewRequest("GET", "/", nil), slow, say, slog.New(slog.DiscardHandler))
	if w.Code != 429 || w.Header().Get("Retry-After") != "90" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestNothingRegistersWithoutAPolicy(t *testing.T) {
	full := Op{Method: "GET", Path: "/api/x", ID: "x", Summary: "X", Description: "X.", Policy: auth.Public}
	for story, change := range map[string]func(*Op){"policy": func(o *Op) { o.Policy = "" }, "known policy": func(o *Op) { o.Policy = "everybody" }, "summary": func(o *Op) { o.Summary = "" },
		"description": func(o *Op) { o.Description = "" }, "id": func(o *Op) { o.ID = "" }, "method": func(o *Op) { o.Method = "" }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("an operation without %s registers", story)
				}
			}()
			op := full
			change(&op)
			api := NewAPI("x", "X", "X.", say, slog.New(slog.DiscardHandler))
			Register(api, op, func(context.Context, auth.Actor, *struct{}) (*struct{}, error) { return nil, nil })
		}()
	}
}

func TestAdmit(t *testing.T) {
	actors := map[string]auth.Actor{"nobody": {}, "a client": auth.Client("ct_1", "se_1"), "a client without id": {Kind: auth.KindClient}, "the window": auth.Staff("", "window"),
		"the command line": auth.Staff("", "cli"), "a browser": auth.Staff("", "browser"), "a token": auth.Staff("x", "token")}
	for policy, may := range map[auth.Policy]string{auth.Public: "nobody,a client,a client without id,the window,the command line,a browser,a token", auth.ClientOnly: "a client",
		auth.StaffOnly: "the window,the command line,a browser,a token", auth.InProcess: "the window,the command line", "": "", "everybody": ""} {
		for name, actor := range actors {
			asked := 0
			ctx := context.WithValue(context.Background(), visitKey{}, &visit{identify: func(*http.Request) (auth.Actor, error) { asked++; return actor, nil }})
			_, err := Admit(ctx, policy)
			if want := contains(may, name); (err == nil) != want {
				t.Errorf("%s for %q: %v", name, policy, err)
			}
			if policy == auth.Public && asked > 0 {
				t.Error("a public page costs a query")
			}
		}
	}
	broken := context.WithValue(context.Background(), visitKey{}, &visit{identify: func(*http.Request) (auth.Actor, error) {
		return auth.Actor{Kind: auth.KindStaff}, errors.New("store is gone")
	}})
	if _, err := Admit(broken, auth.StaffOnly); err == nil {
		t.Error("who cannot be looked up is let in")
	}
}

func contains(list, name string) bool {
	for _, one := range strings.Split(list, ",") {
		if one == name {
			return true
		}
	}
	return false
}

func TestHoldsNUL(t *testing.T) {
	for body, want := range map[string]bool{`{}`: false, `"\u0000"`: true, `"a\u0000b"`: true, `"\\u0000"`: false, `"\\\u0000"`: true, `"\\\\u0000"`: false, `"\\u0000\u0000"`: true, `"\u0001"`: false, `"\u000"`: false} {
		if holdsNUL([]byte(body)) != want {
			t.Errorf("%s: %v", body, !want)
		}
		var text string
		if json.Unmarshal([]byte(body), &text) == nil && strings.Contains(text, "\x00") != want {
			t.Errorf("%s: this test is wrong", body)
		}
	}
}

func TestOnePanicIsOneAnswer(t *testing.T) {
	var logs bytes.Buffer
	l := Layers{CSP: "default-src 'none'", Words: say, Log: slog.New(slog.NewTextHandler(&logs, nil)), Language: func(*http.Request) string { return "en" },
		Identify: func(*http.Request) (auth.Actor, error) { return auth.Actor{}, nil }}
	h := l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(logs.String(), "secret") || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAssets(t *testing.T) {
	a, err := LoadAssets(fstest.MapFS{"index.html": {Data: []byte("<p>")}, "assets/app-1.js": {Data: []byte("plain")}, "assets/app-1.js.br": {Data: []byte("br")}, "assets/app-1.js.gz": {Data: []byte("gz")}})
	if err != nil || a.Has("assets/app-1.js.br") || !a.Has("index.html") {
		t.Fatal(err)
	}
	for _, s := range []struct{ file, accepts, body, encoding, cache string }{
		{"assets/app-1.js", "gzip, br", "br", "br", "public, max-age=31536000, immutable"}, {"assets/app-1.js", "gzip", "gz", "gzip", "public, max-age=31536000, immutable"},
		{"assets/app-1.js", "", "plain", "", "public, max-age=31536000, immutable"}, {"index.html", "br", "<p>", "", "no-cache"},
	} {
		r := httptest.NewRequest("GET", "/"+s.file, nil)
		r.Header.Set("Accept-Encoding", s.accepts)
		w := httptest.NewRecorder()
		a.Serve(w, r, s.file)
		if w.Body.String() != s.body || w.Header().Get("Content-Encoding") != s.encoding || w.Header().Get("Cache-Control") != s.cache || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s for %q: %q %v", s.file, s.accepts, w.Body, w.Header())
		}
	}
	w := httptest.NewRecorder()
	if a.Serve(w, httptest.NewRequest("GET", "/x", nil), "../index.html"); w.Code != 404 {
		t.Errorf("outside: %d", w.Code)
	}
}
