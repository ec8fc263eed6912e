package outbox

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

func suppressed(ctx context.Context, q db.Q, emailKey string) (s Suppression, err error) {
	err = q.QueryRow(ctx, `SELECT email, reason, detail, since FROM mail_suppressions WHERE email_key = $1`, emailKey).
		Scan(&s.Email, &s.Reason, &s.Detail, db.Time(&s.Since))
	return s, err
}

func suppressedAmong(ctx context.Context, q db.Q, emailKeys []string) (map[string]bool, error) {
	args := make([]any, len(emailKeys))
	for i, k := range emailKeys {
		args[i] = k
	}
	rows, err := q.Query(ctx, `SELECT email_key FROM mail_suppressions WHERE email_key IN (`+db.In(1, len(args))+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]bool{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		out[key] = true
	}
	return out, rows.Err()
}

func suppress(ctx context.Context, q db.Q, email, reason, detail string, now time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO mail_suppressions (email_key, email, reason, detail, since) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (email_key) DO NOTHING`, addressKey(email), email, reason, detail, now.UnixMilli())
	return err
}

func unsuppress(ctx context.Context, q db.Q, emailKey string) (bool, error) {
	n, err := q.Exec(ctx, `DELETE FROM mail_suppressions WHERE email_key = $1`, emailKey)
	return n == 1, err
}

// listSuppressions pages from the newest down by (since, email_key).
func listSuppressions(ctx context.Context, q db.Q, search string, since int64, emailKey string, limit int) ([]Suppression, error) {
	rows, err := q.Query(ctx, `
		SELECT email, reason, detail, since FROM mail_suppressions
		WHERE email_key LIKE $1 ESCAPE '\' AND (since < $2 OR (since = $2 AND email_key < $3))
		ORDER BY since DESC, email_key DESC LIMIT $4`, `%`+db.LikeEscape(search)+`%`, since, emailKey, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Suppression
	for rows.Next() {
		var s Suppression
		if err := rows.Scan(&s.Email, &s.Reason, &s.Detail, db.Time(&s.Since)); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
