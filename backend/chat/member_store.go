package chat

import (
	"context"
	"strconv"

	"portico/backend/kernel/db"
)

func itoa(n int) string { return strconv.Itoa(n) }

// keptMembers are asked for with every message and every read.
var keptMembers = db.Kept[[]Member]{Name: "chat.members", Tables: []string{"chat_members"}}

func membersOf(ctx context.Context, q db.Q, conversationID string) ([]Member, error) {
	return keptMembers.Get(q, conversationID, func() ([]Member, error) {
		rows, err := q.Query(ctx, `SELECT contact_id, since FROM chat_members WHERE conversation_id = $1 ORDER BY joined, contact_id`, conversationID)
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }()
		var out []Member
		for rows.Next() {
			var m Member
			if err := rows.Scan(&m.ContactID, &m.Since); err != nil {
				return nil, err
			}
			out = append(out, m)
		}
		return out, rows.Err()
	})
}

// insertMember leaves one who takes part already as they are.
func insertMember(ctx context.Context, tx *db.Tx, conversationID string, m Member) (int64, error) {
	return tx.Exec(ctx, `
		INSERT INTO chat_members (conversation_id, contact_id, since, joined) VALUES ($1, $2, $3, $4) ON CONFLICT (conversation_id, contact_id) DO NOTHING`,
		conversationID, m.ContactID, m.Since, tx.Now.UnixMilli())
}

func removeMember(ctx context.Context, tx *db.Tx, conversationID, contactID string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM chat_members WHERE conversation_id = $1 AND contact_id = $2`, conversationID, contactID)
}

// moveMark moves a mark forward; it never goes back.
func moveMark(ctx context.Context, tx *db.Tx, conversationID string, m Mark) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_marks (conversation_id, contact_id, read, delivered) VALUES ($1, $2, $3, $4)
		ON CONFLICT (conversation_id, contact_id) DO UPDATE SET
			read = CASE WHEN excluded.read > chat_marks.read THEN excluded.read ELSE chat_marks.read END,
			delivered = CASE WHEN excluded.delivered > chat_marks.delivered THEN excluded.delivered ELSE chat_marks.delivered END`,
		conversationID, m.ContactID, m.Read, m.Delivered)
	return err
}

func markOf(ctx context.Context, q db.Q, conversationID, contactID string) (Mark, error) {
	m := Mark{ContactID: contactID}
	err := q.QueryRow(ctx, `SELECT read, delivered FROM chat_marks WHERE conversation_id = $1 AND contact_id = $2`, conversationID, contactID).Scan(&m.Read, &m.Delivered)
	return m, err
}

func marksOf(ctx context.Context, q db.Q, conversationID string) ([]Mark, error) {
	rows, err := q.Query(ctx, `SELECT contact_id, read, delivered FROM chat_marks WHERE conversation_id = $1 ORDER BY contact_id`, conversationID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Mark
	for rows.Next() {
		var m Mark
		if err := rows.Scan(&m.ContactID, &m.Read, &m.Delivered); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// readers counts who has read a message, and who has it.
func readers(ctx context.Context, q db.Q, conversationID string, seq int64) (read, delivered int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT COALESCE(SUM(CASE WHEN read >= $2 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN delivered >= $2 THEN 1 ELSE 0 END), 0)
		FROM chat_marks WHERE conversation_id = $1`, conversationID, seq).Scan(&read, &delivered)
	return read, delivered, err
}
