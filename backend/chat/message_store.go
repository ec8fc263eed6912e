package chat

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"portico/backend/kernel/db"
)

const messageColumns = `m.id, m.conversation_id, m.seq, m.rev, m.author_id, m.author, m.client_msg_id, m.text, m.reply_to, m.reactions, m.files, m.created, m.edited, m.deleted`

func scanMessage(row interface{ Scan(...any) error }, more ...any) (m Message, err error) {
	var reactions string
	err = row.Scan(append([]any{&m.ID, &m.ConversationID, &m.Seq, &m.Rev, &m.AuthorID, &m.Author, &m.ClientMsgID, &m.Text, &m.ReplyTo, &reactions, &m.files,
		db.Time(&m.Created), db.Time(&m.Edited), db.Time(&m.Deleted)}, more...)...)
	if err == nil && reactions != "" {
		err = json.Unmarshal([]byte(reactions), &m.Reactions)
	}
	return m, err
}

// lastColumns are what a list shows of the last message; there may be none.
const lastColumns = `m.id, m.seq, m.rev, m.author_id, m.author, m.text, COALESCE(m.files, 0), m.created, m.deleted`

type lastMessage struct {
	id, authorID, author, text sql.NullString
	seq, rev                   sql.NullInt64
	m                          Message
}

func (l *lastMessage) fields() []any {
	return []any{&l.id, &l.seq, &l.rev, &l.authorID, &l.author, &l.text, &l.m.files, db.Time(&l.m.Created), db.Time(&l.m.Deleted)}
}

func (l *lastMessage) message(conversationID string) *Message {
	if !l.id.Valid {
		return nil
	}
	m := l.m
	m.ID, m.ConversationID, m.Seq, m.Rev, m.AuthorID, m.Author, m.Text = l.id.String, conversationID, l.seq.Int64, l.rev.Int64, l.authorID.String, l.author.String, l.text.String
	return &m
}

func insertMessage(ctx context.Context, tx *db.Tx, m Message) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_messages (conversation_id, seq, id, rev, author_id, author, client_msg_id, text, reply_to, reactions, files, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11)`,
		m.ConversationID, m.Seq, m.ID, m.Rev, m.AuthorID, m.Author, m.ClientMsgID, m.Text, m.ReplyTo, m.files, m.Created.UnixMilli())
	return err
}

// changeMessage keeps what may change of a message.
func changeMessage(ctx context.Context, tx *db.Tx, m Message) error {
	reactions := ""
	if len(m.Reactions) > 0 {
		raw, err := json.Marshal(m.Reactions)
		if err != nil {
			return err
		}
		reactions = string(raw)
	}
	_, err := tx.Exec(ctx, `
		UPDATE chat_messages SET rev = $3, text = $4, reactions = $5, edited = $6, deleted = $7, files = $8 WHERE conversation_id = $1 AND seq = $2`,
		m.ConversationID, m.Seq, m.Rev, m.Text, reactions, db.Ms(m.Edited), db.Ms(m.Deleted), m.files)
	return err
}

// insertEdit keeps what a message said before.
func insertEdit(ctx context.Context, tx *db.Tx, m Message, rev int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO chat_edits (conversation_id, message_id, rev, at, text) VALUES ($1, $2, $3, $4, $5)`,
		m.ConversationID, m.ID, rev, tx.Now.UnixMilli(), m.Text)
	return err
}

