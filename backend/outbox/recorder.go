package outbox

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
)

// errLost says that somebody else has the mail: it was cancelled, or its lease
// ran out and another worker took it.
var errLost = errors.New("outbox: the mail is no longer ours")

// errOver says that the provider's limit has been used up by another node.
var errOver = errors.New("outbox: the limit is used up")

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
	over    bool
	settled *Settled
	done    chan error // nil, errLost, errOver, or that the store failed
}

// recorder writes entries down in the order given. While one commit runs, what
// the connections have to say gathers for the next, so that ten connections cost
// a commit each and not ten. A mail's outcome is written within a
// millisecond, and surely not after the same connection's next mark: a crash leaves
// at most one mail per connection in doubt.
type recorder struct {
	s     *Service
	in    chan *entry
	gone  chan struct{}
	busy  atomic.Int32 // connections that have a mail, or are about to
	timer *time.Timer
}

const (
	recorderBatch = 64
	// linger is how long a commit waits for what is about to be said.
	linger = time.Millisecond
	// several connections make it worth while; for fewer it would only make a kill
	// more likely to find a mail taken and not written down.
	several = 3
)

func (s *Service) newRecorder() *recorder {
	r := &recorder{s: s, in: make(chan *entry, recorderBatch), gone: make(chan struct{}), timer: time.NewTimer(0)}
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

// collect takes what has gathered. Who has told the outcome of a mail is about to
// mark the next one, and when several connections mark at once the others are
// likely to follow: they share a commit when that is a matter of a millisecond. A
// connection alone, or one among slow ones, is not kept waiting with its mark.
func (r *recorder) collect(first *entry) []*entry {
	var batch []*entry
	marks, owed := 0, 0 // owed: outcomes whose connection has not marked its next mail
	take := func(e *entry) {
		batch = append(batch, e)
		if e.mark {
			marks, owed = marks+1, owed-1
		} else {
			owed++
		}
	}
	take(first)
	var late <-chan time.Time
	for len(batch) < recorderBatch {
		var e *entry
		open := true
		select {
		case e, open = <-r.in:
		default:
			busy := int(r.busy.Load())
			if busy < several || marks >= busy || (owed <= 0 && marks < 2) {
				return batch
			}
			if late == nil {
				r.timer.Reset(linger)
				late = r.timer.C
			}
			select {
			case e, open = <-r.in:
			case <-late:
				return batch
			}
		}
		if !open {
			return batch
		}
		take(e)
	}
	return batch
}

// write keeps a batch in one commit, or each alone when that fails. The outcome
// of a mail that has left must be written even while the program stops.
func (r *recorder) write(batch []*entry) {
	ctx := context.Background()
	err := r.s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(func() { r.s.announce(batch) })
		return r.s.applyAll(ctx, tx, batch)
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
		case e.over:
			e.done <- errOver
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
