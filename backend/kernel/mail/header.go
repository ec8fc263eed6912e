package mail

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	foldAt     = 76  // RFC 5322 §2.1.1: lines should stay within 78
	maxLine    = 998 // RFC 5322 §2.1.1: lines must stay within 998
	maxPiece   = 900 // a word that cannot be folded, with room for the header's name
	maxSubject = 500
)

// Header is one additional header line, such as
// {"Auto-Submitted", "auto-generated"} or {"List-Unsubscribe", "<https://…>"}.
// The name must match ^[A-Za-z0-9-]+$ and must not be one that Compose sets;
// the value must be one line of printable ASCII.
type Header struct {
	Name  string
	Value string
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// reserved headers are Compose's own, the transport's, or would add recipients.
var reserved = map[string]bool{
	"from": true, "sender": true, "to": true, "cc": true, "bcc": true, "reply-to": true, "return-path": true,
	"subject": true, "date": true, "message-id": true, "mime-version": true, "received": true,
	"resent-to": true, "resent-cc": true, "resent-bcc": true, "resent-from": true,
}

func checkHeader(h Header) *Problem {
	name := strings.ToLower(h.Name)
	switch {
	case !headerName.MatchString(h.Name) || len(h.Name) > 70:
		return invalid("header", "mail.header_name")
	case reserved[name] || strings.HasPrefix(name, "content-"):
		return invalid("header", "mail.header_reserved")
	}
	if key := oneLine(h.Value); key != "" {
		return invalid("header", key)
	}
	if !isASCII(h.Value) || strings.TrimSpace(h.Value) == "" {
		return invalid("header", "mail.header_value")
	}
	for _, piece := range strings.Split(h.Value, " ") {
		if len(piece) > maxPiece {
			return invalid("header", "mail.header_long")
		}
	}
	return nil
}

// oneLine refuses what could end a header line or hide in it: CR, LF, NUL, every
// other control character, the Unicode line separators, and broken UTF-8. It
// returns the key of the trouble, or "".
func oneLine(s string) string {
	if !utf8.ValidString(s) {
		return "mail.not_text"
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return "mail.header_injection"
		}
	}
	return ""
}

// unstructured writes free text for a Subject: as it is when every mail program
// reads it the same way, as RFC 2047 encoded words otherwise.
func unstructured(s string) string {
	if needsEncoding(s) {
		return encodedWords(s)
	}
	for _, piece := range strings.Split(s, " ") {
		if len(piece) > maxPiece/2 {
			return encodedWords(s)
		}
	}
	return s
}

// needsEncoding: other letters, something that looks encoded already, and
// spaces that folding or trimming would change.
func needsEncoding(s string) bool {
	return !isASCII(s) || strings.Contains(s, "=?") || strings.Contains(s, "  ") || strings.TrimSpace(s) != s
}

// mailbox writes `"Ann Example" <ann@example.com>`; addr is canonical already.
// The name is always quoted or encoded, so no sign in it can have a meaning.
func mailbox(name, addr string) string {
	if name == "" {
		return addr
	}
	if needsEncoding(name) {
		return encodedWords(name) + " <" + addr + ">"
	}
	return `"` + quoted.Replace(name) + `" <` + addr + ">"
}

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// encodedWords is RFC 2047's base64 form. A word may hold 75 octets and must
// not cut a character in two; 45 octets of text give 60 of base64.
func encodedWords(s string) string {
	var words []string
	for len(s) > 0 {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > 45 {
				break
			}
			n += size
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// fold writes one header, broken before a space where the line would grow too
// long; unfolding gives back exactly the same value. A break never comes within
// a run of spaces: programs trim the end of a line, and a continuation line of
// blanks alone is obsolete syntax.
func fold(b *bytes.Buffer, name, value string) {
	b.WriteString(name + ":")
	column, before := len(name)+1, ""
	for more := true; more; {
		var piece string
		piece, value, more = strings.Cut(value, " ")
		if piece != "" && before != "" && column+1+len(piece) > foldAt {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteByte(' ')
		b.WriteString(piece)
		column, before = column+1+len(piece), piece
	}
	b.WriteString("\r\n")
}
