package outbox

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/search"
)

// Migrations are the tables of this room.
//
//go:embed migrations/*.sql
var Migrations embed.FS

const messageColumns = `id, kind, contact_id, to_address, language, template, link, data, subject, message_id, priority,
	state, attempts, unknowns, next_at, first_at, code, enhanced, reply, problem, created, updated, accepted_at`

func scanMessage(row db.Row) (m Message, err error) {
	err = row.Scan(&m.ID, &m.Kind, &m.ContactID, &m.To, &m.Language, &m.Template, &m.Link, db.JSON(&m.Data), &m.Subject, &m.MessageID, &m.Priority,
		&m.State, &m.Attempts, &m.Unknowns, db.Time(&m.NextAt), db.Time(&m.FirstAt), &m.Code, &m.Enhanced, &m.Reply, &m.Problem,
		db.Time(&m.Created), db.Time(&m.Updated), db.Time(&m.AcceptedAt))
	return m, err
}

func scanMessages(rows *sql.Rows, err error) ([]Message, error) {
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

// insertMessage answers false when the idempotency key is taken.
func insertMessage(ctx context.Context, q db.Q, m Message, key string) (bool, error) {
	n, err := q.Exec(ctx, `
		INSERT INTO mails (id, kind, contact_id, to_address, language, template, link, data, subject, message_id, idem_key, priority,
			state, attempts, unknowns, next_at, first_at, code, enhanced, reply, problem, created, updated, accepted_at)
		VALUES ($1, $2, $3, $4, $5, '', $6, $7, '', $8, $9, $10, 'queued', 0, 0, $11, NULL, 0, '', '', '', $11, $11, NULL)
		ON CONFLICT (idem_key) DO NOTHING`,
		m.ID, string(m.Kind), m.ContactID, m.To, m.Language, m.Link, db.JSON(m.Data), m.MessageID, db.NullText(key), m.Priority,
		m.Created.UnixMilli())
	return n == 1, err
}

func messageIDByKey(ctx context.Context, q db.Q, key string) (id string, err error) {
	err = q.QueryRow(ctx, `SELECT id FROM mails WHERE idem_key = $1`, key).Scan(&id)
	return id, err
}

func messageByID(ctx context.Context, q db.Q, id string) (Message, error) {
	return scanMessage(q.QueryRow(ctx, `SELECT `+messageColumns+` FROM mails WHERE id = $1`, id))
}

func messagesByID(ctx context.Context, q db.Q, ids []string) (map[string]Message, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	list, err := scanMessages(q.Query(ctx, `SELECT `+messageColumns+` FROM mails WHERE id IN (`+db.In(1, len(ids))+`)`, args...))
	out := make(map[string]Message, len(list))
	for _, m := range list {
		out[m.ID] = m
	}
	return out, err
}

// listing is a page of mails, from the newest down; before is the last id seen.
type listing struct {
	state, contactID string
	people           search.Index // finds who mails went to
	query            search.Query
	before           string
	limit            int
}

func listMessages(ctx context.Context, q db.Q, l listing) ([]Message, error) {
	text, args := `SELECT `+messageColumns+` FROM mails WHERE id < $1`, []any{l.before}
	add := func(condition string, arg any) {
		args = append(args, arg)
		text += fmt.Sprintf(condition, len(args))
	}
	if l.state != "" {
		add(` AND state = $%d`, l.state)
	}
	if l.contactID != "" {
		add(` AND contact_id = $%d`, l.contactID)
	}
	if !l.query.Empty() {
		reach, query, err := l.people.Reach(ctx, q, l.query)
		if err != nil || reach == search.None {
			return nil, err
		}
		among := func(n int) (string, []any) { return l.people.Where(q.Engine(), query, "contact_id", n) }
		if reach == search.Many {
			among = func(n int) (string, []any) { return l.people.Each(query, "mails.contact_id", n) }
		}
		condition, more := among(len(args) + 1)
		text, args = text+` AND `+condition, append(args, more...)
	}
	add(` ORDER BY id DESC LIMIT $%d`, l.limit)
	return scanMessages(q.Query(ctx, text, args...))
}

// markSending claims a mail for one try: false when it changed since it was read.
func markSending(ctx context.Context, q db.Q, m Message, now time.Time) (bool, error) {
	n, err := q.Exec(ctx, `
		UPDATE mails SET state = 'sending', first_at = COALESCE(first_at, $1), updated = $1
		WHERE id = $2 AND state = $3 AND attempts = $4 AND unknowns = $5`,
		now.UnixMilli(), m.ID, string(m.State), m.Attempts, m.Unknowns)
	return n == 1, err
}

// settleAccepted is the truth whatever somebody may have concluded meanwhile.
func settleAccepted(ctx context.Context, q db.Q, m Message, o outcome, now time.Time) (bool, error) {
	n, err := q.Exec(ctx, `
		UPDATE mails SET state = 'accepted', attempts = $1, code = $2, enhanced = '', reply = $3, problem = '', next_at = NULL,
			subject = $4, template = $5, updated = $6, accepted_at = $6
		WHERE id = $7 AND state <> 'accepted'`,
		o.attempts, o.code, o.reply, m.Subject, m.Template, now.UnixMilli(), m.ID)
	return n == 1, err
}

// settle writes any other outcome: false when the mail changed since it was read.
func settle(ctx context.Context, q db.Q, m Message, o outcome, now time.Time) (bool, error) {
	n, err := q.Exec(ctx, `
		UPDATE mails SET state = $1, attempts = $2, unknowns = $3, next_at = $4, code = $5, enhanced = $6, reply = $7, problem = $8,
			subject = $9, template = $10, updated = $11
		WHERE id = $12 AND (state = $13 OR state = 'sending') AND attempts = $14 AND unknowns = $15`,
		string(o.state), o.attempts, o.unknowns, db.Ms(o.next), o.code, o.enhanced, o.reply, o.problem,
		m.Subject, m.Template, now.UnixMilli(), m.ID, string(m.State), m.Attempts, m.Unknowns)
	return n == 1, err
}

// cancelMessage stops a mail that is not on its way; why is the key of a meaning.
func cancelMessage(ctx context.Context, q db.Q, id, why string, now time.Time) (bool, error) {
	n, err := q.Exec(ctx, `
		UPDATE mails SET state = 'cancelled', next_at = NULL, problem = $3, updated = $2
		WHERE id = $1 AND state IN ('queued', 'retry', 'unknown')`, id, now.UnixMilli(), why)
	return n == 1, err
}

// requeueMessage starts a mail over, with the same Message-ID.
func requeueMessage(ctx context.Context, q db.Q, id string, now time.Time) (bool, error) {
	n, err := q.Exec(ctx, `
		UPDATE mails SET state = 'queued', attempts = 0, unknowns = 0, next_at = $2, updated = $2
		WHERE id = $1 AND state IN ('queued', 'retry', 'unknown', 'failed', 'cancelled')`, id, now.UnixMilli())
	return n == 1, err
}

func addTotal(ctx context.Context, q db.Q, state State, n int) error {
	_, err := q.Exec(ctx, `UPDATE mail_totals SET n = n + $2 WHERE state = $1`, string(state), n)
	return err
}

// countMessages counts what is open from the index and takes the total of the
// accepted ones, which grow for ever.
func countMessages(ctx context.Context, q db.Q) (map[State]int, error) {
	rows, err := q.Query(ctx, `
		SELECT state, COUNT(*) FROM mails WHERE state IN ('queued', 'sending', 'retry', 'unknown', 'failed', 'cancelled') GROUP BY state
		UNION ALL SELECT state, n FROM mail_totals`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, rows.Err()
}

// oldMails answers the id of the last of the next mails of a state that were
// written before a time, and how many they are. Ids are in the order of writing.
func oldMails(ctx context.Context, tx *db.Tx, state State, after string, before time.Time, limit int) (last string, n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT COALESCE(MAX(id), ''), COUNT(*) FROM (
			SELECT id, created FROM mails WHERE state = $1 AND id > $2 ORDER BY id LIMIT $4) m
		WHERE created < $3`, string(state), after, before.UnixMilli(), limit).Scan(&last, &n)
	return last, n, err
}

// removeOld removes those of a stretch that have been as they are since before a time.
func removeOld(ctx context.Context, tx *db.Tx, state State, after, last string, before time.Time) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM mails WHERE state = $1 AND id > $2 AND id <= $3 AND updated < $4`, string(state), after, last, before.UnixMilli())
}

// removeMailsOf answers what it removed: id and state.
func removeMailsOf(ctx context.Context, tx *db.Tx, contactID string) ([]Message, error) {
	rows, err := tx.Query(ctx, `DELETE FROM mails WHERE contact_id = $1 AND state <> 'sending' RETURNING id, state`, contactID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var gone []Message
	for rows.Next() {
		var m Message
		if err := rows.Scan(&m.ID, &m.State); err != nil {
			return nil, err
		}
		gone = append(gone, m)
	}
	return gone, rows.Err()
}
