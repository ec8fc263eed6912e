package certs

import (
	"context"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// allowance is how much a name may do at a directory. Let's Encrypt allows 5
// failed validations an hour and 5 certificates a week for the same names; its
// staging area is made for trying and allows far more.
type allowance struct {
	failures int // an hour
	orders   int // a day
}

var (
	production = allowance{failures: 3, orders: 5}
	rehearsal  = allowance{failures: 10, orders: 20}
)

func (m *Manager) allowance(directory string) allowance {
	if directory == m.config.Staging && m.config.Staging != m.config.Directory {
		return rehearsal
	}
	return production
}

// skew is how far in the future an attempt may lie and still count; one beyond
// was written when the clock was wrong.
const skew = 5 * time.Minute

// allowed says what is left and, when it is nothing, until when.
func allowed(ctx context.Context, q db.Q, a allowance, name, directory string, now time.Time) (Left, *TooSoon, error) {
	until, err := heldUntil(ctx, q, directory, now, now.Add(furthest))
	if err != nil {
		return Left{}, nil, err
	}
	failed, err := failedSince(ctx, q, name, directory, now.Add(-time.Hour), now.Add(skew))
	if err != nil {
		return Left{}, nil, err
	}
	ordered, err := orderedSince(ctx, q, name, directory, now.Add(-24*time.Hour), now.Add(skew))
	if err != nil {
		return Left{}, nil, err
	}
	left := Left{Failures: max(a.failures-len(failed), 0), Orders: max(a.orders-len(ordered), 0)}
	var soon *TooSoon
	later := func(at time.Time, why Why) {
		if at.After(now) && (soon == nil || at.After(soon.Until)) {
			soon = &TooSoon{Until: at, Why: why}
		}
	}
	later(until, WhyAuthority)
	if left.Failures == 0 {
		later(failed[a.failures-1].Add(time.Hour), WhyFailures)
	}
	if left.Orders == 0 {
		later(ordered[a.orders-1].Add(24*time.Hour), WhyOrders)
	}
	return left, soon, nil
}

// reserve writes an attempt down before it begins, or answers a TooSoon.
func (m *Manager) reserve(ctx context.Context, name, directory string, c Challenge) (attempt, error) {
	a := attempt{id: ident.New("ca"), name: name, directory: directory, challenge: c, began: m.config.Clock.Now()}
	var soon *TooSoon
	err := m.config.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if _, soon, err = allowed(ctx, tx, m.allowance(directory), name, directory, a.began); err != nil || soon != nil {
			return err
		}
		return insertAttempt(ctx, tx, a)
	})
	if err == nil && soon != nil {
		return attempt{}, soon
	}
	return a, err
}

// settle writes down how an attempt ended and what follows for its name.
func (m *Manager) settle(ctx context.Context, a attempt, p *Problem, change func(*memo)) error {
	now := m.config.Clock.Now()
	outcome, ordered, failed, hold := outcomeIssued, true, false, time.Time{}
	if p != nil {
		outcome, ordered, failed, hold = outcomeFailed, p.Ordered, p.Validation, p.Until
		if p.Code == CodeInterrupted {
			outcome = outcomeInterrupted
		}
	}
	return m.change(ctx, a.name, func(tx *db.Tx, mo *memo) ([]Entry, error) {
		if err := settleAttempt(ctx, tx, a.id, now, outcome, ordered, failed, hold); err != nil {
			return nil, err
		}
		if err := forgetAttempts(ctx, tx, now.Add(-60*24*time.Hour)); err != nil {
			return nil, err
		}
		change(mo)
		// What the limiter will say anyway is told at once.
		_, soon, err := allowed(ctx, tx, m.allowance(a.directory), a.name, a.directory, now)
		if err == nil && soon != nil && p != nil {
			mo.wait(soon.Until, soon.Why)
		}
		if p == nil || p.dropped {
			return nil, err
		}
		kind := KindProblem
		if p.Code == CodeInterrupted {
			kind = KindInterrupted
		}
		return []Entry{{Kind: kind, Problem: p, Until: mo.NextTry, Why: mo.Why}}, err
	})
}

// sweep ends the attempts that a process left open when it died, and waits: the
// authority may count an order for each of them.
func (m *Manager) sweep(ctx context.Context, name string) error {
	now := m.config.Clock.Now()
	open, err := openAttempts(ctx, m.config.DB.Read(), name)
	if err != nil || len(open) == 0 {
		return err
	}
	return m.change(ctx, name, func(tx *db.Tx, mo *memo) ([]Entry, error) {
		for _, a := range open {
			if err := settleAttempt(ctx, tx, a.id, now, outcomeInterrupted, true, false, time.Time{}); err != nil {
				return nil, err
			}
		}
		n, err := countInterrupted(ctx, tx, name, now.Add(-24*time.Hour), now.Add(skew))
		if err != nil {
			return nil, err
		}
		mo.Activity, mo.Records = "", nil
		mo.wait(open[len(open)-1].began.Add(interruption(n)), WhyInterrupted)
		return []Entry{{Kind: KindInterrupted, Until: mo.NextTry, Why: mo.Why}}, nil
	})
}
