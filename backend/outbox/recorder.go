package outbox

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
)

// errLost says that somebody else has the mail: it was cancelled, or its lease
// ran out and another worker took it.
var errLost = errors.New("outbox: the mail is no longer ours")

// item is a claimed mail.
type item struct {
	msg Message
	job jobs.Claimed
}

// entry is one thing to write down: that content is about to leave (mark), or
// what became of a mail.
type entry struct {
	item
	mark    bool
	stale   bool // the mail is no longer ours; see to its job
	out     outcome
	account kept
	lost    bool
	done    chan error // nil, errLost, or that the store failed
}

// recorder writes entries down in the order given. While one commit runs, what
// the other connections have to say gathers for the next, so that ten
// connections cost a commit each and not ten. A mail's outcome is written at
// once, and surely before the same connection may mark its next mail: a crash
// leaves at most one mail per connection in doubt.
type recorder struct {
	s    *Service
	in   chan *entry
	gone chan struct{}
	busy atomic.Int32 // connections at work
}

const (
	recorderBatch = 64
	// linger is how long a commit waits for more connections to join once three
	// or more are at work: a fraction of a round trip, and far fewer commits.
	linger  = 500 * time.Microsecond
	several = 3
)

func (s *Service) newRecorder() *recorder {
	r := &recorder{s: s, in: make(chan *entry, recorderBatch), gone: make(chan struct{})}
	go r.loop()
	return r
}

// close writes what is left and ends.
func (r *recorder) close() {
	close(r.in)
	<-r.gone
}

func (r *recorder) add(e *entry) chan error {
	e.done = make(chan error, 1)
	r.in <- e
	return e.done
}

func (r *recorder) loop() {
	defer close(r.gone)
	for first := range r.in {
		r.write(r.collect(first))
	}
}

// collect takes what has gathered and, while several connections are at work,
// waits a moment for each of them to have said something.
func (r *recorder) collect(first *entry) []*entry {
	batch := []*entry{first}
	var late <-chan time.Time
	if busy := int(r.busy.Load()); busy >= several {
		timer := time.NewTimer(linger)
		defer timer.Stop()
		late = timer.C
	}
	for len(batch) < recorderBatch {
		select {
		case e, ok := <-r.in:
			if !ok {
				return batch
			}
			batch = append(batch, e)
			continue
		default:
		}
		if late == nil || marks(batch) >= int(r.busy.Load()) {
			return batch
		}
		select {
		case e, ok := <-r.in:
			if !ok {
				return batch
			}
			batch = append(batch, e)
		case <-late:
			late = nil
		}
	}
	return batch
}

// marks counts the connections that wait for the commit.
func marks(batch []*entry) (n int) {
	for _, e := range batch {
		if e.mark {
			n++
		}
	}
	return n
}

// write keeps a batch in one commit, or each alone when that fails. The outcome
// of a mail that has left must be written even while the program stops.
func (r *recorder) write(batch []*entry) {
	ctx := context.Background()
	err := r.s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		accepted := 0
		for _, e := range batch {
			took, err := r.s.apply(ctx, tx, e)
			if err != nil {
				return err
			}
			accepted += took
		}
		if accepted > 0 {
			if err := addTotal(ctx, tx, StateAccepted, accepted); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() { r.s.announce(batch) })
		return nil
	})
	if err != nil && len(batch) > 1 {
		for _, e := range batch {
			r.write([]*entry{e})
		}
		return
	}
	for _, e := range batch {
		switch {
		case err != nil:
			r.s.deps.Log.Error("a mail's state could not be written", "mail", e.msg.ID, "error", err)
			e.done <- err
		case e.lost:
			e.done <- errLost
		default:
			e.done <- nil
		}
	}
}

