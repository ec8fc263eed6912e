package events

import (
	"context"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

func insert(ctx context.Context, tx *db.Tx, id string, actor auth.Actor, f db.Fact, data string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO events (id, at, name, subject, actor_kind, actor_name, data) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, tx.Now.UnixMilli(), f.FactName(), f.Subject(), string(actor.Kind), actor.Name, data)
	return err
}

func byID(ctx context.Context, q db.Q, id string) (e Event, err error) {
	var data string
	err = q.QueryRow(ctx, `SELECT id, at, name, subject, actor_kind, data FROM events WHERE id = $1`, id).
		Scan(&e.ID, db.Time(&e.At), &e.Name, &e.Subject, &e.Actor, &data)
	e.Data = []byte(data)
	return e, err
}

func forget(ctx context.Context, tx *db.Tx, subject string) error {
	_, err := tx.Exec(ctx, `DELETE FROM events WHERE subject = $1`, subject)
	return err
}
