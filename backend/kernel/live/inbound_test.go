package live

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"portico/backend/kernel/fault"
)

// said collects what clients send, as `person text`.
type said struct {
	mu    sync.Mutex
	words []string
}

func (s *said) hear(_ context.Context, id Identity, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, id.Person+" "+string(data))
	switch string(data) {
	case "fault":
		return fault.New(fault.Invalid, "chat.unknown_topic", "A sentence for people.")
	case "error":
		return errors.New("something private")
	}
	return nil
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.words)
}

func TestInbound(t *testing.T) {
	var heard said
	p := startWith(t, nil, func(h *Hub) { h.OnFrame(heard.hear) })
	text := func(words ...string) func(c *client) error {
		return func(c *client) error {
			for _, w := range words {
				if err := c.WriteMessage(websocket.TextMessage, []byte(w)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	many := make([]string, burst+perSecond)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	for _, s := range []struct {
		story  string
		send   func(c *client) error
		code   int
		reason string
	}{
		{"bytes", func(c *client) error { return c.WriteMessage(websocket.BinaryMessage, []byte{1}) }, 1003, "text only"},
		{"broken UTF-8", text("\xff\xfe"), 1007, "not UTF-8"},
		{"a fault", text("ok", "fault", "after the end"), 1008, "chat.unknown_topic"},
		{"an error", text("error"), 1008, "internal"},
		{"too many", func(c *client) error { _ = text(many...)(c); return nil }, 1008, "too many frames"},
		{"too large", text(strings.Repeat("x", readLimit+1)), 1009, ""},
		{"much too large", func(c *client) error { _ = text(strings.Repeat("x", 8<<20))(c); return nil }, 1009, ""},
	} {
		t.Run(s.story, func(t *testing.T) {
			c := p.join("portal ct_a s1")
			c.t = t
			if err := s.send(c); err != nil {
				t.Error(err)
			}
			_, _, err := c.ReadMessage()
			var closed *websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != s.code || closed.Text != s.reason {
				t.Errorf("closed with %v, want %d %q", err, s.code, s.reason)
			}
		})
	}
	words := heard.all()
	if !slices.Contains(words, "ct_a ok") || slices.Contains(words, "ct_a after the end") || len(words) < burst+3 || len(words) >= burst+perSecond {
		t.Errorf("heard %d: %v", len(words), words)
	}
}

// The largest frame arrives, in pieces too, and the socket goes on.
func TestInboundLargest(t *testing.T) {
	heard := make(chan string, 3)
	p := startWith(t, nil, func(h *Hub) {
		h.OnFrame(func(_ context.Context, _ Identity, data []byte) error { heard <- string(data); return nil })
	})
	c := p.join("portal ct_a s1")
	large := strings.Repeat("ü", readLimit/2)
	for range 2 {
		if err := c.WriteMessage(websocket.TextMessage, []byte(large)); err != nil {
			t.Fatal(err)
		}
		if got := <-heard; got != large {
			t.Errorf("heard %d bytes", len(got))
		}
	}
	p.Publish(Portal, "ct_a", "and back")
	c.hears(`"and back"`)
}

// What is being handled when the session ends is told so, and nothing comes after.
func TestInboundEndsWithTheSocket(t *testing.T) {
	began, ended := make(chan struct{}), make(chan error, 1)
	p := startWith(t, nil, func(h *Hub) {
		h.OnFrame(func(ctx context.Context, _ Identity, data []byte) error {
			if string(data) != "first" {
				t.Errorf("heard %q after the end", data)
			}
			close(began)
			<-ctx.Done()
			ended <- ctx.Err()
			return nil
		})
	})
	c := p.join("portal ct_a s1")
	for _, word := range []string{"first", "second"} {
		if err := c.WriteMessage(websocket.TextMessage, []byte(word)); err != nil {
			t.Fatal(err)
		}
	}
	<-began
	p.Drop("s1")
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.endsWith(4401)
}

func TestPublishTo(t *testing.T) {
	p := start(t, nil)
	ana, bo, cy, staff := p.join("portal ct_a s1"), p.join("portal ct_b s2"), p.join("portal ct_c s3"), p.join("staff staff s4")
	heard := make(chan string, 10)
	defer p.Subscribe(Staff, "", func(frame []byte) { heard <- string(frame) })()
	p.PublishTo(Portal, []string{"ct_a", "ct_c", "ct_nobody", "staff"}, "some")
	p.PublishTo(Portal, nil, "nobody")
	p.PublishTo(Staff, nil, "nobody")
	p.PublishTo(Staff, []string{"staff", "ct_a"}, "staff")
	p.Publish(Portal, "", "last")
	ana.hears(`"some"`, `"last"`)
	cy.hears(`"some"`, `"last"`)
	bo.hears(`"last"`)
	staff.hears(`"staff"`)
	if got := <-heard; got != `"staff"` {
		t.Errorf("the window heard %s", got)
	}
}

func TestPresence(t *testing.T) {
	told := make(chan string, 100)
	p := startWith(t, func(x *times) { x.tick, x.leave = 10*time.Millisecond, 200*time.Millisecond }, func(h *Hub) {
		h.OnPresence(func(audience Audience, person string, online bool) {
			told <- string(audience) + " " + person + " " + strconv.FormatBool(online)
		})
	})
	expect := func(want string) {
		t.Helper()
		select {
		case got := <-told:
			if got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		case <-time.After(patience):
			t.Errorf("never told %q", want)
		}
	}
	online := func(persons ...string) map[string]bool { return p.Online(context.Background(), Portal, persons) }
	first := p.join("portal ct_a s1")
	expect("portal ct_a true")
	p.join("portal ct_a s2")
	bo := p.join("portal ct_b s3")
	expect("portal ct_b true") // and nothing for Ana's second
	_ = first.Close()
	if got := online("ct_a", "ct_b", "ct_z"); !got["ct_a"] || !got["ct_b"] || got["ct_z"] || len(got) != 3 {
		t.Errorf("online: %v", got)
	}
	_ = bo.Close()
	expect("portal ct_b false") // Ana still has one
	if got := online("ct_a", "ct_b"); !got["ct_a"] || got["ct_b"] {
		t.Errorf("online: %v", got)
	}
	cancel := p.Subscribe(Staff, "", func([]byte) {})
	expect("staff staff true")
	cancel()
	expect("staff staff false")
	p.DropPerson("ct_a")
	expect("portal ct_a false")
	p.stop()
	<-p.ended
	if got := online("ct_a"); got["ct_a"] {
		t.Errorf("after the end: %v", got)
	}
}

// A page that is loaded again is no leaving.
func TestPresenceOfOneWhoComesBack(t *testing.T) {
	p := &presence{persons: map[who]attendance{}, news: &news{state: map[who]bool{}, wake: make(chan struct{}, 1)}}
	ana, next := who{Portal, "ct_a"}, func() string {
		w, online, ok := p.news.next()
		if !ok {
			return "nothing"
		}
		return w.person + " " + strconv.FormatBool(online)
	}
	p.came(ana)
	p.left(ana, 1)
	p.came(ana)
	p.left(ana, 3) // the time runs anew
	p.settle(2)
	if got := next(); got != "ct_a true" {
		t.Error(got)
	}
	if got := next(); got != "nothing" {
		t.Errorf("told a leaving: %s", got)
	}
	p.settle(3)
	p.came(ana) // before anybody was told
	if got := next(); got != "nothing" {
		t.Errorf("told one who is back: %s", got)
	}
	if len(p.leaving) != 0 || len(p.persons) != 1 {
		t.Errorf("left over: %+v", p)
	}
}
