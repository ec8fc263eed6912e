package audit

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

// nextSeq takes the next place in the chain. Its row lock lets one transaction at
// a time append on PostgreSQL; on SQLite there is one writer anyway.
func nextSeq(ctx context.Context, tx *db.Tx) (seq int64, previous string, err error) {
	err = tx.QueryRow(ctx, `UPDATE audit_head SET seq = seq + 1 WHERE one = 1 RETURNING seq, hash`).Scan(&seq, &previous)
	return seq, previous, err
}

func insert(ctx context.Context, tx *db.Tx, e Entry, salt, personal string) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO audit_log (seq, id, at, actor_kind, actor_id, via, action, subject, detail, commitment, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.Seq, e.ID, e.At.UnixMilli(), e.ActorKind, e.ActorID, e.Via, e.Action, e.Subject, string(e.Detail), e.Commitment, e.Hash); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO audit_personal (seq, salt, data) VALUES ($1, $2, $3)`, e.Seq, salt, personal); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE audit_head SET hash = $1 WHERE one = 1`, e.Hash)
	return err
}

func head(ctx context.Context, q db.Q) (seq int64, hash string, err error) {
	err = q.QueryRow(ctx, `SELECT seq, hash FROM audit_head WHERE one = 1`).Scan(&seq, &hash)
	return seq, hash, err
}

const columns = `l.seq, l.id, l.at, l.actor_kind, l.actor_id, l.via, l.action, l.subject, l.detail, l.commitment, l.hash, p.data`

func list(ctx context.Context, q db.Q, query Query) ([]Entry, error) {
	prefix := ""
	if n := len(query.Action); n > 0 && query.Action[n-1] == '.' {
		prefix, query.Action = db.LikeEscape(query.Action)+"%", ""
	}
	return scan(ctx, q, `
		SELECT `+columns+` FROM audit_log l LEFT JOIN audit_personal p ON p.seq = l.seq
		WHERE (CAST($1 AS TEXT) = '' OR l.action = $1) AND (CAST($2 AS TEXT) = '' OR l.action LIKE $2 ESCAPE '\')
		AND (CAST($3 AS TEXT) = '' OR l.subject = $3) AND (CAST($4 AS BIGINT) = 0 OR l.seq < $4)
		ORDER BY l.seq DESC LIMIT $5`,
		query.Action, prefix, query.Subject, query.Before, query.Limit)
}

func pageAfter(ctx context.Context, q db.Q, seq int64, limit int) ([]Entry, error) {
	return scan(ctx, q, `
		SELECT `+columns+` FROM audit_log l LEFT JOIN audit_personal p ON p.seq = l.seq
		WHERE l.seq > $1 ORDER BY l.seq LIMIT $2`, seq, limit)
}

func scan(ctx context.Context, q db.Q, query string, args ...any) ([]Entry, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Entry
	for rows.Next() {
		var e Entry
		var detail string
		if err := rows.Scan(&e.Seq, &e.ID, db.Time(&e.At), &e.ActorKind, &e.ActorID, &e.Via, &e.Action, &e.Subject, &detail, &e.Commitment, &e.Hash, db.JSON(&e.Personal)); err != nil {
			return nil, err
		}
		e.Detail = []byte(detail)
		out = append(out, e)
	}
	return out, rows.Err()
}

// old answers seq and personal values of the next entries whose addresses were not
// looked at, oldest first, up to the first one that is not older than at.
func old(ctx context.Context, tx *db.Tx, at time.Time, limit int) ([]Entry, error) {
	rows, err := tx.Query(ctx, `
		SELECT l.seq, l.at, p.data FROM audit_head h JOIN audit_log l ON l.seq > h.forgotten LEFT JOIN audit_personal p ON p.seq = l.seq
		WHERE h.one = 1 ORDER BY l.seq LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Entry
	for rows.Next() {
		var e Entry
		if err := rows.Scan(&e.Seq, db.Time(&e.At), db.JSON(&e.Personal)); err != nil {
			return nil, err
		}
		if !e.At.Before(at) {
			break
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

func setForgotten(ctx context.Context, tx *db.Tx, seq int64) error {
	_, err := tx.Exec(ctx, `UPDATE audit_head SET forgotten = $1 WHERE one = 1`, seq)
	return err
}

func setPersonal(ctx context.Context, tx *db.Tx, seq int64, personal map[string]string) error {
	_, err := tx.Exec(ctx, `UPDATE audit_personal SET data = $2 WHERE seq = $1`, seq, db.JSON(personal))
	return err
}
