package chat

import (
	"context"

	"portico/backend/kernel/db"
)

func preferencesOf(ctx context.Context, q db.Q, contactID string) (p Preferences, err error) {
	err = q.QueryRow(ctx, `SELECT mail, quiet_from, quiet_to FROM chat_preferences WHERE contact_id = $1`, contactID).
		Scan((*string)(&p.Mail), &p.Quiet.From, &p.Quiet.To)
	return p, err
}

func savePreferences(ctx context.Context, tx *db.Tx, contactID string, p Preferences) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_preferences (contact_id, mail, quiet_from, quiet_to) VALUES ($1, $2, $3, $4)
		ON CONFLICT (contact_id) DO UPDATE SET mail = excluded.mail, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to`,
		contactID, string(p.Mail), p.Quiet.From, p.Quiet.To)
	return err
}

// mailed is up to which message a member was written to.
type mailed struct {
	contactID, mailID, link string
	seq                     int64
	before                  int64 // seq without the mail
}

func mailedTo(ctx context.Context, q db.Q, conversationID, contactID string) (m mailed, err error) {
	m.contactID = contactID
	err = q.QueryRow(ctx, `SELECT seq, before, mail_id, link FROM chat_mailed WHERE conversation_id = $1 AND contact_id = $2`, conversationID, contactID).
		Scan(&m.seq, &m.before, &m.mailID, &m.link)
	return m, err
}

func saveMailed(ctx context.Context, tx *db.Tx, conversationID string, m mailed) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_mailed (conversation_id, contact_id, seq, before, mail_id, link) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (conversation_id, contact_id) DO UPDATE SET seq = excluded.seq, before = excluded.before, mail_id = excluded.mail_id, link = excluded.link`,
		conversationID, m.contactID, m.seq, m.before, m.mailID, m.link)
	return err
}

// readMailed answers the mail of a member that says nothing new to who has read
// this far, and forgets it.
func readMailed(ctx context.Context, tx *db.Tx, conversationID, contactID string, read int64) (m mailed, err error) {
	m, err = mailedTo(ctx, tx, conversationID, contactID)
	if err != nil || m.mailID == "" || m.seq > read {
		return mailed{}, err
	}
	_, err = tx.Exec(ctx, `UPDATE chat_mailed SET mail_id = '', link = '' WHERE conversation_id = $1 AND contact_id = $2`, conversationID, contactID)
	return m, err
}

// mailedWith answers the mails of a conversation that hold a message.
func mailedWith(ctx context.Context, tx *db.Tx, conversationID string, seq int64) ([]mailed, error) {
	rows, err := tx.Query(ctx, `
		SELECT contact_id, seq, before, mail_id, link FROM chat_mailed
		WHERE conversation_id = $1 AND mail_id <> '' AND before < $2 AND seq >= $2`, conversationID, seq)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []mailed
	for rows.Next() {
		var m mailed
		if err := rows.Scan(&m.contactID, &m.seq, &m.before, &m.mailID, &m.link); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// said answers messages of the business behind a seq, oldest first.
func said(ctx context.Context, q db.Q, conversationID string, after int64, limit int) ([]Message, error) {
	rows, err := q.Query(ctx, `
		SELECT `+messageColumns+` FROM chat_messages m
		WHERE m.conversation_id = $1 AND m.seq > $2 AND m.author_id = '' AND m.deleted IS NULL ORDER BY m.seq LIMIT $3`, conversationID, after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Message
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}
