package outbox

import (
	"context"
	"errors"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
)

// applyAll writes what the connections had to say. It may run again.
func (s *Service) applyAll(ctx context.Context, tx *db.Tx, batch []*entry) error {
	if err := s.applyUsage(ctx, tx, batch); err != nil {
		return err
	}
	accepted := 0
	var settled []Settled
	var finished []jobs.Claimed
	for _, e := range batch {
		took, err := s.apply(ctx, tx, e)
		if err != nil {
			return err
		}
		accepted += took
		if e.accepted() {
			finished = append(finished, e.job)
		}
		if e.settled != nil {
			settled = append(settled, *e.settled)
		}
	}
	lost, err := jobs.FinishAll(ctx, tx, finished)
	if err != nil {
		return err
	}
	for _, c := range lost {
		if _, err := jobs.Cancel(ctx, tx, JobKind, c.Key); err != nil {
			return err
		}
	}
	if accepted > 0 {
		if err := addTotal(ctx, tx, StateAccepted, accepted); err != nil {
			return err
		}
	}
	if len(settled) > 0 {
		return s.deps.Inviter.Settled(ctx, tx, settled)
	}
	return nil
}

// applyUsage counts what is about to leave, where the account has limits. What
// is claimed fits into them, but another node may have been faster.
func (s *Service) applyUsage(ctx context.Context, tx *db.Tx, batch []*entry) error {
	var limited []*entry
	for _, e := range batch {
		e.over = false
		if e.mark && e.account.Limits.limited() {
			limited = append(limited, e)
		}
	}
	if len(limited) == 0 {
		return nil
	}
	// Writing first makes a second node wait for the row.
	if err := addUsage(ctx, tx, tx.Now, 0); err != nil {
		return err
	}
	u, err := usageOf(ctx, tx, tx.Now)
	if err != nil {
		return err
	}
	leaving := 0
	for _, e := range limited {
		if n, _ := e.account.Limits.leaving(e.msg.Priority).allowance(u, 1, tx.Now); n == 0 {
			e.over = true
			continue
		}
		u.thisMinute, u.day, leaving = u.thisMinute+1, u.day+1, leaving+1
	}
	return addUsage(ctx, tx, tx.Now, leaving)
}

func (e *entry) accepted() bool { return !e.mark && !e.stale && e.out.state == StateAccepted }

func (e *entry) settles(accepted bool) {
	if e.msg.Kind == KindInvitation {
		e.settled = &Settled{MailID: e.msg.ID, ContactID: e.msg.ContactID, Accepted: accepted}
	}
}

// apply writes one entry and answers 1 for a mail newly accepted.
func (s *Service) apply(ctx context.Context, tx *db.Tx, e *entry) (int, error) {
	e.lost, e.settled = false, nil
	if e.mark && e.over {
		return 0, nil
	}
	if e.mark {
		ours, err := markSending(ctx, tx, e.msg, tx.Now)
		e.lost = !ours
		return 0, err
	}
	if e.stale {
		return 0, settleStale(ctx, tx, e.item)
	}
	if e.accepted() {
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

// applyAccepted writes all but the end of the job, which goes with others.
func (s *Service) applyAccepted(ctx context.Context, tx *db.Tx, e *entry) (int, error) {
	fresh, err := settleAccepted(ctx, tx, e.msg, e.out, tx.Now)
	if err != nil {
		return 0, err
	}
	if err != nil || !fresh {
		return 0, err
	}
	e.settles(true)
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
	e.settles(false)
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
		return accountHolds(ctx, tx, e.account.Version, tx.Now.Add(e.out.wait), st.Problem, st.Reply, tx.Now)
	case accountPause:
		st.State = AccountPaused
	case accountOffline:
		st.State, st.Probes, st.ProbeAt = AccountOffline, 1, tx.Now.Add(firstProbe)
	}
	return accountTrouble(ctx, tx, e.account.Version, st)
}
