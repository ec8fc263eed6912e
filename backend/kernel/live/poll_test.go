package live

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const hello = `{"frames":[{"topic":"resync"}]}`

// poll asks a mailbox; what comes back is the answer, or the fault's code.
func (p *place) poll(who, box string, header http.Header) string {
	p.t.Helper()
	got, err := p.tryPoll(context.Background(), who, box, header)
	if err != nil {
		p.t.Errorf("polling: %v", err)
	}
	return got
}

func (p *place) tryPoll(ctx context.Context, who, box string, header http.Header) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.http+"/poll"+query(who)[1:]+"&id="+box, nil)
	if err != nil {
		return "", err
	}
	if header != nil {
		r.Header = header
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if code := response.Header.Get("Code"); code != "" {
		return code, err
	}
	if response.Header.Get("Content-Type") != "application/json" {
		p.t.Errorf("answered as %q", response.Header.Get("Content-Type"))
	}
	return strings.TrimSpace(string(body)), err
}

// answers compares what a poll answers.
func (p *place) answers(who, box, want string) {
	p.t.Helper()
	if got := p.poll(who, box, nil); got != want {
		p.t.Errorf("answered %.200s, want %s", got, want)
	}
}

const box = "0123456789abcdef"

func TestPoll(t *testing.T) {
	p := start(t, nil)
	p.answers("portal ct_a s1", box, hello)
	p.answers("portal ct_b s2", box, hello) // the same id is another mailbox
	p.Publish(Portal, "ct_a", "one")
	p.Publish(Portal, "", "two")
	p.Publish(Staff, "", "not for clients")
	p.answers("portal ct_a s1", box, `{"frames":["one","two"]}`)
	p.answers("portal ct_b s2", box, `{"frames":["two"]}`)
	later := make(chan string)
	go func() { later <- p.poll("portal ct_a s1", box, nil) }()
	p.await("the poll waits", func(all *listeners) bool {
		return all.boxes[boxKey(&Identity{Portal, "ct_a", "s1", nil}, box)].busy == 1
	})
	p.Publish(Portal, "ct_a", "three")
	if got := <-later; got != `{"frames":["three"]}` {
		t.Errorf("answered %s", got)
	}
	for range queued + 1 {
		p.Publish(Portal, "ct_a", "too many")
	}
	p.answers("portal ct_a s1", box, hello)
	p.Publish(Portal, "ct_a", "and on")
	p.answers("portal ct_a s1", box, `{"frames":["and on"]}`)
}

func TestPollRefuses(t *testing.T) {
	p := start(t, nil)
	for id, want := range map[string]string{"": "live.mailbox", "short": "live.mailbox", strings.Repeat("x", 65): "live.mailbox", box + "%20": "live.mailbox", strings.Repeat("x", 64): hello} {
		p.answers("portal ct_a s1", id, want)
	}
	for site, want := range map[string]string{"cross-site": "live.origin", "same-site": "live.origin", "same-origin": hello, "none": hello} {
		if got := p.poll("portal ct_a s1", box+site, http.Header{"Sec-Fetch-Site": {site}}); got != want {
			t.Errorf("from %s: %s", site, got)
		}
	}
}

func TestPollWaitsNoLongerThanItSays(t *testing.T) {
	p := start(t, func(x *times) { x.poll = time.Millisecond })
	p.answers("portal ct_a s1", box, hello)
	p.answers("portal ct_a s1", box, `{"frames":[]}`)
}

// A browser whose connection died asks again; the one before holds nothing back.
func TestPollTakesOver(t *testing.T) {
	p := start(t, nil)
	p.answers("portal ct_a s1", box, hello)
	answers := make(chan string)
	waits := func(n int) {
		p.await("polls wait", func(all *listeners) bool {
			return all.boxes[boxKey(&Identity{Portal, "ct_a", "s1", nil}, box)].busy == n
		})
	}
	go func() { answers <- p.poll("portal ct_a s1", box, nil) }()
	waits(1)
	go func() { answers <- p.poll("portal ct_a s1", box, nil) }()
	if got := <-answers; got != `{"frames":[]}` {
		t.Errorf("the first: %s", got)
	}
	p.Publish(Portal, "ct_a", "one")
	if got := <-answers; got != `{"frames":["one"]}` {
		t.Errorf("the second: %s", got)
	}
}

