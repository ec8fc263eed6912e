package chat

import (
	"context"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// AddNote writes an internal note behind the last message of a conversation. Staff only.
func (s *Service) AddNote(ctx context.Context, actor auth.Actor, conversationID, text string) (Note, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Note{}, err
	}
	text, err := normalNote(text)
	if err != nil {
		return Note{}, err
	}
	var n Note
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.written(ctx, tx, conversationID)
		if err != nil {
			return err
		}
		n = Note{ID: ident.New("cn"), ConversationID: conversationID, AfterSeq: c.LastSeq, Text: text, Author: actor.Name, Created: tx.Now}
		if err := insertNote(ctx, tx, n); err != nil {
			return fmt.Errorf("noting in %s: %w", conversationID, err)
		}
		return s.noted(ctx, tx, n)
	})
	return n, err
}

// ChangeNote rewrites a note. Staff only.
func (s *Service) ChangeNote(ctx context.Context, actor auth.Actor, conversationID, id, text string) (Note, error) {
	text, err := normalNote(text)
	if err != nil {
		return Note{}, err
	}
	return s.onNote(ctx, actor, conversationID, id, func(tx *db.Tx, n *Note) { n.Text, n.Edited = text, tx.Now })
}

// DeleteNote removes a note. Staff only.
func (s *Service) DeleteNote(ctx context.Context, actor auth.Actor, conversationID, id string) error {
	_, err := s.onNote(ctx, actor, conversationID, id, func(tx *db.Tx, n *Note) { n.Text, n.Deleted = "", tx.Now })
	return err
}

func (s *Service) onNote(ctx context.Context, actor auth.Actor, conversationID, id string, change func(*db.Tx, *Note)) (Note, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Note{}, err
	}
	var n Note
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if n, err = noteByID(ctx, tx, conversationID, id); err != nil {
			return missing(err, errNoteGone)
		}
		change(tx, &n)
		if err := changeNote(ctx, tx, n); err != nil {
			return fmt.Errorf("note %s: %w", id, err)
		}
		return s.noted(ctx, tx, n)
	})
	return n, err
}

// noted tells staff of a note, and lets it be found.
func (s *Service) noted(ctx context.Context, tx *db.Tx, n Note) error {
	tx.AfterCommit(func() { s.Live.ToStaff(noteFrame{"chat.note", n.ConversationID, noteBody(n)}) })
	if err := s.indexNote(ctx, tx, n); err != nil {
		return fmt.Errorf("indexing the note %s: %w", n.ID, err)
	}
	return nil
}

// Notes answers the internal notes behind the message after, oldest first. Staff only.
func (s *Service) Notes(ctx context.Context, actor auth.Actor, conversationID string, after int64) ([]Note, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	const most = 500
	return notesOf(ctx, s.DB.Read(), conversationID, after, most)
}
