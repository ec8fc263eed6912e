package live

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestOrigin(t *testing.T) {
	p := start(t, nil)
	for _, s := range []struct {
		story  string
		origin []string
		want   string
	}{
		{"the portal's own", []string{origin}, ""},
		{"another of ours", []string{"http://127.0.0.1:8080"}, ""},
		{"missing", nil, "live.origin"},
		{"empty", []string{""}, "live.origin"},
		{"null, as from a sandbox", []string{"null"}, "live.origin"},
		{"a stranger", []string{"https://evil.example"}, "live.origin"},
		{"the server's own host", []string{strings.Replace(p.url, "ws", "http", 1)}, "live.origin"},
		{"without encryption", []string{"http://portal.example"}, "live.origin"},
		{"another port", []string{"https://portal.example:8443"}, "live.origin"},
		{"a longer name", []string{"https://portal.example.evil.example"}, "live.origin"},
		{"with a path", []string{origin + "/"}, "live.origin"},
		{"twice", []string{origin, "https://evil.example"}, "live.origin"},
	} {
		if _, code := p.dial("portal ct_1 s1", http.Header{"Origin": s.origin}); code != s.want {
			t.Errorf("%s: %q, want %q", s.story, code, s.want)
		}
	}
}

func TestNoSocket(t *testing.T) {
	p := start(t, nil)
	request, err := http.NewRequest(http.MethodGet, strings.Replace(p.url, "ws", "http", 1)+query("portal ct_1 s1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	for range perPerson + 1 { // a refused request takes no place
		response, err := http.DefaultClient.Do(request)
		<-p.served
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if got := response.Header.Get("Code"); got != "live.not_a_socket" {
			t.Errorf("answered %q", got)
		}
	}
	p.await("no place is taken", func(all *listeners) bool { return len(all.places) == 0 })
}

func TestPublish(t *testing.T) {
	p := start(t, nil)
	ana, anaToo, bo, staff := p.join("portal ct_a s1"), p.join("portal ct_a s2"), p.join("portal ct_b s3"), p.join("staff staff s4")
	type frame struct {
		Topic string `json:"topic"`
	}
	p.Publish(Portal, "ct_a", frame{"for ana"})
	p.Publish(Staff, "", frame{"for staff"})
	p.Publish(Portal, "", frame{"for clients"})
	p.Publish(Portal, "staff", frame{"for nobody"})
	p.Publish(Staff, "ct_b", frame{"for nobody"})
	p.Publish(Portal, "ct_z", frame{"for nobody"})
	p.Publish(Portal, "", make(chan int)) // cannot be encoded: logged
	p.Publish(Staff, "staff", frame{"for staff <&>"})
	p.Publish(Portal, "", frame{"last"})
	ana.hears(`{"topic":"for ana"}`, `{"topic":"for clients"}`, `{"topic":"last"}`)
	anaToo.hears(`{"topic":"for ana"}`, `{"topic":"for clients"}`, `{"topic":"last"}`)
	bo.hears(`{"topic":"for clients"}`, `{"topic":"last"}`)
	staff.hears(`{"topic":"for staff"}`, `{"topic":"for staff \u003c\u0026\u003e"}`)
}

func TestDrop(t *testing.T) {
	p := start(t, nil)
	one, same, two, bo := p.join("portal ct_a s1"), p.join("portal ct_a s1"), p.join("portal ct_a s2"), p.join("portal ct_b s3")
	p.Drop("s1")
	p.Drop("")
	p.Drop("nobody's")
	p.Publish(Portal, "", "one")
	for _, c := range []*client{one, same} {
		if n := c.endsWith(4401); n != 0 {
			t.Errorf("%d frames after the session ended", n)
		}
	}
	two.hears(`"one"`)
	p.DropPerson("ct_a")
	p.Publish(Portal, "", "two")
	if n := two.endsWith(4401); n != 0 {
		t.Errorf("%d frames after the person was suspended", n)
	}
	bo.hears(`"one"`, `"two"`)
	p.await("only bo is left", func(all *listeners) bool {
		return len(all.places) == 1 && len(all.sessions) == 1 && len(all.persons) == 1 && len(all.audiences[Portal]) == 1
	})
}

// TestDropOfOneWhoHangs: a peer that takes nothing more is cut all the same.
func TestDropOfOneWhoHangs(t *testing.T) {
	p := start(t, func(x *times) { x.write = patience; x.goodbye = 50 * time.Millisecond })
	p.join("portal ct_a s1") // and never reads
	big := strings.Repeat("x", 1<<20)
	for range queued / 2 {
		p.Publish(Portal, "ct_a", big)
	}
	p.Drop("s1")
	p.await("it is gone", func(all *listeners) bool { return len(all.places) == 0 })
}

func TestPerPerson(t *testing.T) {
	p := start(t, nil)
	header := http.Header{"Origin": {origin}}
	var last *client
	for range perPerson {
		last = p.join("portal ct_a s1")
	}
	for who, want := range map[string]string{"portal ct_a s1": "live.too_many", "portal ct_a s2": "live.too_many", "portal ct_b s3": ""} {
		if _, code := p.dial(who, header); code != want {
			t.Errorf("%s: %q, want %q", who, code, want)
		}
	}
	_ = last.Close()
	p.await("a place is free", func(all *listeners) bool { return all.places["person ct_a"] < perPerson })
	p.join("portal ct_a s1")
	for range perPerson {
		p.join("staff staff one")
	}
	if _, code := p.dial("staff staff one", header); code != "live.too_many" {
		t.Errorf("a ninth in one staff session: %q", code)
	}
	p.join("staff staff two") // all staff are one person, so sessions count
}

func TestClose(t *testing.T) {
	p := start(t, nil)
	ana, staff := p.join("portal ct_a s1"), p.join("staff staff s2")
	p.Publish(Portal, "ct_a", "last")
	ana.hears(`"last"`)
	closed := make(chan error)
	go func() { closed <- p.Close(context.Background()) }()
	ana.endsWith(websocket.CloseGoingAway)
	staff.endsWith(websocket.CloseGoingAway)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, code := p.dial("portal ct_a s1", http.Header{"Origin": {origin}}); code != "live.stopping" {
		t.Errorf("after closing: %q", code)
	}
	if err := p.Close(context.Background()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestRunEnds(t *testing.T) {
	p := start(t, nil)
	ana := p.join("portal ct_a s1")
	cancel := p.Subscribe(Staff, "staff", func([]byte) {})
	p.stop()
	ana.endsWith(websocket.CloseGoingAway)
	<-p.ended
	p.Publish(Portal, "", "nobody hears this, and nobody waits")
	p.Drop("s1")
	p.DropPerson("ct_a")
	cancel()
	if _, code := p.dial("portal ct_a s1", http.Header{"Origin": {origin}}); code != "live.stopping" {
		t.Errorf("after the end: %q", code)
	}
	over, stop := context.WithCancel(context.Background())
	stop()
	never := New(Deps{})
	if err := never.Close(over); err != nil && err != context.Canceled {
		t.Errorf("a hub that never ran: %v", err)
	}
}

// A command that opens the store for a moment never runs the hub: what it
// publishes must not make it wait.
func TestPublishingWithoutRunDoesNotWait(t *testing.T) {
	h := New(Deps{Log: slog.New(slog.DiscardHandler)})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range waiting + 1 {
			h.Publish(Staff, "", "x")
			h.Drop("se_1")
			h.DropPerson("ct_1")
		}
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for a hub that nobody runs")
	}
}

// Whoever subscribed before the hub got to run hears what was published since.
func TestNewsBeforeRunWaitsForIt(t *testing.T) {
	h := New(Deps{Log: slog.New(slog.DiscardHandler)})
	heard := make(chan string, 1)
	h.Subscribe(Staff, "staff", func(frame []byte) { heard <- string(frame) })
	h.Publish(Staff, "", "early")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go h.Run(ctx)
	select {
	case frame := <-heard:
		if frame != `"early"` {
			t.Errorf("heard %s", frame)
		}
	case <-time.After(patience):
		t.Fatal("nothing is heard")
	}
}
