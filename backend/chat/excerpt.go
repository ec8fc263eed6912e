package chat

import (
	"strings"
	"unicode/utf8"

	"portico/backend/kernel/search"
)

// around is the part of a text in which the first of the words looked for stands,
// on one line.
func around(text, typed string) string {
	const before = 6 // words
	words := strings.Fields(text)
	first := 0
	for _, wanted := range strings.Fields(search.Fold(typed)) {
		if at := firstWith(words, wanted); at >= 0 {
			first = at
			break
		}
	}
	begin := max(0, first-before)
	out := strings.Join(words[begin:], " ")
	if begin > 0 {
		out = "… " + out
	}
	if first > 0 && utf8.RuneCountInString(strings.Join(words[begin:first+1], " ")) > maxExcerpt/2 {
		out = "… " + strings.Join(words[first:], " ") // long words before it would push it out
	}
	return shortened(out, maxExcerpt)
}

func firstWith(words []string, wanted string) int {
	for i, word := range words {
		if strings.Contains(search.Fold(word), wanted) {
			return i
		}
	}
	return -1
}
