package search

import (
	"context"
	"fmt"

	"portico/backend/kernel/db"
)

// Reach is how much of a list a query matches, for choosing how to read a sorted
// page of it. SQLite cannot know: it takes every subquery for a small one and a
// state for a rare one, and is wrong by three orders of magnitude both ways.
type Reach int

// The reaches.
const (
	Unknown Reach = iota // the engine has statistics of its own: leave it the choice
	None                 // nothing matches
	Few                  // begin with the matches and sort them
	Many                 // walk in order and look at each row until the page is full
)

const (
	// sample is how many matches are looked at to tell Few from Many.
	sample = 64
	// dense is one match in so many rows, from which on walking is cheaper: a page
	// of 50 is full after 5,000 rows, as dear as fetching and sorting 500 matches.
	dense = 100
	// stretch is how far a walk goes at least before it gives up; it goes on for
	// perMatch rows for each match there may be, a third of what sorting them costs.
	stretch  = 50 * dense
	perMatch = 3
)

// noRows is what Query.rows holds when nothing matches.
const noRows = "[]"

// Reach looks at no more than a sample of the matches. When that is all there
// are, the query that comes back knows them, so that the index is not asked twice.
func (ix Index) Reach(ctx context.Context, q db.Q, query Query) (Reach, Query, error) {
	if query.Empty() || q.Engine() == db.Postgres {
		return Unknown, query, nil
	}
	hits, args := ix.hits(query, 1)
	var n, last, all int64
	var rows string
	err := q.QueryRow(ctx, fmt.Sprintf("SELECT count(*), COALESCE(max(n), 0), json_group_array(n), COALESCE((SELECT max(n) FROM %s_search), 0) FROM (%s LIMIT %d)",
		ix.Name, hits, sample+1), args...).Scan(&n, &last, &rows, &all)
	switch {
	case err != nil:
		return Unknown, query, err
	case n == 0:
		query.rows = rows
		return None, query, nil
	case n <= sample:
		query.rows = rows
		return Few, query, nil
	case last > n*dense: // rows are numbered without big gaps: what comes so late is rare
		return Few, query, nil
	}
	query.stretch = max(stretch, perMatch*n*all/last)
	return Many, query, nil
}

// Each is Where for SQLite as a question about one row, for lists that are read
// in an order of their own.
func (ix Index) Each(q Query, column string, from int) (string, []any) {
	holds, args := q.holds("s.", from)
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s_search s WHERE s.id = %s AND %s)", ix.Name, column, holds), args
}

// Place is a place in the order of keys: behind this one.
type Place struct{ Key, ID any }

// InOrder answers a source for FROM, called s, that yields s.id in the order of
// keys, and a condition that its rows must meet to be matches; SQLite only. It is
// read as `source CROSS JOIN …`, which keeps the order. With Few it yields every
// match; with Many only those in a stretch behind the place, so that whoever finds
// less than a page asks again with Few. The arguments are numbered from.
func (ix Index) InOrder(q Query, r Reach, after *Place, desc bool, from int) (source, condition string, args []any) {
	op, order := ">", "ASC"
	if desc {
		op, order = "<", "DESC"
	}
	behind := "1 = 1"
	if after != nil {
		behind = fmt.Sprintf("(key, id) %s ($%d, $%d)", op, from, from+1)
		args = append(args, after.Key, after.ID)
	}
	if r == Many {
		columns := "id, body"
		for _, t := range q.terms {
			if t.whole || t.short() {
				columns = "id, body, words" // words are not in the index: a second look-up for each row
			}
		}
		holds, more := q.holds("s.", from+len(args))
		args = append(append(args, more...), max(stretch, q.stretch))
		return fmt.Sprintf("(SELECT %s FROM %s_search INDEXED BY %s_search_order WHERE %s ORDER BY key %s, id %s LIMIT $%d) s",
			columns, ix.Name, ix.Name, behind, order, order, from+len(args)-1), holds, args
	}
	hits, more := ix.hits(q, from+len(args))
	return fmt.Sprintf("(SELECT id FROM %s_search WHERE n IN (%s) AND %s ORDER BY key %s, id %s LIMIT -1) s", // the limit keeps SQLite from dissolving it
		ix.Name, hits, behind, order, order), "1 = 1", append(args, more...)
}
