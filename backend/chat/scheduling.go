package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/jobs"
)

// sendJob sends a message that was written before.
const sendJob = "chat.send"

// sending is for which time a job was made; when that was changed, another one sends.
type sending struct {
	ID string `json:"id"`
	At int64  `json:"at"`
}

var (
	errScheduledGone = fault.New(fault.NotFound, "chat.scheduled_gone", "This message is not waiting any more.")
	errSendPast      = fault.InvalidField("at", "chat.send_past", "Choose a time that is still to come.")
)

// Schedule keeps a message of the business to be sent at a time. The same
// ClientMsgID again answers what it made the first time. Staff only.
func (s *Service) Schedule(ctx context.Context, actor auth.Actor, conversationID string, in Draft, at time.Time) (p Scheduled, fresh bool, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return p, false, err
	}
	d, err := draft{clientMsgID: in.ClientMsgID, text: in.Text}.normalised()
	if err != nil {
		return p, false, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		fresh = false
		if _, err := s.written(ctx, tx, conversationID); err != nil {
			return err
		}
		if p, err = scheduledSent(ctx, tx, conversationID, d.clientMsgID); !errors.Is(err, db.ErrNoRows) {
			return err
		}
		if !at.After(tx.Now) {
			return errSendPast
		}
		p = Scheduled{ID: ident.New("cs"), ConversationID: conversationID, ClientMsgID: d.clientMsgID, Text: d.text, Author: actor.Name, At: db.At(at.UnixMilli()), Created: tx.Now}
		if err := insertScheduled(ctx, tx, p); err != nil {
			return fmt.Errorf("scheduling in %s: %w", conversationID, err)
		}
		fresh = true
		return s.sendLater(ctx, tx, p)
	})
	return p, fresh, err
}

// sendLater has a message sent at its time.
func (s *Service) sendLater(ctx context.Context, tx *db.Tx, p Scheduled) error {
	s.conversationChanged(tx, p.ConversationID, nil)
	tx.AfterCommit(func() { s.Jobs.Wake(sendJob) })
	at := p.At.UnixMilli()
	return jobs.Enqueue(ctx, tx, jobs.Job{Kind: sendJob, Key: fmt.Sprint(p.ID, " ", at), Payload: sending{p.ID, at}, RunAt: p.At})
}

// ScheduledIn answers what waits to be sent in a conversation, the next first. Staff only.
func (s *Service) ScheduledIn(ctx context.Context, actor auth.Actor, conversationID string) ([]Scheduled, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	if _, err := s.byID(ctx, s.DB.Read(), conversationID); err != nil {
		return nil, err
	}
	return scheduledOf(ctx, s.DB.Read(), conversationID)
}

// Reschedule changes the text or the time of a message that waits. Staff only.
func (s *Service) Reschedule(ctx context.Context, actor auth.Actor, conversationID, id string, text *string, at *time.Time) (Scheduled, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Scheduled{}, err
	}
	var p Scheduled
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if p, err = scheduledByID(ctx, tx, id); err != nil {
			return missing(err, errScheduledGone)
		}
		if text != nil {
			if p.Text, err = normalNote(*text); err != nil {
				return err
			}
		}
		if at != nil {
			if p.At = db.At(at.UnixMilli()); !p.At.After(tx.Now) {
				return errSendPast
			}
		}
		p.ConversationID = conversationID
		n, err := changeScheduled(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("changing %s: %w", id, err)
		}
		if n == 0 {
			return errScheduledGone
		}
		return s.sendLater(ctx, tx, p)
	})
	return p, err
}

// CancelScheduled takes back a message that waits. Staff only.
func (s *Service) CancelScheduled(ctx context.Context, actor auth.Actor, conversationID, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := cancelScheduled(ctx, tx, conversationID, id)
		if err != nil {
			return fmt.Errorf("cancelling %s: %w", id, err)
		}
		if n == 0 {
			return errScheduledGone
		}
		s.conversationChanged(tx, conversationID, nil)
		return nil
	})
}

// send posts a message whose time has come. Its ClientMsgID makes it one however
// often the job runs.
func (s *Service) send(ctx context.Context, c jobs.Claimed) error {
	var in sending
	if err := json.Unmarshal(c.Payload, &in); err != nil {
		return err
	}
	var p Scheduled
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := takeScheduled(ctx, tx, in.ID, in.At)
		if err != nil {
			return err
		}
		if p = (Scheduled{}); n == 0 { // cancelled, or meant for another time by now
			return nil
		}
		p, err = scheduledByID(ctx, tx, in.ID)
		return err
	})
	if err != nil || p.ID == "" {
		return err
	}
	if _, _, err := s.Post(ctx, auth.Staff(p.Author, "schedule"), p.ConversationID, Draft{ClientMsgID: p.ClientMsgID, Text: p.Text}); err != nil {
		return fmt.Errorf("sending %s: %w", p.ID, err)
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		s.conversationChanged(tx, p.ConversationID, nil)
		return removeScheduled(ctx, tx, p.ID)
	})
}
