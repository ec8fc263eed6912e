package settings

import (
	"context"

	"portico/backend/kernel/db"
)

// tables are what get asks.
var tables = []string{"settings"}

func get(ctx context.Context, q db.Q, name string) (value string, err error) {
	err = q.QueryRow(ctx, `SELECT value FROM settings WHERE name = $1`, name).Scan(&value)
	return value, err
}

func put(ctx context.Context, q db.Q, name, value string, now int64) error {
	_, err := q.Exec(ctx, `INSERT INTO settings (name, value, updated) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated = excluded.updated`, name, value, now)
	return err
}

func remove(ctx context.Context, q db.Q, name string) error {
	_, err := q.Exec(ctx, `DELETE FROM settings WHERE name = $1`, name)
	return err
}
