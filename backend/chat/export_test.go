package chat

import (
	"testing"
	"time"
)

func TestWhatAFontLacksIsNamed(t *testing.T) {
	say := func(key string, _ map[string]any) string { return key }
	p, err := newSheet(&record{Title: "Ж", Made: time.Unix(0, 0), Zone: time.UTC}, say)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Grüße, Привет, Γειά": "Grüße, Привет, Γειά", "a\tb\nc": "a    b\nc", "👍\ufe0f ok": "[U+1F44D] ok", "你": "[U+4F60]", "x\x00\x1by": "xy", "": "",
	} {
		if got := p.printable(text); got != want {
			t.Errorf("%q is printed as %q, want %q", text, got, want)
		}
	}
}

func TestExcerptsShowWhatWasFound(t *testing.T) {
	for _, story := range []struct{ text, typed, want string }{
		{"one two three", "TWO", "one two three"},
		{"a b c d e f g h Straße i", "strasse", "… c d e f g h Straße i"},
		{"nothing here", "absent", "nothing here"},
		{"line one\nline two", "two", "line one line two"},
	} {
		if got := around(story.text, story.typed); got != story.want {
			t.Errorf("%q in %q is shown as %q, want %q", story.typed, story.text, got, story.want)
		}
	}
}
