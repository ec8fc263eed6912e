package outbox

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// segment is a piece of a parsed text: words as they are, or a value.
type segment struct {
	words    string
	value    string // name; "" for words
	fallback string // of `| default: "…"`
}

// flaw is one thing wrong with a text. Start and End count bytes.
type flaw struct {
	start, end int
	name       string
	code       string // `mail.text_…`
}

const (
	maxText   = 10_000
	maxValues = 100
)

// parse reads a text with {{values}}. It never fails: what cannot be read is
// kept as words and reported.
//
//	text  = { words | value }
//	value = "{{" name [ "|" "default" ":" quoted ] "}}"
//
// Quotes may be straight or typographic, because word processors turn them; a
// backslash keeps a quote from ending the text.
func parse(text string) ([]segment, []flaw) {
	var segments []segment
	var flaws []flaw
	pos, seen := 0, 0
	for pos < len(text) {
		open := strings.Index(text[pos:], "{{")
		if open < 0 {
			break
		}
		open += pos
		segments = appendWords(segments, text[pos:open])
		s, end, code := readValue(text, open)
		seen++
		if code == "" && seen > maxValues {
			code = "mail.text_values"
		}
		if code != "" {
			flaws = append(flaws, flaw{start: open, end: end, name: strings.TrimSpace(strings.Trim(text[open:end], "{}")), code: code})
			segments = appendWords(segments, text[open:end])
		} else {
			segments = append(segments, s)
		}
		pos = end
	}
	return appendWords(segments, text[pos:]), flaws
}

func appendWords(segments []segment, words string) []segment {
	if words == "" {
		return segments
	}
	if n := len(segments); n > 0 && segments[n-1].value == "" {
		segments[n-1].words += words
		return segments
	}
	return append(segments, segment{words: words})
}

// readValue reads one value that begins at open; end is behind it, or behind
// what could not be read.
func readValue(text string, open int) (s segment, end int, code string) {
	p := reader{text, open + 2}
	p.space()
	s.value = p.name()
	p.space()
	if p.eat("}}") {
		if s.value == "" {
			return s, p.at, "mail.text_empty"
		}
		return s, p.at, ""
	}
	if s.value == "" || !p.eat("|") {
		return s, closing(text, open), "mail.text_syntax"
	}
	p.space()
	filter := p.name()
	p.space()
	if filter != "default" || !p.eat(":") {
		return s, closing(text, open), "mail.text_filter"
	}
	p.space()
	var ok bool
	if s.fallback, ok = p.quoted(); !ok {
		return s, closing(text, open), "mail.text_quotes"
	}
	p.space()
	if !p.eat("}}") {
		return s, closing(text, open), "mail.text_syntax"
	}
	return s, p.at, ""
}

// closing is where a damaged value ends: behind its braces, or before the next
// value or line.
func closing(text string, open int) int {
	rest := text[open+2:]
	end := len(rest)
	for _, stop := range []string{"{{", "\n"} {
		if i := strings.Index(rest, stop); i >= 0 {
			end = min(end, i)
		}
	}
	if i := strings.Index(rest, "}}"); i >= 0 && i < end {
		end = i + 2
	}
	return open + 2 + end
}

type reader struct {
	text string
	at   int
}

func (c *reader) rest() string { return c.text[c.at:] }

func (c *reader) eat(token string) bool {
	if strings.HasPrefix(c.rest(), token) {
		c.at += len(token)
		return true
	}
	return false
}

func (c *reader) space() {
	for c.eat(" ") || c.eat("\t") || c.eat("\u00a0") {
		continue
	}
}

func (c *reader) name() string {
	from := c.at
	for c.at < len(c.text) {
		b := c.text[c.at]
		if b != '_' && b != '.' && b != '-' && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') {
			break
		}
		c.at++
	}
	return c.text[from:c.at]
}

const quotes = "\"'“”„‟«»‘’‚"

func (c *reader) quoted() (string, bool) {
	first, size := utf8.DecodeRuneInString(c.rest())
	if size == 0 || !strings.ContainsRune(quotes, first) {
		return "", false
	}
	c.at += size
	var b strings.Builder
	for c.at < len(c.text) {
		r, size := utf8.DecodeRuneInString(c.rest())
		if r == '\n' {
			return "", false
		}
		c.at += size
		switch {
		case r == '\\' && c.at < len(c.text):
			r, size = utf8.DecodeRuneInString(c.rest())
			c.at += size
		case closes(first, r):
			return b.String(), true
		}
		b.WriteRune(r)
	}
	return "", false
}

// closes: a straight quote is closed by its like, a typographic one by any of
// the double or single ones that languages close with.
func closes(first, r rune) bool {
	switch first {
	case '"', '\'':
		return r == first
	case '‘', '’', '‚':
		return r == '‘' || r == '’'
	}
	return strings.ContainsRune("\"“”«»", r)
}

// units turns an offset in bytes into one in UTF-16 units, as browsers count.
func units(text string, offset int) int {
	return len(utf16.Encode([]rune(text[:offset])))
}
