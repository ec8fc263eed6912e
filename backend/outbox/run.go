package outbox

import (
	"context"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
)

const (
	// idle is how long nobody looks when nobody calls.
	idle = time.Minute
	// soon bounds how often the timer may look.
	soon = 100 * time.Millisecond
	// whileBusy is when to see whether the connections at work need help.
	whileBusy = time.Second
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
	rec := s.newRecorder()
	defer rec.close()
	ended := make(chan *connection)
	var open []*connection // idle ones
	running := 0
	timer, tidy := time.NewTimer(0), time.NewTimer(keepOpen)
	defer timer.Stop()
	defer tidy.Stop()
	again := true
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.wakeups:
			again = true
		case <-timer.C:
			again = true
		case <-tidy.C:
			open = closeAll(open)
		case c := <-ended:
			running--
			open = append(open, c)
			tidy.Reset(keepOpen)
		}
		limit, wait := s.plan(ctx, running)
		if again && running < limit && ctx.Err() == nil {
			c := &connection{s: s}
			if n := len(open); n > 0 {
				c, open = open[n-1], open[:n-1]
			}
			running++
			again = false
			go func() { ended <- s.send(ctx, rec, c) }()
		}
		again = again && running > 0 // at the limit: look again when one ends
		timer.Reset(wait)
	}
	for ; running > 0; running-- {
		open = append(open, <-ended)
	}
	closeAll(open)
}

func closeAll(open []*connection) []*connection {
	for _, c := range open {
		c.close()
	}
	return nil
}

// send works with a connection until nothing is due.
func (s *Service) send(ctx context.Context, rec *recorder, c *connection) *connection {
	w := &worker{s: s, rec: rec, conn: c}
	if _, err := w.drain(ctx); err != nil && ctx.Err() == nil {
		s.deps.Log.Error("mail cannot be sent", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(afterError):
		}
	}
	return c
}

// plan says how many connections may send now and how long to sleep.
func (s *Service) plan(ctx context.Context, running int) (limit int, wait time.Duration) {
	now := s.deps.DB.Clock().Now()
	k, err := accountRow(ctx, s.deps.DB.Read())
	if err != nil {
		return 0, afterError
	}
	var at time.Time
	switch {
	case !k.ready(now):
		at = k.wakesAt()
	case k.Status.State == AccountOffline:
		limit = 1 // the probe
	default:
		limit = min(k.Limits.Connections, maxConnections)
		if running > 0 {
			return limit, whileBusy
		}
		if at, err = jobs.Next(ctx, s.deps.DB.Read(), JobKind); err != nil {
			return limit, afterError
		}
	}
	if at.IsZero() {
		return limit, idle
	}
	return limit, min(max(at.Sub(now), soon), idle)
}

// SendDue sends what is due now over one connection and answers how many mails
// it took in hand. Run does this by itself; tests and the command line call it.
func (s *Service) SendDue(ctx context.Context) (int, error) {
	rec := s.newRecorder()
	defer rec.close()
	c := &connection{s: s}
	defer c.close()
	return (&worker{s: s, rec: rec, conn: c}).drain(ctx)
}

// reserve takes mails out of the provider's limits before they are claimed, so
// that several connections and nodes cannot exceed them together.
func (s *Service) reserve(ctx context.Context, k kept, want int) (int, error) {
	if !k.Limits.limited() {
		return want, nil
	}
	granted := 0
	err := s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		// Writing first makes a second node wait for the row.
		if err := addUsage(ctx, tx, tx.Now, 0); err != nil {
			return err
		}
		u, err := usageOf(ctx, tx, tx.Now)
		if err != nil {
			return err
		}
		var until time.Time
		granted, until = k.Limits.allowance(u, want, tx.Now)
		if granted > 0 {
			return addUsage(ctx, tx, tx.Now, granted)
		}
		key := "mail.own_limit_minute"
		if until.Sub(tx.Now) > time.Hour || k.Limits.PerDay > 0 && u.day >= k.Limits.PerDay {
			key = "mail.own_limit_day"
		}
		tx.AfterCommit(s.Wake)
		if err := forgetUsage(ctx, tx, tx.Now); err != nil {
			return err
		}
		return accountHolds(ctx, tx, k.Version, until, key, "")
	})
	return granted, err
}

func (s *Service) refund(ctx context.Context, k kept, n int, reserved time.Time) error {
	if !k.Limits.limited() || n <= 0 {
		return nil
	}
	return s.deps.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return addUsage(ctx, tx, reserved, -n) })
}
