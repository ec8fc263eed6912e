package chat

import (
	"errors"
	"strings"
	"testing"

	"portico/backend/kernel/fault"
)

func TestFormatted(t *testing.T) {
	for _, story := range []struct{ written, shown string }{
		{"hello", "<p>hello</p>"},
		{"one\ntwo\n\nthree", "<p>one<br>\ntwo</p><p>three</p>"},
		{"5 < 6 & 7", "<p>5 &lt; 6 &amp; 7</p>"},
		{"**bold** and _soft_", "<p><strong>bold</strong> and <em>soft</em></p>"},
		{"~~gone~~ `code`", "<p><del>gone</del> <code>code</code></p>"},
		{"- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"},
		{"> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"},
		{"# no heading", "<p># no heading</p>"},
		{"see https://example.com/a?b=c&d", `<p>see <a href="https://example.com/a?b=c&amp;d" rel="nofollow noreferrer noopener" target="_blank">https://example.com/a?b=c&amp;d</a></p>`},
		{"[click](https://example.com)", `<p><a href="https://example.com" rel="nofollow noreferrer noopener" target="_blank">click</a></p>`},
		{"[x](javascript:alert(1))", "<p>x</p>"},
		{"[x](data:text/html,hi)", "<p>x</p>"},
		{"[x](/k/token)", "<p>x</p>"},
		{"<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		{"<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"},
		{"![p](https://example.com/p.png)", "<p></p>"},
		{"*a <b onclick=x>*", "<p><em>a &lt;b onclick=x&gt;</em></p>"},
		{"a\u2028b", "<p>a\u2028b</p>"},
	} {
		if got := formatted(story.written); got != story.shown {
			t.Errorf("%q is shown as\n%s, want\n%s", story.written, got, story.shown)
		}
	}
}

// The quick way must show what the thorough one shows.
func TestPlainTextIsShownAlikeBothWays(t *testing.T) {
	for _, text := range []string{"hello", "a\nb", "a\n\nb", "a\n\n\n\nb", "well-known (3 of 4)", "\"quoted\" 'twice'", "price: 5 €", "tab\there"} {
		if !isPlain(text) {
			t.Errorf("%q is plain", text)
		}
		var thorough strings.Builder
		_ = markdown.Convert([]byte(text), &thorough)
		squeeze := func(s string) string {
			return strings.NewReplacer("\n", "", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "<br />", "<br>").Replace(s)
		}
		if a, b := squeeze(plainHTML(text)), squeeze(thorough.String()); a != b {
			t.Errorf("%q: %s and %s", text, a, b)
		}
	}
}

func FuzzFormattedIsSafe(f *testing.F) {
	for _, s := range []string{"<script>", "[a](javascript:x)", "**a**", "```\n<x>\n```", "&lt;", "a@b.example", "www.example.com", "\x00", "1. a\n   - b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		html := strings.ToLower(formatted(s))
		for _, bad := range []string{"<script", "<img", "<style", "<iframe", " on", "href=\"javascript", "href=\"data", "href=\"/"} {
			if strings.Contains(tags(html), bad) {
				t.Errorf("%q becomes %q", s, html)
			}
		}
	})
}

// tags is everything between < and >.
func tags(html string) string {
	var b strings.Builder
	for _, part := range strings.Split(html, "<")[1:] {
		tag, _, _ := strings.Cut(part, ">")
		b.WriteString("<" + tag)
	}
	return b.String()
}

func TestDraft(t *testing.T) {
	long := strings.Repeat("ä", maxText)
	for _, story := range []struct{ id, text, code, kept string }{
		{"1", " hi \r\nthere\r\n", "", "hi \nthere"},
		{"1", long, "", long},
		{"1", long + "x", "chat.too_long", ""},
		{"1", " \n ", "chat.empty", ""},
		{"1", "a\x00b", "chat.not_text", ""},
		{"1", "\xff", "chat.not_text", ""},
		{"", "hi", "chat.client_msg_id", ""},
		{"a b", "hi", "chat.client_msg_id", ""},
		{"ä", "hi", "chat.client_msg_id", ""},
		{strings.Repeat("x", 65), "hi", "chat.client_msg_id", ""},
	} {
		d, err := draft{clientMsgID: story.id, text: story.text}.normalised()
		code := ""
		if err != nil {
			code = fault.As(err).Code
		}
		if code != story.code || err == nil && d.text != story.kept {
			t.Errorf("%q %.20q: %q %q, want %q", story.id, story.text, code, d.text, story.code)
		}
	}
}

func TestReactions(t *testing.T) {
	var m Message
	react := func(who, emoji string) {
		t.Helper()
		list, err := m.withReaction(who, emoji)
		if err != nil {
			t.Fatal(err)
		}
		m.Reactions = list
	}
	react("ct_a", "👍")
	react("staff", "👍")
	react("ct_b", "❤️")
	if len(m.Reactions) != 2 || len(m.Reactions[0].By) != 2 {
		t.Errorf("%+v", m.Reactions)
	}
	react("ct_a", "❤️") // one for each person
	if len(m.Reactions[0].By) != 1 || len(m.Reactions[1].By) != 2 {
		t.Errorf("%+v", m.Reactions)
	}
	react("staff", "")
	if len(m.Reactions) != 1 || m.Reactions[0].Emoji != "❤️" {
		t.Errorf("%+v", m.Reactions)
	}
	for _, bad := range []string{"hello", "a", "1", "👍 yes", "<b>", "👍\n", strings.Repeat("👍", 20), "\u200d"} {
		if _, err := m.withReaction("ct_a", bad); err == nil {
			t.Errorf("%q is taken for an emoji", bad)
		}
	}
	for _, good := range []string{"👍", "👍🏽", "❤️", "👨‍👩‍👧", "🇩🇪", "1️⃣", "✅", "☕"} {
		if _, err := m.withReaction("ct_a", good); err != nil {
			t.Errorf("%q is no emoji: %v", good, err)
		}
	}
}

func TestExcerptAndTitle(t *testing.T) {
	if got := excerpt("a\n b   c"); got != "a b c" {
		t.Errorf("%q", got)
	}
	if got := excerpt(strings.Repeat("ä", 200)); got != strings.Repeat("ä", maxExcerpt-1)+"…" {
		t.Errorf("%q", got)
	}
	if _, err := normalTitle("  "); !errors.Is(err, fault.New(fault.Invalid, "chat.title_missing", "")) {
		t.Error(err)
	}
	if got, err := normalTitle(" a \n b "); got != "a b" || err != nil {
		t.Error(got, err)
	}
	if DirectID("ct_0123") != "cv_0123" {
		t.Error(DirectID("ct_0123"))
	}
}
