package live

import (
	"context"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// queued is how many frames may wait for a slow connection.
const queued = 64

// readLimit bounds what a client's frame may claim to be, in bytes.
const readLimit = 64 << 10

// socket is one connection. Two goroutines serve it: read and write.
type socket struct {
	id     Identity
	conn   *websocket.Conn
	times  times
	queue  chan *websocket.PreparedMessage
	once   sync.Once
	stop   chan struct{} // closed by end
	code   int           // set before stop closes; 0: the connection is broken
	reason string
	gone   chan struct{} // read is over
}

func newSocket(id Identity, conn *websocket.Conn, t times) *socket {
	return &socket{
		id: id, conn: conn, times: t, queue: make(chan *websocket.PreparedMessage, queued),
		stop: make(chan struct{}), gone: make(chan struct{}),
	}
}

// end wants the socket closed with a code; only the first wish counts. It does
// not wait: write says goodbye, and should it hang in a peer that takes nothing,
// the connection is cut under it.
func (s *socket) end(code int, reason string) {
	s.once.Do(func() {
		s.code, s.reason = code, reason
		close(s.stop)
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

// read answers pings, notes pongs and goes on after the end was wished for, until
// the peer has said goodbye too.
func (s *socket) read() {
	defer close(s.gone)
	s.conn.SetReadLimit(readLimit)
	alive := func() { _ = s.conn.SetReadDeadline(time.Now().Add(s.times.read)) }
	alive()
	s.conn.SetPongHandler(func(string) error { alive(); return nil })
	pings := rate.NewLimiter(20, 40) // a peer may ping (RFC 6455, 5.5.2), but not to keep us busy
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
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			s.end(0, "")
			return
		}
		s.end(websocket.ClosePolicyViolation, "clients only listen here")
		s.conn.SetReadLimit(0) // what still comes is thrown away, so that the goodbye gets through
	}
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
		if s.conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(s.times.goodbye)) == nil {
			<-s.gone // the peer's goodbye, or the cut
		}
	}
	_ = s.conn.Close()
	<-s.gone
}

// soon is the deadline for writing a frame.
func (s *socket) soon() time.Time { return time.Now().Add(s.times.write) }
