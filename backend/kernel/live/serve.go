package live

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"

	"github.com/gorilla/websocket"

	"portico/backend/kernel/fault"
)

// Faults of Serve.
var (
	ErrOrigin    = fault.New(fault.Forbidden, "live.origin", "This connection does not come from the address of this portal.")
	ErrTooMany   = fault.New(fault.TooMany, "live.too_many", "Too many windows are open at once. Close one and load this page again.")
	ErrStopping  = fault.New(fault.Unavailable, "live.stopping", "Portico is stopping. Please try again in a moment.")
	ErrNotSocket = fault.New(fault.Malformed, "live.not_a_socket", "Only live connections are answered here.")
)

// Identity is who listens, as the caller authenticated them.
type Identity struct {
	Audience Audience
	Person   string // "staff", or a contact's id
	Session  string // its id; Drop closes by it
	// Still says whether the session holds. It is asked once the socket can be
	// found by Drop (the session may have ended between the caller's look and
	// that), and then every minute; false closes with 4401, an error with 1013.
	// nil: always.
	Still func(context.Context) (bool, error)
}

// owner is who the limit of sockets counts for: all staff are one person here, so
// for them it is the session.
func (id Identity) owner() string {
	if id.Audience == Staff {
		return "session " + id.Session
	}
	return "person " + id.Person
}

// Serve turns a request into a socket that listens until it or the hub closes it,
// and returns at once. The caller has authenticated the request; origins are the
// exact values of Origin that are right (`https://portal.example`), a missing one
// is wrong. On an error nothing has been answered yet: ErrOrigin, ErrTooMany,
// ErrStopping, ErrNotSocket. A connection that breaks during the handshake is no error.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, id Identity, origins []string) error {
	if sent := r.Header.Values("Origin"); len(sent) != 1 || sent[0] == "" || !slices.Contains(origins, sent[0]) {
		return ErrOrigin
	}
	if err := h.take(&id); err != nil {
		return err
	}
	upgrader := websocket.Upgrader{
		HandshakeTimeout: h.times.write,
		ReadBufferSize:   1024, // clients send next to nothing
		WriteBufferPool:  &h.buffers,
		CheckOrigin:      func(*http.Request) bool { return true }, // done above
		Error:            func(http.ResponseWriter, *http.Request, int, error) {},
	}
	line := &wire{buffers: &h.collecting}
	conn, err := upgrader.Upgrade(unwrapped{w, line}, r, nil)
	if err != nil {
		h.free(id.owner())
		var refused websocket.HandshakeError
		if errors.As(err, &refused) {
			return ErrNotSocket.Because(err)
		}
		h.log.Debug("a live connection broke in its handshake", "error", err)
		return nil
	}
	s := newSocket(id, conn, line, &h.times, h.inbound)
	if !h.do(func(all *listeners) { all.add(s) }) {
		s.end(websocket.CloseGoingAway, "stopping")
	}
	if !s.ended() {
		h.recheck(r.Context(), s)
	}
	go s.read()
	go func() {
		s.write(func(ctx context.Context) { h.recheck(ctx, s) })
		h.do(func(all *listeners) { all.remove(s) })
		h.free(id.owner())
	}()
	return nil
}

// take waits for the hub whatever becomes of the request: a place that nobody
// knows about would be lost.
func (h *Hub) take(id *Identity) error {
	var err error
	if !h.ask(context.Background(), func(all *listeners) {
		if err = all.take(id); err == nil {
			h.sockets.Add(1)
		}
	}) {
		return ErrStopping
	}
	return err
}

func (h *Hub) free(owner string) {
	h.do(func(all *listeners) { all.free(owner) })
	h.sockets.Done()
}

// recheck ends an ear whose session is over.
func (h *Hub) recheck(ctx context.Context, e ear) {
	still := e.identity().Still
	if still == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, h.times.write)
	defer cancel()
	holds, err := still(ctx)
	code, reason := closeSignedOut, "signed out"
	switch {
	case err != nil:
		h.log.Warn("a live connection's session cannot be checked", "error", err)
		code, reason = websocket.CloseTryAgainLater, "try again"
	case holds:
		return
	}
	e.end(code, reason)
	h.do(func(all *listeners) { all.remove(e) })
}

// unwrapped lets the library take the connection through the writers that
// middleware has put around it, and gives it the wire around that.
type unwrapped struct {
	http.ResponseWriter
	wire *wire
}

// Hijack implements http.Hijacker.
func (u unwrapped) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	u.wire.Conn = conn
	return u.wire, buffered, nil
}
