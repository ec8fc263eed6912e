package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// errRefusedLogin stops the library after a refused login: it would send "*"
// and QUIT and wait for both answers, each for a whole timeout.
var errRefusedLogin = errors.New("mail: login refused")

// wire is the guard: the net.Conn that the library gets instead of the network.
// Commands pass through Write, which knows the step and refuses what may not
// travel in clear text; replies come out of Read one complete reply at a time.
// Used by one goroutine at a time, except sever, which may come from anywhere.
type wire struct {
	raw       net.Conn // TCP: closing it frees whoever waits, at once
	conn      net.Conn // raw, or TLS over it
	in        *bufio.Reader
	timeout   time.Duration
	demandTLS bool // nothing but the way to STARTTLS may pass before TLS
	secure    bool // TLS is up and the certificate was verified
	severed   atomic.Bool
	log       *recorder

	step    Step
	last    reply    // answer to the latest command; zero while none has come
	opening [][]byte // greeting and EHLO reply, already received, for the library to hear
	unread  []byte   // rest of a reply that the library has not taken yet
	content bool     // between 354 and the final dot
	tail    []byte   // last octets of content, to see the final dot go by
	onData  func() error
	err     error // first failure; from then on nothing passes any more

	pipelining bool   // the server takes commands together
	held       []byte // MAIL and RCPT that wait for DATA
	pending    []Step // whose answers come together
}

// newWire guards a fresh connection. An account without encryption is held to
// addresses in the own network here, where the real address is known: a name
// may point anywhere.
func newWire(raw net.Conn, a Account, log *recorder) (*wire, *Problem) {
	if a.Security == SecurityNone && !isLocal(raw.RemoteAddr()) {
		_ = raw.Close()
		return nil, &Problem{Step: StepConnect, Class: InsecureRefused, Key: "mail.clear_public"}
	}
	return &wire{
		raw: raw, conn: raw, in: bufio.NewReaderSize(raw, maxReplyLine), log: log,
		timeout: a.Timeout, demandTLS: a.Security != SecurityNone,
	}, nil
}

// follow hangs up the moment ctx ends, until the returned func is called.
func (w *wire) follow(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, w.sever)
}

// sever closes TCP under everything else; TLS would wait to say goodbye.
func (w *wire) sever() {
	w.severed.Store(true)
	_ = w.raw.Close()
}

// enter notes the step that begins; the reply to it has not come yet.
func (w *wire) enter(step Step) {
	w.log.enter(step)
	w.step, w.last = step, reply{}
}

// encrypt puts TLS over the connection. Everything read so far came in clear
// text, so the buffer is thrown away with it.
func (w *wire) encrypt(ctx context.Context, a Account) error {
	w.extend()
	secured := tls.Client(w.raw, &tls.Config{ServerName: a.Host, RootCAs: a.RootCAs, MinVersion: tls.VersionTLS12})
	if err := secured.HandshakeContext(ctx); err != nil {
		return w.fail(err)
	}
	w.conn, w.in, w.secure = secured, bufio.NewReaderSize(secured, maxReplyLine), true
	return nil
}

// extend gives the next command and its whole reply the account's timeout. It
// is set when writing only, so that a server sending one byte now and then
// cannot keep a mail waiting for ever.
func (w *wire) extend() { _ = w.conn.SetDeadline(time.Now().Add(w.timeout)) }

// fail remembers the first failure.
func (w *wire) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return err
}

func (w *wire) push(p []byte) (int, error) {
	w.extend()
	n, err := w.conn.Write(p)
	if err != nil {
		return n, w.fail(err)
	}
	return n, nil
}

// Read gives the library the next reply, or the rest of one.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.unread) == 0 {
		if err := w.listen(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.unread)
	w.unread = w.unread[n:]
	return n, nil
}

// listen takes one reply from the server and notes what it means for the guard.
func (w *wire) listen() error {
	if len(w.opening) > 0 {
		w.unread, w.opening = w.opening[0], w.opening[1:]
		return nil
	}
	if w.err != nil {
		return w.err
	}
	if len(w.pending) > 0 {
		return w.listenTogether()
	}
	r, err := readReply(w.in)
	if err != nil {
		return w.fail(err)
	}
	w.last, w.unread = r, r.bytes()
	w.log.heard(r)
	switch {
	case w.step == StepData && r.code == 354:
		w.content, w.tail = true, nil
	case w.step == StepAuth && r.code >= 400:
		w.err = errRefusedLogin
	}
	return nil
}

// accepted: the server took responsibility for the mail (any 2yz after the dot).
func (w *wire) accepted() (Receipt, bool) {
	if w.step != StepAfterData || w.last.code/100 != 2 {
		return Receipt{}, false
	}
	return Receipt{Code: w.last.code, Text: w.last.text()}, true
}

// problem explains why the library gave up; libErr is what it says itself.
func (w *wire) problem(ctx context.Context, libErr error) *Problem {
	var ours *Problem
	switch {
	case errors.As(w.err, &ours):
		return ours
	case w.last.code >= 400:
		return refusal(w.step, w.last)
	case w.err == nil:
		return unexpected(w.step, w.last, libErr)
	case w.severed.Load():
		return breakdown(w.step, reasonToStop(ctx))
	default:
		return breakdown(w.step, w.err)
	}
}

// reasonToStop: the caller's context ended, or somebody closed the connection.
func reasonToStop(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.Canceled
}

// hangUp says QUIT without waiting for the answer (Postfix does the same by
// default) and closes. In the middle of content QUIT would become part of it.
func (w *wire) hangUp() {
	waiting := w.step == StepAfterData && w.last.code == 0
	if !w.content && !waiting && !w.severed.Load() {
		_ = w.conn.SetDeadline(time.Now().Add(time.Second))
		_, _ = w.conn.Write([]byte("QUIT\r\n"))
		_ = w.conn.Close()
	}
	w.sever()
}

// Close is for the library, which closes after a refused login. The guard owns
// the connection and hangs up itself, so here nothing happens.
func (w *wire) Close() error { return nil }

// LocalAddr, RemoteAddr and the deadlines complete net.Conn. The library calls
// none of them; deadlines are the guard's business and stay as they are.

// LocalAddr is this end of the connection.
func (w *wire) LocalAddr() net.Addr { return w.raw.LocalAddr() }

// RemoteAddr is the server's end.
func (w *wire) RemoteAddr() net.Addr { return w.raw.RemoteAddr() }

// SetDeadline does nothing, see extend.
func (w *wire) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing, see extend.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, see extend.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
