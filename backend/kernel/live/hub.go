package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Audience is one of the two sides that never hear each other's frames.
type Audience string

// The audiences.
const (
	Staff  Audience = "staff"
	Portal Audience = "portal"
)

// Close codes of ours (RFC 6455 leaves 4000–4999 to applications).
const closeSignedOut = 4401

// waiting is how many calls may wait for the hub before Publish waits too. The hub
// itself never waits for anybody.
const waiting = 256

// Deps are what a hub needs.
type Deps struct{ Log *slog.Logger }

// Hub knows every listener. Its methods may be called from many goroutines, and
// from transactions' AfterCommit: they hand over and return.
type Hub struct {
	log        *slog.Logger
	times      times
	commands   chan func(*listeners)
	began      atomic.Bool    // Run has been called
	ended      chan struct{}  // Run is over
	sockets    sync.WaitGroup // places taken; added to by Run's goroutine only
	buffers    sync.Pool      // for the WebSocket library: writing buffers are shared
	collecting collecting     // likewise, for several frames at once
	inbound    Inbound        // nil: clients only listen
	here       *presence      // belongs to Run's goroutine
}

// Inbound hears a text frame that a client sent: valid UTF-8 of at most 64 KiB. It
// is called in the goroutine that reads the socket, which therefore reads no
// further meanwhile; ctx ends with the socket. An error closes the socket with 1008 and the
// fault's code.
type Inbound func(ctx context.Context, id Identity, data []byte) error

// times of a connection. They are the network's own, hence no clock.Clock.
type times struct {
	ping    time.Duration // between two pings
	read    time.Duration // without a pong until the peer counts as gone
	write   time.Duration // for one frame
	goodbye time.Duration // from the wish to close until the connection is cut
	check   time.Duration // between two looks whether the session still holds
	tick    time.Duration // what the hub itself measures the following in
	leave   time.Duration // without a listener until somebody counts as gone
	keep    time.Duration // without a poll until a mailbox is thrown away
	poll    time.Duration // that a poll waits for a frame
}

// ticks are how many of them a time takes at least.
func (t *times) ticks(d time.Duration) int { return int((d + t.tick - 1) / t.tick) }

// New makes a hub; nothing is delivered until Run runs.
func New(d Deps) *Hub {
	return &Hub{
		log: d.Log,
		times: times{
			ping: 25 * time.Second, read: 60 * time.Second, write: 10 * time.Second,
			goodbye: 800 * time.Millisecond, check: time.Minute,
			tick: time.Second, leave: 5 * time.Second, keep: time.Minute, poll: 25 * time.Second,
		},
		commands: make(chan func(*listeners), waiting),
		ended:    make(chan struct{}),
		here:     &presence{persons: map[who]attendance{}},
	}
}

// OnFrame lets clients send frames to in. It is called before Run; without it
// clients only listen, and a socket that sends something is closed.
func (h *Hub) OnFrame(in Inbound) { h.inbound = in }

// Run delivers until ctx ends, and then closes every socket with 1001. It runs
// once, for as long as the program.
func (h *Hub) Run(ctx context.Context) {
	h.began.Store(true)
	defer close(h.ended)
	all := newListeners(h.here)
	defer all.shut()
	if h.here.news != nil {
		go h.here.news.tell(h.ended)
	}
	clock := time.NewTicker(h.times.tick)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
			all.tick(&h.times)
		case command := <-h.commands:
			command(all)
		case <-ctx.Done():
			return
		}
	}
}

// do hands a command to the goroutine that owns the maps; false when it is over.
func (h *Hub) do(command func(*listeners)) bool {
	select {
	case <-h.ended:
		return false
	default:
	}
	select {
	case h.commands <- command:
		return true
	case <-h.ended:
		return false
	}
}

// tell is do for news. A program that opens the store for one command never runs the
// hub and must not wait for it: before Run, what finds no room in the queue is for
// nobody.
func (h *Hub) tell(command func(*listeners)) {
	if h.began.Load() {
		h.do(command)
		return
	}
	select {
	case h.commands <- command:
	default:
	}
}

// ask is do, and waits until the command has run; false when it will not run, or
// ctx ended first.
func (h *Hub) ask(ctx context.Context, command func(*listeners)) bool {
	done := make(chan struct{})
	if !h.do(func(all *listeners) { command(all); close(done) }) {
		return false
	}
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	case <-h.ended:
	}
	select { // it may have been Run's last command
	case <-done:
		return true
	default:
		return false
	}
}

// Publish sends frame, as JSON, to one person of an audience ("staff", or a
// contact's id), or with person "" to all of it. Frames arrive in the order of
// the calls.
func (h *Hub) Publish(audience Audience, person string, frame any) {
	h.PublishTo(audience, []string{person}, frame)
}

// PublishTo is Publish for several persons of an audience, each named once; the
// frame is encoded once for all of them.
func (h *Hub) PublishTo(audience Audience, persons []string, frame any) {
	data, err := json.Marshal(frame)
	if err != nil {
		h.log.Error("a live frame cannot be encoded", "error", err)
		return
	}
	h.tell(func(all *listeners) {
		if slow := all.publish(audience, persons, data); slow > 0 {
			h.log.Info("slow live connections were closed", "count", slow)
		}
	})
}

// Resync tells every listener that frames may have been lost, and asks at once
// whether the sessions behind sockets still hold: news of an end may be among them.
func (h *Hub) Resync() {
	h.tell(func(all *listeners) {
		for _, audience := range []Audience{Staff, Portal} {
			all.publish(audience, []string{""}, []byte(resync))
		}
		for _, ears := range all.audiences {
			for e := range ears {
				if s, ok := e.(*socket); ok {
					s.remind(false, true)
				}
			}
		}
	})
}

// Drop closes the sockets of a session with 4401, within a second. Nothing is
// sent to them after it was called.
func (h *Hub) Drop(session string) {
	h.tell(func(all *listeners) { all.drop(all.sessions[session]) })
}

// DropPerson closes all sockets of a person with 4401, within a second.
func (h *Hub) DropPerson(person string) {
	h.tell(func(all *listeners) { all.drop(all.persons[person]) })
}

// Close takes no more sockets, closes the ones there are with 1001, and waits
// until they are gone or ctx ends. http.Server.Shutdown does not know them: call
// it from RegisterOnShutdown.
func (h *Hub) Close(ctx context.Context) error {
	h.ask(ctx, (*listeners).shut)
	gone := make(chan struct{})
	go func() {
		h.sockets.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
