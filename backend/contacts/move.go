package contacts

import (
	"context"
	"errors"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
)

// Archive takes a contact out of the way; it keeps everything, also its access.
func (s *Service) Archive(ctx context.Context, actor auth.Actor, id string) error {
	return s.one(ctx, actor, id, s.archive)
}

// Unarchive brings an archived contact back.
func (s *Service) Unarchive(ctx context.Context, actor auth.Actor, id string) error {
	return s.one(ctx, actor, id, s.unarchive)
}

// Delete takes a contact away with its access; it can be restored for 30 days.
func (s *Service) Delete(ctx context.Context, actor auth.Actor, id string) error {
	return s.one(ctx, actor, id, s.remove)
}

// Restore undoes Delete. Fault contacts.email_taken when somebody else has one of
// the addresses by now.
func (s *Service) Restore(ctx context.Context, actor auth.Actor, id string) error {
	return s.one(ctx, actor, id, s.restore)
}

// verb changes one contact in a transaction; ErrNotFound when it is not in a
// state from which this is possible.
type verb func(ctx context.Context, tx *db.Tx, actor auth.Actor, id string) error

func (s *Service) one(ctx context.Context, actor auth.Actor, id string, do verb) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return do(ctx, tx, actor, id) })
}

func (s *Service) move(ctx context.Context, tx *db.Tx, actor auth.Actor, id string, from, to State, what string) error {
	n, err := setState(ctx, tx, id, from, to)
	if err != nil {
		return fmt.Errorf("moving %s: %w", id, err)
	}
	if n == 0 {
		return ErrNotFound
	}
	if err := tx.Emit(actor, Moved{id, what}); err != nil {
		return err
	}
	return s.audited(tx, actor, "contacts."+what, id, nil)
}

func (s *Service) archive(ctx context.Context, tx *db.Tx, actor auth.Actor, id string) error {
	return s.move(ctx, tx, actor, id, Active, Archived, "archived")
}

func (s *Service) unarchive(ctx context.Context, tx *db.Tx, actor auth.Actor, id string) error {
	return s.move(ctx, tx, actor, id, Archived, Active, "unarchived")
}

func (s *Service) remove(ctx context.Context, tx *db.Tx, actor auth.Actor, id string) error {
	c, err := s.ByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.Access.EndAccess(ctx, tx, actor, id, "deleted"); err != nil {
		return err
	}
	if err := claimEmails(ctx, tx, id, nil); err != nil {
		return err
	}
	if err := countUses(ctx, tx, id, -1); err != nil {
		return err
	}
	if err := index.Delete(ctx, tx, id); err != nil {
		return err
	}
	if err := jobs.Enqueue(ctx, tx, jobs.Job{Kind: purgeJob, Key: id, RunAt: tx.Now.AddDate(0, 0, keptDays)}); err != nil {
		return err
	}
	return s.move(ctx, tx, actor, id, c.State, Deleted, "deleted")
}

func (s *Service) restore(ctx context.Context, tx *db.Tx, actor auth.Actor, id string) error {
	to, err := deletedFrom(ctx, tx, id)
	if errors.Is(err, db.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	c, err := contactByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := checkEmailsFree(ctx, tx, c); err != nil {
		return err
	}
	if err := claimEmails(ctx, tx, id, emailKeys(c.Emails)); err != nil {
		return err
	}
	if err := countUses(ctx, tx, id, 1); err != nil {
		return err
	}
	if err := indexContact(ctx, tx, c); err != nil {
		return err
	}
	if _, err := jobs.Cancel(ctx, tx, purgeJob, id); err != nil {
		return err
	}
	return s.move(ctx, tx, actor, id, Deleted, to, "restored")
}

// Result is what became of one contact in a bulk action: done, skipped or failed.
type Result struct {
	ContactID string `json:"contact_id"`
	Status    string `json:"status" enum:"done,skipped,failed"`
	Reason    string `json:"reason" doc:"Why not, in the language of who asked"`
	Why       error  `json:"-"` // what Reason tells
}

// Bulk does one thing to many contacts and answers for each; one that fails does
// not stop the others. Actions: add_tag, remove_tag, archive, unarchive, delete, restore.
func (s *Service) Bulk(ctx context.Context, actor auth.Actor, ids []string, action, tag string) ([]Result, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	verbs := map[string]verb{"archive": s.archive, "unarchive": s.unarchive, "delete": s.remove, "restore": s.restore,
		"add_tag": s.tagging(tag, true), "remove_tag": s.tagging(tag, false)}
	do := verbs[action]
	if do == nil {
		return nil, fault.InvalidField("action", "contacts.action", "This cannot be done with several contacts.")
	}
	if action == "add_tag" || action == "remove_tag" {
		if _, err := normalTag(tag); err != nil {
			return nil, err
		}
	}
	results := make([]Result, len(ids))
	for i, id := range ids {
		err := s.DB.Write(ctx, func(tx *db.Tx) error { return do(ctx, tx, actor, id) })
		results[i] = Result{ContactID: id, Status: "done"}
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, errNothingToDo):
			results[i].Status, results[i].Why = "skipped", err
		case err != nil && ctx.Err() != nil:
			return nil, err
		case err != nil:
			results[i].Status, results[i].Why = "failed", err
		}
	}
	return results, nil
}
