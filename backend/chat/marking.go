package chat

import (
	"context"
	"errors"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

// Mark moves the actor's own mark forward: read up to a message, and delivered to
// a device of theirs. What lies beyond the last message counts as the last. It is
// durable when it returns.
func (s *Service) Mark(ctx context.Context, actor auth.Actor, conversationID string, read, delivered int64) error {
	if _, err := s.reader(ctx, s.DB.Read(), actor, conversationID); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.mark(ctx, tx, actor, conversationID, read, delivered) })
}

func (s *Service) mark(ctx context.Context, tx *db.Tx, actor auth.Actor, conversationID string, read, delivered int64) error {
	c, err := s.byID(ctx, tx, conversationID)
	if err != nil {
		return err
	}
	m := Mark{ContactID: actor.ContactID, Read: min(max(read, 0), c.LastSeq)}
	m.Delivered = min(max(delivered, m.Read), c.LastSeq)
	if actor.Kind != auth.KindClient {
		n, err := readByStaff(ctx, tx, conversationID, m.Read)
		if err == nil && n > 0 {
			s.marked(tx, c, Mark{Read: m.Read, Delivered: c.LastSeq})
		}
		return err
	}
	old, err := markOf(ctx, tx, conversationID, actor.ContactID)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return fmt.Errorf("marking %s: %w", conversationID, err)
	}
	if m.Read <= old.Read && m.Delivered <= old.Delivered {
		return nil
	}
	if err := moveMark(ctx, tx, conversationID, m); err != nil {
		return fmt.Errorf("marking %s: %w", conversationID, err)
	}
	s.marked(tx, c, Mark{actor.ContactID, max(m.Read, old.Read), max(m.Delivered, old.Delivered)})
	if m.Read <= old.Read {
		return nil
	}
	return s.readAnyway(ctx, tx, conversationID, actor.ContactID, m.Read)
}

// marked tells everybody who may know: staff, the reader's other devices, and
// unless it is a broadcast the other members.
func (s *Service) marked(tx *db.Tx, c Conversation, m Mark) {
	tx.AfterCommit(func() { s.feed.mark(c, m) })
}

// Type tells the others that the actor is writing. Nothing is kept.
func (s *Service) Type(ctx context.Context, actor auth.Actor, conversationID string) error {
	if _, err := s.reader(ctx, s.DB.Read(), actor, conversationID); err != nil {
		return err
	}
	c, err := s.byID(ctx, s.DB.Read(), conversationID)
	if err != nil {
		return err
	}
	if c.Kind == Broadcast {
		return errReadOnly
	}
	name, err := s.author(ctx, actor)
	if err != nil {
		return err
	}
	s.feed.typing(c, key(actor), name)
	return nil
}
