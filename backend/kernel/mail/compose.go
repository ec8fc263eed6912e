package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"strings"
	"time"
)

// Compose turns a message into the bytes that travel. The same Message gives
// the same bytes, today and after a restart: headers keep their order, MIME
// boundaries come from the Message-ID, nothing is read from the clock. So a
// retry is the identical mail, and what was shown is what was sent.
//
// Shape: text/plain or text/html alone; both as multipart/alternative; with
// pictures the HTML becomes multipart/related. Text travels as 7bit when it is
// pure ASCII with lines of at most 998 octets, as base64 otherwise, and never
// as quoted-printable, whose "=" line breaks some programs leave inside links.
// All bytes are ASCII, all lines end in CRLF, so the mail fits any server.
//
// Errors are *Problem of class Invalid; nothing is ever cut or "repaired".
func Compose(m Message) ([]byte, error) {
	from, to, replyTo, p := m.check()
	if p != nil {
		return nil, p
	}
	var b bytes.Buffer
	line := func(name, value string) { b.WriteString(fold(name, value)) }
	line("Message-ID", m.MessageID)
	line("Date", m.Date.Format(time.RFC1123Z))
	line("From", mailbox(m.From.Name, from))
	line("To", mailbox(m.To.Name, to))
	if m.ReplyTo != nil {
		line("Reply-To", mailbox(m.ReplyTo.Name, replyTo))
	}
	line("Subject", unstructured(m.Subject))
	for _, h := range m.Headers {
		line(h.Name, h.Value)
	}
	line("MIME-Version", "1.0")
	b.Write(m.body())
	if b.Len() > maxMessage {
		return nil, invalid("message", "mail.message_large")
	}
	return b.Bytes(), nil
}

// body is the MIME tree, starting with its own Content- headers.
func (m Message) body() []byte {
	if m.HTML == "" {
		return m.textPart("plain", m.Text)
	}
	html := m.textPart("html", m.HTML)
	if len(m.Inline) > 0 {
		parts := [][]byte{html}
		for _, picture := range m.Inline {
			parts = append(parts, picturePart(picture))
		}
		html = multipart("related; type=\"text/html\"", m.boundary("related"), parts)
	}
	if strings.TrimSpace(m.Text) == "" {
		return html
	}
	return multipart("alternative", m.boundary("alternative"), [][]byte{m.textPart("plain", m.Text), html})
}

// boundaryMark opens every boundary. Base64 has no "_", and text that contains
// the mark is sent as base64, so a boundary can never occur inside a part.
const boundaryMark = "=_part_"

func (m Message) boundary(kind string) string {
	sum := sha256.Sum256([]byte(kind + m.MessageID))
	return boundaryMark + hex.EncodeToString(sum[:12])
}

// multipart joins finished parts (RFC 2046 §5.1). kind may carry parameters:
// RFC 2387 demands the type of the root part for multipart/related.
func multipart(kind, boundary string, parts [][]byte) []byte {
	var b bytes.Buffer
	b.WriteString("Content-Type: multipart/" + kind + ";\r\n boundary=\"" + boundary + "\"\r\n\r\n")
	for _, part := range parts {
		b.WriteString("--" + boundary + "\r\n")
		b.Write(part)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return b.Bytes()
}

func (m Message) textPart(kind, text string) []byte {
	text = crlf(text)
	var b bytes.Buffer
	b.WriteString("Content-Type: text/" + kind + "; charset=utf-8\r\n")
	if plainEnough(text) {
		b.WriteString("Content-Transfer-Encoding: 7bit\r\n\r\n" + text)
		return b.Bytes()
	}
	b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	base64Lines(&b, []byte(text))
	return b.Bytes()
}

func picturePart(picture Inline) []byte {
	var b bytes.Buffer
	b.WriteString("Content-Type: " + picture.ContentType + "\r\n")
	b.WriteString("Content-Transfer-Encoding: base64\r\n")
	b.WriteString("Content-ID: <" + picture.ContentID + ">\r\n")
	disposition := "inline"
	if picture.Name != "" {
		// FormatMediaType quotes, and writes other letters by RFC 2231.
		disposition = mime.FormatMediaType("inline", map[string]string{"filename": picture.Name})
	}
	b.WriteString(fold("Content-Disposition", disposition) + "\r\n")
	base64Lines(&b, picture.Data)
	return b.Bytes()
}

// crlf gives every line the ending that SMTP wants and the text a last one;
// bare CR and LF are how mails are smuggled into other mails.
func crlf(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return strings.ReplaceAll(text, "\n", "\r\n")
}

// plainEnough: may the text travel as 7bit (RFC 2045 §2.7) and arrive unchanged?
func plainEnough(text string) bool {
	if strings.Contains(text, boundaryMark) {
		return false
	}
	for _, line := range strings.Split(text, "\r\n") {
		if len(line) > maxLine {
			return false
		}
		for i := 0; i < len(line); i++ {
			if c := line[i]; c != '\t' && (c < 0x20 || c > 0x7e) {
				return false
			}
		}
	}
	return true
}

// base64Lines writes lines of 76 characters (RFC 2045 §6.8).
func base64Lines(b *bytes.Buffer, data []byte) {
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
}

// checkRaw is the last look before the wire, for bytes from wherever: ASCII
// lines of at most 998 octets ending in CRLF, no bare CR or LF (the root of
// SMTP smuggling, CVE-2023-51764), no NUL, a header, a sane size.
func checkRaw(raw []byte) *Problem {
	bad := invalid("raw", "mail.raw_malformed")
	if len(raw) > maxMessage {
		return invalid("raw", "mail.message_large")
	}
	if !bytes.HasSuffix(raw, []byte("\r\n")) || !bytes.Contains(raw, []byte("\r\n\r\n")) {
		return bad
	}
	start := 0
	for i, c := range raw {
		switch {
		case c == 0 || c >= 0x80,
			c == '\r' && (i+1 == len(raw) || raw[i+1] != '\n'),
			c == '\n' && (i == 0 || raw[i-1] != '\r'),
			c == '\n' && i-1-start > maxLine:
			return bad
		case c == '\n':
			start = i + 1
		}
	}
	return nil
}
