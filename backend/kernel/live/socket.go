package live

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"portico/backend/kernel/fault"
)

// queued is how many frames may wait for a slow connection.
const queued = 64

// What a client may send: readLimit bounds a frame in bytes, the others how many
// frames and how many pings.
const (
	readLimit = 64 << 10
	perSecond = 20
	burst     = 40
)

// socket is one connection. Two goroutines serve it: read and write.
type socket struct {
	id      Identity
	conn    *websocket.Conn
	times   *times
	inbound Inbound
	ctx     context.Context // for inbound; ends with the socket
	cancel  context.CancelFunc
	queue   chan *websocket.PreparedMessage
	once    sync.Once
	stop    chan struct{} // closed by end
	code    int           // set before stop closes; 0: the connection is broken
	reason  string
	gone    chan struct{} // read is over
}

func newSocket(id Identity, conn *websocket.Conn, t *times, in Inbound) *socket {
	s := &socket{
		id: id, conn: conn, times: t, inbound: in, queue: make(chan *websocket.PreparedMessage, queued),
		stop: make(chan struct{}), gone: make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

func (s *socket) identity() *Identity { return &s.id }

func (s *socket) offer(f *frame) bool {
	select {
	case s.queue <- f.message():
		return true
	default:
		return false
	}
}

// end wants the socket closed with a code; only the first wish counts. It does
// not wait: write says goodbye, and should it hang in a peer that takes nothing,
// the connection is cut under it.
func (s *socket) end(code int, reason string) {
	s.once.Do(func() {
		s.code, s.reason = code, reason
		close(s.stop)
		s.cancel()
		time.AfterFunc(s.times.goodbye, func() { _ = s.conn.Close() })
	})
}

func (s *socket) ended() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// read answers pings, notes pongs, hands on what the client says, and goes on after
// the end was wished for, until the peer has said goodbye too.
func (s *socket) read() {
	defer close(s.gone)
	s.conn.SetReadLimit(readLimit)
	alive := func() { _ = s.conn.SetReadDeadline(time.Now().Add(s.times.read)) }
	alive()
	s.conn.SetPongHandler(func(string) error { alive(); return nil })
	pings := rate.NewLimiter(perSecond, burst) // a peer may ping (RFC 6455, 5.5.2), but not to keep us busy
	s.conn.SetPingHandler(func(data string) error {
		if !pings.Allow() {
			s.end(websocket.ClosePolicyViolation, "too many pings")
		}
		if !s.ended() {
			alive()
			_ = s.conn.WriteControl(websocket.PongMessage, []byte(data), s.soon())
		}
		return nil
	})
	frames := rate.NewLimiter(perSecond, burst)
	for {
		kind, r, err := s.conn.NextReader()
		if err == nil && !s.ended() {
			err = s.hear(kind, r, frames)
		}
		if err != nil {
			s.lost(err)
			return
		}
		if s.ended() {
			s.conn.SetReadLimit(0) // what still comes is thrown away, so that the goodbye gets through
		}
	}
}

// hear hands a frame on, or ends the socket because of it; the error is the
// connection's.
func (s *socket) hear(kind int, r io.Reader, frames *rate.Limiter) error {
	switch {
	case s.inbound == nil:
		s.end(websocket.ClosePolicyViolation, "clients only listen here")
		return nil
	case kind != websocket.TextMessage:
		s.end(websocket.CloseUnsupportedData, "text only")
		return nil
	case !frames.Allow():
		s.end(websocket.ClosePolicyViolation, "too many frames")
		return nil
	}
	data, err := io.ReadAll(r)
	switch {
	case err != nil:
		return err
	case !utf8.Valid(data):
		s.end(websocket.CloseInvalidFramePayloadData, "not UTF-8")
	case !s.ended(): // it may have been meanwhile
		if err := s.inbound(s.ctx, s.id, data); err != nil {
			s.end(websocket.ClosePolicyViolation, fault.As(err).Code)
		}
	}
	return nil
}

// lost ends the socket after an error of reading. Where the library has told the
// peer what was wrong, what it still sends is thrown away until the connection is
// cut: closing over unread bytes would reset it, and the reason would be lost.
func (s *socket) lost(err error) {
	var network net.Error
	var closed *websocket.CloseError
	if errors.As(err, &closed) || errors.As(err, &network) || s.ended() {
		s.end(0, "")
		return
	}
	code := websocket.CloseProtocolError
	if errors.Is(err, websocket.ErrReadLimit) {
		code = websocket.CloseMessageTooBig
	}
	s.end(code, "")
	_ = s.conn.NetConn().SetReadDeadline(time.Now().Add(s.times.goodbye))
	_, _ = io.Copy(io.Discard, s.conn.NetConn())
}

// write sends what is queued until the end, and returns when the connection is
// closed and read is over.
func (s *socket) write(recheck func(context.Context)) {
	ping, check := time.NewTicker(s.times.ping), time.NewTicker(s.times.check)
	defer ping.Stop()
	defer check.Stop()
	for !s.ended() { // looked at first: select would choose at random, and send after the end
		var err error
		select {
		case <-s.stop:
		case message := <-s.queue:
			_ = s.conn.SetWriteDeadline(s.soon())
			err = s.conn.WritePreparedMessage(message)
		case <-ping.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, s.soon())
		case <-check.C:
			recheck(context.Background())
		}
		if err != nil {
			s.end(0, "")
		}
	}
	if s.code != 0 {
		goodbye := websocket.FormatCloseMessage(s.code, s.reason)
		err := s.conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(s.times.goodbye))
		if err == nil || errors.Is(err, websocket.ErrCloseSent) {
			<-s.gone // the peer's goodbye, or the cut
		}
	}
	_ = s.conn.Close()
	<-s.gone
}

// soon is the deadline for writing a frame.
func (s *socket) soon() time.Time { return time.Now().Add(s.times.write) }
