package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Bounds on what a server may say. RFC 5321 §4.5.3.1.5 allows 512 octets a
// line; real servers exceed it, and without a bound a hostile one fills memory.
const (
	maxReplyLine  = 4096
	maxReplyLines = 128
)

// errGarbled: what came back is not an SMTP reply at all.
var errGarbled = errors.New("mail: not an SMTP reply")

// reply is one complete answer of a server (RFC 5321 §4.2): a code of three
// digits and at least one line of text, cleaned of control characters. The
// zero value means "no reply yet".
type reply struct {
	code  int
	lines []string
}

// readReply takes exactly one reply off r. It fails with errGarbled when the
// bytes are not one, and with the connection's error when they end early.
func readReply(r *bufio.Reader) (reply, error) {
	var out reply
	for len(out.lines) < maxReplyLines {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return reply{}, errGarbled
		}
		if err != nil {
			return reply{}, err
		}
		code, more, text, ok := parseLine(line)
		if !ok || (out.code != 0 && code != out.code) {
			return reply{}, errGarbled
		}
		out.code = code
		out.lines = append(out.lines, text)
		if !more {
			return out, nil
		}
	}
	return reply{}, errGarbled
}

// parseLine splits one line: "250-SIZE 1000" is 250, more to come, "SIZE 1000".
func parseLine(line []byte) (code int, more bool, text string, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < 3 || line[0] < '2' || line[0] > '5' {
		return 0, false, "", false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false, "", false
		}
		code = code*10 + int(c-'0')
	}
	if len(line) == 3 {
		return code, false, "", true
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, false, "", false
	}
	return code, line[3] == '-', clean(string(line[4:])), true
}

// clean makes a server's words fit to be stored and shown: valid UTF-8, no
// control characters that could forge a log line or move a cursor.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "?")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// text is what the server said after the code, lines joined by "\n".
func (r reply) text() string { return strings.Join(r.lines, "\n") }

// bytes is the reply as it travels, for the library to read.
func (r reply) bytes() []byte {
	var b bytes.Buffer
	for i, line := range r.lines {
		separator := '-'
		if i == len(r.lines)-1 {
			separator = ' '
		}
		fmt.Fprintf(&b, "%d%c%s\r\n", r.code, separator, line)
	}
	return b.Bytes()
}

// without drops the EHLO line that offers one keyword; the first line (the
// server's name) always stays.
func (r reply) without(keyword string) reply {
	out := reply{code: r.code}
	for i, line := range r.lines {
		if i > 0 && strings.EqualFold(firstWord(line), keyword) {
			continue
		}
		out.lines = append(out.lines, line)
	}
	return out
}

// offers reads an EHLO reply: keyword in upper case → its parameters.
func (r reply) offers() map[string]string {
	out := map[string]string{}
	if len(r.lines) == 0 {
		return out
	}
	for _, line := range r.lines[1:] {
		word := firstWord(line)
		out[strings.ToUpper(word)] = strings.TrimSpace(line[len(word):])
	}
	return out
}

func firstWord(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

var enhancedCode = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)`)

// enhanced finds the status code of RFC 3463 ("5.1.1") at the start of the
// text. One that contradicts the reply's first digit is ignored: the basic
// code is what SMTP acts upon.
func (r reply) enhanced() string {
	if len(r.lines) == 0 {
		return ""
	}
	found := enhancedCode.FindStringSubmatch(r.lines[0])
	if found == nil || int(found[1][0]-'0') != r.code/100 {
		return ""
	}
	return found[1]
}
