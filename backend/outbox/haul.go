package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/mail"
)

// haul is what one look for mail brought.
type haul struct {
	tasks   []*task
	account kept
	bundle  *bundle
	at      time.Time
	urgent  int64         // s.urgent before
	more    bool          // look again as soon as there is room
	wait    time.Duration // or after this
	err     error
}

const (
	// anyPriority is behind every priority.
	anyPriority = 1 << 20
	// whileHeld is how often it is seen whether a login mail is due again while the
	// others wait for the limits.
	whileHeld = 15 * time.Second
)

// connections is how many may send at the same time.
func (k kept) connections() int { return max(1, min(k.Limits.Connections, maxConnections)) }

// haul claims up to size mails and reads what is needed to write them. inHand
// mails of this process are claimed already and will count against the limits.
func (s *Service) haul(ctx context.Context, size, inHand int) *haul {
	h := &haul{at: s.deps.DB.Clock().Now(), urgent: s.urgent.Load(), wait: idle}
	if err := s.fill(ctx, h, size, inHand); err != nil {
		h.err, h.wait, h.more = err, afterError, false
	}
	return h
}

func (s *Service) fill(ctx context.Context, h *haul, size, inHand int) error {
	q := s.deps.DB.Read()
	var err error
	if h.account, err = accountRow(ctx, q); err != nil {
		return fmt.Errorf("reading the mail account: %w", err)
	}
	k := h.account
	if !k.ready(h.at) && !k.onlyLogin(h.at) {
		h.wakeAt(k.wakesAt())
		return nil
	}
	if k.Limits.limited() || k.Status.State == AccountOffline {
		// Neither limits nor the server are troubled for nothing. Otherwise claiming
		// finds out cheaper: this looks at every waiting job.
		next, err := jobs.Next(ctx, q, JobKind)
		if err != nil || next.IsZero() || next.After(h.at) {
			h.wakeAt(next)
			return err
		}
	}
	if k.Status.State == AccountOffline {
		return s.probe(ctx, k)
	}
	n, priority, err := s.allowance(ctx, h, size, inHand)
	if err != nil || n == 0 {
		return err
	}
	claimed, err := jobs.ClaimUrgent(ctx, s.deps.DB, JobKind, priority, n, s.deps.Lease)
	if err != nil {
		return err
	}
	if h.more = len(claimed) == n; !h.more && priority != anyPriority {
		h.wakeAt(h.at.Add(whileHeld))
	} else if !h.more {
		next, err := jobs.Next(ctx, q, JobKind)
		if err != nil {
			return fmt.Errorf("asking when mail is due: %w", err)
		}
		h.wakeAt(next)
	}
	return s.load(ctx, h, claimed)
}

// wakeAt asks for another look at a time; zero: when somebody calls.
func (h *haul) wakeAt(t time.Time) {
	if !t.IsZero() {
		h.wait = min(max(t.Sub(h.at), soon), idle)
	}
}

// load reads the claimed mails and what their letters have in common.
func (s *Service) load(ctx context.Context, h *haul, claimed []jobs.Claimed) error {
	if len(claimed) == 0 {
		return nil
	}
	ids := make([]string, len(claimed))
	for i, c := range claimed {
		ids[i] = c.Key
	}
	found, err := messagesByID(ctx, s.deps.DB.Read(), ids)
	if err != nil {
		return fmt.Errorf("reading mails: %w", err)
	}
	list := make([]Message, len(claimed))
	for i, c := range claimed {
		m, ok := found[c.Key]
		if !ok {
			m = Message{ID: c.Key, State: StateCancelled}
		}
		list[i] = m
		h.tasks = append(h.tasks, &task{item: item{m, c}, haul: h})
	}
	if h.bundle, err = s.gatherLinks(ctx, list); err == nil {
		return nil
	}
	// Nothing was tried. The leases end by themselves, but sooner is better.
	p := &post{s: s, ready: h.tasks}
	h.tasks = nil
	p.giveBack(ctx)
	return errors.Join(err, p.err)
}

// allowance is how many mails may be claimed, and of which priority at most.
// Mails are counted when they leave; those in hand are taken off here, so that
// nobody claims what may not be sent. When the limits are used up but for the
// share of login mail, only that goes.
func (s *Service) allowance(ctx context.Context, h *haul, want, inHand int) (n, priority int, err error) {
	k := h.account
	if !k.Limits.limited() {
		return want, anyPriority, nil
	}
	u, err := usageOf(ctx, s.deps.DB.Read(), h.at)
	if err != nil {
		return 0, 0, fmt.Errorf("reading what was sent: %w", err)
	}
	priority = anyPriority
	n, until := k.Limits.leaving(priority).allowance(u, want+inHand, h.at)
	if n == 0 {
		if err := s.hold(ctx, k, u, until); err != nil {
			return 0, 0, err
		}
		priority = PriorityLogin
		n, until = k.Limits.allowance(u, want+inHand, h.at)
	}
	h.wakeAt(until)
	if n > 0 && n <= inHand {
		h.wait = soon
	}
	return max(0, n-inHand), priority, nil
}

// hold says why mails wait, and until when.
func (s *Service) hold(ctx context.Context, k kept, u usage, until time.Time) error {
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		key := ownLimit + "minute"
		if until.Sub(tx.Now) > time.Hour || k.Limits.PerDay > 0 && u.day >= k.Limits.leaving(anyPriority).PerDay {
			key = ownLimit + "day"
		}
		if err := forgetUsage(ctx, tx, tx.Now); err != nil {
			return err
		}
		return accountHolds(ctx, tx, k.Version, until, key, "", tx.Now)
	})
}

// probe tries an account that was offline, without a mail.
func (s *Service) probe(ctx context.Context, k kept) error {
	business, err := s.business(ctx)
	if err != nil {
		return err
	}
	c := &connection{s: s}
	_, p := c.ready(ctx, k, business.Name)
	c.close()
	if p != nil && p.Class == mail.Cancelled {
		return nil
	}
	defer s.Wake()
	return s.deps.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		if p == nil {
			_, err := accountOkay(ctx, tx)
			return err
		}
		st := Status{State: AccountOffline, Problem: p.Key, Reply: p.Reply, Since: tx.Now,
			Probes: k.Status.Probes + 1, ProbeAt: tx.Now.Add(probePause(k.Status.Probes))}
		if judge(p) == accountPause {
			st = Status{State: AccountPaused, Problem: p.Key, Reply: p.Reply, Since: tx.Now}
		}
		return accountTrouble(ctx, tx, k.Version, st)
	})
}
