package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// spellings are letters that have no decomposition but a customary plain form.
var spellings = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ı", "i", "ħ", "h")

// Fold makes texts comparable: compatibility forms, case, accents and runs of
// white space are gone. "  Müller-LÜDENSCHEIDT" is "muller-ludenscheidt".
func Fold(s string) string {
	if plain, ok := foldASCII(s); ok {
		return plain
	}
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return spellings.Replace(b.String())
}

// foldASCII is the short way for most texts; false when there is more to do.
func foldASCII(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c <= ' ' || c == 0x7f:
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

// words cuts a folded text at everything that is neither letter nor number.
func words(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// The lengths in letters between which typos are forgiven.
const (
	typoMin = 4
	typoMax = 24
)

// typable reports whether a word takes part in typo search: letters only, of a
// length at which one wrong letter leaves it recognisable.
func typable(word string) bool {
	n := utf8.RuneCountInString(word)
	if n < typoMin || n > typoMax {
		return false
	}
	for _, r := range word {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// variants are a word and all its one-letter deletions. Two words that differ by
// one changed, missing, extra or swapped letter share at least one.
func variants(word string) []string {
	letters := []rune(word)
	out := make([]string, 0, len(letters)+1)
	out = append(out, word)
	seen := map[string]bool{word: true}
	for i := range letters {
		v := string(letters[:i]) + string(letters[i+1:])
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// oneApart reports whether a becomes b by one change: a letter replaced, removed,
// added, or two neighbours swapped.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return string(x[i:]) == string(y[i+1:])
	}
	if i >= len(x) {
		return true
	}
	if string(x[i+1:]) == string(y[i+1:]) {
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}
