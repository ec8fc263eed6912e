package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
)

// Draft is a message to be sent. ReplyTo is the id of a message of the same
// conversation, or ""; Uploads are files of the author's that have arrived.
type Draft struct {
	ClientMsgID, Text, ReplyTo string
	Uploads                    []string
}

// Post sends a message. It answers the message and whether it is new: the same
// ClientMsgID again answers what it became the first time. When it returns, the
// message is durable. Clients in conversations that they take part in and that
// are no broadcast; staff everywhere.
func (s *Service) Post(ctx context.Context, actor auth.Actor, conversationID string, in Draft) (m Message, fresh bool, err error) {
	since, err := s.reader(ctx, s.DB.Read(), actor, conversationID)
	if err != nil {
		return m, false, err
	}
	d, err := draft{in.ClientMsgID, in.Text, in.ReplyTo, in.Uploads}.normalised()
	if err != nil {
		return m, false, err
	}
	if err := s.pace.allow(ctx, s.DB.Read(), s.DB.Clock().Now(), actor); err != nil {
		return m, false, err
	}
	author, err := s.author(ctx, actor)
	if err != nil {
		return m, false, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		fresh = false
		if m, err = s.sent(ctx, tx, conversationID, actor.ContactID, d.clientMsgID); !errors.Is(err, db.ErrNoRows) {
			return err
		}
		m = Message{files: int64(len(d.uploads)), ID: ident.New("ms"), ConversationID: conversationID, AuthorID: actor.ContactID, Author: author, ClientMsgID: d.clientMsgID, Text: d.text, Created: tx.Now}
		if err := s.quote(ctx, tx, &m, d.replyTo, since); err != nil {
			return err
		}
		if err := s.number(ctx, tx, actor, &m); err != nil {
			return err
		}
		if err := insertMessage(ctx, tx, m); err != nil {
			return fmt.Errorf("writing in %s: %w", conversationID, err)
		}
		if err := s.attach(ctx, tx, &m, d.uploads); err != nil {
			return err
		}
		if err := s.follow(ctx, tx, m); err != nil {
			return fmt.Errorf("writing in %s: %w", conversationID, err)
		}
		fresh = true
		s.feed.afterCommit(tx, m)
		return nil
	})
	return m, fresh, err
}

// sent answers the message that the same draft became before, whole.
func (s *Service) sent(ctx context.Context, tx *db.Tx, conversationID, authorID, clientMsgID string) (Message, error) {
	m, err := messageSent(ctx, tx, conversationID, authorID, clientMsgID)
	if err != nil {
		return m, err
	}
	return s.complete(ctx, tx, m)
}

// complete adds to a message what it answers and what it carries.
func (s *Service) complete(ctx context.Context, q db.Q, m Message) (Message, error) {
	if m.ReplyTo == 0 && m.files == 0 {
		return m, nil
	}
	whole, err := messageWhole(ctx, q, m.ConversationID, m.Seq)
	if err != nil {
		return m, fmt.Errorf("message %s: %w", m.ID, err)
	}
	list := []Message{whole}
	err = s.withFiles(ctx, q, m.ConversationID, list)
	return list[0], err
}

// author is the name under which an actor writes.
func (s *Service) author(ctx context.Context, actor auth.Actor) (string, error) {
	if actor.Kind != auth.KindClient {
		return actor.Name, nil
	}
	p, err := s.person(ctx, s.DB.Read(), actor.ContactID)
	return p.Name, err
}

// quote finds what a message answers.
func (s *Service) quote(ctx context.Context, tx *db.Tx, m *Message, replyTo string, since int64) error {
	if replyTo == "" {
		return nil
	}
	to, err := messageByID(ctx, tx, m.ConversationID, replyTo, since)
	if errors.Is(err, db.ErrNoRows) || err == nil && !to.Deleted.IsZero() {
		return fault.InvalidField("reply_to", "chat.reply_gone", "The message that you answer is not here any more. Send yours without it.")
	}
	m.ReplyTo, m.Quoted = to.Seq, to.quote()
	return err
}

