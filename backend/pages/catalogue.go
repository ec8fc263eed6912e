package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed messages/*.json
var messageFiles embed.FS

// fallback is the language of last resort; every key exists in it.
const fallback = "en"

// catalogue holds the words of all languages.
type catalogue struct {
	languages []string // fallback first, as the matcher wants it
	words     map[string]map[string]string
	matcher   language.Matcher
}

func loadCatalogue() catalogue {
	c := catalogue{languages: []string{fallback}, words: map[string]map[string]string{}}
	files, err := messageFiles.ReadDir("messages")
	if err != nil {
		panic(fmt.Sprintf("pages: messages: %v", err))
	}
	for _, file := range files {
		raw, err := messageFiles.ReadFile("messages/" + file.Name())
		if err != nil {
			panic(fmt.Sprintf("pages: messages: %v", err))
		}
		words := map[string]string{}
		if err := json.Unmarshal(raw, &words); err != nil {
			panic(fmt.Sprintf("pages: messages %s: %v", file.Name(), err))
		}
		name := strings.TrimSuffix(file.Name(), path.Ext(file.Name()))
		c.words[name] = words
		if name != fallback {
			c.languages = append(c.languages, name)
		}
	}
	tags := make([]language.Tag, len(c.languages))
	for i, name := range c.languages {
		tags[i] = language.Make(name)
	}
	c.matcher = language.NewMatcher(tags)
	return c
}

// known returns name when there are words in it, else the fallback.
func (c catalogue) known(name string) string {
	if slices.Contains(c.languages, name) {
		return name
	}
	return fallback
}

// speaker returns the template function t: a key, then name and value in turn.
// Values come out escaped by the template like any other string. A missing key
// panics, so that the tests, which render every page, find it.
func (c catalogue) speaker(name string) func(key string, pairs ...string) string {
	words := c.words[name]
	return func(key string, pairs ...string) string {
		text, ok := words[key]
		if !ok {
			panic("pages: no message " + key + " in " + name)
		}
		if len(pairs) == 0 {
			return text
		}
		replace := make([]string, 0, len(pairs))
		for i := 0; i+1 < len(pairs); i += 2 {
			replace = append(replace, "{"+pairs[i]+"}", pairs[i+1])
		}
		return strings.NewReplacer(replace...).Replace(text)
	}
}

// Language chooses among the languages the pages speak: the person's own
// choice when it is known (may be empty), else their browser's
// Accept-Language, else English.
func (p *Pages) Language(preferred, acceptLanguage string) string {
	_, index := language.MatchStrings(p.catalogue.matcher, preferred, acceptLanguage)
	return p.catalogue.languages[index]
}

// direction says which way a language is written.
func direction(name string) string {
	base, _, _ := strings.Cut(name, "-")
	switch base {
	case "ar", "fa", "he", "ur", "yi", "ps", "ckb", "dv":
		return "rtl"
	}
	return "ltr"
}
