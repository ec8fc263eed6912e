package contacts

import (
	"context"

	"portico/backend/kernel/db"
)

func tagByKey(ctx context.Context, q db.Q, key string) (t Tag, err error) {
	err = q.QueryRow(ctx, `SELECT id, name, color, uses FROM tags WHERE name_key = $1`, key).Scan(&t.ID, &t.Name, &t.Color, &t.Uses)
	return t, err
}

func tagByID(ctx context.Context, q db.Q, id string) (t Tag, err error) {
	err = q.QueryRow(ctx, `SELECT id, name, color, uses FROM tags WHERE id = $1`, id).Scan(&t.ID, &t.Name, &t.Color, &t.Uses)
	return t, err
}

func insertTag(ctx context.Context, tx *db.Tx, t Tag, key string) error {
	_, err := tx.Exec(ctx, `INSERT INTO tags (id, name, name_key, color, uses) VALUES ($1, $2, $3, $4, 0)`, t.ID, t.Name, key, t.Color)
	return err
}

func updateTag(ctx context.Context, tx *db.Tx, t Tag, key string) error {
	_, err := tx.Exec(ctx, `UPDATE tags SET name = $2, name_key = $3, color = $4 WHERE id = $1`, t.ID, t.Name, key, t.Color)
	return err
}

func removeTag(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM tags WHERE id = $1`, id)
}

func countTags(ctx context.Context, q db.Q) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM tags`).Scan(&n)
	return n, err
}

func listTags(ctx context.Context, q db.Q) ([]Tag, error) {
	rows, err := q.Query(ctx, `SELECT id, name, color, uses FROM tags ORDER BY name_key`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Tag
	for rows.Next() {
		var t Tag
		if err := rows.Scan(&t.ID, &t.Name, &t.Color, &t.Uses); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func tagContact(ctx context.Context, tx *db.Tx, contactID, tagID string) (int64, error) {
	return tx.Exec(ctx, `INSERT INTO contact_tags (contact_id, tag_id) VALUES ($1, $2) ON CONFLICT (contact_id, tag_id) DO NOTHING`, contactID, tagID)
}

func untagContact(ctx context.Context, tx *db.Tx, contactID, tagID string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM contact_tags WHERE contact_id = $1 AND tag_id = $2`, contactID, tagID)
}

func countUse(ctx context.Context, tx *db.Tx, tagID string, by int64) error {
	_, err := tx.Exec(ctx, `UPDATE tags SET uses = uses + $2 WHERE id = $1`, tagID, by)
	return err
}

// countUses counts a whole contact in or out, when it is restored or deleted.
func countUses(ctx context.Context, tx *db.Tx, contactID string, by int64) error {
	_, err := tx.Exec(ctx, `UPDATE tags SET uses = uses + $2 WHERE id IN (SELECT tag_id FROM contact_tags WHERE contact_id = $1)`, contactID, by)
	return err
}

func taggedIDs(ctx context.Context, q db.Q, tagID string) ([]string, error) {
	return scanIDs(q.Query(ctx, `SELECT contact_id FROM contact_tags WHERE tag_id = $1`, tagID))
}
