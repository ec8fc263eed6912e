package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/mail"
)

func TestTextsAreRead(t *testing.T) {
	rows := []struct{ text, want string }{
		{"", ""},
		{"Hello", "Hello"},
		{"Hello {{contact.first_name}}!", "Hello [contact.first_name]!"},
		{`Hi {{ contact.first_name | default: "there" }},`, `Hi [contact.first_name|there],`},
		{`{{a|default:'x'}}{{b}}`, `[a|x][b]`},
		{`{{a | default: “there”}}`, `[a|there]`},
		{`{{a | default: „zusammen“}}`, `[a|zusammen]`},
		{`{{a | default: "say \"hi\""}}`, `[a|say "hi"]`},
		{"a {b} {{", "a {b} {{!6-8:mail.text_syntax"},
		{"{{}}", "{{}}!0-4:mail.text_empty"},
		{"{{a b}}", "{{a b}}!0-7:mail.text_syntax"},
		{`{{a | upper}}`, `{{a | upper}}!0-13:mail.text_filter`},
		{`{{a | default: there}}`, `{{a | default: there}}!0-22:mail.text_quotes`},
		{`{{a | default: "x}} and {{b}}`, `{{a | default: "x}} and [b]!0-19:mail.text_quotes`},
		{"{{a\n}} {{b}}", "{{a\n}} [b]!0-3:mail.text_syntax"},
		{"{{{{a}}}}", "{{[a]}}!0-2:mail.text_syntax"},
	}
	for _, r := range rows {
		segments, flaws := parse(r.text)
		got := ""
		for _, s := range segments {
			switch {
			case s.value == "":
				got += s.words
			case s.fallback != "":
				got += "[" + s.value + "|" + s.fallback + "]"
			default:
				got += "[" + s.value + "]"
			}
		}
		for _, f := range flaws {
			got += fmt.Sprintf("!%d-%d:%s", f.start, f.end, f.code)
		}
		if got != r.want {
			t.Errorf("%q reads as\n%q, want\n%q", r.text, got, r.want)
		}
	}
}

// Whatever is typed, nothing is lost and every position lies inside the text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "{{", "}}", "{{a}}", `{{a|default:"`, "{{{{}}}}", `{{a | default: “x”}}`, "ä{{ö}}", "{{a\x00}}"} {
		f.Add(seed)
	}
	w := mustWords(f)
	f.Fuzz(func(t *testing.T, text string) {
		segments, flaws := parse(text)
		words := 0
		for _, s := range segments {
			if s.value == "" {
				words += len(s.words)
			}
		}
		if words > len(text) {
			t.Errorf("%d letters became %d", len(text), words)
		}
		if !strings.Contains(text, "{{") && words != len(text) {
			t.Error("words were lost")
		}
		for _, x := range append(flaws, lint(text, true, KindLogin)...) {
			if x.start < 0 || x.end > len(text) || x.start >= x.end {
				t.Errorf("position %d-%d in %q", x.start, x.end, text)
			}
			if u := units(text, x.start); u > x.start {
				t.Errorf("unit %d of byte %d", u, x.start)
			}
		}
		l := letter{kind: KindLogin, language: "en", text: compiled{body: segments, subject: segments}, link: Link{URL: "https://p.example/k/T"}}
		if s := l.line(w, segments); strings.ContainsAny(s, "\r\n") {
			t.Errorf("a line holds a line end: %q", s)
		}
	})
}

