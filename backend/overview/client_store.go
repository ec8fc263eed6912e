package overview

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

// ownEvents answers facts about a contact, newest first: those named, and those
// of byThemself that the contact did.
func ownEvents(ctx context.Context, q db.Q, contactID string, named, byThemself []string, limit int) ([]event, error) {
	args := []any{contactID, limit}
	for _, name := range append(append([]string{}, named...), byThemself...) {
		args = append(args, name)
	}
	return scanEvents(q.Query(ctx, `SELECT `+eventColumns+` FROM events
		WHERE subject = $1 AND (name IN (`+db.In(3, len(named))+`) OR actor_kind = 'client' AND name IN (`+db.In(3+len(named), len(byThemself))+`))
		ORDER BY id DESC LIMIT $2`, args...))
}

// ownChanges answers the newest changes that a contact made to themself. The name
// is no bare column, so that nobody walks through everybody's changes for theirs.
func ownChanges(ctx context.Context, q db.Q, contactID string, limit int) ([]event, error) {
	return scanEvents(q.Query(ctx, `SELECT `+eventColumns+` FROM events
		WHERE subject = $1 AND name || '' = 'contacts.updated' AND actor_kind = 'client' ORDER BY id DESC LIMIT $2`, contactID, limit))
}

// keptMarks are read with every home page.
var keptMarks = db.Kept[map[string]string]{Name: "overview.marks", Tables: []string{"client_marks"}}

// marksOf answers what a client has seen and put away, for reading only.
func marksOf(ctx context.Context, q db.Q, contactID string) (map[string]string, error) {
	return keptMarks.Get(q, contactID, func() (map[string]string, error) { return readMarks(ctx, q, contactID) })
}

func readMarks(ctx context.Context, q db.Q, contactID string) (map[string]string, error) {
	rows, err := q.Query(ctx, `SELECT mark, value FROM client_marks WHERE contact_id = $1`, contactID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	marks := map[string]string{}
	for rows.Next() {
		var mark, value string
		if err := rows.Scan(&mark, &value); err != nil {
			return nil, err
		}
		marks[mark] = value
	}
	return marks, rows.Err()
}

func setMark(ctx context.Context, tx *db.Tx, contactID, mark, value string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO client_marks (contact_id, mark, value, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (contact_id, mark) DO UPDATE SET value = excluded.value, at = excluded.at`, contactID, mark, value, now.UnixMilli())
	return err
}
