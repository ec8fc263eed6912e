package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Security is how the connection is protected.
type Security string

// The protections.
const (
	TLS      Security = "tls"
	StartTLS Security = "starttls"
	None     Security = "none" // to this computer itself only
)

// Account is a mailbox and how it is reached.
type Account struct {
	Host     string
	Port     int
	Security Security
	Username string
	Password string
	Folder   string         // "" is INBOX
	Roots    *x509.CertPool // nil: the system's
}

// Step is a part of getting there.
type Step string

// The steps, in their order.
const (
	Connect Step = "connect"
	Secure  Step = "tls"
	Login   Step = "login"
	Open    Step = "folder"
)

// Steps are all of them.
func Steps() []Step { return []Step{Connect, Secure, Login, Open} }

// Trouble says at which step something went wrong; Err holds the server's words.
type Trouble struct {
	Step Step
	Err  error
}

// Error names the step and the cause.
func (t *Trouble) Error() string { return string(t.Step) + ": " + t.Err.Error() }

// Unwrap answers the cause.
func (t *Trouble) Unwrap() error { return t.Err }

// patience is how long a server may take to let us in.
const patience = 30 * time.Second

var (
	errClear = errors.New("without encryption only a mailbox on this computer is asked")
	errGone  = errors.New("the connection to the mailbox is gone")
)

// session is an open mailbox.
type session struct {
	client *imapclient.Client
	folder *imap.SelectData
	news   chan struct{}
	end    func()
}

// Probe tries an account out and answers at which step it failed, or nil.
func Probe(ctx context.Context, a Account) *Trouble {
	s, trouble := connect(ctx, a)
	if trouble == nil {
		s.end()
	}
	return trouble
}

// connect opens the mailbox for reading. It ends with ctx.
func connect(ctx context.Context, a Account) (*session, *Trouble) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(limited, "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port)))
	if err != nil {
		return nil, &Trouble{Connect, err}
	}
	release := context.AfterFunc(ctx, func() { _ = conn.Close() })
	late := context.AfterFunc(limited, func() { _ = conn.Close() })
	s := &session{news: make(chan struct{}, 1)}
	trouble := s.open(limited, conn, a)
	if !late() && trouble == nil {
		trouble = &Trouble{Open, context.Cause(limited)}
	}
	s.end = func() {
		release()
		if s.client != nil {
			_ = s.client.Close()
		}
		_ = conn.Close()
	}
	if trouble != nil {
		s.end()
		return nil, trouble
	}
	return s, nil
}

func (s *session) open(ctx context.Context, conn net.Conn, a Account) *Trouble {
	config := &tls.Config{ServerName: a.Host, RootCAs: a.Roots, MinVersion: tls.VersionTLS12}
	options := &imapclient.Options{TLSConfig: config, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				select {
				case s.news <- struct{}{}:
				default:
				}
			}
		}}}
	switch a.Security {
	case StartTLS:
		client, err := imapclient.NewStartTLS(conn, options)
		if err != nil {
			return &Trouble{Secure, err}
		}
		s.client = client
	case None:
		if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
			return &Trouble{Secure, errClear}
		}
		s.client = imapclient.New(conn, options)
	default:
		wrapped := tls.Client(conn, config)
		if err := wrapped.HandshakeContext(ctx); err != nil {
			return &Trouble{Secure, err}
		}
		s.client = imapclient.New(wrapped, options)
	}
	if err := s.client.WaitGreeting(); err != nil {
		return &Trouble{Connect, err}
	}
	if err := s.client.Login(a.Username, a.Password).Wait(); err != nil {
		return &Trouble{Login, err}
	}
	folder := a.Folder
	if folder == "" {
		folder = "INBOX"
	}
	data, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return &Trouble{Open, err}
	}
	s.folder = data
	return nil
}
