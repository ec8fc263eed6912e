package pages

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// hostile is what a client or an owner could have typed into any field.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>' style=x`

func bakery() Brand {
	return Brand{
		Name: "Bäckerei Sonnenschein", LogoURL: "/brand/logo?v=3", CoverURL: "/brand/cover?v=3",
		SupportEmail: "hilfe@example.com", Copyright: "© 2026 Bäckerei Sonnenschein", CSSURL: "/brand.css?v=7",
	}
}

var asked = time.Date(2026, time.March, 3, 14, 2, 0, 0, time.UTC)

// story is one page in one state.
type story struct {
	name   string
	render func(p *Pages, f Frame) []byte
}

// stories lists every state of every page; every test below walks all of them
// in every language.
func stories() []story {
	return []story{
		{"login", func(p *Pages, f Frame) []byte { return p.Login(f, Login{}) }},
		{"login_code_next", func(p *Pages, f Frame) []byte {
			return p.Login(f, Login{WithCode: true, Next: "/profile", Notice: NoticeSignInFirst})
		}},
		{"login_bad", func(p *Pages, f Frame) []byte {
			return p.Login(f, Login{WithCode: true, BadEmail: true, Email: hostile, Next: "/" + hostile, Notice: NoticeSessionEnded})
		}},
		{"login_signed_out", func(p *Pages, f Frame) []byte { return p.Login(f, Login{Notice: NoticeSignedOut}) }},
		{"sent", func(p *Pages, f Frame) []byte {
			return p.LoginSent(f, LoginSent{Email: "ana@example.com", Minutes: 10, Next: "/devices", WithCode: true})
		}},
		{"sent_plain", func(p *Pages, f Frame) []byte { return p.LoginSent(f, LoginSent{Email: hostile}) }},
		{"sent_bad_code", func(p *Pages, f Frame) []byte {
			return p.LoginSent(f, LoginSent{Email: hostile, WithCode: true, BadCode: true, Code: hostile})
		}},
		{"sent_code_only", func(p *Pages, f Frame) []byte { return p.LoginSent(f, LoginSent{WithCode: true, BadCode: true}) }},
		{"landing", func(p *Pages, f Frame) []byte {
			return p.Landing(f, Landing{Masked: "a•••@ex•••.com", Browser: "Firefox on Linux", AskedAt: asked, Now: asked.Add(5 * time.Minute)})
		}},
		{"landing_welcome", func(p *Pages, f Frame) []byte {
			return p.Landing(f, Landing{Masked: "a•••@ex•••.com", Welcome: true})
		}},
		{"landing_ask", func(p *Pages, f Frame) []byte {
			return p.Landing(f, Landing{Masked: hostile, AskEmail: true, Browser: hostile})
		}},
		{"landing_wrong", func(p *Pages, f Frame) []byte {
			return p.Landing(f, Landing{AskEmail: true, WrongEmail: true, Email: hostile, AskedAt: asked, Now: asked.Add(24 * time.Hour)})
		}},
		{"cookies", func(p *Pages, f Frame) []byte { return p.CookiesNeeded(f) }},
		{"invalid", func(p *Pages, f Frame) []byte { return p.LinkInvalid(f, LinkInvalid{}) }},
		{"invalid_sent", func(p *Pages, f Frame) []byte { return p.LinkInvalid(f, LinkInvalid{Sent: true, Minutes: 10}) }},
		{"problem_400", problem(Problem{Status: 400})},
		{"problem_403", problem(Problem{Status: 403})},
		{"problem_404", problem(Problem{Status: 404})},
		{"problem_429", problem(Problem{Status: 429, RetryAfter: 4*time.Minute + time.Second, Again: "/login"})},
		{"problem_500", problem(Problem{Status: 500, Reference: hostile, Again: "/" + hostile})},
		{"problem_503", problem(Problem{Status: 503, RetryAfter: time.Second})},
		{"problem_507", problem(Problem{Status: 507})},
		{"maintenance", problem(Problem{Status: 503, Maintenance: true, RetryAfter: 3 * time.Hour})},
		{"misdirected", func(p *Pages, f Frame) []byte { return p.Misdirected(f.Language) }},
	}
}

func problem(view Problem) func(*Pages, Frame) []byte {
	return func(p *Pages, f Frame) []byte { return p.Problem(f, view) }
}

