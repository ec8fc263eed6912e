package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend/kernel/db"
)

// exchange is what nodes share. While gate is closed nothing leaves.
type exchange struct {
	mu       sync.Mutex
	nodes    []func(string)
	payloads []string
	refuses  int // so many notices fail
	entered  chan struct{}
	gate     chan struct{}
}

func newExchange() *exchange {
	return &exchange{entered: make(chan struct{}, 100), gate: make(chan struct{})}
}

func (x *exchange) Notify(ctx context.Context, payloads []string) error {
	x.entered <- struct{}{}
	select {
	case <-x.gate:
	case <-ctx.Done():
		return ctx.Err()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refuses > 0 {
		x.refuses--
		return errors.New("no database")
	}
	x.payloads = append(x.payloads, payloads...)
	for _, p := range payloads {
		for _, fn := range x.nodes {
			fn(p)
		}
	}
	return nil
}

func (x *exchange) Listen(ctx context.Context, fn func(string), _ func()) {
	x.mu.Lock()
	x.nodes = append(x.nodes, fn)
	x.mu.Unlock()
	<-ctx.Done()
}

// node is a relay that runs, with what it hears.
func (x *exchange) node(t *testing.T) (*Relay, chan string) {
	t.Helper()
	heard := make(chan string, 2*relayMost)
	r := NewRelay(x, slog.New(slog.DiscardHandler))
	r.On("a", func(key string, n int64) { heard <- fmt.Sprint("a ", key, " ", n) })
	r.On("b", func(key string, n int64) { heard <- fmt.Sprint("b ", key, " ", n) })
	r.OnGap(func() { heard <- "gap" })
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	x.mu.Lock()
	before := len(x.nodes)
	x.mu.Unlock()
	go func() { defer close(done); r.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		x.mu.Lock()
		listens := len(x.nodes) > before
		x.mu.Unlock()
		if listens {
			return r, heard
		}
	}
	t.Fatal("it does not listen")
	return nil, nil
}

func expectNews(t *testing.T, heard chan string, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-heard:
			if got != w {
				t.Errorf("heard %q, want %q", got, w)
			}
		case <-time.After(patience):
			t.Fatalf("never heard %q", w)
		}
	}
}

func TestRelay(t *testing.T) {
	x := newExchange()
	here, own := x.node(t)
	_, there := x.node(t)
	x.refuses = 1 // is tried again
	here.Tell("a", "first", 1)
	<-x.entered // it is under way, so what follows waits and is put together
	here.Tell("a", "k", 3)
	here.Tell("b", "k", 1)
	here.Tell("a", "k", 7)
	here.Tell("a", "k", 5)
	here.Tell("nobody listens", "k", 5)
	here.Tell("b", strings.Repeat("x", db.MaxPayload), 0) // told as a gap
	here.Tell("b", "last", -1)
	close(x.gate)
	expectNews(t, there, "a first 1", "a k 7", "b k 1", "b last -1", "gap")
	if len(own) != 0 {
		t.Errorf("it hears itself: %s", <-own)
	}
}

// More than may wait becomes one word: look at everything.
func TestRelayOverflows(t *testing.T) {
	x := newExchange()
	here, _ := x.node(t)
	_, there := x.node(t)
	here.Tell("a", "first", 1)
	<-x.entered
	for i := range relayMost + 10 {
		here.Tell("a", fmt.Sprint(i), 1)
	}
	close(x.gate)
	expectNews(t, there, "a first 1", "gap")
	here.Tell("a", "and on", 2)
	expectNews(t, there, "a and on 2")
}

func TestRelayKeepsPayloadsShort(t *testing.T) {
	r := NewRelay(nil, slog.New(slog.DiscardHandler))
	const n = 1000
	for i := range n {
		r.Tell("a", fmt.Sprint(strings.Repeat("ü", 20), `"`, i), int64(i))
	}
	payloads, all := r.pack(), 0
	for _, p := range payloads {
		var got parcel
		if err := json.Unmarshal([]byte(p), &got); err != nil || len(p) > db.MaxPayload || got.Gap {
			t.Errorf("%d bytes, gap %v: %v", len(p), got.Gap, err)
		}
		all += len(got.News)
	}
	if all != n || len(payloads) > 20 {
		t.Errorf("%d news in %d payloads", all, len(payloads))
	}
	if again := r.pack(); again != nil {
		t.Errorf("told twice: %v", again)
	}
}

// What cannot be read harms nobody.
func TestRelayHearsNoise(t *testing.T) {
	r := NewRelay(nil, slog.New(slog.DiscardHandler))
	var heard []string
	r.On("a", func(key string, _ int64) { heard = append(heard, key) })
	for _, payload := range []string{"", "{", "[]", `{"node":1}`, `{"node":"x","news":[{"t":"a","k":"k"}]}`} {
		r.heard(payload)
	}
	if !slices.Equal(heard, []string{"k"}) {
		t.Errorf("heard %v", heard)
	}
}

func TestResync(t *testing.T) {
	p := start(t, nil)
	ana, staff := p.join("portal ct_a s1"), p.join("staff staff s2")
	heard := make(chan string, 10)
	defer p.Subscribe(Staff, "", func(frame []byte) { heard <- string(frame) })()
	p.Resync()
	ana.hears(resync)
	staff.hears(resync)
	if got := <-heard; got != resync {
		t.Errorf("the window heard %s", got)
	}
}

// After a gap a session that ended elsewhere is found at once, not in a minute.
func TestResyncAsksForTheSession(t *testing.T) {
	p := start(t, nil)
	holds := make(chan bool, 2)
	holds <- true // when it joins
	p.still = func(context.Context) (bool, error) { return <-holds, nil }
	ana := p.join("portal ct_a s1")
	holds <- false
	p.Resync()
	ana.endsWith(4401)
}
