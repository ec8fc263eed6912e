package chat

import (
	"context"

	"portico/backend/kernel/db"
)

const scheduledColumns = `id, conversation_id, client_msg_id, text, author, at, created`

func scanScheduled(row interface{ Scan(...any) error }) (p Scheduled, err error) {
	err = row.Scan(&p.ID, &p.ConversationID, &p.ClientMsgID, &p.Text, &p.Author, db.Time(&p.At), db.Time(&p.Created))
	return p, err
}

func scheduledOf(ctx context.Context, q db.Q, conversationID string) ([]Scheduled, error) {
	rows, err := q.Query(ctx, `SELECT `+scheduledColumns+` FROM chat_scheduled WHERE conversation_id = $1 ORDER BY at, id`, conversationID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Scheduled
	for rows.Next() {
		p, err := scanScheduled(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func scheduledByID(ctx context.Context, q db.Q, id string) (Scheduled, error) {
	return scanScheduled(q.QueryRow(ctx, `SELECT `+scheduledColumns+` FROM chat_scheduled WHERE id = $1`, id))
}

func scheduledSent(ctx context.Context, q db.Q, conversationID, clientMsgID string) (Scheduled, error) {
	return scanScheduled(q.QueryRow(ctx, `SELECT `+scheduledColumns+` FROM chat_scheduled WHERE conversation_id = $1 AND client_msg_id = $2`, conversationID, clientMsgID))
}

func insertScheduled(ctx context.Context, tx *db.Tx, p Scheduled) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_scheduled (id, conversation_id, client_msg_id, text, author, at, created, taken) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE)`,
		p.ID, p.ConversationID, p.ClientMsgID, p.Text, p.Author, p.At.UnixMilli(), p.Created.UnixMilli())
	return err
}

// changeScheduled changes one that is not being sent.
func changeScheduled(ctx context.Context, tx *db.Tx, p Scheduled) (int64, error) {
	return tx.Exec(ctx, `UPDATE chat_scheduled SET text = $3, at = $4 WHERE conversation_id = $1 AND id = $2 AND taken = FALSE`, p.ConversationID, p.ID, p.Text, p.At.UnixMilli())
}

// cancelScheduled removes one that is not being sent.
func cancelScheduled(ctx context.Context, tx *db.Tx, conversationID, id string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM chat_scheduled WHERE conversation_id = $1 AND id = $2 AND taken = FALSE`, conversationID, id)
}

// takeScheduled keeps one from being changed while it is sent, if it is still
// meant for that time.
func takeScheduled(ctx context.Context, tx *db.Tx, id string, at int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE chat_scheduled SET taken = TRUE WHERE id = $1 AND at = $2`, id, at)
}

func removeScheduled(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM chat_scheduled WHERE id = $1`, id)
	return err
}
