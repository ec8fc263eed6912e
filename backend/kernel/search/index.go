package search

import (
	"context"
	"strings"

	"portico/backend/kernel/db"
)

// Index is a named text index; Name is a plain identifier from code. One of Text
// is for many long texts: it forgives no typos, for which every new word would be
// written down in all its misspellings, and has no order of its own (InOrder).
type Index struct {
	Name string
	Text bool
}

// Create is the migration directive `-- @search NAME`.
func Create(ctx context.Context, tx *db.Tx, name string) error {
	texts := []string{
		`CREATE TABLE ` + name + `_typo (variant TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (variant, word))`,
		`CREATE INDEX ` + name + `_typo_word ON ` + name + `_typo (word)`,
	}
	for _, text := range texts {
		if _, err := tx.Exec(ctx, text); err != nil {
			return err
		}
	}
	if err := CreateText(ctx, tx, name); err != nil || tx.Engine() == db.Postgres {
		return err
	}
	_, err := tx.Exec(ctx, `CREATE INDEX `+name+`_search_order ON `+name+`_search (key, id, body)`)
	return err
}

// CreateText is the migration directive `-- @search-text NAME`.
func CreateText(ctx context.Context, tx *db.Tx, name string) error {
	var texts []string
	if tx.Engine() == db.Postgres {
		texts = append(texts,
			`CREATE EXTENSION IF NOT EXISTS pg_trgm`,
			`CREATE TABLE `+name+`_search (n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, body TEXT NOT NULL, words TEXT NOT NULL)`,
			`CREATE INDEX `+name+`_search_body ON `+name+`_search USING gin (body gin_trgm_ops)`,
			`CREATE INDEX `+name+`_search_words ON `+name+`_search USING gin (words gin_trgm_ops)`)
	} else {
		texts = append(texts,
			`CREATE TABLE `+name+`_search (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, body TEXT NOT NULL, words TEXT NOT NULL)`,
			`CREATE VIRTUAL TABLE `+name+`_fragments USING fts5(body, content='`+name+`_search', content_rowid='n', columnsize=0, tokenize='trigram case_sensitive 1')`,
			`CREATE VIRTUAL TABLE `+name+`_words USING fts5(words, content='`+name+`_search', content_rowid='n', columnsize=0, detail=none, prefix='1 2', tokenize='unicode61 remove_diacritics 0')`)
	}
	for _, text := range texts {
		if _, err := tx.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

type entry struct {
	n                int64
	key, body, words string
}

// Put indexes the texts of an id in place of what was indexed before. The key is
// what lists of matches are sorted by when they are not sorted otherwise.
func (ix Index) Put(ctx context.Context, tx *db.Tx, id, key string, texts ...string) error {
	body := Fold(strings.Join(texts, "\n"))
	list := words(body)
	fresh := entry{key: key, body: body, words: " " + strings.Join(list, " ") + " "}
	old, found, err := ix.get(ctx, tx, id)
	if err != nil {
		return err
	}
	if found && old.body == fresh.body && old.key == key {
		return nil
	}
	if found {
		fresh.n = old.n
		err = ix.replace(ctx, tx, id, old, fresh)
	} else {
		err = ix.add(ctx, tx, id, fresh)
	}
	if err != nil || ix.Text {
		return err
	}
	if err := ix.learn(ctx, tx, list); err != nil {
		return err
	}
	return ix.forget(ctx, tx, old.words, fresh.words)
}

// Doc is a text to be indexed.
type Doc struct{ ID, Text string }

// PutAll is Put for many texts of an index of Text, for a fraction of the price:
// SQLite writes a full text table down whenever another statement comes between
// its rows.
func (ix Index) PutAll(ctx context.Context, tx *db.Tx, docs []Doc) error {
	type change struct {
		id         string
		old, fresh entry
	}
	var changed []change
	var first, last int64
	for _, d := range docs {
		body := Fold(d.Text)
		fresh := entry{body: body, words: " " + strings.Join(words(body), " ") + " "}
		old, found, err := ix.get(ctx, tx, d.ID)
		switch {
		case err != nil:
			return err
		case found && old.body == fresh.body:
		case found:
			fresh.n = old.n
			changed = append(changed, change{d.ID, old, fresh})
		default:
			if last, err = ix.insert(ctx, tx, d.ID, fresh); err != nil {
				return err
			}
			if first == 0 {
				first = last
			}
		}
	}
	if first > 0 {
		if err := ix.indexRange(ctx, tx, first, last); err != nil {
			return err
		}
	}
	for _, c := range changed {
		if err := ix.replace(ctx, tx, c.id, c.old, c.fresh); err != nil {
			return err
		}
	}
	return nil
}

// indexRange is index for rows that were just added: nobody else writes meanwhile,
// so their numbers follow each other.
func (ix Index) indexRange(ctx context.Context, tx *db.Tx, first, last int64) error {
	if tx.Engine() == db.Postgres {
		return nil
	}
	for _, of := range []struct{ table, column string }{{"fragments", "body"}, {"words", "words"}} {
		if _, err := tx.Exec(ctx, `INSERT INTO `+ix.Name+`_`+of.table+` (rowid, `+of.column+`) SELECT n, `+of.column+` FROM `+ix.Name+`_search WHERE n BETWEEN $1 AND $2`, first, last); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes an id and every word that nobody else uses.
func (ix Index) Delete(ctx context.Context, tx *db.Tx, id string) error {
	old, found, err := ix.get(ctx, tx, id)
	if err != nil || !found {
		return err
	}
	if err := ix.unindex(ctx, tx, old); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM `+ix.Name+`_search WHERE id = $1`, id); err != nil || ix.Text {
		return err
	}
	return ix.forget(ctx, tx, old.words, "")
}

func (ix Index) get(ctx context.Context, tx *db.Tx, id string) (e entry, found bool, err error) {
	err = tx.QueryRow(ctx, `SELECT n, key, body, words FROM `+ix.Name+`_search WHERE id = $1`, id).Scan(&e.n, &e.key, &e.body, &e.words)
	if err == db.ErrNoRows {
		return entry{}, false, nil
	}
	return e, err == nil, err
}

func (ix Index) add(ctx context.Context, tx *db.Tx, id string, e entry) (err error) {
	if e.n, err = ix.insert(ctx, tx, id, e); err != nil {
		return err
	}
	return ix.index(ctx, tx, e)
}

func (ix Index) insert(ctx context.Context, tx *db.Tx, id string, e entry) (n int64, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO `+ix.Name+`_search (id, key, body, words) VALUES ($1, $2, $3, $4) RETURNING n`, id, e.key, e.body, e.words).Scan(&n)
	return n, err
}

func (ix Index) replace(ctx context.Context, tx *db.Tx, id string, old, fresh entry) error {
	if err := ix.unindex(ctx, tx, old); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE `+ix.Name+`_search SET key = $2, body = $3, words = $4 WHERE id = $1`, id, fresh.key, fresh.body, fresh.words); err != nil {
		return err
	}
	return ix.index(ctx, tx, fresh)
}

// index and unindex keep FTS5's external-content tables in step; pg_trgm needs
// nothing of the kind (https://www.sqlite.org/fts5.html#external_content_tables).
func (ix Index) index(ctx context.Context, tx *db.Tx, e entry) error {
	if tx.Engine() == db.Postgres {
		return nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO `+ix.Name+`_fragments (rowid, body) VALUES ($1, $2)`, e.n, e.body); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+ix.Name+`_words (rowid, words) VALUES ($1, $2)`, e.n, e.words)
	return err
}

func (ix Index) unindex(ctx context.Context, tx *db.Tx, e entry) error {
	if tx.Engine() == db.Postgres {
		return nil
	}
	f, w := ix.Name+"_fragments", ix.Name+"_words"
	if _, err := tx.Exec(ctx, `INSERT INTO `+f+` (`+f+`, rowid, body) VALUES ('delete', $1, $2)`, e.n, e.body); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+w+` (`+w+`, rowid, words) VALUES ('delete', $1, $2)`, e.n, e.words)
	return err
}

