package outbox

import (
	"context"
	"fmt"
	"os"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
)

// ForgetContact removes every mail to a contact who was erased. One that is being
// handed over at this moment still goes out and is removed by the next call.
func (s *Service) ForgetContact(ctx context.Context, contactID string) error {
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		gone, err := removeMailsOf(ctx, tx, contactID)
		if err != nil {
			return fmt.Errorf("forgetting the mails of %s: %w", contactID, err)
		}
		for _, m := range gone {
			if _, err := jobs.Cancel(ctx, tx, JobKind, m.ID); err != nil {
				return err
			}
			if err := addTotal(ctx, tx, m.State, -1); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		return nil
	})
}

// ForgetAccount removes the mail account; mail waits again until there is one.
// Files that an account of that kind kept are removed with it. Staff only.
func (s *Service) ForgetAccount(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	var before kept
	err := s.deps.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if before, err = accountRow(ctx, tx); err != nil {
			return err
		}
		if err := unsetAccount(ctx, tx); err != nil {
			return fmt.Errorf("forgetting the mail account: %w", err)
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.account_forgotten", Detail: map[string]any{"kind": string(before.Kind)}})
	})
	if err != nil {
		return err
	}
	if before.PasswordRef != "" {
		if err := s.deps.Secrets.Delete(before.PasswordRef); err != nil {
			return err
		}
	}
	if before.Kind == AccountFiles {
		return os.RemoveAll(s.deps.FilesDir)
	}
	return nil
}