// number gives a message its place, moves its author's mark there, and says whose turn it is.
func (s *Service) number(ctx context.Context, tx *db.Tx, actor auth.Actor, m *Message) error {
	if actor.Kind != auth.KindClient {
		c, before, err := advanceForStaff(ctx, tx, m.ConversationID)
		if errors.Is(err, db.ErrNoRows) {
			if _, err = s.written(ctx, tx, m.ConversationID); err == nil {
				c, before, err = advanceForStaff(ctx, tx, m.ConversationID)
			}
		}
		if err != nil {
			return err
		}
		m.Seq, m.Rev = c.LastSeq, c.Rev
		if before == Waiting && c.Kind == Direct {
			return tx.Emit(actor, Answered{c.ContactID, m.ConversationID})
		}
		return nil
	}
	c, before, err := advanceForClient(ctx, tx, m.ConversationID, actor.ContactID)
	if errors.Is(err, db.ErrNoRows) && m.ConversationID == DirectID(actor.ContactID) {
		if err = s.ensureDirect(ctx, tx, actor.ContactID); err == nil {
			c, before, err = advanceForClient(ctx, tx, m.ConversationID, actor.ContactID)
		}
	}
	if errors.Is(err, db.ErrNoRows) {
		return s.refused(ctx, tx, actor, m.ConversationID)
	}
	if err != nil {
		return err
	}
	m.Seq, m.Rev = c.LastSeq, c.Rev
	if err := moveMark(ctx, tx, m.ConversationID, Mark{actor.ContactID, m.Seq, m.Seq}); err != nil {
		return fmt.Errorf("marking %s: %w", m.ConversationID, err)
	}
	if err := s.readAnyway(ctx, tx, m.ConversationID, actor.ContactID, m.Seq); err != nil {
		return err
	}
	if before == Waiting {
		return nil
	}
	return tx.Emit(actor, Wrote{actor.ContactID, m.ConversationID})
}

// refused says why a client cannot write.
func (s *Service) refused(ctx context.Context, tx *db.Tx, actor auth.Actor, conversationID string) error {
	if _, err := s.member(ctx, tx, actor.ContactID, conversationID); err != nil {
		return err
	}
	return errReadOnly
}

// Part is some messages of a conversation, and how far it goes altogether.
type Part struct {
	Items        []Message
	LastSeq, Rev int64
	More         bool // there are more in the direction that was asked
}

// Look is which messages are wanted: those after a seq, before a seq, or changed
// since a rev; a field that is nil was not asked, and without any the newest come.
type Look struct {
	After, Before, Changes *int64
	Limit                  int
}

// Read answers messages of a conversation that the actor takes part in.
func (s *Service) Read(ctx context.Context, actor auth.Actor, conversationID string, l Look) (Part, error) {
	q := s.DB.Read()
	since, err := s.reader(ctx, q, actor, conversationID)
	if err != nil {
		return Part{}, err
	}
	c, err := s.byID(ctx, q, conversationID)
	if err != nil {
		return Part{}, err
	}
	want := look{since: since, after: -1, changes: -1, limit: l.Limit + 1}
	switch {
	case l.Changes != nil:
		want.changes = *l.Changes
	case l.Before != nil:
		want.before = max(1, *l.Before)
	case l.After != nil:
		want.after = max(0, *l.After)
	}
	list, err := messages(ctx, q, conversationID, want)
	if err != nil {
		return Part{}, fmt.Errorf("reading %s: %w", conversationID, err)
	}
	if err := s.withFiles(ctx, q, conversationID, list); err != nil {
		return Part{}, err
	}
	out := Part{Items: list, LastSeq: c.LastSeq, Rev: c.Rev, More: len(list) > l.Limit}
	if out.More && (want.before > 0 || want.after < 0 && want.changes < 0) {
		out.Items = list[1:] // the newest are wanted
	} else if out.More {
		out.Items = list[:l.Limit]
	}
	if out.More && want.changes >= 0 {
		out.Rev = out.Items[len(out.Items)-1].Rev
	}
	return out, nil
}

// Edit changes what the actor wrote; what it said before is kept for staff.
func (s *Service) Edit(ctx context.Context, actor auth.Actor, conversationID, id, text string) (Message, error) {
	text, err := normalText(text)
	if err != nil {
		return Message{}, inField("text", err)
	}
	return s.onMessage(ctx, actor, conversationID, id, func(tx *db.Tx, m Message) (Message, error) {
		if m.AuthorID != actor.ContactID || actor.Kind == auth.KindClient && m.AuthorID == "" {
			return m, errNotYours
		}
		if m.Text == text {
			return m, errSame
		}
		if text == "" && m.files == 0 {
			return m, fault.InvalidField("text", "chat.empty", "Write something first.")
		}
		old := m
		m.Text, m.Edited = text, tx.Now
		return m, s.trace(ctx, tx, old, m)
	})
}

