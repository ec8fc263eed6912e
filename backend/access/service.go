package access

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/limit"
	"portico/backend/kernel/secret"
	"portico/backend/kernel/settings"
	"portico/backend/pages"
)

// Migrations and Messages are this room's tables and words.
var (
	//go:embed migrations/*.sql
	Migrations embed.FS
	//go:embed messages/*.json
	Messages embed.FS
)

// Deps are what the room is built on.
type Deps struct {
	DB       *db.DB
	Jobs     *jobs.Runner
	Limits   *limit.Limiter
	Box      *secret.Box // seals the landing cookie
	Keys     Keys
	People   People
	Mail     Mailer
	Business Business
	Address  Address
	Reach    Reach
	Live     Live
	Pages    *pages.Pages
	Log      *slog.Logger
}

// Service holds the verbs of the room.
type Service struct {
	Deps
	seen chan sighting
}

// New makes the room and takes on its jobs.
func New(d Deps) *Service {
	s := &Service{Deps: d, seen: make(chan sighting, 1024)}
	d.Jobs.Handle(loginJob, s.mailLogin)
	d.Jobs.Handle(sweepJob, s.sweep)
	return s
}

// policyKey is where the policy is kept.
var policyKey = settings.Key[Policy]{Name: "access.policy", Default: defaultPolicy, Check: Policy.check}

// Policy answers how clients may sign in. Staff only.
func (s *Service) Policy(ctx context.Context, actor auth.Actor) (Policy, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Policy{}, err
	}
	return settings.Get(ctx, s.DB.Read(), policyKey)
}

// SetPolicy changes it; links that are out already keep their life. Staff only.
func (s *Service) SetPolicy(ctx context.Context, actor auth.Actor, p Policy) (Policy, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Policy{}, err
	}
	return p, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := settings.Set(ctx, tx, policyKey, p); err != nil {
			return err
		}
		return s.audited(tx, actor, "access.set_policy", "", map[string]any{"policy": p})
	})
}

// EndAccess ends every session and link of a contact with the caller's commit.
// why is "deleted", "email_changed", "suspended" or "signed_out_everywhere".
func (s *Service) EndAccess(ctx context.Context, tx *db.Tx, _ auth.Actor, contactID, why string) error {
	m, err := memberOf(ctx, tx, contactID)
	if err != nil {
		return fmt.Errorf("ending access of %s: %w", contactID, err)
	}
	if m == (Member{ContactID: contactID}) {
		return nil // never had any
	}
	m.Epoch++
	m.Gone = m.Gone || why == "deleted"
	return s.endAccess(ctx, tx, m)
}

// endAccess saves a member whose epoch was raised and ends what hung on the old one.
func (s *Service) endAccess(ctx context.Context, tx *db.Tx, m Member) error {
	if err := saveMember(ctx, tx, m); err != nil {
		return fmt.Errorf("saving member %s: %w", m.ContactID, err)
	}
	if err := removeSessions(ctx, tx, m.ContactID, ""); err != nil {
		return fmt.Errorf("ending sessions of %s: %w", m.ContactID, err)
	}
	if err := revokeAll(ctx, tx, m.ContactID); err != nil {
		return fmt.Errorf("ending links of %s: %w", m.ContactID, err)
	}
	tx.AfterCommit(func() {
		s.Live.DropPerson(m.ContactID)
		s.Live.Changed("portal", m.ContactID)
	})
	return nil
}

// Returned is told that a deleted contact was restored.
func (s *Service) Returned(ctx context.Context, contactID string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := memberOf(ctx, tx, contactID)
		if err != nil || !m.Gone {
			return err
		}
		m.Gone = false
		return saveMember(ctx, tx, m)
	})
}

// Delivered is an invitation whose mail a server took, or refused for good.
type Delivered struct {
	MailID    string
	ContactID string
	Accepted  bool
}

// Settle notes in the caller's transaction what became of invitations; of one
// that a later one replaced, nothing.
func (s *Service) Settle(ctx context.Context, tx *db.Tx, list []Delivered) error {
	var changed []string
	for _, d := range list {
		n, err := delivered(ctx, tx, d)
		if err != nil {
			return fmt.Errorf("invitation of %s: %w", d.ContactID, err)
		}
		if n > 0 {
			changed = append(changed, d.ContactID)
		}
	}
	if len(changed) > 0 {
		tx.AfterCommit(func() { s.Live.Changed("portal", changed...) })
	}
	return nil
}

// Members answers how contacts stand with the portal, by contact.
func (s *Service) Members(ctx context.Context, q db.Q, contactIDs []string) (map[string]Member, error) {
	return membersOf(ctx, q, contactIDs)
}

// audited ends a write: the deed in the log, and open windows told afterwards.
func (s *Service) audited(tx *db.Tx, actor auth.Actor, action, contactID string, detail map[string]any) error {
	tx.AfterCommit(func() { s.Live.Changed("portal", contactID) })
	return tx.Audit(db.AuditEntry{Actor: actor, Action: action, Subject: contactID, Detail: detail})
}

// sweepJob removes what is long over, once a day.
const sweepJob = "access.sweep"

// keptLinks is how long an ended link stays, so that it can renew itself.
const keptLinks = 90 * 24 * time.Hour

// sweepKey names the sweep of a day: however often the program starts, there is
// one for each.
func sweepKey(day time.Time) string { return "daily " + day.UTC().Format(time.DateOnly) }

// Start makes sure the daily sweep is queued.
func (s *Service) Start(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return jobs.Enqueue(ctx, tx, jobs.Job{Kind: sweepJob, Key: sweepKey(tx.Now)})
	})
}

func (s *Service) sweep(ctx context.Context, c jobs.Claimed) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := forgetLinks(ctx, tx, tx.Now.Add(-keptLinks)); err != nil {
			return err
		}
		if err := forgetSessions(ctx, tx); err != nil {
			return err
		}
		if err := s.Limits.Sweep(ctx, tx); err != nil {
			return err
		}
		next := tx.Now.Add(24 * time.Hour)
		return jobs.Enqueue(ctx, tx, jobs.Job{Kind: sweepJob, Key: sweepKey(next), RunAt: next})
	})
}

// found turns a missing row into a fault of ours.
func found(err error, missing error) error {
	if errors.Is(err, db.ErrNoRows) {
		return missing
	}
	return err
}
