package backendtest

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Letter is a mail as it arrived.
type Letter struct {
	To, Subject, MessageID, Text, HTML, Raw string
}

var linkInText = regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(PortalURL) + `(/k/[A-Za-z0-9_-]+)\s*$`)

// Link is the path of the sign-in link, which stands on a line of its own.
func (l Letter) Link() string {
	m := linkInText.FindStringSubmatch(l.Text)
	if m == nil {
		return ""
	}
	return m[1]
}

var codeInText = regexp.MustCompile(`(?m)^\s*([0-9A-HJKMNP-TV-Z]{4})[ -]?([0-9A-HJKMNP-TV-Z]{4})\s*$`)

// Code is the code of a login mail, or "".
func (l Letter) Code() string {
	m := codeInText.FindStringSubmatch(l.Text)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// Mailbox is an SMTP server on loopback that keeps what it gets.
type Mailbox struct {
	Port    int
	mu      sync.Mutex
	letters []Letter
}

func newMailbox(t testing.TB) *Mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &Mailbox{Port: listener.Addr().(*net.TCPAddr).Port}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: box}, nil }))
	server.Domain = "mail.test"
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return box
}

// All are the letters so far, in order of arrival.
func (b *Mailbox) All() []Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Letter(nil), b.letters...)
}

// To is the newest letter to an address, or none.
func (b *Mailbox) To(address string) (Letter, bool) {
	all := b.All()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].To == address {
			return all[i], true
		}
	}
	return Letter{}, false
}

// Await waits for the nth letter (from 1) to an address.
func (w *World) Await(address string, n int) Letter {
	w.t.Helper()
	var got Letter
	w.Eventually("a letter to "+address, func() bool {
		count := 0
		for _, l := range w.Mail.All() {
			if l.To == address {
				if count++; count == n {
					got = l
				}
			}
		}
		return count >= n
	})
	return got
}

// delivery is one SMTP session.
type delivery struct {
	box *Mailbox
	to  string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Reset()                                    {}
func (d *delivery) Logout() error                             { return nil }

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	letter := Letter{To: d.to, Raw: string(raw)}
	m, err := mail.ReadMessage(strings.NewReader(letter.Raw))
	if err != nil {
		return err
	}
	letter.MessageID = m.Header.Get("Message-Id")
	letter.Subject, _ = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	letter.read(kind, params, m.Header.Get("Content-Transfer-Encoding"), m.Body)
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.letters = append(d.box.letters, letter)
	return nil
}

// read takes the text and HTML parts, wherever they are nested.
func (l *Letter) read(kind string, params map[string]string, encoding string, body io.Reader) {
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextPart()
			if err != nil {
				return
			}
			kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
			if err == nil {
				l.read(kind, params, p.Header.Get("Content-Transfer-Encoding"), p)
			}
		}
	}
	if strings.EqualFold(encoding, "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, _ := io.ReadAll(body)
	switch kind {
	case "text/plain":
		l.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	case "text/html":
		l.HTML = string(text)
	}
}