// learn keeps the deletions of words that were not known.
func (ix Index) learn(ctx context.Context, tx *db.Tx, list []string) error {
	seen := map[string]bool{}
	for _, w := range list {
		if seen[w] || !typable(w) {
			continue
		}
		seen[w] = true
		n, err := tx.Exec(ctx, `INSERT INTO `+ix.Name+`_typo (variant, word) VALUES ($1, $1) ON CONFLICT (variant, word) DO NOTHING`, w)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		for _, v := range variants(w)[1:] {
			if _, err := tx.Exec(ctx, `INSERT INTO `+ix.Name+`_typo (variant, word) VALUES ($1, $2) ON CONFLICT (variant, word) DO NOTHING`, v, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget removes words that were in before, are not in after and that nobody
// else uses: an index must not remember people who are gone.
func (ix Index) forget(ctx context.Context, tx *db.Tx, before, after string) error {
	for _, w := range strings.Fields(before) {
		if !typable(w) || strings.Contains(after, " "+w+" ") {
			continue
		}
		used, err := ix.exists(ctx, tx, Query{terms: []term{{texts: []string{w}, whole: true}}})
		if err != nil {
			return err
		}
		if used {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM `+ix.Name+`_typo WHERE word = $1`, w); err != nil {
			return err
		}
	}
	return nil
}
