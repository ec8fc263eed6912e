package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// inbox is a real SMTP server (emersion/go-smtp) with one user.
type inbox struct {
	methods []string
	mu      sync.Mutex
	mails   []received
}

type received struct {
	from, to, content, method string
	secure                    bool
}

func (b *inbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &visitor{inbox: b, now: received{secure: secure}}, nil
}

// visitor is one session.
type visitor struct {
	inbox *inbox
	user  string
	now   received
}

func (v *visitor) AuthMechanisms() []string { return v.inbox.methods }

func (v *visitor) Auth(method string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != testUser || password != testPassword {
			return smtp.ErrAuthFailed
		}
		v.user, v.now.method = user, method
		return nil
	}
	switch method {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.Login:
		return &loginDialogue{check: check}, nil
	default:
		return nil, smtp.ErrAuthUnknownMechanism
	}
}

// loginDialogue asks for what the first line of AUTH LOGIN did not bring.
type loginDialogue struct {
	check func(user, password string) error
	user  *string
}

func (d *loginDialogue) Next(response []byte) ([]byte, bool, error) {
	switch {
	case d.user == nil && response == nil:
		return []byte("Username:"), false, nil
	case d.user == nil:
		user := string(response)
		d.user = &user
		return []byte("Password:"), false, nil
	default:
		return nil, true, d.check(*d.user, string(response))
	}
}

func (v *visitor) Mail(from string, _ *smtp.MailOptions) error {
	if v.user == "" {
		return smtp.ErrAuthRequired
	}
	v.now.from = from
	return nil
}

func (v *visitor) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	v.now.to = to
	return nil
}

func (v *visitor) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.now.content = string(content)
	v.inbox.mu.Lock()
	defer v.inbox.mu.Unlock()
	v.inbox.mails = append(v.inbox.mails, v.now)
	return nil
}

func (v *visitor) Reset()        {}
func (v *visitor) Logout() error { return nil }

// start serves until the test ends. With implicit TLS the listener does it.
func (b *inbox) start(t testing.TB, cert *tls.Certificate, implicit bool) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = listener.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(b)
	server.Domain = "inbox.example.test"
	server.EnableSMTPUTF8 = true
	config := &tls.Config{Certificates: []tls.Certificate{*cert}}
	if implicit {
		listener = tls.NewListener(listener, config)
	} else {
		server.TLSConfig = config
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-done; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("server: %v", err)
		}
	})
	return port
}

func TestRealServer(t *testing.T) {
	ca := newAuthority(t)
	cert := ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	for _, security := range []Security{SecurityTLS, SecurityStartTLS} {
		for _, methods := range [][]string{{sasl.Plain}, {sasl.Login}, {sasl.Login, sasl.Plain}} {
			t.Run(string(security)+" "+strings.Join(methods, "+"), func(t *testing.T) {
				t.Parallel()
				box := &inbox{methods: methods}
				conn := dialTest(t, testAccount(box.start(t, cert, security == SecurityTLS), security, ca))
				raw := testMail(t)
				for i, to := range []string{testTo, "nobody@client.test", "bob@client.test"} {
					receipt, err := conn.Send(context.Background(), testFrom, to, raw, nil)
					if refused := i == 1; refused {
						if p := asProblem(t, err); p.Class != BadRecipient {
							t.Errorf("got %v", p)
						}
						continue
					}
					if err != nil || receipt.Code != 250 || receipt.Text == "" {
						t.Fatalf("%s: %+v %v", to, receipt, err)
					}
				}
				want := methods[len(methods)-1] // PLAIN wins where both are offered
				box.mu.Lock()
				defer box.mu.Unlock()
				if len(box.mails) != 2 || conn.Sent() != 2 {
					t.Fatalf("%d mails arrived, %d sent", len(box.mails), conn.Sent())
				}
				for _, got := range box.mails {
					if got.from != testFrom || got.content != string(raw) || got.method != want {
						t.Errorf("got %+v", got)
					}
				}
				if box.mails[0].to != testTo || box.mails[1].to != "bob@client.test" {
					t.Errorf("recipients %+v", box.mails)
				}
			})
		}
	}
}

func TestRealServerWrongPassword(t *testing.T) {
	ca := newAuthority(t)
	box := &inbox{methods: []string{sasl.Plain, sasl.Login}}
	account := testAccount(box.start(t, ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)), true), SecurityTLS, ca)
	account.Password = "wrong"
	_, err := Dial(context.Background(), account)
	if p := asProblem(t, err); p.Class != Auth || p.Code != 535 || p.Key != "mail.auth_refused" {
		t.Errorf("got %v", p)
	}
}
