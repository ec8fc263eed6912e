package outbox

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
)

// dailyJob is the room's housekeeping, once a day.
const dailyJob = "outbox.daily"

// keptFor is how long a mail that is over stays, with its personal words and the
// server's reply: long enough to answer "did I ever get that?", and as long as the
// link it carried could renew itself. Who was invited when stands with the contact.
const keptFor = 90 * 24 * time.Hour

// Start begins the daily housekeeping; from then on each day queues the next,
// however often the program starts.
func (s *Service) Start(ctx context.Context) error {
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		next, err := jobs.Next(ctx, tx, dailyJob)
		if err != nil || !next.IsZero() {
			return err
		}
		return tomorrow(ctx, tx)
	})
}

func tomorrow(ctx context.Context, tx *db.Tx) error {
	next := tx.Now.Add(24 * time.Hour)
	return jobs.Enqueue(ctx, tx, jobs.Job{Kind: dailyJob, Key: "daily " + next.UTC().Format(time.DateOnly), RunAt: next})
}

func (s *Service) daily(ctx context.Context, _ jobs.Claimed) error {
	if err := s.prune(ctx); err != nil {
		return err
	}
	language, err := s.deps.Owner.Language(ctx)
	if err != nil {
		return fmt.Errorf("asking for the owner's language: %w", err)
	}
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.sendSeal(ctx, tx, language); err != nil {
			return err
		}
		return tomorrow(ctx, tx)
	})
}

// prune removes mails that have been over for long. What waits, and what may or
// may not have arrived, waits on.
func (s *Service) prune(ctx context.Context) error {
	const batch = 500
	for _, state := range []State{StateAccepted, StateFailed, StateCancelled} {
		after := ""
		for more := true; more; {
			err := s.deps.DB.Write(ctx, func(tx *db.Tx) error {
				before := tx.Now.Add(-keptFor)
				last, n, err := oldMails(ctx, tx, state, after, before, batch)
				if err != nil || n == 0 {
					more = false
					return err
				}
				gone, err := removeOld(ctx, tx, state, after, last, before)
				if err != nil {
					return err
				}
				after, more = last, n == batch
				return addTotal(ctx, tx, state, -int(gone))
			})
			if err != nil {
				return fmt.Errorf("removing old mails: %w", err)
			}
		}
	}
	return nil
}

// sendSeal mails the newest entry of the log and its hash to the owner's own
// mailbox, on days on which the log grew: whoever could change the log in the
// store cannot change it there (security.md, hash chain).
func (s *Service) sendSeal(ctx context.Context, tx *db.Tx, language string) error {
	k, err := accountRow(ctx, tx)
	if err != nil || k.Status.State == AccountUnset || k.Kind == AccountFiles {
		return err // a file beside the store would be no other place
	}
	seq, hash, err := audit.Head(ctx, tx)
	if err != nil || seq == 0 {
		return err
	}
	n := strconv.FormatInt(seq, 10)
	_, err = s.Queue(ctx, tx, Mail{Kind: KindSeal, To: k.FromAddress, Language: language, Priority: PriorityBulk, Key: "seal/" + n,
		Details: map[string]string{"entries": n, "seal": hash, "time": tx.Now.Format(time.RFC3339)}})
	if fault.KindOf(err) == fault.Conflict {
		return nil // the owner's own address is blocked: the outbox says so
	}
	return err
}
