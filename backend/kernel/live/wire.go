package live

import (
	"net"
	"sync"
	"time"
)

// collected is how many bytes of frames go out together at most: what a TLS record
// takes.
const collected = 16 << 10

// collecting are the buffers of connections that have more than one frame to send;
// an idle one has none.
type collecting struct{ pool sync.Pool }

func (c *collecting) get() *[]byte {
	if buffer, ok := c.pool.Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 0, collected)
	return &buffer
}

// wire is a connection that can put several frames into one TLS record. It holds
// whole frames only, so that what it holds can also be dropped.
type wire struct {
	net.Conn
	buffers *collecting

	mu       sync.Mutex // a pong is written by the goroutine that reads
	holding  bool
	held     *[]byte   // nil: nothing
	deadline time.Time // for writing, as the connection knows it
}

// hold keeps frames back until flush; control frames take along what is held.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = true
}

// flush sends what is held, and holds no more.
func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = false
	return w.send()
}

// drop forgets what is held, and holds no more.
func (w *wire) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = false
	w.release()
}

// Write implements io.Writer; the library calls it once for each frame.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	control := len(p) > 0 && p[0]&0x08 != 0 // RFC 6455, 5.5
	if w.held != nil && len(*w.held)+len(p) > collected {
		if err := w.send(); err != nil {
			return 0, err
		}
	}
	if w.held == nil && (!w.holding || control || len(p) > collected) {
		return w.Conn.Write(p)
	}
	if w.held == nil {
		w.held = w.buffers.get()
	}
	*w.held = append(*w.held, p...)
	if control {
		return len(p), w.send()
	}
	return len(p), nil
}

// SetWriteDeadline implements net.Conn. Setting it costs more than it is worth for
// each frame, so one that is a moment too early stays.
func (w *wire) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ahead := t.Sub(w.deadline); !t.IsZero() && ahead >= 0 && ahead < time.Second {
		return nil
	}
	w.deadline = t
	return w.Conn.SetWriteDeadline(t)
}

func (w *wire) send() error {
	if w.held == nil {
		return nil
	}
	_, err := w.Conn.Write(*w.held)
	w.release()
	return err
}

func (w *wire) release() {
	if w.held != nil {
		*w.held = (*w.held)[:0]
		w.buffers.pool.Put(w.held)
		w.held = nil
	}
}
