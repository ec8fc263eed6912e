package contacts

import (
	"context"

	"portico/backend/kernel/db"
)

const noteColumns = `id, contact_id, text, author, created, updated`

func scanNote(row interface{ Scan(...any) error }) (n Note, err error) {
	err = row.Scan(&n.ID, &n.ContactID, &n.Text, &n.Author, db.Time(&n.Created), db.Time(&n.Updated))
	return n, err
}

func insertNote(ctx context.Context, tx *db.Tx, n Note) error {
	_, err := tx.Exec(ctx, `INSERT INTO notes (id, contact_id, text, author, created, updated, deleted) VALUES ($1, $2, $3, $4, $5, $6, FALSE)`,
		n.ID, n.ContactID, n.Text, n.Author, n.Created.UnixMilli(), n.Updated.UnixMilli())
	return err
}

func updateNote(ctx context.Context, tx *db.Tx, contactID, id, text string) (int64, error) {
	return tx.Exec(ctx, `UPDATE notes SET text = $3, updated = $4 WHERE contact_id = $1 AND id = $2 AND deleted = FALSE`, contactID, id, text, tx.Now.UnixMilli())
}

func hideNote(ctx context.Context, tx *db.Tx, contactID, id string, deleted bool) (int64, error) {
	return tx.Exec(ctx, `UPDATE notes SET deleted = $3 WHERE contact_id = $1 AND id = $2 AND deleted <> $3`, contactID, id, deleted)
}

func noteByID(ctx context.Context, q db.Q, contactID, id string) (Note, error) {
	return scanNote(q.QueryRow(ctx, `SELECT `+noteColumns+` FROM notes WHERE contact_id = $1 AND id = $2 AND deleted = FALSE`, contactID, id))
}

func listNotes(ctx context.Context, q db.Q, contactID, before string, limit int) ([]Note, error) {
	rows, err := q.Query(ctx, `
		SELECT `+noteColumns+` FROM notes
		WHERE contact_id = $1 AND deleted = FALSE AND (CAST($2 AS TEXT) = '' OR id < $2) ORDER BY id DESC LIMIT $3`, contactID, before, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Note
	for rows.Next() {
		n, err := scanNote(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
