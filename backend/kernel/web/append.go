package web

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Appender is a body that is asked for so often that it writes its own JSON, the
// same that encoding/json would; nil lists are its own to fill.
type Appender interface {
	AppendJSON(b []byte) []byte
}

// AppendText appends a text as a JSON string.
func AppendText(b []byte, s string) []byte {
	if plain(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	var quoted strings.Builder
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return append(b, `""`...) // strings always encode
	}
	return append(b, strings.TrimSuffix(quoted.String(), "\n")...)
}

// plain reports whether a text stands in JSON as it is.
func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s) && !strings.ContainsAny(s, "\u2028\u2029")
}

// AppendTexts appends a list of texts; nil is an empty one.
func AppendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendText(b, s)
	}
	return append(b, ']')
}

// AppendTime appends a time, or null.
func AppendTime(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, "null"...)
	}
	return append(t.AppendFormat(append(b, '"'), time.RFC3339Nano), '"') // a layout of its own would be read each time
}

// AppendOptional appends a text, or null.
func AppendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return AppendText(b, *s)
}
