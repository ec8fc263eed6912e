package torture

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink is a mail server on loopback that remembers who got what and survives the
// program that sends to it.
type Sink struct {
	Port      int
	Delay     time.Duration // waited after each mail's content
	FailEvery int           // every so many-th mail is refused with 451; 0: none

	server *smtp.Server
	done   chan struct{}
	mu     sync.Mutex
	mails  int // contents that came in, refused ones too
	got    map[string][]string
}

// NewSink opens a sink on a free port.
func NewSink() (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{Port: listener.Addr().(*net.TCPAddr).Port, done: make(chan struct{}), got: map[string][]string{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinking{sink: s}, nil }))
	s.server.Domain = "sink.test"
	s.server.ErrorLog = silent{}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener)
	}()
	return s, nil
}

// Close ends the sink.
func (s *Sink) Close() {
	_ = s.server.Close()
	<-s.done
}

// Got answers the Message-IDs that each address got, in order of arrival.
func (s *Sink) Got() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string][]string, len(s.got))
	for to, ids := range s.got {
		out[to] = append([]string(nil), ids...)
	}
	return out
}

// Count answers how many addresses got something, and how many mails were taken.
func (s *Sink) Count() (addresses, mails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ids := range s.got {
		mails += len(ids)
	}
	return len(s.got), mails
}

// Forget begins anew.
func (s *Sink) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.mails = map[string][]string{}, 0
}

// sinking is one SMTP session.
type sinking struct {
	sink *Sink
	to   string
}

// Mail implements smtp.Session.
func (m *sinking) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (m *sinking) Rcpt(to string, _ *smtp.RcptOptions) error { m.to = to; return nil }

// Reset implements smtp.Session.
func (m *sinking) Reset() {}

// Logout implements smtp.Session.
func (m *sinking) Logout() error { return nil }

// Data implements smtp.Session. A mail counts once all of its content is there:
// from then on the server is responsible for it, whatever becomes of the sender.
func (m *sinking) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s := m.sink
	if s.Delay > 0 {
		time.Sleep(s.Delay)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails++
	if s.FailEvery > 0 && s.mails%s.FailEvery == 0 {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	s.got[m.to] = append(s.got[m.to], messageID(raw))
	return nil
}

func messageID(raw []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() && lines.Text() != "" {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.EqualFold(name, "Message-Id") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// silent drops what go-smtp logs about senders that vanish, which is the point here.
type silent struct{}

// Printf implements smtp.Logger.
func (silent) Printf(string, ...any) {}

// Println implements smtp.Logger.
func (silent) Println(...any) {}
