package pages

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"portico/backend/kernel/i18n"
)

//go:embed messages/*.json
var messageFiles embed.FS

func loadCatalogue() *i18n.Catalogue {
	c, err := i18n.New(messageFiles)
	if err != nil {
		panic(fmt.Sprintf("pages: %v", err))
	}
	return c
}

// speaker is the template function t: a key, then name and value in turn, of
// which "count" decides between one and many.
type speaker func(key string, pairs ...any) string

// speak makes the speaker of a language. Values come out escaped by the
// template like any other string. A missing key panics, so that the tests,
// which render every page, find it.
func (p *Pages) speak(language string) speaker {
	return func(key string, pairs ...any) string {
		params := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			params[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		text, ok := p.catalogue.Text(language, key, params)
		if !ok {
			panic("pages: no message " + key)
		}
		return text
	}
}

// Language chooses among the languages the pages speak: the person's own
// choice when it is known (may be empty), else their browser's
// Accept-Language, else English.
func (p *Pages) Language(preferred, acceptLanguage string) string {
	base, _, _ := strings.Cut(preferred, "-")
	if base != "" && slices.Contains(p.catalogue.Languages(), base) {
		return base
	}
	return p.catalogue.Match(acceptLanguage)
}