func TestPollGivenUp(t *testing.T) {
	p := start(t, nil)
	p.answers("portal ct_a s1", box, hello)
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() { _, err := p.tryPoll(ctx, "portal ct_a s1", box, nil); gone <- err }()
	key := boxKey(&Identity{Portal, "ct_a", "s1", nil}, box)
	p.await("it waits", func(all *listeners) bool { return all.boxes[key].busy == 1 })
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	p.await("nobody waits", func(all *listeners) bool { return all.boxes[key].busy == 0 })
	p.Publish(Portal, "ct_a", "kept")
	p.answers("portal ct_a s1", box, `{"frames":["kept"]}`)
}

func TestPollEnds(t *testing.T) {
	for _, s := range []struct {
		story string
		end   func(p *place)
		want  string
	}{
		{"the session", func(p *place) { p.Drop("s1") }, "auth.sign_in"},
		{"the person", func(p *place) { p.DropPerson("ct_a") }, "auth.sign_in"},
		{"the program", func(p *place) { p.stop() }, "live.stopping"},
	} {
		t.Run(s.story, func(t *testing.T) {
			p := start(t, nil)
			p.answers("portal ct_a s1", box, hello)
			waiting := make(chan string)
			go func() { waiting <- p.poll("portal ct_a s1", box, nil) }()
			p.await("it waits", func(all *listeners) bool {
				return all.boxes[boxKey(&Identity{Portal, "ct_a", "s1", nil}, box)].busy == 1
			})
			p.Publish(Portal, "ct_b", "not for them")
			s.end(p)
			if got := <-waiting; got != s.want {
				t.Errorf("answered %s, want %s", got, s.want)
			}
			if s.want == "auth.sign_in" {
				p.await("it is forgotten", func(all *listeners) bool { return len(all.boxes) == 0 && len(all.places) == 0 && len(all.persons) == 0 })
			}
		})
	}
}

func TestPollAsksWhetherTheSessionHolds(t *testing.T) {
	for _, s := range []struct {
		holds bool
		err   error
		want  string
	}{{true, nil, hello}, {false, nil, "auth.sign_in"}, {false, errors.New("no database"), "live.stopping"}} {
		t.Run(s.want, func(t *testing.T) {
			p := start(t, nil)
			var asked atomic.Int64
			p.still = func(context.Context) (bool, error) { asked.Add(1); return s.holds, s.err }
			p.answers("portal ct_a s1", box, s.want)
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
			if s.want != hello {
				p.await("it is forgotten", func(all *listeners) bool { return len(all.boxes) == 0 && len(all.places) == 0 })
			}
		})
	}
}

// Mailboxes count with the sockets; one that nobody waits at makes room.
func TestPollTakesAPlace(t *testing.T) {
	p := start(t, nil)
	for range perPerson - 1 {
		p.join("portal ct_a s1")
	}
	p.answers("portal ct_a s1", box, hello)
	p.answers("portal ct_a s1", box+"-again", hello) // a page that was loaded again
	p.await("one is left", func(all *listeners) bool { return len(all.boxes) == 1 && all.places["person ct_a"] == perPerson })
	p.join("portal ct_a s1")
	p.await("none is left", func(all *listeners) bool { return len(all.boxes) == 0 })
	p.answers("portal ct_a s1", box, "live.too_many")
}

func TestMailboxIsThrownAway(t *testing.T) {
	p := start(t, func(x *times) { x.tick, x.keep = time.Millisecond, 20*time.Millisecond })
	p.answers("portal ct_a s1", box, hello)
	p.await("it is forgotten", func(all *listeners) bool { return len(all.boxes) == 0 && len(all.places) == 0 })
	p.answers("portal ct_a s1", box, hello) // one that was kept would wait
}
