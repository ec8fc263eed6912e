package chat

import (
	"context"
	"database/sql"
	"fmt"

	"portico/backend/kernel/db"
	"portico/backend/kernel/search"
)

func texts(rows *sql.Rows) ([]string, error) {
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// index holds the words of messages and notes.
var index = search.Index{Name: "chat", Text: true}

// behind answers conversations whose messages are not all in the index.
func behind(ctx context.Context, q db.Q, after string, limit int) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT c.id FROM chat_conversations c LEFT JOIN chat_indexed i ON i.conversation_id = c.id
		WHERE c.id > $1 AND c.rev > COALESCE(i.rev, 0) ORDER BY c.id LIMIT $2`, after, limit)
	if err != nil {
		return nil, err
	}
	return texts(rows)
}

func indexedUpTo(ctx context.Context, q db.Q, conversationID string) (rev int64, err error) {
	err = q.QueryRow(ctx, `SELECT rev FROM chat_indexed WHERE conversation_id = $1`, conversationID).Scan(&rev)
	return rev, err
}

// moveIndexed answers false when somebody else moved it meanwhile.
func moveIndexed(ctx context.Context, tx *db.Tx, conversationID string, from, to int64) (bool, error) {
	if from == 0 {
		n, err := tx.Exec(ctx, `
			INSERT INTO chat_indexed (conversation_id, rev)
			SELECT id, $2 FROM chat_conversations WHERE id = $1
			ON CONFLICT (conversation_id) DO NOTHING`, conversationID, to)
		return n == 1, err
	}
	n, err := tx.Exec(ctx, `UPDATE chat_indexed SET rev = $3 WHERE conversation_id = $1 AND rev = $2`, conversationID, from, to)
	return n == 1, err
}

// entry is what the index holds about a message or a note.
type entry struct {
	id, conversationID string
	note               bool
	created            int64
}

func insertFound(ctx context.Context, tx *db.Tx, e entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO chat_found (id, conversation_id, note, created) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
		e.id, e.conversationID, e.note, e.created)
	return err
}

func removeFound(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM chat_found WHERE id = $1`, id)
	return err
}

// foundIn answers entries of a conversation.
func foundIn(ctx context.Context, q db.Q, conversationID string, limit int) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT id FROM chat_found WHERE conversation_id = $1 LIMIT $2`, conversationID, limit)
	if err != nil {
		return nil, err
	}
	return texts(rows)
}

// hunt is one page of what is looked for, from the newest down.
type hunt struct {
	query          search.Query
	conversationID string // "" is all
	before         int64  // of the last entry seen
	beforeID       string // "" is from the newest
	limit          int
}

func hits(ctx context.Context, q db.Q, h hunt) ([]entry, error) {
	reach, query, err := index.Reach(ctx, q, h.query)
	if err != nil || reach == search.None {
		return nil, err
	}
	among := func(n int) (string, []any) { return index.Where(q.Engine(), query, "f.id", n) }
	if reach == search.Many {
		among = func(n int) (string, []any) { return index.Each(query, "f.id", n) }
	}
	where, args := among(2)
	args = append([]any{h.limit}, args...)
	if h.conversationID != "" {
		args = append(args, h.conversationID)
		where += fmt.Sprintf(` AND f.conversation_id = $%d`, len(args))
	}
	if h.beforeID != "" {
		args = append(args, h.before, h.beforeID)
		where += fmt.Sprintf(` AND (f.created, f.id) < ($%d, $%d)`, len(args)-1, len(args))
	}
	rows, err := q.Query(ctx, `SELECT f.id, f.conversation_id, f.note, f.created FROM chat_found f WHERE `+where+` ORDER BY f.created DESC, f.id DESC LIMIT $1`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.id, &e.conversationID, &e.note, &e.created); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// shownMessage answers a message with what it answers, for staff.
func shownMessage(ctx context.Context, q db.Q, conversationID, id string) (Message, error) {
	return scanQuoted(q.QueryRow(ctx, quotedMessages+`WHERE m.conversation_id = $1 AND m.seq > $2 AND m.id = $3`, conversationID, 0, id), 0)
}
