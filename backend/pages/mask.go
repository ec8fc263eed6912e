package pages

import (
	"strings"
	"unicode"
)

const dots = "•••"

// MaskEmail shows enough of an address for its owner to recognise it and too
// little for anyone else to write to it: ana@example.com is a•••@ex•••.com.
// The dots are always three, so the length stays unknown, and a name of one
// to three letters shows one letter only.
func MaskEmail(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 {
		return dots
	}
	local, host := visible(email[:at]), visible(email[at+1:])
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 { // a host without a dot, or an address literal
		return firstRunes(local, 1) + dots + "@" + dots
	}
	label, _, _ := strings.Cut(host, ".")
	shown := 2
	if len([]rune(label)) <= 3 {
		shown = 1
	}
	return firstRunes(local, 1) + dots + "@" + firstRunes(label, shown) + dots + host[dot:]
}

// visible drops what cannot be seen: control and direction characters in a
// hostile address must not rearrange the page around it.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}
