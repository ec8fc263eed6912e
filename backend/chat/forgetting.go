package chat

import (
	"context"
	"fmt"

	"portico/backend/kernel/db"
)

// ForgetContact takes what an erased contact said out of the groups they were in;
// their own conversation went with them. It may be called again.
func (s *Service) ForgetContact(ctx context.Context, contactID string) error {
	if err := s.unindex(ctx, DirectID(contactID)); err != nil {
		return fmt.Errorf("forgetting %s: %w", contactID, err)
	}
	const step = 100
	for {
		var n int
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			list, err := writtenBy(ctx, tx, contactID, step)
			if err != nil {
				return fmt.Errorf("forgetting %s: %w", contactID, err)
			}
			n = len(list)
			for _, m := range list {
				if err := s.forget(ctx, tx, m); err != nil {
					return fmt.Errorf("forgetting %s: %w", contactID, err)
				}
			}
			return nil
		})
		if err != nil || n < step {
			return err
		}
	}
}

func (s *Service) forget(ctx context.Context, tx *db.Tx, m Message) error {
	if m.Deleted.IsZero() {
		m.Deleted = tx.Now
	}
	m.Text, m.Author, m.Reactions, m.files = "", "", nil, 0
	if err := removeAttachments(ctx, tx, m.ConversationID, m.Seq); err != nil {
		return err
	}
	var err error
	if m.Rev, err = nextRev(ctx, tx, m.ConversationID); err != nil {
		return err
	}
	if err := changeMessage(ctx, tx, m); err != nil {
		return err
	}
	if err := forgetAuthor(ctx, tx, m); err != nil {
		return err
	}
	s.feed.afterCommit(tx, m)
	return nil
}
