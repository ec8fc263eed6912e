package live

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// TestSlow: one that does not read is closed and told so; its neighbour misses nothing.
func TestSlow(t *testing.T) {
	p := start(t, func(x *times) { x.write, x.goodbye = patience, patience })
	slow, quick := p.join("portal ct_a s1"), p.join("portal ct_b s2")
	big, sent := strings.Repeat("x", 1<<20), 0
	for over := false; !over && sent < 500; sent++ {
		p.Publish(Portal, "ct_a", big)
		p.Publish(Portal, "ct_b", sent)
		quick.hears(strconv.Itoa(sent))
		p.ask(context.Background(), func(all *listeners) { over = all.persons["ct_a"] == nil })
	}
	if n := slow.endsWith(websocket.CloseTryAgainLater); n >= sent {
		t.Errorf("it heard all %d", n)
	}
	p.Publish(Portal, "", "and on")
	quick.hears(`"and on"`)
}

func TestClientsOnlyListen(t *testing.T) {
	p := start(t, nil)
	for _, s := range []struct {
		story string
		send  func(c *client) error
		code  int
	}{
		{"text", func(c *client) error { return c.WriteMessage(websocket.TextMessage, []byte(`{}`)) }, 1008},
		{"nothing, but as text", func(c *client) error { return c.WriteMessage(websocket.TextMessage, nil) }, 1008},
		{"bytes", func(c *client) error { return c.WriteMessage(websocket.BinaryMessage, []byte{1}) }, 1008},
		{"a large text in pieces", func(c *client) error { return c.WriteMessage(websocket.TextMessage, make([]byte, 1<<20)) }, 1008},
		{"a frame that says it is large", func(c *client) error {
			_, err := c.NetConn().Write([]byte{0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4})
			return err
		}, 1009},
		{"no WebSocket at all", func(c *client) error { _, err := c.NetConn().Write([]byte("GET / HTTP/1.1\r\n\r\n")); return err }, 1002},
		{"goodbye", func(c *client) error {
			return c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "bye"), time.Time{})
		}, 1000},
		{"more pings than anybody needs", func(c *client) error {
			for range 1000 {
				if err := c.WriteControl(websocket.PingMessage, []byte("x"), time.Time{}); err != nil {
					return nil // closed by now
				}
			}
			return nil
		}, 1008},
	} {
		t.Run(s.story, func(t *testing.T) {
			c := p.join("portal ct_a s1")
			c.t = t
			if err := s.send(c); err != nil {
				t.Error(err)
			}
			c.endsWith(s.code)
		})
	}
	p.await("all are gone", func(all *listeners) bool { return len(all.places) == 0 })
}

func TestPings(t *testing.T) {
	p := start(t, func(x *times) { x.tick, x.ping, x.read = time.Millisecond, time.Millisecond, patience })
	c := p.join("portal ct_a s1")
	pings, pongs := 0, make(chan string, 1)
	c.SetPingHandler(func(data string) error {
		if pings++; pings == 5 {
			p.Publish(Portal, "", "still here")
		}
		return c.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(patience))
	})
	c.SetPongHandler(func(data string) error { pongs <- data; return nil })
	if err := c.WriteControl(websocket.PingMessage, []byte("and you?"), time.Now().Add(patience)); err != nil {
		t.Error(err)
	}
	c.hears(`"still here"`)
	if got := <-pongs; got != "and you?" {
		t.Errorf("answered %q", got)
	}
}

// TestSilence: a peer that no longer answers pings is given up.
func TestSilence(t *testing.T) {
	p := start(t, func(x *times) { x.tick, x.ping, x.read = time.Millisecond, time.Millisecond, 100*time.Millisecond })
	p.join("portal ct_a s1") // never reads, so never answers
	p.await("it is gone", func(all *listeners) bool { return len(all.places) == 0 })
}

func TestStill(t *testing.T) {
	type answer struct {
		holds bool
		err   error
	}
	yes, no, unknown := answer{true, nil}, answer{false, nil}, answer{false, errors.New("no database")}
	for _, s := range []struct {
		story   string
		answers []answer
		code    int
	}{
		{"ended while it was joining", []answer{no}, 4401},
		{"nobody can tell", []answer{unknown}, 1013},
		{"ended later", []answer{yes, yes, no}, 4401},
		{"later nobody can tell", []answer{yes, unknown}, 1013},
	} {
		t.Run(s.story, func(t *testing.T) {
			p := start(t, func(x *times) { x.tick, x.check = time.Millisecond, time.Millisecond })
			var asked atomic.Int64
			p.still = func(context.Context) (bool, error) {
				a := s.answers[min(int(asked.Add(1)), len(s.answers))-1]
				return a.holds, a.err
			}
			p.join("portal ct_a s1").endsWith(s.code)
			if int(asked.Load()) != len(s.answers) {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}

// TestEndedWhileJoining: a session that ends between the caller's look and the
// socket's entry is closed without having heard anything.
func TestEndedWhileJoining(t *testing.T) {
	p := start(t, nil)
	p.still = func(context.Context) (bool, error) {
		p.Publish(Portal, "", "not for them")
		p.Drop("s1") // what the room does after the commit that ended the session
		p.settle()
		return true, nil // read a moment before that commit
	}
	if n := p.join("portal ct_a s1").endsWith(4401); n != 0 {
		t.Errorf("%d frames", n)
	}
}

func TestSubscribe(t *testing.T) {
	p := start(t, nil)
	frames := make(chan string, 100)
	cancel := p.Subscribe(Staff, "staff", func(frame []byte) { frames <- string(frame) })
	all := make(chan string, 100)
	defer p.Subscribe(Staff, "", func(frame []byte) { all <- string(frame) })()
	p.Publish(Staff, "", 1)
	p.Publish(Portal, "", 2)
	p.Publish(Portal, "staff", 3)
	p.Publish(Staff, "somebody", 4)
	p.Publish(Staff, "staff", 5)
	for _, want := range []string{"1", "5"} {
		if got := <-frames; got != want {
			t.Errorf("heard %s, want %s", got, want)
		}
	}
	for _, want := range []string{"1", "4", "5"} {
		if got := <-all; got != want {
			t.Errorf("one who hears all heard %s, want %s", got, want)
		}
	}
	cancel()
	cancel()
	p.Publish(Staff, "", 6)
	p.await("it is forgotten", func(all *listeners) bool { return len(all.inProcess) == 1 })
	if len(frames) != 0 {
		t.Errorf("heard %s after the end", <-frames)
	}
}

// TestSubscribeSlow: frames that were lost in the process are told as a gap.
func TestSubscribeSlow(t *testing.T) {
	p := start(t, nil)
	gate, frames := make(chan struct{}), make(chan string, 10*queued)
	defer p.Subscribe(Staff, "staff", func(frame []byte) {
		<-gate
		frames <- string(frame)
	})()
	for i := range 3 * queued {
		p.Publish(Staff, "", i)
	}
	p.settle()
	close(gate)
	heard, gap := 0, false
	for ; !gap; heard++ {
		got := <-frames
		gap = got == ""
		if !gap && got != strconv.Itoa(heard) {
			t.Errorf("heard %s as number %d", got, heard)
		}
	}
	p.Publish(Staff, "", "last")
	for got := ""; got != `"last"`; got = <-frames {
		heard++
	}
	if heard > 2*queued {
		t.Errorf("heard %d", heard)
	}
}
