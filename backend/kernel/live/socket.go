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

// socket is one connection. Two goroutines serve it: read and write. It is kept
// small, since most of them idle: no timers of its own, no buffers.
type socket struct {
	id      Identity
	conn    *websocket.Conn
	wire    *wire
	times   *times
	inbound Inbound
	turn    int            // spreads pings and checks of many sockets; belongs to Hub.Run's goroutine
	wake    chan struct{}  // has one word when there is something to do for write
	reading sync.WaitGroup // done when read is over

	mu     sync.Mutex
	queue  []*websocket.PreparedMessage
	ping   bool // is due
	check  bool // is due
	over   bool
	code   int // with over; 0: the connection is broken
	reason string
	cancel context.CancelFunc // of what inbound was given; nil: nothing yet
}

func newSocket(id Identity, conn *websocket.Conn, w *wire, t *times, in Inbound) *socket {
	s := &socket{id: id, conn: conn, wire: w, times: t, inbound: in, wake: make(chan struct{}, 1)}
	s.reading.Add(1)
	return s
}

func (s *socket) identity() *Identity { return &s.id }

func (s *socket) offer(f *frame) bool {
	s.mu.Lock()
	full := len(s.queue) >= queued
	if !full && !s.over {
		s.queue = append(s.queue, f.message())
	}
	s.mu.Unlock()
	s.rouse()
	return !full
}

// remind says that a ping or a check is due.
func (s *socket) remind(ping, check bool) {
	s.mu.Lock()
	s.ping, s.check = s.ping || ping, s.check || check
	s.mu.Unlock()
	s.rouse()
}

func (s *socket) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// end wants the socket closed with a code; only the first wish counts. It does
// not wait: write says goodbye, and should it hang in a peer that takes nothing,
// the connection is cut under it.
func (s *socket) end(code int, reason string) {
	s.mu.Lock()
	first := !s.over
	if first {
		s.over, s.code, s.reason, s.queue = true, code, reason, nil
	}
	cancel := s.cancel
	s.mu.Unlock()
	if first {
		if cancel != nil {
			cancel()
		}
		time.AfterFunc(s.times.goodbye, func() { _ = s.conn.Close() })
		s.rouse()
	}
}

func (s *socket) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// read answers pings, notes pongs, hands on what the client says, and goes on after
// the end was wished for, until the peer has said goodbye too.
func (s *socket) read() {
	defer s.reading.Done()
	s.conn.SetReadLimit(readLimit)
	alive := func() { _ = s.conn.SetReadDeadline(time.Now().Add(s.times.read)) }
	alive()
	s.conn.SetPongHandler(func(string) error { alive(); return nil })
	var pings, frames *rate.Limiter // made when they are needed: most peers send nothing
	s.conn.SetPingHandler(func(data string) error {
		if !allow(&pings) { // a peer may ping (RFC 6455, 5.5.2), but not to keep us busy
			s.end(websocket.ClosePolicyViolation, "too many pings")
		}
		if !s.ended() {
			alive()
			_ = s.conn.WriteControl(websocket.PongMessage, []byte(data), s.soon())
		}
		return nil
	})
	for {
		kind, r, err := s.conn.NextReader()
		if err == nil && !s.ended() {
			err = s.hear(kind, r, &frames)
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
func (s *socket) hear(kind int, r io.Reader, frames **rate.Limiter) error {
	switch {
	case s.inbound == nil:
		s.end(websocket.ClosePolicyViolation, "clients only listen here")
		return nil
	case kind != websocket.TextMessage:
		s.end(websocket.CloseUnsupportedData, "text only")
		return nil
	case !allow(frames):
		s.end(websocket.ClosePolicyViolation, "too many frames")
		return nil
	}
	data, err := io.ReadAll(r)
	switch {
	case err != nil:
		return err
	case !utf8.Valid(data):
		s.end(websocket.CloseInvalidFramePayloadData, "not UTF-8")
	default:
		s.handOn(data)
	}
	return nil
}

// handOn gives a frame to inbound, unless the socket has ended meanwhile.
func (s *socket) handOn(data []byte) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.mu.Unlock()
	defer cancel()
	if err := s.inbound(ctx, s.id, data); err != nil {
		s.end(websocket.ClosePolicyViolation, fault.As(err).Code)
	}
}

func allow(limiter **rate.Limiter) bool {
	if *limiter == nil {
		*limiter = rate.NewLimiter(perSecond, burst)
	}
	return (*limiter).Allow()
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
	var frames []*websocket.PreparedMessage
	for !s.ended() {
		<-s.wake
		for more := true; more; {
			var ping, check bool
			frames, ping, check = s.take(frames)
			if more = len(frames) > 0 || ping || check; !more {
				break
			}
			if check {
				recheck(context.Background())
			}
			if err := s.send(frames, ping); err != nil {
				s.end(0, "")
			}
		}
		if err := s.wire.flush(); err != nil {
			s.end(0, "")
		}
	}
	s.goodbye()
	_ = s.conn.Close()
	s.reading.Wait()
}

// take empties the queue; it gives back the slice that was emptied before.
func (s *socket) take(spare []*websocket.PreparedMessage) (frames []*websocket.PreparedMessage, ping, check bool) {
	clear(spare)
	s.mu.Lock()
	defer s.mu.Unlock()
	frames, ping, check = s.queue, s.ping, s.check
	s.queue, s.ping, s.check = spare[:0], false, false
	return frames, ping, check
}

// send writes frames; several go out together. Nothing is sent after the end.
func (s *socket) send(frames []*websocket.PreparedMessage, ping bool) error {
	if len(frames) > 1 {
		s.wire.hold()
	}
	for _, message := range frames {
		if s.ended() {
			s.wire.drop()
			return nil
		}
		_ = s.conn.SetWriteDeadline(s.soon())
		if err := s.conn.WritePreparedMessage(message); err != nil {
			return err
		}
	}
	if ping && !s.ended() {
		return s.conn.WriteControl(websocket.PingMessage, nil, s.soon())
	}
	return nil
}

// goodbye tells the peer why it ends, and waits for its answer, or the cut.
func (s *socket) goodbye() {
	s.wire.drop()
	if s.code == 0 {
		return
	}
	message := websocket.FormatCloseMessage(s.code, s.reason)
	err := s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(s.times.goodbye))
	if err == nil || errors.Is(err, websocket.ErrCloseSent) {
		s.reading.Wait()
	}
}

// soon is the deadline for writing a frame.
func (s *socket) soon() time.Time { return time.Now().Add(s.times.write) }
