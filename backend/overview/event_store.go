package overview

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"portico/backend/kernel/db"
)

const eventColumns = `id, at, name, subject, actor_kind, data`

// eventsOf answers facts about a contact, newest first, older than the cursor.
func eventsOf(ctx context.Context, q db.Q, contactID, before string, limit int) ([]event, error) {
	return scanEvents(q.Query(ctx, `SELECT `+eventColumns+` FROM events
		WHERE subject = $1 AND (CAST($2 AS TEXT) = '' OR id < $2) ORDER BY id DESC LIMIT $3`, contactID, before, limit))
}

// within is how many facts of a name are looked at for those of one actor: after
// a change to every contact, home must not read through all of them.
const within = 500

// latest answers the newest of some facts. Each is looked up by itself, because
// (name, id) is an index and a mixture of names would be sorted as a whole.
func latest(ctx context.Context, q db.Q, wanted []pick, limit int) ([]event, error) {
	parts, args := make([]string, len(wanted)), []any{limit, within}
	for i, p := range wanted {
		args = append(args, p.name)
		part := fmt.Sprintf(`SELECT %s FROM (SELECT %s FROM events WHERE name = $%d ORDER BY id DESC LIMIT `, eventColumns, eventColumns, len(args))
		if p.actor == "" {
			part += fmt.Sprintf(`$1) AS part_%d`, i)
		} else {
			args = append(args, p.actor)
			part += fmt.Sprintf(`$2) AS part_%d WHERE actor_kind = $%d`, i, len(args))
		}
		parts[i] = part
	}
	return scanEvents(q.Query(ctx, strings.Join(parts, ` UNION ALL `)+` ORDER BY id DESC LIMIT $1`, args...))
}

// newestEvent is the id of the newest fact of all, "" before the first.
func newestEvent(ctx context.Context, q db.Q) (id string, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(MAX(id), '') FROM events`).Scan(&id)
	return id, err
}

// namesOf answers the names of those of the contacts that exist.
func namesOf(ctx context.Context, q db.Q, ids []string) (map[string]string, error) {
	names := map[string]string{}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return names, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := q.Query(ctx, `SELECT id, name FROM contacts WHERE id IN (`+db.In(1, len(ids))+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		names[id] = name
	}
	return names, rows.Err()
}

func scanEvents(rows *sql.Rows, err error) ([]event, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := []event{}
	for rows.Next() {
		e := event{data: &details{}}
		if err := rows.Scan(&e.id, db.Time(&e.at), &e.name, &e.subject, &e.actor, &e.data.text); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}
