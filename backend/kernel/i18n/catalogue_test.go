package i18n

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// dir is a message directory with an English and a German file.
func dir(en, de string) fs.FS {
	return fstest.MapFS{"messages/en.json": {Data: []byte(en)}, "messages/de.json": {Data: []byte(de)}}
}

func TestText(t *testing.T) {
	c, err := New(dir(
		`{"cat.hello": "Hello {name}, {name}!", "cat.mice_one": "one mouse", "cat.mice_other": "{count} mice", "cat.set": "{ {name} } { {name"}`,
		`{"cat.hello": "Hallo {name}!", "cat.mice_one": "eine Maus", "cat.mice_other": "{count} Mäuse", "cat.set": "{ {name} } { {name"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		story, lang, key string
		params           map[string]any
		want             string
	}{
		{"a kernel sentence", "de", "auth.staff_only", nil, "Das dürfen nur Mitarbeitende."},
		{"a parameter, twice", "en", "cat.hello", map[string]any{"name": "Ana"}, "Hello Ana, Ana!"},
		{"a value is not filled again", "de", "cat.hello", map[string]any{"name": "{name}"}, "Hallo {name}!"},
		{"a parameter nobody gave", "de", "cat.hello", map[string]any{"other": 1}, "Hallo {name}!"},
		{"no parameters at all", "de", "cat.hello", nil, "Hallo {name}!"},
		{"braces around no name", "en", "cat.set", map[string]any{"name": "Ana"}, "{ Ana } { {name"},
		{"one", "en", "cat.mice", map[string]any{"count": 1}, "one mouse"},
		{"many", "de", "cat.mice", map[string]any{"count": int64(3)}, "3 Mäuse"},
		{"none", "de", "cat.mice", map[string]any{"count": 0}, "0 Mäuse"},
		{"a count that is no number", "en", "cat.mice", map[string]any{"count": "some"}, "some mice"},
		{"a language nobody speaks", "tlh", "cat.mice", map[string]any{"count": 2}, "2 mice"},
		{"a key nobody wrote", "en", "cat.dog", nil, ""},
	} {
		if got, ok := c.Text(s.lang, s.key, s.params); got != s.want || ok != (s.want != "") {
			t.Errorf("%s: %q %v, want %q", s.story, got, ok, s.want)
		}
	}
}

func TestMatch(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Languages(); !slices.Equal(got, []string{"en", "de"}) {
		t.Errorf("languages %v", got)
	}
	for accept, want := range map[string]string{
		"":                                     "en",
		"de":                                   "de",
		"de-AT,de;q=0.9,en;q=0.5":              "de",
		"fr-CH, de;q=0.8, *;q=0.5":             "de",
		"en-GB,de;q=0.5":                       "en",
		"fr":                                   "en",
		"de;q=0,en":                            "en",
		"\x00;;q=,":                            "en",
		strings.Repeat("x-", 5000) + ",de":     "en",
		strings.Repeat("fr;q=0.9,", 50) + "de": "de",
	} {
		if got := c.Match(accept); got != want {
			t.Errorf("%.40q: %s, want %s", accept, got, want)
		}
	}
}

func TestDirection(t *testing.T) {
	for lang, want := range map[string]string{"en": "ltr", "de-AT": "ltr", "ar": "rtl", "he": "rtl", "fa-IR": "rtl", "ur": "rtl", "dv": "rtl", "ckb": "rtl", "zh": "ltr", "?": "ltr"} {
		if got := Direction(lang); got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	only := func(name string) fs.FS { return fstest.MapFS{"messages/" + name: {Data: []byte(`{"a":"b"}`)}} }
	for _, s := range []struct {
		story string
		dirs  []fs.FS
		want  string
	}{
		{"a key of the kernel", []fs.FS{dir(`{"internal":"x"}`, `{"internal":"x"}`)}, `"internal" is taken`},
		{"a key of a neighbour", []fs.FS{dir(`{"a":"x"}`, `{"a":"x"}`), dir(`{"a":"x"}`, `{"a":"x"}`)}, `"a" is taken`},
		{"fewer languages", []fs.FS{only("en.json")}, "languages [en]"},
		{"no English", []fs.FS{only("de.json")}, "en.json is missing"},
		{"no language", []fs.FS{only("words.json")}, "language tag"},
		{"an odd spelling", []fs.FS{only("EN.json")}, "language tag"},
		{"a wrong directory", []fs.FS{dir(`{"a":"x"}`, `{"b":"x"}`)}, "missing"},
	} {
		if _, err := New(s.dirs...); err == nil || !strings.Contains(err.Error(), s.want) {
			t.Errorf("%s: %v, want %q", s.story, err, s.want)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := Check(kernelMessages); err != nil {
		t.Error(err)
	}
	for _, s := range []struct{ story, en, de, want string }{
		{"equal", `{"a":"x {n}"}`, `{"a":"{n} y {n}"}`, ""},
		{"one without its count", `{"a_one":"one","a_other":"{count}"}`, `{"a_one":"{count} Ding","a_other":"{count}"}`, ""},
		{"missing in German", `{"a":"x","b":"x"}`, `{"a":"x"}`, `de: the key "b" is missing`},
		{"too much in German", `{"a":"x"}`, `{"a":"x","b":"x"}`, `de: the key "b" is not in en.json`},
		{"another parameter", `{"a":"x {n}"}`, `{"a":"x {m}"}`, `"a" has the parameters [m], not [n]`},
		{"a count lost", `{"a_one":"x","a_other":"{count}"}`, `{"a_one":"x","a_other":"x"}`, `"a_other" has the parameters`},
		{"half a pair", `{"a_one":"x"}`, `{"a_one":"x"}`, `no partner "a_other"`},
		{"a pair and its stem", `{"a":"x","a_one":"x","a_other":"x"}`, `{"a":"x","a_one":"x","a_other":"x"}`, "cannot both exist"},
		{"a doubled key", `{"a":"x","a":"y"}`, `{"a":"x"}`, "stands twice"},
		{"an empty text", `{"a":" "}`, `{"a":"x"}`, "has no text"},
		{"a nested object", `{"a":{"b":"c"}}`, `{"a":"x"}`, "has no text"},
		{"a list", `["a"]`, `{"a":"x"}`, "want one object"},
		{"half a file", `{"a":"x"`, `{"a":"x"}`, "EOF"},
	} {
		err := Check(dir(s.en, s.de))
		if (s.want == "" && err != nil) || (s.want != "" && (err == nil || !strings.Contains(err.Error(), s.want))) {
			t.Errorf("%s: %v, want %q", s.story, err, s.want)
		}
	}
}
