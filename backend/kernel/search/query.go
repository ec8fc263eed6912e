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

	// On SQLite, once looked up: the rows that match, as a JSON list, or how far to
	// walk for those of a page.
	rows    string
	stretch int64
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
	within, args := q.holds("s.", from)
	if engine == db.SQLite {
		within, args = ix.hits(q, from)
		within = "s.n IN (" + within + ")"
	}
	return fmt.Sprintf("%s IN (SELECT s.id FROM %s_search s WHERE %s)", column, ix.Name, within), args
}

// hits is what selects the n of every match on SQLite. One full text table is
// asked; short words beside longer ones are then looked for in the rows it finds.
func (ix Index) hits(q Query, from int) (string, []any) {
	if q.rows != "" {
		return fmt.Sprintf("SELECT value AS n FROM json_each($%d)", from), []any{q.rows}
	}
	var fragments, prefixes []string
	var short Query
	for _, t := range q.terms {
		switch {
		case t.whole:
			prefixes, short.terms = append(prefixes, anyOf(t.texts, "")), append(short.terms, t)
		case t.short():
			prefixes, short.terms = append(prefixes, anyOf(t.texts, "*")), append(short.terms, t)
		default:
			fragments = append(fragments, quoted(t.texts[0]))
		}
	}
	table, text := ix.Name+"_fragments", strings.Join(fragments, " AND ")
	if len(fragments) == 0 {
		table, text, short = ix.Name+"_words", strings.Join(prefixes, " AND "), Query{}
	}
	found, args := fmt.Sprintf("SELECT f.rowid AS n FROM %s f WHERE %s MATCH $%d", table, table, from), []any{text}
	if !short.Empty() {
		also, more := short.holds("w.", from+1)
		found += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM %s_search w WHERE w.n = f.rowid AND %s)", ix.Name, also)
		args = append(args, more...)
	}
	return found, args
}

// holds is the condition on a row of NAME_search, the same on both engines. Both
// sides are folded, so that SQLite's LIKE, which ignores case in ASCII, is exact.
func (q Query) holds(alias string, from int) (string, []any) {
	var parts []string
	var args []any
	for _, t := range q.terms {
		var either []string
		for _, text := range t.texts {
			column, pattern := "body", "%"+db.LikeEscape(text)+"%"
			switch {
			case t.whole:
				column, pattern = "words", "% "+db.LikeEscape(text)+" %"
			case t.short():
				column, pattern = "words", "% "+db.LikeEscape(text)+"%"
			}
			either = append(either, fmt.Sprintf(`%s%s LIKE $%d ESCAPE '\'`, alias, column, from+len(args)))
			args = append(args, pattern)
		}
		parts = append(parts, "("+strings.Join(either, " OR ")+")")
	}
	return strings.Join(parts, " AND "), args
}

// short reports whether a term is a beginning of words, too short for the trigram index.
func (t term) short() bool { return utf8.RuneCountInString(t.texts[0]) < fragmentMin }

// quoted makes a text one FTS5 string; anything inside is literal.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func anyOf(texts []string, suffix string) string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = quoted(t) + suffix
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

// Correct replaces each word that stands nowhere by the words that are one letter
// apart. It answers false when that changes nothing or a word stays unknown; ask
// only when the query as typed found nothing.
func (ix Index) Correct(ctx context.Context, q db.Q, query Query) (Query, string, bool, error) {
	if ix.Text {
		return Query{}, "", false, nil
	}
	out := Query{Typed: query.Typed, terms: make([]term, len(query.terms))}
	shown := make([]string, len(query.terms))
	changed := false
	for i, t := range query.terms {
		out.terms[i], shown[i] = t, t.texts[0]
		if !typable(t.texts[0]) {
			continue
		}
		if !query.nowhere() {
			found, err := ix.exists(ctx, q, Query{terms: []term{t}})
			if err != nil {
				return Query{}, "", false, err
			}
			if found {
				continue
			}
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

// nowhere reports whether the query is one word that was looked up and not found.
func (q Query) nowhere() bool { return q.rows == noRows && len(q.terms) == 1 }

func (ix Index) exists(ctx context.Context, q db.Q, query Query) (bool, error) {
	within, args := query.holds("s.", 1)
	from := ix.Name + "_search s WHERE " + within
	if q.Engine() == db.SQLite {
		within, args = ix.hits(query, 1)
		from = "(" + within + ")" // which ends with the first match
	}
	var one int
	err := q.QueryRow(ctx, "SELECT 1 FROM "+from+" LIMIT 1", args...).Scan(&one)
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
