package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// fallback is the language of last resort: every key exists in it.
const fallback = "en"

// count is the parameter that decides between x_one and x_other.
const count = "count"

//go:embed messages/*.json
var kernelMessages embed.FS

var parameter = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)

// Catalogue answers texts. What it answers never changes after New; it is safe for many goroutines.
type Catalogue struct {
	languages []string // fallback first: what a matcher that finds nothing answers
	texts     map[string]map[string]string
	matcher   func() language.Matcher // made when first asked: its tables are large
	matched   sync.Map                // header → language: browsers send few different ones
	matches   atomic.Int64            // how many are in it
}

// maxMatched is more headers than the browsers of a business's clients send.
const maxMatched = 256

// New joins the kernel's words with the message directories of other packages.
// It fails when a directory does not pass Check, speaks other languages than the
// kernel, or has a key that another one has.
func New(fsys ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[string]map[string]string{}}
	for i, dir := range append([]fs.FS{kernelMessages}, fsys...) {
		texts, err := read(dir)
		if err == nil {
			err = compare(texts)
		}
		if err == nil && i > 0 && !slices.Equal(languages(texts), c.languages) {
			err = fmt.Errorf("languages %v, not %v", languages(texts), c.languages)
		}
		if err == nil {
			c.languages = languages(texts)
			err = c.add(texts)
		}
		if err != nil {
			return nil, fmt.Errorf("i18n: message directory %d: %w", i, err)
		}
	}
	c.matcher = sync.OnceValue(func() language.Matcher {
		tags := make([]language.Tag, len(c.languages))
		for i, lang := range c.languages {
			tags[i] = language.Make(lang)
		}
		return language.NewMatcher(tags)
	})
	return c, nil
}

func (c *Catalogue) add(texts map[string]map[string]string) error {
	for lang, more := range texts {
		if c.texts[lang] == nil {
			c.texts[lang] = make(map[string]string, len(more))
		}
		for key, text := range more {
			if _, taken := c.texts[lang][key]; taken {
				return fmt.Errorf("the key %q is taken by another directory", key)
			}
			c.texts[lang][key] = text
		}
	}
	return nil
}

// Languages are the languages Portico speaks, the fallback first.
func (c *Catalogue) Languages() []string { return slices.Clone(c.languages) }

// Match chooses a language by the header Accept-Language (or by a single
// language tag); what nobody understands gets the fallback.
func (c *Catalogue) Match(acceptLanguage string) string {
	if known, ok := c.matched.Load(acceptLanguage); ok {
		return known.(string)
	}
	_, i := language.MatchStrings(c.matcher(), acceptLanguage)
	if len(acceptLanguage) < 128 && c.matches.Add(1) <= maxMatched {
		c.matched.Store(acceptLanguage, c.languages[i])
	}
	return c.languages[i]
}

// Text is the sentence for key with its {names} filled from params; a name that
// params lack stays as it is. A language that Portico does not speak is answered
// in the fallback; false means that the key does not exist.
func (c *Catalogue) Text(lang, key string, params map[string]any) (string, bool) {
	texts, ok := c.texts[lang]
	if !ok {
		lang = fallback
		texts = c.texts[lang]
	}
	text, ok := texts[key]
	if !ok {
		text, ok = counted(texts, lang, key, params[count])
	}
	if !ok {
		return "", false
	}
	if len(params) == 0 {
		return text, true
	}
	return fill(text, params), true
}

// fill puts values in the place of {names}. Every page and every line of a timeline
// passes here, so it does without a pattern.
func fill(text string, params map[string]any) string {
	open := strings.IndexByte(text, '{')
	if open < 0 {
		return text
	}
	var out strings.Builder
	for ; open >= 0; open = strings.IndexByte(text, '{') {
		out.WriteString(text[:open])
		text = text[open:]
		end := strings.IndexByte(text, '}')
		if end < 0 {
			break
		}
		value, known := params[text[1:end]]
		if !known { // the next { may begin a name
			out.WriteByte('{')
			text = text[1:]
			continue
		}
		if s, ok := value.(string); ok {
			out.WriteString(s)
		} else {
			fmt.Fprint(&out, value)
		}
		text = text[end+1:]
	}
	out.WriteString(text)
	return out.String()
}

// counted chooses the form of a text that counts. Which numbers take the form
// "one" differs between languages (French says it of 0 too): CLDR knows.
func counted(texts map[string]string, lang, key string, n any) (string, bool) {
	var number int
	switch v := n.(type) {
	case int:
		number = v
	case int64:
		number = int(v)
	case float64: // it was kept as JSON
		number = -1
		if v == float64(int(v)) {
			number = int(v)
		}
	default:
		number = -1 // no number: the general form
	}
	if number >= 0 && plural.Cardinal.MatchPlural(language.Make(lang), number, 0, 0, 0, 0) == plural.One {
		if text, ok := texts[key+"_one"]; ok {
			return text, true
		}
	}
	text, ok := texts[key+"_other"]
	return text, ok
}

// Direction is the way a language is written: "ltr" or "rtl".
func Direction(lang string) string {
	script, _ := language.Make(lang).Script()
	if strings.Contains(" Arab Hebr Syrc Thaa Nkoo Adlm Rohg Mand ", " "+script.String()+" ") {
		return "rtl"
	}
	return "ltr"
}
