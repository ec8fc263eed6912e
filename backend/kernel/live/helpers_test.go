package live

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"portico/backend/kernel/fault"
)

const origin = "https://portal.example"

// patience is how long a test waits before it calls something lost.
const patience = 20 * time.Second

// place is a hub behind a real server, with ways to look into it.
type place struct {
	*Hub
	t    *testing.T
	url  string
	stop context.CancelFunc
	// served gets a word whenever Serve has returned.
	served chan struct{}
	// still answers Identity.Still; nil: not asked.
	still func(context.Context) (bool, error)
	http  string // the server's address
}

// start runs a hub with the given times (zero: the real ones). The test fails
// when any of the hub's goroutines outlives it.
func start(t *testing.T, change func(*times)) *place {
	t.Helper()
	return startWith(t, change, func(*Hub) {})
}

// startWith is start with what is said to a hub before it runs.
func startWith(t *testing.T, change func(*times), prepare func(*Hub)) *place {
	t.Helper()
	p := &place{Hub: New(Deps{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}), t: t, served: make(chan struct{}, 1000)}
	if change != nil {
		change(&p.times)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	prepare(p.Hub)
	go p.Run(ctx)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		id := Identity{Audience: Audience(q.Get("audience")), Person: q.Get("person"), Session: q.Get("session"), Still: p.still}
		var err error
		if r.URL.Path == "/poll" {
			err = p.Poll(wrapper{w}, r, id)
		} else {
			err = p.Serve(wrapper{w}, r, id, []string{origin, "http://127.0.0.1:8080", ""})
		}
		if err != nil {
			w.Header().Set("Code", fault.As(err).Code)
			w.WriteHeader(http.StatusTeapot)
		}
		p.served <- struct{}{}
	}))
	p.http = server.URL
	p.url = strings.Replace(server.URL, "http", "ws", 1)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		p.stop()
		over, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := p.Close(over); err != nil {
			t.Errorf("closing: %v", err)
		}
		noGoroutines(t)
	})
	return p
}

// wrapper is what middleware does to a response writer.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// noGoroutines waits until none runs code of this package but tests.
func noGoroutines(t *testing.T) {
	t.Helper()
	var stacks bytes.Buffer
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stacks.Reset()
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		if !strings.Contains(stacks.String(), "live.(*Hub)") && !strings.Contains(stacks.String(), "live.(*socket)") && !strings.Contains(stacks.String(), "live.(*listener)") && !strings.Contains(stacks.String(), "live.(*news)") {
			return
		}
	}
	t.Errorf("goroutines are left:\n%s", stacks.String())
}

// client is a connected browser.
type client struct {
	*websocket.Conn
	t *testing.T
}

// query is `audience person session` as an address.
func query(who string) string {
	words := strings.Fields(who)
	return "/?audience=" + words[0] + "&person=" + words[1] + "&session=" + words[2]
}

// dial connects; code is the fault's when it is refused.
func (p *place) dial(who string, header http.Header) (c *client, code string) {
	p.t.Helper()
	defer func() { <-p.served }()
	conn, response, err := websocket.DefaultDialer.Dial(p.url+query(who), header)
	if err != nil {
		if response == nil {
			p.t.Fatalf("%s: %v", who, err)
		}
		return nil, response.Header.Get("Code")
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	return &client{conn, p.t}, ""
}

// join connects and waits until the hub knows it.
func (p *place) join(who string) *client {
	p.t.Helper()
	c, code := p.dial(who, http.Header{"Origin": {origin}})
	if c == nil {
		p.t.Fatalf("%s was refused: %s", who, code)
	}
	p.settle()
	return c
}

// settle waits until the hub has done what it was told so far.
func (p *place) settle() {
	p.t.Helper()
	if !p.ask(context.Background(), func(*listeners) {}) {
		p.t.Fatal("the hub is over")
	}
}

// await looks into the hub until a condition holds.
func (p *place) await(story string, holds func(*listeners) bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		ok := false
		p.ask(context.Background(), func(all *listeners) { ok = holds(all) })
		if ok {
			return
		}
	}
	p.t.Errorf("never: %s", story)
}

// hears reads frames and compares them.
func (c *client) hears(want ...string) {
	c.t.Helper()
	for _, frame := range want {
		_, got, err := c.ReadMessage()
		if err != nil || string(got) != frame {
			c.t.Errorf("heard %q (%v), want %q", got, err, frame)
		}
	}
}

// endsWith reads until the connection closes and compares the code; it answers
// how many frames came before.
func (c *client) endsWith(code int) (frames int) {
	c.t.Helper()
	for {
		_, _, err := c.ReadMessage()
		if err == nil {
			frames++
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code {
			c.t.Errorf("closed with %v, want %d", err, code)
		}
		return frames
	}
}
