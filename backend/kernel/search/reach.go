package search

import (
	"context"
	"fmt"
	"strconv"

	"portico/backend/kernel/db"
)

// Reach is how much of a list a query matches, for choosing how to read a sorted
// page of it. SQLite cannot know: it takes every subquery for a small one and a
// state for a rare one, and is wrong by three orders of magnitude both ways.
type Reach int

// The reaches.
const (
	Unknown Reach = iota // the engine has statistics of its own: leave it the choice
	Few                  // begin with the matches (Where) and sort them
	Many                 // walk in order and look at each row (Each) until the page is full
)

// few is where both ways cost the same in a list of 100,000: about 5 ms.
const few = 1000

// Reach looks at no more than a thousand matches. When they are fewer, the query
// that comes back knows them, so that the index is not asked twice.
func (ix Index) Reach(ctx context.Context, q db.Q, query Query) (Reach, Query, error) {
	if query.Empty() || q.Engine() == db.Postgres {
		return Unknown, query, nil
	}
	asked := ix.matches(query)
	text, args := fmt.Sprintf("SELECT rowid FROM %s WHERE %s MATCH $1", asked[0].table, asked[0].table), []any{asked[0].text}
	if len(asked) > 1 {
		text += fmt.Sprintf(" AND rowid IN (SELECT rowid FROM %s WHERE %s MATCH $2)", asked[1].table, asked[1].table)
		args = append(args, asked[1].text)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("%s LIMIT %d", text, few+1), args...)
	if err != nil {
		return Unknown, query, err
	}
	defer func() { _ = rows.Close() }()
	list, n := []byte{'['}, 0
	for ; rows.Next(); n++ {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return Unknown, query, err
		}
		if n > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, row, 10)
	}
	if n > few {
		return Many, query, rows.Err()
	}
	query.rows = string(append(list, ']'))
	return Few, query, rows.Err()
}

// Each is Where for SQLite as a question about one row, for lists that are read
// in an order of their own.
func (ix Index) Each(q Query, column string, from int) (string, []any) {
	within, args := ix.within(q, from)
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s_search WHERE id = %s AND %s)", ix.Name, column, within), args
}