// everyPage runs check on every story in every language, with a full brand,
// an empty one and a hostile one.
func everyPage(t *testing.T, check func(t *testing.T, s story, f Frame, page []byte)) {
	t.Helper()
	p := New()
	brands := map[string]Brand{
		"full": bakery(), "empty": {},
		"hostile": {hostile, "javascript:alert(1)", "javascript:alert(1)", hostile, hostile, "javascript:alert(1)"},
	}
	for _, language := range p.catalogue.Languages() {
		for name, brand := range brands {
			for _, s := range stories() {
				f := Frame{Language: language, Brand: brand}
				t.Run(language+"/"+name+"/"+s.name, func(t *testing.T) { check(t, s, f, s.render(p, f)) })
			}
		}
	}
}

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func TestStructureOfEveryPage(t *testing.T) {
	everyPage(t, func(t *testing.T, s story, f Frame, page []byte) {
		doc, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		headings, ids, labelled, focus := 0, map[string]int{}, map[string]bool{}, 0
		var controls, described []*html.Node
		walk(doc, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s> carries %s", n.Data, a.Key)
				}
				if (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
			if id := attr(n, "id"); id != "" {
				ids[id]++
			}
			if has(n, "autofocus") {
				focus++
			}
			if has(n, "aria-describedby") {
				described = append(described, n)
			}
			switch n.Data {
			case "script", "style", "iframe", "object", "base":
				t.Errorf("<%s> on the page", n.Data)
			case "html":
				if attr(n, "lang") != f.Language || attr(n, "dir") != "ltr" {
					t.Errorf("lang %q dir %q", attr(n, "lang"), attr(n, "dir"))
				}
			case "h1":
				headings++
			case "label":
				labelled[attr(n, "for")] = true
			case "img":
				if !has(n, "alt") {
					t.Error("a picture without alt")
				}
			case "input":
				if attr(n, "type") != "hidden" {
					controls = append(controls, n)
				}
			case "form":
				if attr(n, "method") != "post" || !strings.HasPrefix(attr(n, "action"), "/") {
					t.Errorf("form %s %s", attr(n, "method"), attr(n, "action"))
				}
			}
		})
		if headings != 1 {
			t.Errorf("%d h1", headings)
		}
		if focus > 1 {
			t.Errorf("%d controls ask for the focus", focus)
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("id %s is there %d times", id, n)
			}
		}
		for _, c := range controls {
			if !labelled[attr(c, "id")] {
				t.Errorf("input %s has no label", attr(c, "name"))
			}
			if attr(c, "autocomplete") == "" {
				t.Errorf("input %s has no autocomplete", attr(c, "name"))
			}
		}
		for _, d := range described {
			if ids[attr(d, "aria-describedby")] != 1 {
				t.Errorf("aria-describedby %s leads nowhere", attr(d, "aria-describedby"))
			}
		}
		if total := len(page) + len(styleSheet); total > 12<<10 {
			t.Errorf("page and stylesheet together are %d bytes", total)
		}
	})
}

// What was typed comes back as the value of its field, whole and escaped.
func TestTypedTextIsKept(t *testing.T) {
	p := New()
	f := Frame{Language: "en", Brand: bakery()}
	for name, page := range map[string][]byte{
		"email": p.Login(f, Login{BadEmail: true, Email: hostile}),
		"code":  p.LoginSent(f, LoginSent{WithCode: true, BadCode: true, Code: hostile}),
	} {
		doc, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		kept := false
		walk(doc, func(n *html.Node) {
			kept = kept || n.Data == "input" && attr(n, "name") == name && attr(n, "value") == hostile
		})
		if !kept {
			t.Errorf("the typed %s is gone", name)
		}
	}
}

func TestTheFrontDoorNeedsNoReason(t *testing.T) {
	p := New()
	f := Frame{Language: "en"}
	reason := []byte(`role="status"`)
	if page := p.Login(f, Login{Notice: NoticeSignInFirst, Next: "/"}); bytes.Contains(page, reason) {
		t.Error("somebody at the front door is told why they must sign in")
	}
	if page := p.Login(f, Login{Notice: NoticeSignInFirst, Next: "/devices"}); !bytes.Contains(page, reason) {
		t.Error("somebody who opened a page is not told why they must sign in")
	}
	if page := p.Login(f, Login{Notice: "<b>"}); bytes.Contains(page, reason) {
		t.Error("an unknown notice is shown")
	}
}

// The page of an unusable link never says whose it was, and the page for a
// foreign host never says whose portal this is.
func TestNothingIsGivenAway(t *testing.T) {
	p := New()
	f := Frame{Language: "en", Brand: bakery()}
	if bytes.Contains(p.LinkInvalid(f, LinkInvalid{Sent: true}), []byte("•••")) {
		t.Error("the unusable link shows an address")
	}
	page := p.Misdirected("de")
	for _, word := range []string{"Sonnenschein", "example.com", "href", "src"} {
		if bytes.Contains(page, []byte(word)) {
			t.Errorf("the page for a foreign host contains %q", word)
		}
	}
}

// Golden pages: a change of markup is seen in review.
func TestGolden(t *testing.T) {
	p := New()
	for _, s := range stories() {
		if strings.Contains(s.name, "bad") || strings.HasPrefix(s.name, "problem_4") {
			continue
		}
		f := Frame{Language: "en", Brand: bakery()}
		got := bytes.ReplaceAll(s.render(p, f), []byte(p.StylePath()), []byte("/pages.css"))
		file := filepath.Join("testdata", s.name+".html")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s changed; look at it, then: go test ./backend/pages -update", s.name)
		}
	}
}

func TestStyleIsNamedByItsContent(t *testing.T) {
	p := New()
	if !strings.HasPrefix(p.StylePath(), "/pages.") || !strings.HasSuffix(p.StylePath(), ".css") || len(p.StylePath()) != len("/pages..css")+12 {
		t.Errorf("path %s", p.StylePath())
	}
	if bytes.Contains(p.Style(), []byte("@import")) || bytes.Contains(p.Style(), []byte("url(")) {
		t.Error("the stylesheet loads something")
	}
}

func BenchmarkLogin(b *testing.B) {
	p, f := New(), Frame{Language: "en", Brand: bakery()}
	for b.Loop() {
		p.Login(f, Login{WithCode: true})
	}
}