func mustWords(t testing.TB) words {
	t.Helper()
	w, err := newWords()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestUnknownValuesAreNamedWithTheNearest(t *testing.T) {
	rows := []struct{ name, want string }{
		{"contact.firstname", "contact.first_name"},
		{"first_name", "contact.first_name"},
		{"firstName", "contact.first_name"},
		{"contact.mail", "contact.email"},
		{"busines.name", "business.name"},
		{"magiclink", "magic_link"},
		{"magic.link", "magic_link"},
		{"quarterly_revenue", ""},
		{strings.Repeat("x", 300), ""},
	}
	for _, r := range rows {
		if got := suggestion(r.name, KindInvitation); got != r.want {
			t.Errorf("%.20s: %q, want %q", r.name, got, r.want)
		}
	}
	if got := suggestion("magiclink", KindNewDevice); got == "magic_link" {
		t.Error("suggests what the mail does not have")
	}
}

func TestTemplatesWithMistakesAreNotSaved(t *testing.T) {
	good := Template{Key: KindLogin, Language: "en", Subject: "Hi", Heading: "", Body: "Text", Button: "Go"}
	rows := []struct {
		name   string
		change func(*Template)
		field  string
		code   string
	}{
		{"an unknown value", func(x *Template) { x.Body = "Hi {{contact.firstname}}" }, "body", "mail.text_unknown_near"},
		{"one nobody knows", func(x *Template) { x.Subject = "{{revenue_forecast}}" }, "subject", "mail.text_unknown"},
		{"a link in the subject", func(x *Template) { x.Subject = "{{magic_link}}" }, "subject", "mail.text_body_only"},
		{"a value of another mail", func(x *Template) { x.Key, x.Body = KindInvitation, "{{sign_in.device}}" }, "body", "mail.text_elsewhere"},
		{"open braces", func(x *Template) { x.Button = "Go {{contact.name" }, "button", "mail.text_syntax"},
		{"no subject", func(x *Template) { x.Subject = " " }, "subject", "mail.text_missing"},
		{"two lines in a subject", func(x *Template) { x.Subject = "a\nBcc: eve@example.com" }, "subject", "mail.text_line"},
		{"a long button", func(x *Template) { x.Button = strings.Repeat("x", 61) }, "button", "mail.text_long"},
		{"no text", func(x *Template) { x.Body = "\xff" }, "body", "mail.text_bytes"},
	}
	each(t, func(w *world) {
		for _, r := range rows {
			bad := good
			r.change(&bad)
			_, err := w.s.SaveTemplate(ctx, staff, bad)
			f := fault.As(err)
			if f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != r.field || f.Fields[0].Code != r.code {
				w.t.Errorf("%s: %+v", r.name, f)
			}
		}
		_, err := w.s.SaveTemplate(ctx, staff, Template{Key: KindLogin, Language: "en", Subject: "ä {{contact.firstname}}", Body: "x", Button: "x"})
		if f := fault.As(err); f.Params["start"] != 2 || f.Params["end"] != 23 || f.Params["suggestion"] != "contact.first_name" {
			w.t.Errorf("position %v", f.Params)
		}
		for _, x := range []Template{{Key: "test", Language: "en"}, {Key: KindLogin, Language: "fr"}} {
			if _, err := w.s.SaveTemplate(ctx, staff, x); fault.KindOf(err) != fault.NotFound {
				w.t.Errorf("%s/%s: %v", x.Key, x.Language, err)
			}
		}
	})
}

func TestCustomTextsAreSentAndTheirMailsKeepThem(t *testing.T) {
	each(t, func(w *world) {
		custom := Template{Key: KindInvitation, Language: "en", Subject: "Come in, {{contact.first_name}}", Body: "First.\n\nSecond: {{magic_link}}.", Button: "In"}
		if _, err := w.s.SaveTemplate(ctx, staff, custom); err != nil {
			w.t.Fatal(err)
		}
		w.links.all["sel"] = Link{URL: "https://portal.shop.example/k/REAL", Target: "/"}
		id := w.queue(Mail{ContactID: "ct_ana", Link: "sel"})
		w.send()
		got := w.server.received()[0]
		if got.subject() != "Come in, Ana" || !strings.Contains(got.text(), "\n\nSecond:\n\nhttps://portal.shop.example/k/REAL\n\n") {
			w.t.Errorf("%q\n%s", got.subject(), got.text())
		}
		if err := w.s.ResetTemplate(ctx, staff, "invitation", "en"); err != nil {
			w.t.Fatal(err)
		}
		m, r, err := w.s.Message(ctx, staff, id)
		if err != nil || m.Subject != "Come in, Ana" || !strings.Contains(r.Text, "Second:") || strings.Contains(r.Text+r.HTML, "REAL") || !strings.Contains(r.Text, "/k/SAMPLE") {
			w.t.Errorf("%v %q\n%s", err, m.Subject, r.Text)
		}
		list, err := w.s.Templates(ctx, staff)
		if err != nil || len(list) != 10 || list[0].Custom() {
			w.t.Errorf("%v %+v", err, list)
		}
	})
}

// A client chooses their own name. It must stay a name everywhere.
func TestHostileValuesStayWords(t *testing.T) {
	names := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "Ana\r\nBcc: eve@example.com", "{{magic_link}}", `{{contact.email | default: "x"}}`,
		"</td></table>", "javascript:alert(1)", "\u202eevil\u202c", "a\x00b", "https://evil.example/phish", strings.Repeat("long ", 200),
		"=?utf-8?q?x?=", "\u2028new line",
	}
	w := mustWords(t)
	text := compile(Template{Subject: "S {{contact.name}}", Heading: "H {{contact.name}}", Body: "B {{contact.name}} {{contact.company}}\n\nE", Button: "K {{contact.name}}"})
	for _, name := range names {
		l := letter{kind: KindInvitation, language: "en", text: text, to: "ana@example.com", link: Link{URL: "https://p.example/k/T"},
			who: Recipient{Name: name, Company: name}, business: Business{Name: name, BaseURL: "https://p.example", Copyright: name},
			data: content{Note: name, Details: map[string]string{"device": name}}}
		r, err := w.render(l)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "<img", "onerror=alert(1)>", "</table></td>", "\u202e", "\x00", "\u2028"} {
			if strings.Contains(r.HTML, bad) {
				t.Errorf("%q: the page holds %q", name, bad)
			}
		}
		if strings.ContainsAny(r.Subject, "\r\n\x00") || len([]rune(r.Subject)) > 500 {
			t.Errorf("%q: subject %q", name, r.Subject)
		}
		for _, href := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(r.HTML, -1) {
			if href[1] != "https://p.example/k/T" {
				t.Errorf("%q: a link to %q", name, href[1])
			}
		}
		first, _, _ := strings.Cut(r.Text, "\n> ")
		if strings.Contains(first, "://evil") || strings.Contains(first, "\nBcc:") || strings.Count(r.Text, "/k/T") != 1 {
			t.Errorf("%q: text %s", name, r.Text)
		}
		if _, err := mail.Compose(l.message(Message{MessageID: "<a@b.example>", To: "ana@example.com", Created: time.Unix(1, 0)}, r, mail.Account{FromAddress: "x@b.example"})); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestEveryMailReadsWellInBothLanguages(t *testing.T) {
	each(t, func(w *world) {
		for _, kind := range []Kind{KindInvitation, KindLogin, KindLoginMail, KindNewDevice} {
			for who, language := range map[string]string{"ct_ana": "en", "ct_jonas": "de"} {
				selector := string(kind) + who
				link := Link{URL: "https://portal.shop.example/k/T" + selector, ExpiresAt: w.clk.Now().Add(10 * time.Minute), Target: "/"}
				if kind == KindLogin {
					link.Code = "QWER7890"
				}
				w.links.all[selector] = link
				m := Mail{Kind: kind, ContactID: who, To: w.people[who].Email, Details: map[string]string{"device": "Firefox on Linux", "time": "2026-03-02T12:00:00Z"}}
				if carriesLink(kind) {
					m.Link = selector
				}
				id := w.queue(m)
				w.send()
				all := w.server.received()
				checkReadable(w, all[len(all)-1], kind, language, w.mail(id).Subject)
			}
		}
	})
}

func checkReadable(w *world, got sent, kind Kind, language, subject string) {
	w.t.Helper()
	text, html := got.text(), got.html()
	where := string(kind) + " " + language
	if got.subject() != subject || subject == "" || strings.Contains(subject, "QWER") || strings.Contains(subject, "{{") {
		w.t.Errorf("%s: subject %q", where, got.subject())
	}
	both := text + html
	for _, bad := range []string{"{{", "}}", " ,", "ZgotmplZ", "&lt;", "no value", "mail.", "http://"} {
		if strings.Contains(both, bad) {
			w.t.Errorf("%s holds %q:\n%s", where, bad, text)
		}
	}
	want := map[string][]string{"en": {"Hello Ana,", "Corner Shop"}, "de": {"Guten Tag Jonas Weber,", "Corner Shop"}}[language]
	if kind == KindLogin {
		want = append(want, "QWER 7890", map[string]string{"en": "2 March 2026, 13:10 (CET)", "de": "2. März 2026, 13:10 Uhr (CET)"}[language])
	}
	if kind == KindNewDevice {
		want = append(want, map[string]string{"en": "Firefox on Linux", "de": "Firefox unter Linux"}[language], map[string]string{"en": "2 March 2026, 13:00 (CET)", "de": "2. März 2026, 13:00 Uhr (CET)"}[language])
	}
	for _, part := range []string{text, html} {
		for _, words := range want {
			if !strings.Contains(part, words) {
				w.t.Errorf("%s lacks %q:\n%s", where, words, part)
			}
		}
	}
	if kind != KindLogin && strings.Contains(both, "QWER") {
		w.t.Errorf("%s holds a code", where)
	}
	if n := strings.Count(html, "<img"); n != 0 {
		w.t.Errorf("%s shows %d pictures without a logo", where, n)
	}
	if !strings.Contains(html, `<html lang="`+language+`" dir="ltr">`) || !strings.Contains(html, "max-width:560px") || !strings.Contains(html, "prefers-color-scheme: dark") {
		w.t.Errorf("%s: the page is not as designed", where)
	}
	if carriesLink(kind) {
		line := regexp.MustCompile(`(?m)^https://portal\.shop\.example/k/T\S+$`).FindString(text)
		shown := regexp.MustCompile(`<a class="link" href="([^"]+)"[^>]*>([^<]+)</a>`).FindStringSubmatch(html)
		if line == "" || shown == nil || shown[1] != line || shown[2] != line {
			w.t.Errorf("%s: the link is %q in the text and %v in the page", where, line, shown)
		}
	}
}

func TestTheLogoTravelsWithTheMailAndStandsInThePreview(t *testing.T) {
	each(t, func(w *world) {
		w.brand.b.Logo, w.brand.b.LogoType = []byte("\x89PNG logo"), "image/png"
		w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		got := w.server.received()[0]
		if !strings.Contains(got.html(), `src="cid:logo"`) || !strings.Contains(string(got.raw), "Content-ID: <logo>") {
			w.t.Errorf("no logo in %s", got.raw)
		}
		r, _, err := w.s.Preview(ctx, staff, w.s.words.builtIn(KindInvitation, "en"), "")
		if err != nil || !strings.Contains(r.HTML, `src="data:image/png;base64,iVBORyBsb2dv"`) && !strings.Contains(r.HTML, "data:image/png;base64,") {
			w.t.Errorf("%v %s", err, r.HTML)
		}
		w.brand.b.LogoType = "image/svg+xml"
		if r, _, _ := w.s.Preview(ctx, staff, w.s.words.builtIn(KindInvitation, "en"), ""); strings.Contains(r.HTML, "<img") {
			w.t.Error("a logo that mail programs do not show")
		}
	})
}

func TestPreviewsShowSamplesAndSayWhatIsWrong(t *testing.T) {
	each(t, func(w *world) {
		text := Template{Key: KindLogin, Language: "de", Subject: "Hallo {{contact.name}}", Body: "{{contact.vorname}} {{magic_link}}", Button: "Los"}
		r, problems, err := w.s.Preview(ctx, staff, text, "ct_jonas")
		if err != nil || r.Subject != "Hallo Jonas Weber" || !strings.Contains(r.Text, "https://portal.shop.example/k/SAMPLE") || !strings.Contains(r.HTML, "SAMP LE00") {
			w.t.Errorf("%v %+v", err, r)
		}
		if len(problems) != 1 || problems[0].Part != "body" || problems[0].Start != 0 || problems[0].End != 19 {
			w.t.Errorf("problems %+v", problems)
		}
		if _, _, err := w.s.Preview(ctx, staff, text, "ct_nobody"); fault.KindOf(err) != fault.Invalid {
			w.t.Errorf("nobody: %v", err)
		}
		p, from, err := w.s.PreviewMail(ctx, staff, Mail{Kind: KindInvitation, To: "new@example.com", Note: "Bis bald"})
		if err != nil || from != "Corner Shop <hello@shop.example>" || !strings.Contains(p.Text, "> Bis bald") || !strings.Contains(p.Text, "Hello there,") {
			w.t.Errorf("%v %q %s", err, from, p.Text)
		}
	})
}

func TestNotesHoldNoLinks(t *testing.T) {
	each(t, func(w *world) {
		for note, code := range map[string]string{"see https://evil.example": "mail.note_link", "WWW.evil.example": "mail.note_link", strings.Repeat("x", 1001): "mail.note_long", "\xff": "mail.note_text"} {
			if _, err := w.tryQueue(Mail{ContactID: "ct_ana", Note: note}); !errors.Is(err, fault.New(fault.Invalid, code, "")) {
				w.t.Errorf("%.20q: %v", note, err)
			}
		}
	})
}

// Every sentence exists in both languages, and says in English what the code says.
func TestWordsAreComplete(t *testing.T) {
	if err := i18n.Check(Messages); err != nil {
		t.Error(err)
	}
	raw, err := Messages.ReadFile("messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	english := map[string]string{}
	if err := json.Unmarshal(raw, &english); err != nil {
		t.Fatal(err)
	}
	for _, m := range mail.Meanings() {
		if english[m.Key+".what"] != m.What || english[m.Key+".do"] != m.Do {
			t.Errorf("%s is not said as the transport says it", m.Key)
		}
	}
	for _, p := range mail.Presets() {
		if english[p.HelpKey] != p.Help {
			t.Errorf("%s is not said as the transport says it", p.HelpKey)
		}
	}
	for _, v := range values {
		if english["mail.value."+v.Name] == "" {
			t.Errorf("no description of %s", v.Name)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`(?s)fault\.(?:New\(fault\.\w+|InvalidField\("[^"]*"),\s*"([a-z_.]+)",\s*"((?:[^"\\]|\\.)*)"`)
	key := regexp.MustCompile(`"(mail\.(?:text|link|own_limit|contact_gone|suppressed|not_written|cancelled_by|password_unread|account_unset_w)\w*)"`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			if english[m[1]] != strings.ReplaceAll(m[2], `\"`, `"`) {
				t.Errorf("%s: %s is said differently in the catalogue", file, m[1])
			}
		}
		for _, m := range key.FindAllStringSubmatch(string(source), -1) {
			if english[m[1]] == "" && english[m[1]+".what"] == "" && !strings.HasSuffix(m[1], "_") {
				t.Errorf("%s: nobody says %s", file, m[1])
			}
		}
	}
}
