package access

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

const sessionColumns = `s.id, s.contact_id, s.epoch, s.link_id, s.browser, s.created, s.last_seen, s.expires`

func scanSession(row interface{ Scan(...any) error }, more ...any) (s Session, err error) {
	err = row.Scan(append([]any{&s.ID, &s.ContactID, &s.Epoch, &s.LinkID, &s.Browser, db.Time(&s.Created), db.Time(&s.LastSeen), db.Time(&s.Expires)}, more...)...)
	return s, err
}

func insertSession(ctx context.Context, tx *db.Tx, s Session, tokenHash string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO sessions (id, token_hash, contact_id, epoch, link_id, browser, created, last_seen, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.ID, tokenHash, s.ContactID, s.Epoch, s.LinkID, s.Browser, s.Created.UnixMilli(), s.LastSeen.UnixMilli(), s.Expires.UnixMilli())
	return err
}

// keptSessions are asked for with every request of a client.
var keptSessions = db.Kept[Session]{Name: "access.session", Tables: []string{"sessions", "portal_members"}}

// sessionByToken answers a session whose contact still has the epoch in which it
// began and is not suspended: what ends access ends it here too.
func sessionByToken(ctx context.Context, q db.Q, tokenHash string) (Session, error) {
	return keptSessions.Get(q, tokenHash, func() (Session, error) {
		return scanSession(q.QueryRow(ctx, `
			SELECT `+sessionColumns+` FROM sessions s JOIN portal_members m ON m.contact_id = s.contact_id
			WHERE s.token_hash = $1 AND m.epoch = s.epoch AND m.suspended_at IS NULL`, tokenHash))
	})
}

// sessionTokenKnown reports whether a browser once was signed in as this contact
// and the session is still on file.
func sessionTokenKnown(ctx context.Context, q db.Q, contactID, tokenHash string) (bool, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM sessions WHERE contact_id = $1 AND token_hash = $2`, contactID, tokenHash).Scan(&n)
	return n > 0, err
}

func sessionsOf(ctx context.Context, q db.Q, contactID string) ([]Session, error) {
	rows, err := q.Query(ctx, `SELECT `+sessionColumns+` FROM sessions s WHERE s.contact_id = $1 ORDER BY s.last_seen DESC, s.id DESC`, contactID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Session
	for rows.Next() {
		s, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func seenSession(ctx context.Context, tx *db.Tx, contactID, id string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE sessions SET last_seen = $3 WHERE contact_id = $1 AND id = $2 AND last_seen < $3`, contactID, id, at.UnixMilli())
	return err
}

func removeSession(ctx context.Context, tx *db.Tx, contactID, id string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sessions WHERE contact_id = $1 AND id = $2`, contactID, id)
}

func removeSessions(ctx context.Context, tx *db.Tx, contactID, exceptID string) error {
	_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE contact_id = $1 AND id <> $2`, contactID, exceptID)
	return err
}

// trimSessions ends the longest unseen sessions beyond the number a contact may
// have, and answers which.
func trimSessions(ctx context.Context, tx *db.Tx, contactID string, keep int) ([]string, error) {
	rows, err := tx.Query(ctx, `
		DELETE FROM sessions WHERE contact_id = $1 AND id NOT IN (
			SELECT id FROM sessions WHERE contact_id = $1 ORDER BY last_seen DESC, id DESC LIMIT $2)
		RETURNING id`, contactID, keep)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var ended []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ended = append(ended, id)
	}
	return ended, rows.Err()
}

func forgetSessions(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE expires < $1`, tx.Now.UnixMilli()); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE expires < $1`, tx.Now.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM staff_links WHERE expires < $1`, tx.Now.UnixMilli())
	return err
}
