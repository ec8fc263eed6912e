package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Check reports everything wrong with a message directory (messages/*.json in
// fsys): a file that cannot be read, a key that is doubled, empty or missing in
// one language, parameters that differ between languages, and half a pair of
// plural forms. A text in the form "one" may leave {count} out.
func Check(fsys fs.FS) error {
	texts, err := read(fsys)
	if err != nil {
		return err
	}
	return compare(texts)
}

func languages(texts map[string]map[string]string) []string {
	all := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), func(lang string) bool { return lang == fallback })
	return append([]string{fallback}, all...)
}

func read(fsys fs.FS) (map[string]map[string]string, error) {
	names, err := fs.Glob(fsys, "messages/*.json")
	if err != nil {
		return nil, err
	}
	texts := map[string]map[string]string{}
	for _, name := range names {
		lang := strings.TrimSuffix(path.Base(name), ".json")
		if tag, err := language.Parse(lang); err != nil || tag.String() != lang {
			return nil, fmt.Errorf("%s: the file name is not a language tag in its usual spelling", name)
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if texts[lang], err = parse(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if texts[fallback] == nil {
		return nil, fmt.Errorf("messages/%s.json is missing", fallback)
	}
	return texts, nil
}

// parse reads one flat object of texts. A good one, which is all that a start of
// the program meets, is read at once; of any other the tokens say what is wrong.
func parse(raw []byte) (map[string]string, error) {
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil || quotes(raw) != 4*len(texts) {
		return parseTokens(raw)
	}
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			return parseTokens(raw)
		}
	}
	return texts, nil
}

// quotes counts the quotes around texts: four a pair, unless a key stands twice,
// of which json.Unmarshal keeps the last without a word.
func quotes(raw []byte) (n int) {
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++ // whatever is escaped
		case '"':
			n++
		}
	}
	return n
}

func parseTokens(raw []byte) (map[string]string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("want one object of key and text (%v)", err)
	}
	texts := map[string]string{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		value, err := dec.Token()
		if err != nil {
			return nil, err
		}
		text, ok := value.(string)
		if !ok || strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("the key %q has no text", key)
		}
		if _, taken := texts[key.(string)]; taken {
			return nil, fmt.Errorf("the key %q stands twice", key)
		}
		texts[key.(string)] = text
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return texts, nil
}

// compare holds every language against the fallback.
func compare(texts map[string]map[string]string) error {
	var wrong []error
	first := texts[fallback]
	for _, lang := range languages(texts) {
		for key, original := range first {
			text, ok := texts[lang][key]
			if !ok {
				wrong = append(wrong, fmt.Errorf("%s: the key %q is missing", lang, key))
				continue
			}
			if want, got := parameters(key, original), parameters(key, text); !slices.Equal(want, got) {
				wrong = append(wrong, fmt.Errorf("%s: %q has the parameters %v, not %v", lang, key, got, want))
			}
		}
		for key := range texts[lang] {
			if _, ok := first[key]; !ok {
				wrong = append(wrong, fmt.Errorf("%s: the key %q is not in %s.json", lang, key, fallback))
			}
		}
	}
	wrong = append(wrong, pairs(first)...)
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(wrong...)
}

func parameters(key, text string) []string {
	if !strings.Contains(text, "{") {
		return nil
	}
	var names []string
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		if m[1] == count && strings.HasSuffix(key, "_one") {
			continue
		}
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// pairs reports plural forms without their partner, or beside a plain key.
func pairs(texts map[string]string) []error {
	var wrong []error
	for key := range texts {
		for form, partner := range map[string]string{"_one": "_other", "_other": "_one"} {
			stem, ok := strings.CutSuffix(key, form)
			if !ok {
				continue
			}
			if _, ok := texts[stem+partner]; !ok {
				wrong = append(wrong, fmt.Errorf("%q has no partner %q", key, stem+partner))
			}
			if _, ok := texts[stem]; ok {
				wrong = append(wrong, fmt.Errorf("%q and %q cannot both exist", stem, key))
			}
		}
	}
	return wrong
}
