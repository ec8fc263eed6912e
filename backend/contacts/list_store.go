package contacts

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"portico/backend/kernel/db"
	"portico/backend/kernel/search"
)

// sortColumns are what a list can be sorted by; the id makes the order total.
var sortColumns = map[string]string{"name": "c.name_key", "created": "c.created", "updated": "c.updated"}

// place is where a page begins: behind the row with this key and id.
type place struct {
	Key any    `json:"k"`
	ID  string `json:"i"`
}

// listing is a filter made ready for SQL.
type listing struct {
	query  search.Query
	tagIDs []string
	states []State
	sort   string
	desc   bool
	after  *place
	offset int
	limit  int
	reach  search.Reach
}

func listContacts(ctx context.Context, q db.Q, l *listing) ([]Contact, error) {
	return readListing(ctx, q, l, contactColumns, upTo(l.limit))
}

func contactIDs(ctx context.Context, q db.Q, l *listing) ([]string, error) {
	return readListing(ctx, q, l, "c.id", scanIDs)
}

func countContacts(ctx context.Context, q db.Q, l listing) (n int64, err error) {
	where, args := l.where(q)
	err = q.QueryRow(ctx, `SELECT count(*) FROM contacts c WHERE `+where, args...).Scan(&n)
	return n, err
}

// longest is the longest page that is looked for by walking; more is sorted at once.
const longest = 500

// readListing reads a listing the way that its query makes the shortest. The query
// keeps what was looked up of it.
func readListing[T any](ctx context.Context, q db.Q, asked *listing, columns string, scan func(*sql.Rows, error) ([]T, error)) ([]T, error) {
	l, err := *asked, error(nil)
	if l.reach, l.query, err = index.Reach(ctx, q, l.query); err != nil {
		return nil, fmt.Errorf("asking how many match: %w", err)
	}
	if asked.query = l.query; l.reach == search.None {
		return nil, nil
	}
	if l.reach == search.Many && l.limit > longest {
		l.reach = search.Few
	}
	text, args := l.statement(q, columns)
	out, err := scan(q.Query(ctx, text, args...))
	if err == nil && l.reach == search.Many && l.sort == "name" && len(out) < l.limit {
		l.reach = search.Few // the walk has found less than a page
		text, args = l.statement(q, columns)
		return scan(q.Query(ctx, text, args...))
	}
	return out, err
}

func (l listing) statement(q db.Q, columns string) (string, []any) {
	if l.reach != search.Unknown && l.sort == "name" {
		return l.inOrder(columns)
	}
	where, args := l.where(q)
	key, op, order := sortColumns[l.sort], ">", "ASC"
	if l.desc {
		op, order = "<", "DESC"
	}
	if l.after != nil {
		where += fmt.Sprintf(" AND (%s, c.id) %s ($%d, $%d)", key, op, len(args)+1, len(args)+2)
		args = append(args, l.after.Key, l.after.ID)
	}
	rows := fmt.Sprintf("FROM contacts c WHERE %s ORDER BY %s %s, c.id %s LIMIT $%d OFFSET $%d", where, key, order, order, len(args)+1, len(args)+2)
	args = append(args, l.limit, l.offset)
	if len(l.states) == 1 && (l.query.Empty() || l.reach == search.Many) { // an index has this order
		return "SELECT " + columns + " " + rows, args
	}
	// What must be sorted is sorted by its key alone; the rest is fetched for the page.
	return fmt.Sprintf("SELECT %s FROM (SELECT c.id AS id, %s AS key %s) p JOIN contacts c ON c.id = p.id ORDER BY p.key %s, p.id %s", columns, key, rows, order, order), args
}

// inOrder reads matches from the search index, which knows their order.
func (l listing) inOrder(columns string) (string, []any) {
	var after *search.Place
	if l.after != nil {
		after = &search.Place{Key: l.after.Key, ID: l.after.ID}
	}
	source, condition, args := index.InOrder(l.query, l.reach, after, l.desc, 1)
	where, args := l.shown(args)
	return fmt.Sprintf("SELECT %s FROM %s CROSS JOIN contacts c ON c.id = s.id WHERE %s AND %s LIMIT $%d OFFSET $%d",
		columns, source, condition, where, len(args)+1, len(args)+2), append(args, l.limit, l.offset)
}

// where answers the conditions of a listing, and its arguments numbered from 1.
func (l listing) where(q db.Q) (string, []any) {
	where, args := l.shown(nil)
	if l.query.Empty() {
		return where, args
	}
	cond, more := index.Where(q.Engine(), l.query, "c.id", len(args)+1)
	if l.reach == search.Many {
		cond, more = index.Each(l.query, "c.id", len(args)+1)
	}
	return where + " AND " + cond, append(args, more...)
}

// shown are the conditions on state and tags.
func (l listing) shown(args []any) (string, []any) {
	states := make([]string, len(l.states))
	for i, s := range l.states {
		states[i] = "'" + string(s) + "'"
	}
	state := "c.state"
	if l.reach == search.Few {
		state = "c.state || ''" // an expression: no index in order of state, begin with the matches
	}
	where := state + " IN (" + strings.Join(states, ", ") + ")"
	for _, id := range l.tagIDs {
		args = append(args, id)
		where += fmt.Sprintf(" AND c.id IN (SELECT contact_id FROM contact_tags WHERE tag_id = $%d)", len(args))
	}
	return where, args
}
