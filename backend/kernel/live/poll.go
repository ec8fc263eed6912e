package live

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"sync"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
)

// ErrMailbox is for an id of a mailbox that is none.
var ErrMailbox = fault.New(fault.Malformed, "live.mailbox", "Name the mailbox with 16 to 64 letters, digits, - or _ that nobody guesses.")

// resync is the frame that says: frames were lost, ask everything again.
const resync = `{"topic":"resync"}`

// mailbox collects frames between two polls of a browser that gets no socket
// through. It is bounded like a socket's queue; what overflows becomes a resync.
type mailbox struct {
	id     Identity
	key    string
	polled int // in ticks; both belong to Hub.Run's goroutine
	busy   int // how many polls are under way

	mu     sync.Mutex
	frames [][]byte
	lost   bool
	over   error         // nil: open
	wake   chan struct{} // has one word when there is something to see
	turn   chan struct{} // closed when another poll takes over
}

// boxKey is a mailbox's name. Nobody finds another's, whatever id they send.
func boxKey(id *Identity, sent string) string {
	return string(id.Audience) + " " + id.Person + " " + id.Session + " " + sent
}

func (m *mailbox) identity() *Identity { return &m.id }

func (m *mailbox) offer(f *frame) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return true
	}
	if len(m.frames) == queued {
		m.frames, m.lost = nil, true
	}
	if !m.lost {
		m.frames = append(m.frames, f.data)
	}
	m.rouse()
	return true
}

func (m *mailbox) end(code int, _ string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over == nil {
		m.over = ErrStopping // or it cannot be told whether the session holds: later
		if code == closeSignedOut {
			m.over = auth.ErrNotClient // "sign in", whichever the audience
		}
		m.frames = nil
		m.rouse()
	}
}

func (m *mailbox) rouse() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// takeOver makes an earlier poll that still waits answer with nothing: its
// connection is probably dead.
func (m *mailbox) takeOver() (turn <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turn != nil {
		close(m.turn)
	}
	m.turn = make(chan struct{})
	return m.turn
}

// empty takes what has come.
func (m *mailbox) empty() (frames [][]byte, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if frames = m.frames; m.lost {
		frames = [][]byte{[]byte(resync)}
	}
	m.frames, m.lost = nil, false
	return frames, m.over
}

// lose notes that an answer did not arrive.
func (m *mailbox) lose() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frames, m.lost = nil, true
	m.rouse()
}

// wait is over when frames have come, the mailbox has ended, another poll took
// over, or the time is up.
func (m *mailbox) wait(ctx context.Context, most time.Duration) (frames [][]byte, err error) {
	turn := m.takeOver()
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		select {
		case <-turn:
			return nil, nil
		default:
		}
		if frames, err = m.empty(); err != nil || len(frames) > 0 {
			return frames, err
		}
		select {
		case <-m.wake:
		case <-turn:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// evict ends one mailbox of a person at which nobody waits.
func (l *listeners) evict(id *Identity) {
	for _, e := range l.persons[id.Person] {
		box, ok := e.(*mailbox)
		if ok && box.busy == 0 && box.id.owner() == id.owner() {
			box.end(0, "")
			l.remove(box)
			return
		}
	}
}

// Poll answers what has come for a mailbox, which the query's id names: at once
// when something waits, else as soon as something comes or after some seconds with
// nothing. The first poll makes the mailbox and says resync, since nobody knows
// what was missed before. The caller has authenticated the request. On an error
// nothing has been answered yet: ErrOrigin, ErrMailbox, ErrTooMany, ErrStopping,
// or that nobody is signed in.
func (h *Hub) Poll(w http.ResponseWriter, r *http.Request, id Identity) error {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return ErrOrigin
	}
	sent := r.URL.Query().Get("id")
	if !mailboxID.MatchString(sent) {
		return ErrMailbox
	}
	box, isNew, err := h.mailbox(&id, boxKey(&id, sent))
	if err != nil {
		return err
	}
	defer h.do(func(all *listeners) { box.busy--; box.polled = all.now })
	var frames [][]byte
	if isNew {
		h.recheck(r.Context(), box)
		_, err = box.empty() // what came meanwhile is asked for with the rest
		frames = [][]byte{[]byte(resync)}
	} else {
		frames, err = box.wait(r.Context(), h.times.poll)
	}
	switch {
	case err != nil && r.Context().Err() != nil:
		return nil // nobody is there to be answered
	case err != nil:
		return err
	}
	answer := append(append([]byte(`{"frames":[`), bytes.Join(frames, []byte(","))...), "]}\n"...)
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(answer); err != nil {
		box.lose()
	}
	return nil
}

// mailbox finds a mailbox or makes one, and counts the poll that is under way.
func (h *Hub) mailbox(id *Identity, key string) (box *mailbox, isNew bool, err error) {
	if !h.ask(context.Background(), func(all *listeners) {
		if box = all.boxes[key]; box == nil {
			if err = all.take(id); err != nil {
				return
			}
			isNew = true
			box = &mailbox{id: *id, key: key, wake: make(chan struct{}, 1)}
			all.boxes[key] = box
			all.add(box)
		}
		box.busy++
	}) {
		return nil, false, ErrStopping
	}
	return box, isNew, err
}

// mailboxID is what browsers make up: hard to guess and fit for a log.
var mailboxID = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
