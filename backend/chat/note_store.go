package chat

import (
	"context"

	"portico/backend/kernel/db"
)

const noteColumns = `id, conversation_id, after_seq, text, author, created, edited, deleted`

func scanNote(row interface{ Scan(...any) error }) (n Note, err error) {
	err = row.Scan(&n.ID, &n.ConversationID, &n.AfterSeq, &n.Text, &n.Author, db.Time(&n.Created), db.Time(&n.Edited), db.Time(&n.Deleted))
	return n, err
}

func insertNote(ctx context.Context, tx *db.Tx, n Note) error {
	_, err := tx.Exec(ctx, `INSERT INTO chat_notes (id, conversation_id, after_seq, text, author, created) VALUES ($1, $2, $3, $4, $5, $6)`,
		n.ID, n.ConversationID, n.AfterSeq, n.Text, n.Author, n.Created.UnixMilli())
	return err
}

func changeNote(ctx context.Context, tx *db.Tx, n Note) error {
	_, err := tx.Exec(ctx, `UPDATE chat_notes SET text = $3, edited = $4, deleted = $5 WHERE conversation_id = $1 AND id = $2`,
		n.ConversationID, n.ID, n.Text, db.Ms(n.Edited), db.Ms(n.Deleted))
	return err
}

func noteByID(ctx context.Context, q db.Q, conversationID, id string) (Note, error) {
	return scanNote(q.QueryRow(ctx, `SELECT `+noteColumns+` FROM chat_notes WHERE conversation_id = $1 AND id = $2 AND deleted IS NULL`, conversationID, id))
}

// notesOf answers the notes of a conversation behind the message after, oldest first.
func notesOf(ctx context.Context, q db.Q, conversationID string, after int64, limit int) ([]Note, error) {
	rows, err := q.Query(ctx, `
		SELECT `+noteColumns+` FROM chat_notes WHERE conversation_id = $1 AND after_seq >= $2 AND deleted IS NULL ORDER BY id DESC LIMIT $3`, conversationID, after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Note
	for rows.Next() {
		n, err := scanNote(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, rows.Err()
}
