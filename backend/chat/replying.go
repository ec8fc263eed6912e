package chat

import (
	"context"
	"fmt"
	"slices"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
)

var errReplyGone = fault.New(fault.NotFound, "chat.reply_missing", "This reply is not here any more.")

// Replies answers the canned replies in the order of their titles. Staff only.
func (s *Service) Replies(ctx context.Context, actor auth.Actor) ([]Reply, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	list, err := replies(ctx, s.DB.Read())
	slices.SortFunc(list, Reply.less)
	return list, err
}

// AddReply keeps a canned reply. It is refused while it mentions values that do
// not exist. Staff only.
func (s *Service) AddReply(ctx context.Context, actor auth.Actor, title, text string) (Reply, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Reply{}, err
	}
	r, err := s.checkReply(actor, Reply{ID: ident.New("cr"), Title: title, Text: text})
	if err != nil {
		return Reply{}, err
	}
	return r, s.DB.Write(ctx, func(tx *db.Tx) error {
		r.Created = tx.Now
		if err := insertReply(ctx, tx, r); err != nil {
			return fmt.Errorf("keeping a reply: %w", err)
		}
		return s.repliesChanged(tx, actor, "chat.save_reply", r.ID)
	})
}

func (s *Service) checkReply(actor auth.Actor, r Reply) (Reply, error) {
	r, err := r.normalised()
	if err == nil {
		err = s.Texts.CheckText(actor.Language, r.Text)
	}
	return r, err
}

// ChangeReply changes what is given of a canned reply. Staff only.
func (s *Service) ChangeReply(ctx context.Context, actor auth.Actor, id string, title, text *string) (Reply, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Reply{}, err
	}
	var r Reply
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if r, err = replyByID(ctx, tx, id); err != nil {
			return missing(err, errReplyGone)
		}
		if title != nil {
			r.Title = *title
		}
		if text != nil {
			r.Text = *text
		}
		if r, err = s.checkReply(actor, r); err != nil {
			return err
		}
		if err := changeReply(ctx, tx, r); err != nil {
			return fmt.Errorf("changing the reply %s: %w", id, err)
		}
		return s.repliesChanged(tx, actor, "chat.save_reply", id)
	})
	return r, err
}

// DeleteReply removes a canned reply. Staff only.
func (s *Service) DeleteReply(ctx context.Context, actor auth.Actor, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := removeReply(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("removing the reply %s: %w", id, err)
		}
		if n == 0 {
			return errReplyGone
		}
		return s.repliesChanged(tx, actor, "chat.delete_reply", id)
	})
}

func (s *Service) repliesChanged(tx *db.Tx, actor auth.Actor, action, id string) error {
	tx.AfterCommit(func() { s.Live.Changed("chat.replies", id) })
	return tx.Audit(db.AuditEntry{Actor: actor, Action: action, Subject: id})
}

// RenderReply answers a canned reply as it would stand in a conversation. What is
// not known of its people takes the defaults. Staff only.
func (s *Service) RenderReply(ctx context.Context, actor auth.Actor, id, conversationID string) (string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return "", err
	}
	r, err := replyByID(ctx, s.DB.Read(), id)
	if err != nil {
		return "", missing(err, errReplyGone)
	}
	c, err := s.byID(ctx, s.DB.Read(), conversationID)
	if err != nil {
		return "", err
	}
	return s.Texts.FillText(ctx, c.ContactID, r.Text)
}
