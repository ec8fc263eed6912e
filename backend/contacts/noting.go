package contacts

import (
	"context"
	"errors"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
)

var errNoteGone = fault.New(fault.NotFound, "contacts.note_not_found", "This note is not here any more.")

// AddNote writes a note about a contact. Staff only.
func (s *Service) AddNote(ctx context.Context, actor auth.Actor, contactID, text string) (Note, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Note{}, err
	}
	text, err := normalNote(text)
	if err != nil {
		return Note{}, err
	}
	var n Note
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.ByID(ctx, tx, contactID); err != nil {
			return err
		}
		n = Note{ID: ident.New("nt"), ContactID: contactID, Text: text, Author: actor.Name, Created: tx.Now, Updated: tx.Now}
		if err := insertNote(ctx, tx, n); err != nil {
			return fmt.Errorf("adding a note to %s: %w", contactID, err)
		}
		if err := tx.Emit(actor, NoteAdded{contactID, n.ID}); err != nil {
			return err
		}
		return s.audited(tx, actor, "contacts.add_note", contactID, map[string]any{"note": n.ID})
	})
	return n, err
}

// ChangeNote rewrites a note. Staff only.
func (s *Service) ChangeNote(ctx context.Context, actor auth.Actor, contactID, id, text string) (Note, error) {
	text, err := normalNote(text)
	if err != nil {
		return Note{}, err
	}
	var n Note
	err = s.onNote(ctx, actor, contactID, id, "contacts.change_note", func(tx *db.Tx) (changed int64, err error) {
		if changed, err = updateNote(ctx, tx, contactID, id, text); err != nil || changed == 0 {
			return changed, err
		}
		n, err = noteByID(ctx, tx, contactID, id)
		return changed, err
	})
	return n, err
}

// DeleteNote hides a note; RestoreNote brings it back.
func (s *Service) DeleteNote(ctx context.Context, actor auth.Actor, contactID, id string) error {
	return s.onNote(ctx, actor, contactID, id, "contacts.delete_note", func(tx *db.Tx) (int64, error) {
		return hideNote(ctx, tx, contactID, id, true)
	})
}

// RestoreNote undoes DeleteNote.
func (s *Service) RestoreNote(ctx context.Context, actor auth.Actor, contactID, id string) (Note, error) {
	var n Note
	err := s.onNote(ctx, actor, contactID, id, "contacts.restore_note", func(tx *db.Tx) (changed int64, err error) {
		if changed, err = hideNote(ctx, tx, contactID, id, false); err != nil || changed == 0 {
			return changed, err
		}
		n, err = noteByID(ctx, tx, contactID, id)
		return changed, err
	})
	return n, err
}

func (s *Service) onNote(ctx context.Context, actor auth.Actor, contactID, id, action string, do func(*db.Tx) (int64, error)) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := do(tx)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return fmt.Errorf("note %s: %w", id, err)
		}
		if n == 0 || err != nil {
			return errNoteGone
		}
		return s.audited(tx, actor, action, contactID, map[string]any{"note": id})
	})
}

// Notes answers notes about a contact, newest first, older than the id before. Staff only.
func (s *Service) Notes(ctx context.Context, actor auth.Actor, contactID, before string, limit int) ([]Note, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	if _, err := s.ByID(ctx, s.DB.Read(), contactID); err != nil {
		return nil, err
	}
	return listNotes(ctx, s.DB.Read(), contactID, before, limit)
}
