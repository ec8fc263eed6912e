package outbox

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"portico/backend/kernel/mail"
)

// stuck is a server that keeps the mails to some people until it is told to go on,
// and knows how many it has in hand.
type stuck struct {
	mu       sync.Mutex
	inHand   map[string]bool
	most     int    // of mails to anybody but who signs in, at once
	slow     string // whose mail hangs
	hangs    bool
	released chan struct{}
	release  func()
}

// stuckAt puts such a server in place.
func (w *world) stuckAt(slow string) *stuck {
	s := &stuck{inHand: map[string]bool{}, slow: slow, released: make(chan struct{})}
	s.release = sync.OnceFunc(func() { close(s.released) })
	w.server.during = s.during
	return s
}

func (s *stuck) during(to string) {
	s.mu.Lock()
	if to != "login@example.com" {
		s.inHand[to] = true
		s.most = max(s.most, len(s.inHand))
	}
	s.hangs = s.hangs || to == s.slow
	s.mu.Unlock()
	if to == s.slow {
		<-s.released
	}
	time.Sleep(time.Millisecond) // so that others would be seen at the same time
	s.mu.Lock()
	delete(s.inHand, to)
	s.mu.Unlock()
}

func (s *stuck) hanging() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hangs
}

// running sends until the story ends.
func (w *world) running(server *stuck) (stop func()) {
	background, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { w.s.Run(background); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	w.t.Cleanup(func() { server.release(); stop() })
	return stop
}

func (w *world) await(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s did not happen", what)
		}
	}
}

func (w *world) accepted(id string) func() bool {
	return func() bool { return w.mail(id).State == StateAccepted }
}

func (w *world) bulk(n int) (ids []string) {
	for i := range n {
		ids = append(ids, w.queue(Mail{ContactID: "ct_ana", To: fmt.Sprintf("bulk%d@example.com", i), Priority: PriorityBulk}))
	}
	return ids
}

func (w *world) login() string {
	return w.queue(Mail{Kind: KindLogin, ContactID: "ct_jonas", To: "login@example.com", Priority: PriorityLogin})
}

// A kill finds as many mails in doubt that will be tried again as are on their
// way: with the settings as they are when nobody changes them, one.
func TestOneMailAtATimeIsOnItsWay(t *testing.T) {
	each(t, func(w *world) {
		server := w.stuckAt("nobody")
		ids := w.bulk(30)
		stop := w.running(server)
		for range 5 {
			ids = append(ids, w.login())
		}
		for _, id := range ids {
			w.await("sending", w.accepted(id))
		}
		stop()
		if server.most != 1 {
			w.t.Errorf("%d mails were on their way at the same time", server.most)
		}
	})
}

func TestWhoeverSignsInDoesNotWaitBehindASlowServer(t *testing.T) {
	each(t, func(w *world) {
		server := w.stuckAt("bulk1@example.com")
		ids, stop := w.bulk(5), w.running(server)
		w.await("the mail that hangs", server.hanging)
		for range 3 {
			w.await("the login mail", w.accepted(w.login()))
		}
		if w.server.dials != 2 || w.mail(ids[1]).State != StateSending || w.mail(ids[2]).State != StateQueued {
			w.t.Errorf("%d connections, %s, %s", w.server.dials, w.mail(ids[1]).State, w.mail(ids[2]).State)
		}
		server.release()
		for _, id := range ids {
			w.await("the rest", w.accepted(id))
		}
		stop()
		if server.most != 1 || w.server.open != 0 {
			w.t.Errorf("%d at the same time, %d connections left open", server.most, w.server.open)
		}
	})
}

// Some servers allow one connection only. That is no trouble of the account.
func TestAServerThatWantsOneConnectionGetsOne(t *testing.T) {
	each(t, func(w *world) {
		server := w.stuckAt("bulk1@example.com")
		w.server.dialing = []*mail.Problem{nil, {Step: mail.StepGreeting, Class: mail.Limit, Key: "mail.limit_connections", Code: 421}}
		ids, stop := w.bulk(3), w.running(server)
		w.await("the mail that hangs", server.hanging)
		login := w.login()
		w.await("the second connection", func() bool { w.server.mu.Lock(); defer w.server.mu.Unlock(); return w.server.dials == 2 })
		second := w.login()
		server.release()
		for _, id := range append(ids, login, second) {
			w.await("sending", w.accepted(id))
		}
		stop()
		if st := w.account().Status; st.State != AccountOK || !st.HoldUntil.IsZero() {
			w.t.Errorf("the account is %+v", st)
		}
		if m := w.mail(login); w.server.dials != 2 || m.Attempts != 1 {
			w.t.Errorf("%d connections, %d tries", w.server.dials, m.Attempts)
		}
	})
}

// What signs somebody in for ten minutes is of no use a quarter of an hour later.
func TestALoginMailInDoubtIsNotTriedAgain(t *testing.T) {
	each(t, func(w *world) {
		w.server.answer("login@example.com", answer{noReply(), true})
		id := w.login()
		w.send()
		if m := w.want(id, StateUnknown, "mail.unknown_login"); !m.NextAt.IsZero() {
			w.t.Errorf("due again at %v", m.NextAt)
		}
		w.clk.Advance(24 * time.Hour)
		if w.send() != 0 {
			w.t.Error("tried again")
		}
		for _, language := range []string{"en", "de"} {
			if what, do := w.s.words.meaning(language, "mail.unknown_login"); what == "" || do == "" {
				w.t.Errorf("nobody says so in %s", language)
			}
		}
	})
}
