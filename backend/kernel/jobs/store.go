package jobs

import (
	"context"
	"database/sql"
	"sort"
	"time"

	"portico/backend/kernel/db"
)

func insert(ctx context.Context, q db.Q, j Job, payload string) error {
	_, err := q.Exec(ctx, `
		INSERT INTO jobs (id, kind, key, payload, priority, run_at, lease_until, lease_owner, attempts, last_error, dead, created)
		VALUES ($1, $2, $3, $4, $5, $6, 0, '', 0, '', FALSE, $6)
		ON CONFLICT (kind, key) DO NOTHING`,
		j.ID, j.Kind, j.Key, payload, j.Priority, j.RunAt.UnixMilli())
	return err
}

// claim repeats its condition on the outer UPDATE: on PostgreSQL two workers may
// pick the same rows in the inner SELECT, and the second finds them changed only
// when it gets to lock them.
func claim(ctx context.Context, tx *db.Tx, kind string, priority, n int, owner string, until time.Time) ([]Claimed, error) {
	rows, err := tx.Query(ctx, `
		UPDATE jobs SET lease_owner = $1, lease_until = $2, attempts = attempts + 1
		WHERE id IN (
			SELECT id FROM jobs
			WHERE kind = $3 AND dead = FALSE AND priority <= $6 AND run_at <= $4 AND lease_until < $4
			ORDER BY priority, run_at, id LIMIT $5)
		AND dead = FALSE AND run_at <= $4 AND lease_until < $4
		RETURNING id, kind, key, payload, attempts, priority, run_at`,
		owner, until.UnixMilli(), kind, tx.Now.UnixMilli(), n, priority)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	type ranked struct {
		Claimed
		priority, runAt int64
	}
	var got []ranked
	for rows.Next() {
		r := ranked{Claimed: Claimed{owner: owner}}
		var payload string
		if err := rows.Scan(&r.ID, &r.Kind, &r.Key, &payload, &r.Attempts, &r.priority, &r.runAt); err != nil {
			return nil, err
		}
		r.Payload = []byte(payload)
		got = append(got, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	// RETURNING promises no order.
	sort.Slice(got, func(i, j int) bool {
		a, b := got[i], got[j]
		if a.priority != b.priority {
			return a.priority < b.priority
		}
		if a.runAt != b.runAt {
			return a.runAt < b.runAt
		}
		return a.ID < b.ID
	})
	out := make([]Claimed, len(got))
	for i, r := range got {
		out[i] = r.Claimed
	}
	return out, nil
}

func remove(ctx context.Context, q db.Q, id, owner string) (int64, error) {
	return q.Exec(ctx, `DELETE FROM jobs WHERE id = $1 AND lease_owner = $2`, id, owner)
}

// removeAll removes jobs of one owner and answers which there were.
func removeAll(ctx context.Context, tx *db.Tx, list []Claimed) (gone map[string]bool, err error) {
	args := []any{list[0].owner}
	for _, c := range list {
		args = append(args, c.ID)
	}
	rows, err := tx.Query(ctx, `DELETE FROM jobs WHERE lease_owner = $1 AND id IN (`+db.In(2, len(list))+`) RETURNING id`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	gone = make(map[string]bool, len(list))
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		gone[id] = true
	}
	return gone, rows.Err()
}

func removeWaiting(ctx context.Context, tx *db.Tx, kind, key string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM jobs WHERE kind = $1 AND key = $2 AND lease_until < $3`, kind, key, tx.Now.UnixMilli())
}

func release(ctx context.Context, q db.Q, id, owner string, at time.Time, why string, dead bool) (int64, error) {
	return q.Exec(ctx, `
		UPDATE jobs SET lease_owner = '', lease_until = 0, run_at = $3, last_error = $4, dead = $5
		WHERE id = $1 AND lease_owner = $2`, id, owner, at.UnixMilli(), why, dead)
}

func endLeases(ctx context.Context, q db.Q) error {
	_, err := q.Exec(ctx, `UPDATE jobs SET lease_owner = '', lease_until = 0 WHERE lease_until > 0`)
	return err
}

func postpone(ctx context.Context, q db.Q, kind string, at time.Time) error {
	_, err := q.Exec(ctx, `UPDATE jobs SET run_at = $2 WHERE kind = $1 AND dead = FALSE AND run_at < $2 AND lease_owner = ''`, kind, at.UnixMilli())
	return err
}

// nextDue asks for the first free job and the first lease to end apart, since each
// stands at the front of an index.
func nextDue(ctx context.Context, q db.Q, kind string) (time.Time, error) {
	var ms sql.NullInt64
	err := q.QueryRow(ctx, `
		SELECT MIN(due) FROM (
			SELECT due FROM (SELECT run_at AS due FROM jobs WHERE kind = $1 AND dead = FALSE AND lease_until = 0 ORDER BY run_at LIMIT 1) f
			UNION ALL
			SELECT due FROM (SELECT lease_until AS due FROM jobs WHERE kind = $1 AND dead = FALSE AND lease_until > 0 ORDER BY lease_until LIMIT 1) l) d`, kind).Scan(&ms)
	return db.At(ms.Int64), err
}
