package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	stdmultipart "mime/multipart"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"
)

var composedAt = time.Date(2026, 11, 22, 10, 30, 0, 0, time.FixedZone("", 3600))

func fullMessage() Message {
	return Message{
		MessageID: "<01JDABC@example.test>", Date: composedAt,
		From: Address{"Bücher & Söhne, Inh. \"Max\"", "shop@Bücher.example"}, To: Address{"Ann O'Neil", "ann@client.test"},
		ReplyTo: &Address{"", "office@example.test"},
		Subject: "Ihre Einladung: schöne Grüße aus dem Laden an der Ecke, wie letzte Woche schon besprochen",
		Text:    "Liebe Ann,\nschöne Grüße!\n", HTML: "<p>Liebe Ann, <img src=\"cid:logo\"></p>\n",
		Headers: []Header{{"Auto-Submitted", "auto-generated"}, {"List-Unsubscribe", "<https://portal.example.test/unsubscribe/abcdefghijklmnopqrstuvwxyz>, <mailto:stop@example.test>"}},
		Inline:  []Inline{{"logo", "image/png", "Logo groß.png", []byte("\x89PNG not really")}},
	}
}

// The golden file shows the exact shape; change it only on purpose:
// queued mails are composed again for a retry and must stay the same bytes.
func TestComposeGolden(t *testing.T) {
	got, err := Compose(fullMessage())
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/full.eml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from testdata/full.eml:\n%s", got)
	}
	again, err := Compose(fullMessage())
	if err != nil || !bytes.Equal(got, again) {
		t.Error("composing twice gives different bytes")
	}
	if p := checkRaw(got); p != nil {
		t.Error(p)
	}
}

// leaf is a part without children, decoded.
type leaf struct {
	kind, encoding, id, file, body string
}

// leaves walks the MIME tree as a mail program does; shape lists the containers.
func leaves(t testing.TB, header func(string) string, body io.Reader) (shape []string, out []leaf) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		encoding := header("Content-Transfer-Encoding")
		if encoding == "base64" {
			if content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(content), "\r\n", "")); err != nil {
				t.Fatal(err)
			}
		}
		_, file, _ := mime.ParseMediaType(header("Content-Disposition"))
		return nil, []leaf{{kind, encoding, header("Content-ID"), file["filename"], string(content)}}
	}
	shape = []string{kind}
	reader := stdmultipart.NewReader(body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return shape, out
		}
		if err != nil {
			t.Fatal(err)
		}
		inner, parts := leaves(t, part.Header.Get, part)
		shape, out = append(shape, inner...), append(out, parts...)
	}
}

