package domains

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/settings"
	"portico/backend/kernel/zone"
)

var errRunning = fault.New(fault.Conflict, "domains.update_running", "The update is under way already. Watch its steps below, or cancel it first.")

// Update begins Update Domain for the name that is set up: check, rehearsal,
// certificate, switch. It goes on by itself, after a restart too; the portal stays
// where it is until the last step. Staff only. Faults: domains.no_name,
// domains.update_running.
func (s *Service) Update(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	err := s.change(ctx, func(tx *db.Tx) error {
		p, err := planOf(ctx, tx)
		if err != nil {
			return fmt.Errorf("updating the domain: %w", err)
		}
		if p.Name == "" {
			return errNoName
		}
		last, err := optional(lastUpdate(ctx, tx, p.Name))
		if err != nil {
			return fmt.Errorf("updating the domain: %w", err)
		}
		if last != nil && last.open() {
			return errRunning
		}
		if err := insertUpdate(ctx, tx, newUpdate(ident.New("du"), p.Name, tx.Now)); err != nil {
			return fmt.Errorf("updating the domain: %w", err)
		}
		if err := forgetUpdates(ctx, tx, tx.Now.Add(-keepUpdates)); err != nil {
			return fmt.Errorf("updating the domain: %w", err)
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.update", Subject: p.Name})
	})
	s.Wake()
	return err
}

// keepUpdates is how long finished updates are kept for people to look at.
const keepUpdates = 90 * 24 * time.Hour

// CancelUpdate ends the update under way; the portal stays where it is. Staff
// only. Fault: domains.no_update.
func (s *Service) CancelUpdate(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	err := s.change(ctx, func(tx *db.Tx) error {
		p, err := planOf(ctx, tx)
		if err != nil {
			return fmt.Errorf("cancelling the update: %w", err)
		}
		u, err := lastUpdate(ctx, tx, p.Name)
		if errors.Is(err, db.ErrNoRows) || err == nil && !u.open() {
			return fault.New(fault.Conflict, "domains.no_update", "No update is under way.")
		}
		if err == nil {
			_, err = saveUpdate(ctx, tx, u.cancelled(tx.Now))
		}
		if err != nil {
			return fmt.Errorf("cancelling the update: %w", err)
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.cancel", Subject: p.Name})
	})
	s.Wake()
	return err
}

// Retry lets the next try for the certificate begin now. Staff only. Faults:
// domains.no_name, domains.too_soon while a limit holds.
func (s *Service) Retry(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	p, err := planOf(ctx, s.DB.Read())
	if err != nil {
		return fmt.Errorf("trying again: %w", err)
	}
	if p.Name == "" {
		return errNoName
	}
	err = s.Certs.Retry(ctx, p.Name)
	if soon := (*certs.TooSoon)(nil); errors.As(err, &soon) {
		wait := max(soon.Until.Sub(s.DB.Clock().Now()), time.Second)
		f := fault.New(fault.TooMany, "domains.too_soon", "It is too early to try again: too many tries would lock the name out at the certificate authority. Try again in {count} minutes; it happens by itself then.",
			"count", int((wait+time.Minute-1)/time.Minute))
		f.RetryAfter = int(wait / time.Second)
		return f
	}
	if err == nil {
		s.Live.Changed("domain")
		s.Wake()
	}
	return err
}

// advance does the next step of an update, as far as it goes now. It may be
// called at any time and any number of times.
func (s *Service) advance(ctx context.Context, id string) error {
	for {
		u, err := updateByID(ctx, s.DB.Read(), id)
		if err != nil {
			return fmt.Errorf("going on with an update: %w", err)
		}
		step, more := u.current()
		if !u.open() || !more {
			return nil
		}
		before := step
		if step, err = s.do(ctx, u, step); err != nil {
			return fmt.Errorf("going on with an update (%s): %w", before.Key, err)
		}
		if same(before, step) {
			return nil
		}
		kept, err := s.keep(ctx, u, step)
		if err != nil || !kept {
			return err
		}
		if step.State == StepRunning {
			return nil // it waits for somebody else
		}
	}
}

func same(a, b Step) bool {
	return a.State == b.State && a.Problem == b.Problem && a.Detail == b.Detail && a.NextTry.Equal(b.NextTry)
}

// keep commits a step; the switch is committed with what it does.
func (s *Service) keep(ctx context.Context, u Update, step Step) (kept bool, err error) {
	switches := step.Key == StepSwitch && step.State == StepDone
	err = s.change(ctx, func(tx *db.Tx) error {
		after := u.with(step, tx.Now)
		if kept, err = saveUpdate(ctx, tx, after); err != nil || !kept {
			return err
		}
		if !switches {
			return nil
		}
		return s.switchTo(ctx, tx, u.Name)
	})
	if err == nil && kept && switches {
		s.lookAgain() // what was found before tells of no certificate
	}
	return kept, err
}

// switchTo makes a name canonical.
func (s *Service) switchTo(ctx context.Context, tx *db.Tx, name string) error {
	before, err := activeName(ctx, tx)
	if err != nil {
		return fmt.Errorf("switching to %s: %w", name, err)
	}
	if before == name {
		return nil
	}
	if err := retireActive(ctx, tx, tx.Now); err != nil {
		return fmt.Errorf("switching to %s: %w", name, err)
	}
	if err := activate(ctx, tx, name, tx.Now); err != nil {
		return fmt.Errorf("switching to %s: %w", name, err)
	}
	if err := s.endHSTS(ctx, tx); err != nil {
		return err
	}
	actor := auth.System()
	if err := tx.Emit(actor, Switched{name, before}); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, Tells, "notice.switched", name, map[string]any{"name": display(name), "url": URL(name)}); err != nil {
		return err
	}
	return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.switch", Subject: name, Detail: map[string]any{"from": before}})
}

// endHSTS takes strict HTTPS back: it is promised for a name that has worked for a
// month, and the new one has not.
func (s *Service) endHSTS(ctx context.Context, tx *db.Tx) error {
	o, err := settings.Get(ctx, tx, optionsKey)
	if err != nil || !o.HSTS {
		return err
	}
	o.HSTS = false
	return settings.Set(ctx, tx, optionsKey, o)
}

// do works on one step and answers how it stands after.
func (s *Service) do(ctx context.Context, u Update, step Step) (Step, error) {
	switch step.Key {
	case StepCheck:
		return s.doCheck(ctx, u, step)
	case StepTrial, StepCertificate:
		return s.doCertificate(ctx, u, step)
	}
	step.State, step.Problem = StepDone, ""
	return step, nil
}

// doCheck looks whether anything stands against an order. What time will mend is
// waited for; what the owner has to mend ends the update.
func (s *Service) doCheck(ctx context.Context, u Update, step Step) (Step, error) {
	c, err := s.look(ctx, u.Name)
	if err != nil {
		return step, err
	}
	step.State, step.Problem, step.Params, step.NextTry = StepDone, "", nil, time.Time{}
	if c.Ready && !c.timely(s.DB.Clock().Now()) {
		step.State, step.Problem, step.NextTry = StepRunning, "settling", c.Settled
		return step, nil
	}
	if len(c.Findings) == 0 {
		return step, nil
	}
	switch f := c.Findings[0]; f.Severity { // the gravest stands first
	case Blocks:
		step.State, step.Problem, step.Params = StepFailed, f.Code, f.Params
	case Waits:
		step.State, step.Problem, step.Params = StepRunning, f.Code, f.Params
	}
	return step, nil
}

// doCertificate lets the manager get it and reads how far it is.
func (s *Service) doCertificate(ctx context.Context, u Update, step Step) (Step, error) {
	if err := s.manage(ctx, u.Name); err != nil {
		return step, err
	}
	status, err := s.Certs.Status(ctx, u.Name)
	if err != nil {
		return step, err
	}
	return progress(status, step, s.Rehearses, s.wall()), nil
}

// manage makes the manager answer for a name, as the options say.
func (s *Service) manage(ctx context.Context, name string) error {
	o, err := settings.Get(ctx, s.DB.Read(), optionsKey)
	if err != nil {
		return err
	}
	fingerprint := fmt.Sprintf("%v %v %v", o.Method, o.Server, o.Outside && o.Method == MethodDNSUpdate)
	s.mu.Lock()
	known := s.managed[name] == fingerprint
	s.mu.Unlock()
	if known {
		return nil
	}
	target := ""
	if o.Method != MethodHTTP {
		target = s.World.Survey(ctx, zone.Name(name), o.Outside).Challenge.CNAME
	}
	if err := s.Certs.Manage(ctx, name, s.certOptions(name, target, o)); err != nil {
		return err
	}
	s.mu.Lock()
	s.managed[name] = fingerprint
	s.mu.Unlock()
	return nil
}
