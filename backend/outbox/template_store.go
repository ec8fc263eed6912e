package outbox

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

// currentTemplates are the texts that staff wrote and that are in use.
func currentTemplates(ctx context.Context, q db.Q) ([]Template, error) {
	rows, err := q.Query(ctx, `SELECT id, key, language, subject, heading, body, button FROM mail_templates WHERE current = TRUE`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Template
	for rows.Next() {
		var t Template
		if err := rows.Scan(&t.ID, &t.Key, &t.Language, &t.Subject, &t.Heading, &t.Body, &t.Button); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func templateByID(ctx context.Context, q db.Q, id string) (t Template, err error) {
	err = q.QueryRow(ctx, `SELECT id, key, language, subject, heading, body, button FROM mail_templates WHERE id = $1`, id).
		Scan(&t.ID, &t.Key, &t.Language, &t.Subject, &t.Heading, &t.Body, &t.Button)
	return t, err
}

func insertTemplate(ctx context.Context, q db.Q, t Template, now time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO mail_templates (id, key, language, subject, heading, body, button, current, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE, $8)`,
		t.ID, string(t.Key), t.Language, t.Subject, t.Heading, t.Body, t.Button, now.UnixMilli())
	return err
}

func retireTemplate(ctx context.Context, q db.Q, key Kind, language string) (bool, error) {
	n, err := q.Exec(ctx, `UPDATE mail_templates SET current = FALSE WHERE key = $1 AND language = $2 AND current = TRUE`, string(key), language)
	return n > 0, err
}
