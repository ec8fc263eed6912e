package search

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"portico/backend/kernel/db"
)

// fragmentMin is the shortest fragment that the trigram index finds, in letters.
const fragmentMin = 3

// maxTerms bounds the words of a query; what is typed beyond them changes nothing.
const maxTerms = 8

// maxCorrections bounds how many words one mistyped word may stand for.
const maxCorrections = 8

// Query is what somebody looks for. The zero Query matches everything.
type Query struct {
	terms []term
	Typed string // folded
	rows  string // on SQLite, once looked up: the rows that match, as a JSON list
}

// term matches when any of its texts does: one as typed, or its corrections,
// which match as whole words.
type term struct {
	texts []string
	whole bool
}

// Parse reads what was typed.
func Parse(typed string) Query {
	q := Query{Typed: Fold(typed)}
	for _, t := range strings.Fields(q.Typed) {
		if utf8.RuneCountInString(t) < fragmentMin {
			// Short words match by their letters; punctuation alone matches nothing in particular.
			for _, w := range words(t) {
				q.terms = append(q.terms, term{texts: []string{w}})
			}
		} else {
			q.terms = append(q.terms, term{texts: []string{t}})
		}
		if len(q.terms) >= maxTerms {
			break
		}
	}
	return q
}

// Empty reports whether the query matches everything.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Where answers a condition on column (which holds ids) and its arguments, whose
// first is numbered from. It must not be called on an empty Query.
func (ix Index) Where(engine db.Engine, q Query, column string, from int) (string, []any) {
	if engine == db.Postgres {
		return ix.wherePostgres(q, column, from)
	}
	return ix.whereSQLite(q, column, from)
}

func (ix Index) whereSQLite(q Query, column string, from int) (string, []any) {
	within, args := ix.within(q, from)
	return fmt.Sprintf("%s IN (SELECT id FROM %s_search WHERE %s)", column, ix.Name, within), args
}

// within is the condition on n, the row of the index, one part for each table.
func (ix Index) within(q Query, from int) (string, []any) {
	if q.rows != "" {
		return fmt.Sprintf("n IN (SELECT value FROM json_each($%d))", from), []any{q.rows}
	}
	var parts []string
	var args []any
	for _, m := range ix.matches(q) {
		parts = append(parts, fmt.Sprintf("n IN (SELECT rowid FROM %s WHERE %s MATCH $%d)", m.table, m.table, from+len(args)))
		args = append(args, m.text)
	}
	return strings.Join(parts, " AND "), args
}

// match is what one of the two full text tables is asked.
type match struct{ table, text string }

func (ix Index) matches(q Query) []match {
	var fragments, prefixes []string
	for _, t := range q.terms {
		switch {
		case t.whole:
			prefixes = append(prefixes, anyOf(t.texts, ""))
		case utf8.RuneCountInString(t.texts[0]) < fragmentMin:
			prefixes = append(prefixes, anyOf(t.texts, "*"))
		default:
			fragments = append(fragments, quoted(t.texts[0]))
		}
	}
	var out []match
	if len(fragments) > 0 {
		out = append(out, match{ix.Name + "_fragments", strings.Join(fragments, " AND ")})
	}
	if len(prefixes) > 0 {
		out = append(out, match{ix.Name + "_words", strings.Join(prefixes, " AND ")})
	}
	return out
}

// quoted makes a text one FTS5 string; anything inside is literal.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func anyOf(texts []string, suffix string) string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = quoted(t) + suffix
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

func (ix Index) wherePostgres(q Query, column string, from int) (string, []any) {
	var parts []string
	var args []any
	for _, t := range q.terms {
		var either []string
		for _, text := range t.texts {
			field, pattern := "body", "%"+db.LikeEscape(text)+"%"
			switch {
			case t.whole:
				field, pattern = "words", "% "+db.LikeEscape(text)+" %"
			case utf8.RuneCountInString(text) < fragmentMin:
				field, pattern = "words", "% "+db.LikeEscape(text)+"%"
			}
			either = append(either, fmt.Sprintf(`%s LIKE $%d ESCAPE '\'`, field, from+len(args)))
			args = append(args, pattern)
		}
		parts = append(parts, "("+strings.Join(either, " OR ")+")")
	}
	return fmt.Sprintf("%s IN (SELECT id FROM %s_search WHERE %s)", column, ix.Name, strings.Join(parts, " AND ")), args
}

// Correct replaces each word that stands nowhere by the words that are one letter
// apart. It answers false when that changes nothing or a word stays unknown; ask
// only when the query as typed found nothing.
func (ix Index) Correct(ctx context.Context, q db.Q, query Query) (Query, string, bool, error) {
	out := Query{Typed: query.Typed, terms: make([]term, len(query.terms))}
	shown := make([]string, len(query.terms))
	changed := false
	for i, t := range query.terms {
		out.terms[i], shown[i] = t, t.texts[0]
		if !typable(t.texts[0]) {
			continue
		}
		found, err := ix.exists(ctx, q, Query{terms: []term{t}})
		if err != nil {
			return Query{}, "", false, err
		}
		if found {
			continue
		}
		near, err := ix.near(ctx, q, t.texts[0])
		if err != nil || len(near) == 0 {
			return Query{}, "", false, err
		}
		out.terms[i] = term{texts: near, whole: true}
		shown[i], changed = near[0], true
	}
	return out, strings.Join(shown, " "), changed, nil
}

func (ix Index) exists(ctx context.Context, q db.Q, query Query) (bool, error) {
	where, args := ix.Where(q.Engine(), query, "id", 1)
	var one int
	err := q.QueryRow(ctx, "SELECT 1 FROM "+ix.Name+"_search WHERE "+where+" LIMIT 1", args...).Scan(&one)
	if err == db.ErrNoRows {
		return false, nil
	}
	return err == nil, err
}

// near answers known words one letter away from word.
func (ix Index) near(ctx context.Context, q db.Q, word string) ([]string, error) {
	vs := variants(word)
	args := make([]any, len(vs))
	for i, v := range vs {
		args[i] = v
	}
	rows, err := q.Query(ctx, "SELECT DISTINCT word FROM "+ix.Name+"_typo WHERE variant IN ("+db.In(1, len(vs))+") ORDER BY word", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var near []string
	for rows.Next() {
		var w string
		if err := rows.Scan(&w); err != nil {
			return nil, err
		}
		if oneApart(word, w) && len(near) < maxCorrections {
			near = append(near, w)
		}
	}
	return near, rows.Err()
}
