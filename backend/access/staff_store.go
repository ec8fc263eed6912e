package access

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

func insertStaffLink(ctx context.Context, tx *db.Tx, tokenHash string, expires time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO staff_links (token_hash, expires) VALUES ($1, $2)`, tokenHash, expires.UnixMilli())
	return err
}

// takeStaffLink uses a one-time address; of many at once one succeeds.
func takeStaffLink(ctx context.Context, tx *db.Tx, tokenHash string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM staff_links WHERE token_hash = $1 AND expires > $2`, tokenHash, tx.Now.UnixMilli())
}

func insertStaffSession(ctx context.Context, tx *db.Tx, id, tokenHash, browser string, expires time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO staff_sessions (id, token_hash, browser, created, last_seen, expires) VALUES ($1, $2, $3, $4, $4, $5)`,
		id, tokenHash, browser, tx.Now.UnixMilli(), expires.UnixMilli())
	return err
}

// staffIn is a browser that is signed in to the dashboard.
type staffIn struct {
	id      string
	expires time.Time
}

// These two are asked for with every request of staff.
var (
	keptStaff  = db.Kept[staffIn]{Name: "access.staff", Tables: []string{"staff_sessions"}}
	keptTokens = db.Kept[APIToken]{Name: "access.token", Tables: []string{"api_tokens"}}
)

func staffSession(ctx context.Context, q db.Q, tokenHash string) (staffIn, error) {
	return keptStaff.Get(q, tokenHash, func() (in staffIn, err error) {
		err = q.QueryRow(ctx, `SELECT id, expires FROM staff_sessions WHERE token_hash = $1`, tokenHash).Scan(&in.id, db.Time(&in.expires))
		return in, err
	})
}

func removeStaffSession(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE id = $1`, id)
	return err
}

func insertToken(ctx context.Context, tx *db.Tx, t APIToken, tokenHash string) error {
	_, err := tx.Exec(ctx, `INSERT INTO api_tokens (id, name, token_hash, created) VALUES ($1, $2, $3, $4)`, t.ID, t.Name, tokenHash, tx.Now.UnixMilli())
	return err
}

func tokenByHash(ctx context.Context, q db.Q, tokenHash string) (APIToken, error) {
	return keptTokens.Get(q, tokenHash, func() (t APIToken, err error) {
		err = q.QueryRow(ctx, `SELECT id, name, created, last_used FROM api_tokens WHERE token_hash = $1 AND revoked_at IS NULL`, tokenHash).
			Scan(&t.ID, &t.Name, db.Time(&t.Created), db.Time(&t.LastUsed))
		return t, err
	})
}

func listTokens(ctx context.Context, q db.Q) ([]APIToken, error) {
	rows, err := q.Query(ctx, `SELECT id, name, created, last_used FROM api_tokens WHERE revoked_at IS NULL ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []APIToken
	for rows.Next() {
		var t APIToken
		if err := rows.Scan(&t.ID, &t.Name, db.Time(&t.Created), db.Time(&t.LastUsed)); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func usedToken(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE api_tokens SET last_used = $2 WHERE id = $1`, id, tx.Now.UnixMilli())
	return err
}

func revokeToken(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return tx.Exec(ctx, `UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`, id, tx.Now.UnixMilli())
}