func parse(t testing.TB, m Message) (*mail.Message, []string, []leaf) {
	t.Helper()
	raw, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	if p := checkRaw(raw); p != nil {
		t.Fatalf("composed bytes are not fit to send: %v\n%q", p, raw)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	shape, parts := leaves(t, parsed.Header.Get, parsed.Body)
	return parsed, shape, parts
}

func TestComposeReadsBack(t *testing.T) {
	m := fullMessage()
	parsed, shape, parts := parse(t, m)
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := mail.ParseAddress(parsed.Header.Get("From"))
	if err != nil || from.Name != m.From.Name || from.Address != "shop@xn--bcher-kva.example" {
		t.Errorf("from %+v, %v", from, err)
	}
	to, err := mail.ParseAddress(parsed.Header.Get("To"))
	if err != nil || to.Name != m.To.Name || to.Address != m.To.Addr {
		t.Errorf("to %+v, %v", to, err)
	}
	date, err := parsed.Header.Date()
	if err != nil || !date.Equal(m.Date) || parsed.Header.Get("Message-ID") != m.MessageID {
		t.Errorf("date %v, %v, id %s", date, err, parsed.Header.Get("Message-ID"))
	}
	if parsed.Header.Get("List-Unsubscribe") != m.Headers[1].Value || parsed.Header.Get("Reply-To") != m.ReplyTo.Addr {
		t.Errorf("headers %v", parsed.Header)
	}
	if got := strings.Join(shape, " "); got != "multipart/alternative multipart/related" {
		t.Errorf("shape %s", got)
	}
	want := []leaf{
		{"text/plain", "base64", "", "", "Liebe Ann,\r\nschöne Grüße!\r\n"},
		{"text/html", "7bit", "", "", "<p>Liebe Ann, <img src=\"cid:logo\"></p>\r\n"},
		{"image/png", "base64", "<logo>", "Logo groß.png", "\x89PNG not really"},
	}
	if len(parts) != len(want) {
		t.Fatalf("parts %+v", parts)
	}
	for i := range want {
		if parts[i] != want[i] {
			t.Errorf("part %d\n got %+v\nwant %+v", i, parts[i], want[i])
		}
	}
}

func TestComposeShapes(t *testing.T) {
	line998 := strings.Repeat("x", 998)
	for _, row := range []struct {
		name, text, html string
		shape            string
		encodings        string
		firstBody        string
	}{
		{"text only", "Hello\n", "", "", "7bit", "Hello\r\n"},
		{"HTML only", "", "<p>x</p>", "", "7bit", "<p>x</p>\r\n"},
		{"both", "x", "<p>x</p>", "multipart/alternative", "7bit 7bit", "x\r\n"},
		{"umlauts", "Grüße", "<p>x</p>", "multipart/alternative", "base64 7bit", "Grüße\r\n"},
		{"line of 998", line998, "", "", "7bit", line998 + "\r\n"},
		{"line of 999", line998 + "x", "", "", "base64", line998 + "x\r\n"},
		{"old Mac and Unix line ends", "a\rb\nc\r\nd", "", "", "7bit", "a\r\nb\r\nc\r\nd\r\n"},
		{"lines of dots", ".\n..\n.a\n", "", "", "7bit", ".\r\n..\r\n.a\r\n"},
		{"control character", "a\x07b", "", "", "base64", "a\x07b\r\n"},
		{"tab", "a\tb", "", "", "7bit", "a\tb\r\n"},
		{"looks like a boundary", "--=_part_1234--", "<p>x</p>", "multipart/alternative", "base64 7bit", "--=_part_1234--\r\n"},
		{"spaces at the end", "a  \nb", "", "", "7bit", "a  \r\nb\r\n"},
		{"equals signs", "https://x.test/?a=3D&b=20", "", "", "7bit", "https://x.test/?a=3D&b=20\r\n"},
	} {
		m := fullMessage()
		m.Text, m.HTML, m.Inline = row.text, row.html, nil
		_, shape, parts := parse(t, m)
		var encodings []string
		for _, part := range parts {
			encodings = append(encodings, part.encoding)
		}
		if strings.Join(shape, " ") != row.shape || strings.Join(encodings, " ") != row.encodings || parts[0].body != row.firstBody {
			t.Errorf("%s: %v %v %q", row.name, shape, encodings, parts[0].body)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	picture := Inline{"logo", "image/png", "", []byte("x")}
	for _, row := range []struct {
		name   string
		change func(*Message)
		field  string
		key    string
	}{
		{"line break in subject", func(m *Message) { m.Subject = "Hi\r\nBcc: x@y.test" }, "subject", "mail.header_injection"},
		{"bare line feed in subject", func(m *Message) { m.Subject = "Hi\nBcc: x@y.test" }, "subject", "mail.header_injection"},
		{"NUL in subject", func(m *Message) { m.Subject = "Hi\x00" }, "subject", "mail.header_injection"},
		{"NEL in subject", func(m *Message) { m.Subject = "Hi\u0085" }, "subject", "mail.header_injection"},
		{"line separator in subject", func(m *Message) { m.Subject = "Hi\u2028" }, "subject", "mail.header_injection"},
		{"broken letters in subject", func(m *Message) { m.Subject = "Hi\xff" }, "subject", "mail.not_text"},
		{"long subject", func(m *Message) { m.Subject = strings.Repeat("ü", 501) }, "subject", "mail.subject_long"},
		{"line break in a name", func(m *Message) { m.To.Name = "Ann\r\nBcc: x@y.test" }, "to", "mail.header_injection"},
		{"long name", func(m *Message) { m.From.Name = strings.Repeat("x", 201) }, "from", "mail.name_long"},
		{"bad sender", func(m *Message) { m.From.Addr = "a" }, "from", "mail.address_syntax"},
		{"two recipients", func(m *Message) { m.To.Addr = "a@b.test,c@d.test" }, "to", "mail.address_many"},
		{"bad reply address", func(m *Message) { m.ReplyTo = &Address{Addr: "jürgen@x.test"} }, "reply_to", "mail.address_letters"},
		{"header name with line break", func(m *Message) { m.Headers = []Header{{"X-Name\r\nX-Inj", "1"}} }, "header", "mail.header_name"},
		{"header name with colon", func(m *Message) { m.Headers = []Header{{"X:Name", "1"}} }, "header", "mail.header_name"},
		{"empty header name", func(m *Message) { m.Headers = []Header{{"", "1"}} }, "header", "mail.header_name"},
		{"header value with line break", func(m *Message) { m.Headers = []Header{{"X-Name", "1\r\nBcc: x@y.test"}} }, "header", "mail.header_injection"},
		{"header value with umlaut", func(m *Message) { m.Headers = []Header{{"X-Name", "ü"}} }, "header", "mail.header_value"},
		{"empty header value", func(m *Message) { m.Headers = []Header{{"X-Name", " "}} }, "header", "mail.header_value"},
		{"long header value", func(m *Message) { m.Headers = []Header{{"X-Name", strings.Repeat("x", 901)}} }, "header", "mail.header_long"},
		{"Bcc", func(m *Message) { m.Headers = []Header{{"bCC", "x@y.test"}} }, "header", "mail.header_reserved"},
		{"second subject", func(m *Message) { m.Headers = []Header{{"Subject", "x"}} }, "header", "mail.header_reserved"},
		{"own content type", func(m *Message) { m.Headers = []Header{{"Content-Type", "text/html"}} }, "header", "mail.header_reserved"},
		{"Message-ID without brackets", func(m *Message) { m.MessageID = "a@b" }, "message_id", "mail.message_id"},
		{"Message-ID with a long left side", func(m *Message) { m.MessageID = "<" + strings.Repeat("a", 129) + "@b>" }, "message_id", "mail.message_id"},
		{"Message-ID with a long right side", func(m *Message) { m.MessageID = "<a@" + strings.Repeat("b", 111) + ">" }, "message_id", "mail.message_id"},
		{"Message-ID with line break", func(m *Message) { m.MessageID = "<a@b>\r\n" }, "message_id", "mail.message_id"},
		{"no date", func(m *Message) { m.Date = time.Time{} }, "date", "mail.date_missing"},
		{"no body", func(m *Message) { m.Text, m.HTML, m.Inline = "\n ", "", nil }, "text", "mail.body_missing"},
		{"broken text", func(m *Message) { m.Text = "\xff" }, "text", "mail.not_text"},
		{"broken HTML", func(m *Message) { m.HTML = "\xff" }, "html", "mail.not_text"},
		{"picture without HTML", func(m *Message) { m.HTML = "" }, "inline", "mail.inline_without_html"},
		{"picture id injected", func(m *Message) { m.Inline[0].ContentID = "a>\r\nX: y" }, "inline", "mail.inline_id"},
		{"picture id twice", func(m *Message) { m.Inline = []Inline{picture, picture} }, "inline", "mail.inline_id"},
		{"no picture", func(m *Message) { m.Inline[0].ContentType = "text/html" }, "inline", "mail.inline_type"},
		{"picture type injected", func(m *Message) { m.Inline[0].ContentType = "image/png\r\nX: y" }, "inline", "mail.inline_type"},
		{"empty picture", func(m *Message) { m.Inline[0].Data = nil }, "inline", "mail.inline_empty"},
		{"picture name injected", func(m *Message) { m.Inline[0].Name = "a\r\nX: y" }, "inline", "mail.header_injection"},
		{"huge picture", func(m *Message) { m.Inline[0].Data = make([]byte, 20<<20) }, "message", "mail.message_large"},
	} {
		m := fullMessage()
		row.change(&m)
		raw, err := Compose(m)
		if err == nil {
			t.Errorf("%s: passed", row.name)
			continue
		}
		if p := asProblem(t, err); p.Class != Invalid || p.Field != row.field || p.Key != row.key || p.Meaning().Key != row.key || raw != nil {
			t.Errorf("%s: got %v", row.name, p)
		}
	}
}

func TestSubjectsReadBack(t *testing.T) {
	for _, subject := range []string{
		"", "Hello", "Grüße", "a =?utf-8?q?b?= c", " leading", "trailing ", "two  spaces   inside",
		strings.Repeat("word ", 60) + "end", strings.Repeat("x", 500), "x " + strings.Repeat(" ", 200) + "y",
		strings.Repeat("ü", 500), strings.Repeat("👩‍👩‍👧 ", 60), `with "quotes" \ and <brackets>`,
	} {
		m := fullMessage()
		m.Subject, m.From.Name, m.To.Name = subject, "", ""
		parsed, _, _ := parse(t, m)
		got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if err != nil || got != subject {
			t.Errorf("%q came back as %q (%v)", subject, got, err)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Hi", "Ann", "ann@client.test", "X-Test", "1", "text", "<p>html</p>")
	f.Add("Hi\r\nBcc: a@b.test", "A\"nn\\", "a@b.test, c@d.test", "X\r\nY", "1\n2", "\r.\r", "\x00")
	f.Add("=?utf-8?q?x?=", "ü", "a@ü.test", "List-Unsubscribe", "<https://x.test>", "ü", "")
	f.Fuzz(func(t *testing.T, subject, name, addr, header, value, text, html string) {
		m := Message{
			MessageID: "<id@example.test>", Date: composedAt, From: Address{name, testFrom}, To: Address{name, addr},
			Subject: subject, Text: text, HTML: html, Headers: []Header{{header, value}},
		}
		raw, err := Compose(m)
		if err != nil {
			if p := asProblem(t, err); p.Class != Invalid || p.Meaning().Key != p.Key {
				t.Fatalf("%v", p)
			}
			return
		}
		parsed, _, parts := parse(t, m)
		canonical, err := CheckAddress(addr)
		if err != nil {
			t.Fatalf("%q was composed but is not valid: %v", addr, err)
		}
		to, err := parsed.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != canonical {
			t.Fatalf("To came back as %v (%v):\n%s", to, err, raw)
		}
		if got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil || got != subject {
			t.Fatalf("subject %q came back as %q (%v)", subject, got, err)
		}
		// The names of the headers are exactly ours and the one added.
		if want := 8; len(parsed.Header) != want+1 && len(parsed.Header) != want {
			t.Fatalf("%d headers:\n%s", len(parsed.Header), raw)
		}
		if strings.TrimSpace(text) != "" && parts[0].body != lines(text) {
			t.Fatalf("text %q came back as %q", text, parts[0].body)
		}
	})
}

// lines is text as it must arrive: every line ended by CRLF, whatever ended it.
func lines(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\r\n") + "\r\n"
}