// pastOf answers what a message said before, oldest first.
func pastOf(ctx context.Context, q db.Q, conversationID, messageID string) ([]Past, error) {
	rows, err := q.Query(ctx, `SELECT at, text FROM chat_edits WHERE conversation_id = $1 AND message_id = $2 ORDER BY rev`, conversationID, messageID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Past
	for rows.Next() {
		var p Past
		if err := rows.Scan(db.Time(&p.Until), &p.Text); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// messageSent finds a message by the id that its author gave it.
func messageSent(ctx context.Context, q db.Q, conversationID, authorID, clientMsgID string) (Message, error) {
	return scanMessage(q.QueryRow(ctx, `
		SELECT `+messageColumns+` FROM chat_messages m WHERE m.conversation_id = $1 AND m.author_id = $2 AND m.client_msg_id = $3`, conversationID, authorID, clientMsgID))
}

// messageByID answers a message behind since: what came before is not there for
// who joined later; staff pass 0.
func messageByID(ctx context.Context, q db.Q, conversationID, id string, since int64) (Message, error) {
	return scanMessage(q.QueryRow(ctx, `
		SELECT `+messageColumns+` FROM chat_messages m WHERE m.conversation_id = $1 AND m.id = $2 AND m.seq > $3`, conversationID, id, since))
}

// look is which messages of a conversation are wanted; one of After, Before and
// Changes, or none for the newest.
type look struct {
	since   int64 // of the member who asks; 0 is staff
	after   int64 // seq
	before  int64 // seq
	changes int64 // rev; -1 is not asked
	limit   int
}

// messages answers in order of seq, or of rev when changes are asked.
func messages(ctx context.Context, q db.Q, conversationID string, l look) ([]Message, error) {
	query, arg := `WHERE m.conversation_id = $1 AND m.seq > $2 AND m.seq > $3 ORDER BY m.seq LIMIT $4`, l.after
	backwards := false
	switch {
	case l.changes >= 0:
		query, arg = `WHERE m.conversation_id = $1 AND m.seq > $2 AND m.rev > $3 ORDER BY m.rev LIMIT $4`, l.changes
	case l.before > 0:
		query, arg, backwards = `WHERE m.conversation_id = $1 AND m.seq > $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4`, l.before, true
	case l.after < 0:
		query, backwards = `WHERE m.conversation_id = $1 AND m.seq > $2 AND m.seq > $3 ORDER BY m.seq DESC LIMIT $4`, true
	}
	rows, err := q.Query(ctx, quotedMessages+query, conversationID, l.since, arg, l.limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Message
	for rows.Next() {
		m, err := scanQuoted(rows, l.since)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	if backwards {
		slices.Reverse(out)
	}
	return out, rows.Err()
}

// quotedMessages are messages with what they answer, unless that came before $2.
const quotedMessages = `
	SELECT ` + messageColumns + `, COALESCE(r.author_id, ''), COALESCE(r.author, ''), COALESCE(r.text, '')
	FROM chat_messages m LEFT JOIN chat_messages r ON r.conversation_id = m.conversation_id AND r.seq = m.reply_to AND r.seq > $2 `

func scanQuoted(row interface{ Scan(...any) error }, since int64) (Message, error) {
	var quoted Message
	m, err := scanMessage(row, &quoted.AuthorID, &quoted.Author, &quoted.Text)
	if err == nil && m.ReplyTo > since {
		quoted.Seq = m.ReplyTo
		m.Quoted = quoted.quote()
	}
	return m, err
}

// messageWhole answers a message with what it answers.
func messageWhole(ctx context.Context, q db.Q, conversationID string, seq int64) (Message, error) {
	return scanQuoted(q.QueryRow(ctx, quotedMessages+`WHERE m.conversation_id = $1 AND m.seq > $2 AND m.seq = $3`, conversationID, 0, seq), 0)
}

// writtenBy answers where an erased contact wrote, outside their own conversation,
// which goes with them.
func writtenBy(ctx context.Context, q db.Q, contactID string, limit int) ([]Message, error) {
	rows, err := q.Query(ctx, `SELECT `+messageColumns+` FROM chat_messages m WHERE m.author_id = $1 AND (m.text <> '' OR m.author <> '') LIMIT $2`, contactID, limit)
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

// forgetAuthor takes a person's name off a message, and what it said before.
func forgetAuthor(ctx context.Context, tx *db.Tx, m Message) error {
	if _, err := tx.Exec(ctx, `DELETE FROM chat_edits WHERE conversation_id = $1 AND message_id = $2`, m.ConversationID, m.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE chat_messages SET author = '' WHERE conversation_id = $1 AND seq = $2`, m.ConversationID, m.Seq)
	return err
}
