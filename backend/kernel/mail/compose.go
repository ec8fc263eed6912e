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
	b.Grow(1<<10 + m.room())
	line := func(name, value string) { fold(&b, name, value) }
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
	m.body(&b)
	if b.Len() > maxMessage {
		return nil, invalid("message", "mail.message_large")
	}
	return b.Bytes(), nil
}

// body is the MIME tree, starting with its own Content- headers.
func (m Message) body(b *bytes.Buffer) {
	text := func() { textPart(b, "plain", m.Text) }
	html := func() { textPart(b, "html", m.HTML) }
	if m.HTML == "" {
		text()
		return
	}
	if len(m.Inline) > 0 {
		parts := []func(){html}
		for _, picture := range m.Inline {
			parts = append(parts, func() { picturePart(b, picture) })
		}
		html = func() { multipart(b, "related; type=\"text/html\"", m.boundary("related"), parts) }
	}
	if strings.TrimSpace(m.Text) == "" {
		html()
		return
	}
	multipart(b, "alternative", m.boundary("alternative"), []func(){text, html})
}

// boundaryMark opens every boundary. Base64 has no "_", and text that contains
// the mark is sent as base64, so a boundary can never occur inside a part.
const boundaryMark = "=_part_"

func (m Message) boundary(kind string) string {
	sum := sha256.Sum256([]byte(kind + m.MessageID))
	return boundaryMark + hex.EncodeToString(sum[:12])
}

// multipart writes parts one after the other (RFC 2046 §5.1). kind may carry
// parameters: RFC 2387 demands the type of the root part for multipart/related.
func multipart(b *bytes.Buffer, kind, boundary string, parts []func()) {
	b.WriteString("Content-Type: multipart/" + kind + ";\r\n boundary=\"" + boundary + "\"\r\n\r\n")
	for _, part := range parts {
		b.WriteString("--" + boundary + "\r\n")
		part()
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
}

func textPart(b *bytes.Buffer, kind, text string) {
	b.WriteString("Content-Type: text/" + kind + "; charset=utf-8\r\n")
	if plainEnough(text) {
		b.WriteString("Content-Transfer-Encoding: 7bit\r\n\r\n")
		crlf(b, text)
		return
	}
	b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	var whole bytes.Buffer
	crlf(&whole, text)
	base64Lines(b, whole.Bytes())
}

func picturePart(b *bytes.Buffer, picture Inline) {
	b.WriteString("Content-Type: " + picture.ContentType + "\r\n")
	b.WriteString("Content-Transfer-Encoding: base64\r\n")
	b.WriteString("Content-ID: <" + picture.ContentID + ">\r\n")
	disposition := "inline"
	if picture.Name != "" {
		// FormatMediaType quotes, and writes other letters by RFC 2231.
		disposition = mime.FormatMediaType("inline", map[string]string{"filename": picture.Name})
	}
	fold(b, "Content-Disposition", disposition)
	b.WriteString("\r\n")
	base64Lines(b, picture.Data)
}

// crlf writes text with the line endings that SMTP wants, and a last one; bare CR
// and LF are how mails are smuggled into other mails.
func crlf(b *bytes.Buffer, text string) {
	for more := true; more; more = text != "" {
		end := strings.IndexAny(text, "\r\n")
		if end < 0 {
			end = len(text)
		}
		b.WriteString(text[:end])
		b.WriteString("\r\n")
		if strings.HasPrefix(text[end:], "\r\n") {
			end++
		}
		text = text[min(end+1, len(text)):]
	}
}

// plainEnough: may the text travel as 7bit (RFC 2045 §2.7) and arrive unchanged?
func plainEnough(text string) bool {
	if strings.Contains(text, boundaryMark) {
		return false
	}
	start := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n' || c == '\r':
			start = i + 1
		case c != '\t' && (c < 0x20 || c > 0x7e), i-start >= maxLine:
			return false
		}
	}
	return true
}

// base64Lines writes lines of 76 characters (RFC 2045 §6.8).
func base64Lines(b *bytes.Buffer, data []byte) {
	const octets = 57 // of a full line
	for len(data) > 0 {
		n := min(octets, len(data))
		b.Write(base64.StdEncoding.AppendEncode(b.AvailableBuffer(), data[:n]))
		b.WriteString("\r\n")
		data = data[n:]
	}
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