// announce tells the windows. Beyond a handful "all of them" is the better news.
func (s *Service) announce(batch []*entry) {
	ids := make([]string, 0, len(batch))
	again := false
	for _, e := range batch {
		if !e.mark {
			ids = append(ids, e.msg.ID)
		}
		again = again || !e.out.next.IsZero() || e.out.account != accountFine
	}
	if again {
		s.Wake()
	}
	if len(ids) > 20 {
		ids = nil
	}
	if len(batch) > 1 || len(ids) > 0 {
		s.deps.Live.Changed("mail", ids...)
	}
}

// apply writes one entry and answers 1 for a mail newly accepted.
func (s *Service) apply(ctx context.Context, tx *db.Tx, e *entry) (int, error) {
	e.lost = false
	if e.mark {
		ours, err := markSending(ctx, tx, e.msg, tx.Now)
		e.lost = !ours
		return 0, err
	}
	if e.stale {
		return 0, settleStale(ctx, tx, e.item)
	}
	if e.out.state == StateAccepted {
		return s.applyAccepted(ctx, tx, e)
	}
	ours, err := settle(ctx, tx, e.msg, e.out, tx.Now)
	if err != nil {
		return 0, err
	}
	if err := s.applyAccount(ctx, tx, e); err != nil {
		return 0, err
	}
	if !ours {
		return 0, settleStale(ctx, tx, e.item)
	}
	if err := s.applyFailed(ctx, tx, e); err != nil {
		return 0, err
	}
	if e.out.next.IsZero() {
		_, err = jobs.Finish(ctx, tx, e.job)
	} else {
		_, err = jobs.Retry(ctx, tx, e.job, e.out.next, e.out.problem)
	}
	return 0, err
}

func (s *Service) applyAccepted(ctx context.Context, tx *db.Tx, e *entry) (int, error) {
	fresh, err := settleAccepted(ctx, tx, e.msg, e.out, tx.Now)
	if err != nil {
		return 0, err
	}
	ours, err := jobs.Finish(ctx, tx, e.job)
	if err == nil && !ours {
		_, err = jobs.Cancel(ctx, tx, JobKind, e.msg.ID)
	}
	if err != nil || !fresh {
		return 0, err
	}
	return 1, tx.Emit(auth.System(), Accepted{MailID: e.msg.ID, ContactID: e.msg.ContactID, Kind: e.msg.Kind, Link: e.msg.Link})
}

func (s *Service) applyFailed(ctx context.Context, tx *db.Tx, e *entry) error {
	if e.out.suppress {
		if err := suppress(ctx, tx, e.msg.To, ReasonBounced, e.out.reply, tx.Now); err != nil {
			return err
		}
	}
	if e.out.state != StateFailed {
		return nil
	}
	return tx.Emit(auth.System(), Failed{MailID: e.msg.ID, ContactID: e.msg.ContactID, Kind: e.msg.Kind, Link: e.msg.Link, Problem: e.out.problem})
}

// settleStale sees to the job of a mail that changed while it was claimed: one
// that waits anew keeps its job, any other loses it.
func settleStale(ctx context.Context, tx *db.Tx, it item) error {
	now, err := messageByID(ctx, tx, it.msg.ID)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	if !now.NextAt.IsZero() {
		_, err = jobs.Retry(ctx, tx, it.job, now.NextAt, "")
		return err
	}
	_, err = jobs.Finish(ctx, tx, it.job)
	return err
}

// applyAccount writes what a try said about the account.
func (s *Service) applyAccount(ctx context.Context, tx *db.Tx, e *entry) error {
	if e.out.account == accountFine {
		return nil
	}
	st := Status{Problem: e.out.trouble.Key, Reply: e.out.trouble.Reply, Since: tx.Now}
	switch e.out.account {
	case accountHold:
		return accountHolds(ctx, tx, e.account.Version, tx.Now.Add(e.out.wait), st.Problem, st.Reply)
	case accountPause:
		st.State = AccountPaused
	case accountOffline:
		st.State, st.Probes, st.ProbeAt = AccountOffline, 1, tx.Now.Add(firstProbe)
	}
	return accountTrouble(ctx, tx, e.account.Version, st)
}