// Delete takes back what the actor wrote. Staff may delete what clients wrote
// too; what it said is kept for them.
func (s *Service) Delete(ctx context.Context, actor auth.Actor, conversationID, id string) (Message, error) {
	return s.onMessage(ctx, actor, conversationID, id, func(tx *db.Tx, m Message) (Message, error) {
		if actor.Kind == auth.KindClient && m.AuthorID != actor.ContactID {
			return m, errNotYours
		}
		old := m
		m.Text, m.Deleted, m.Reactions, m.files = "", tx.Now, nil, 0
		if err := s.trace(ctx, tx, old, m); err != nil {
			return m, err
		}
		if err := removeAttachments(ctx, tx, conversationID, m.Seq); err != nil {
			return m, fmt.Errorf("deleting the files of %s: %w", id, err)
		}
		return m, tx.Audit(db.AuditEntry{Actor: actor, Action: "chat.delete_message", Subject: id})
	})
}

// React sets the actor's emoji on a message; "" takes it back.
func (s *Service) React(ctx context.Context, actor auth.Actor, conversationID, id, emoji string) (Message, error) {
	return s.onMessage(ctx, actor, conversationID, id, func(_ *db.Tx, m Message) (Message, error) {
		reactions, err := m.withReaction(key(actor), emoji)
		m.Reactions = reactions
		return m, err
	})
}

// errSame ends a change that changes nothing.
var errSame = errors.New("chat: nothing to change")

func (s *Service) trace(ctx context.Context, tx *db.Tx, old, fresh Message) error {
	if err := insertEdit(ctx, tx, old, old.Rev); err != nil {
		return fmt.Errorf("keeping what %s said: %w", fresh.ID, err)
	}
	return s.unsay(ctx, tx, old)
}

// onMessage changes a message that is not deleted and that the actor may see.
func (s *Service) onMessage(ctx context.Context, actor auth.Actor, conversationID, id string, do func(*db.Tx, Message) (Message, error)) (Message, error) {
	since, err := s.reader(ctx, s.DB.Read(), actor, conversationID)
	if errors.Is(err, ErrNotFound) {
		err = errMessageGone
	}
	if err != nil {
		return Message{}, err
	}
	var out Message
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := messageByID(ctx, tx, conversationID, id, since)
		if errors.Is(err, db.ErrNoRows) || err == nil && !m.Deleted.IsZero() {
			return errMessageGone
		}
		if err != nil {
			return fmt.Errorf("message %s: %w", id, err)
		}
		if actor.Kind == auth.KindClient {
			if _, err := s.mayWrite(ctx, tx, actor, conversationID); err != nil {
				return err
			}
		}
		if out, err = do(tx, m); err != nil {
			return err
		}
		if out.Rev, err = nextRev(ctx, tx, conversationID); err != nil {
			return fmt.Errorf("message %s: %w", id, err)
		}
		if err := changeMessage(ctx, tx, out); err != nil {
			return fmt.Errorf("message %s: %w", id, err)
		}
		if out, err = s.complete(ctx, tx, out); err != nil {
			return err
		}
		s.feed.afterCommit(tx, out)
		return nil
	})
	if errors.Is(err, errSame) {
		return s.complete(ctx, s.DB.Read(), out)
	}
	return out, err
}

// mayWrite answers the conversation when a client may change something in it.
func (s *Service) mayWrite(ctx context.Context, tx *db.Tx, actor auth.Actor, conversationID string) (Conversation, error) {
	c, err := s.byID(ctx, tx, conversationID)
	if err == nil && c.Kind == Broadcast {
		err = errReadOnly
	}
	return c, err
}

// Edits answers what a message said before, oldest first. Staff only.
func (s *Service) Edits(ctx context.Context, actor auth.Actor, conversationID, id string) ([]Past, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	if _, err := messageByID(ctx, s.DB.Read(), conversationID, id, 0); err != nil {
		return nil, missing(err, errMessageGone)
	}
	return pastOf(ctx, s.DB.Read(), conversationID, id)
}

// Past is what a message said until a time.
type Past struct {
	Until time.Time
	Text  string
}
