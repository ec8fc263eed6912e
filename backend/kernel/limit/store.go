package limit

import (
	"context"

	"portico/backend/kernel/db"
)

// load fills in the windows of counters that have a row; the others stay empty.
func load(ctx context.Context, q db.Q, counters []*counter) error {
	byID := make(map[string]*counter, len(counters))
	ids := make([]any, len(counters))
	for i, c := range counters {
		byID[c.id], ids[i] = c, c.id
	}
	rows, err := q.Query(ctx, `SELECT id, started, hits, last_hit, earlier_hits, earlier_last
		FROM limit_counters WHERE id IN (`+db.In(1, len(ids))+`)`, ids...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var w window
		if err := rows.Scan(&id, &w.started, &w.hits, &w.lastHit, &w.earlierHits, &w.earlierLast); err != nil {
			return err
		}
		byID[id].window = w
	}
	return rows.Err()
}

// touch makes sure that the row exists and holds it until the transaction ends.
func touch(ctx context.Context, q db.Q, id string, now, expires int64) error {
	_, err := q.Exec(ctx, `INSERT INTO limit_counters (id, started, hits, last_hit, earlier_hits, earlier_last, expires)
		VALUES ($1, $2, 0, 0, 0, 0, $3)
		ON CONFLICT (id) DO UPDATE SET expires = excluded.expires`, id, now, expires)
	return err
}

func put(ctx context.Context, q db.Q, id string, w window, expires int64) error {
	_, err := q.Exec(ctx, `UPDATE limit_counters
		SET started = $2, hits = $3, last_hit = $4, earlier_hits = $5, earlier_last = $6, expires = $7
		WHERE id = $1`, id, w.started, w.hits, w.lastHit, w.earlierHits, w.earlierLast, expires)
	return err
}

func removeExpired(ctx context.Context, q db.Q, now int64) error {
	_, err := q.Exec(ctx, `DELETE FROM limit_counters WHERE expires <= $1`, now)
	return err
}
