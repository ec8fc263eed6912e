package chat

import (
	"context"

	"portico/backend/kernel/db"
)

func replies(ctx context.Context, q db.Q) ([]Reply, error) {
	rows, err := q.Query(ctx, `SELECT id, title, text, created FROM chat_replies ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Reply
	for rows.Next() {
		var r Reply
		if err := rows.Scan(&r.ID, &r.Title, &r.Text, db.Time(&r.Created)); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func replyByID(ctx context.Context, q db.Q, id string) (r Reply, err error) {
	err = q.QueryRow(ctx, `SELECT id, title, text, created FROM chat_replies WHERE id = $1`, id).Scan(&r.ID, &r.Title, &r.Text, db.Time(&r.Created))
	return r, err
}

func insertReply(ctx context.Context, tx *db.Tx, r Reply) error {
	_, err := tx.Exec(ctx, `INSERT INTO chat_replies (id, title, text, created) VALUES ($1, $2, $3, $4)`, r.ID, r.Title, r.Text, r.Created.UnixMilli())
	return err
}

func changeReply(ctx context.Context, tx *db.Tx, r Reply) error {
	_, err := tx.Exec(ctx, `UPDATE chat_replies SET title = $2, text = $3 WHERE id = $1`, r.ID, r.Title, r.Text)
	return err
}

func removeReply(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM chat_replies WHERE id = $1`, id)
}
