package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"portico/backend/kernel/db"
)

// Handler does one kind of job. It may be called again for a job it has done
// before (the process died in between), so it must be idempotent; the job's key
// is what to remember. Its error sends the job back with backoff.
type Handler func(ctx context.Context, c Claimed) error

const (
	// idle is how long a runner sleeps when nobody wakes it and nothing falls due.
	idle = time.Minute
	// leaseTime bounds a handler; a job whose handler dies is tried again after it.
	leaseTime = 2 * time.Minute
	// maxAttempts is when a job is buried.
	maxAttempts = 20
	// batch is how many jobs are leased at a time.
	batch = 16
)

// Runner works through the jobs of the kinds it has handlers for, one goroutine a kind.
type Runner struct {
	db       *db.DB
	log      *slog.Logger
	handlers map[string]Handler
	wake     map[string]chan struct{}
}

// NewRunner makes a runner without handlers.
func NewRunner(d *db.DB, log *slog.Logger) *Runner {
	return &Runner{db: d, log: log, handlers: map[string]Handler{}, wake: map[string]chan struct{}{}}
}

// Handle names who does a kind; call it before Run.
func (r *Runner) Handle(kind string, h Handler) {
	r.handlers[kind] = h
	r.wake[kind] = make(chan struct{}, 1)
}

// Wake makes the runner look for jobs of a kind now; call it after the commit
// that enqueued one.
func (r *Runner) Wake(kind string) {
	select {
	case r.wake[kind] <- struct{}{}:
	default: // awake already, or no such kind here
	}
}

// Run works until ctx ends and then waits for the running handlers.
func (r *Runner) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for kind := range r.handlers {
		wg.Go(func() { r.loop(ctx, kind) })
	}
	wg.Wait()
}

func (r *Runner) loop(ctx context.Context, kind string) {
	for ctx.Err() == nil {
		n, err := r.Once(ctx, kind)
		if err != nil && ctx.Err() == nil {
			r.log.Error("jobs cannot be fetched", "kind", kind, "error", err)
		}
		if n == batch {
			continue
		}
		timer := time.NewTimer(r.pause(ctx, kind))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.wake[kind]:
		}
		timer.Stop()
	}
}

// pause is how long until the next job falls due, within bounds.
func (r *Runner) pause(ctx context.Context, kind string) time.Duration {
	next, err := Next(ctx, r.db.Read(), kind)
	if err != nil || next.IsZero() {
		return idle
	}
	return min(max(next.Sub(r.db.Clock().Now()), 10*time.Millisecond), idle)
}

// Once does the jobs of a kind that are due now and answers how many it fetched.
func (r *Runner) Once(ctx context.Context, kind string) (int, error) {
	claimed, err := Claim(ctx, r.db, kind, batch, leaseTime)
	if err != nil {
		return 0, err
	}
	for _, c := range claimed {
		if ctx.Err() != nil {
			return len(claimed), nil // the leases run out and somebody else goes on
		}
		if err := r.do(ctx, c); err != nil {
			return len(claimed), err
		}
	}
	return len(claimed), nil
}

func (r *Runner) do(ctx context.Context, c Claimed) error {
	bounded, cancel := context.WithTimeout(ctx, leaseTime)
	defer cancel()
	failed := attempt(bounded, r.handlers[c.Kind], c)
	if failed != nil && ctx.Err() != nil {
		return nil
	}
	return r.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) {
		switch {
		case failed == nil:
			_, err = Finish(ctx, tx, c)
		case c.Attempts >= maxAttempts:
			r.log.Error("a job was given up", "kind", c.Kind, "job", c.ID, "error", failed)
			_, err = Bury(ctx, tx, c, failed.Error())
		default:
			r.log.Warn("a job will be tried again", "kind", c.Kind, "job", c.ID, "error", failed)
			_, err = Retry(ctx, tx, c, tx.Now.Add(backoff(c.Attempts)), failed.Error())
		}
		return err
	})
}

func attempt(ctx context.Context, h Handler, c Claimed) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return h(ctx, c)
}

// backoff doubles from one second to an hour.
func backoff(attempts int) time.Duration {
	return min(time.Second<<min(attempts-1, 12), time.Hour)
}
