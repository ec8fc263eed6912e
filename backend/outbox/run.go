package outbox

import (
	"context"
	"time"
)

const (
	// idle is how long nobody looks when nobody calls.
	idle = time.Minute
	// soon bounds how often the timer may look.
	soon = 100 * time.Millisecond
	// keepOpen is how long a connection stays open without mail.
	keepOpen = 10 * time.Second
	// afterError is the pause when the store cannot be read.
	afterError = time.Second
)

// Wake makes the outbox look for mail now.
func (s *Service) Wake() {
	select {
	case s.wakeups <- struct{}{}:
	default: // awake already
	}
}

// Run sends mail until ctx ends: it then begins no further mail, lets those in
// hand finish for a moment, and closes its connections.
func (s *Service) Run(ctx context.Context) {
	p := s.newPost()
	for p.step(ctx) {
		continue
	}
	p.close(ctx)
}

// SendDue sends what is due now over one connection, until nothing is or the
// account is in trouble, and answers how many mails it took in hand. Run does
// this by itself; tests and the command line call it.
func (s *Service) SendDue(ctx context.Context) (int, error) {
	p := s.newPost()
	p.most = 1
	for !p.over() && p.step(ctx) {
		continue
	}
	p.close(ctx)
	return p.claimed, p.err
}
