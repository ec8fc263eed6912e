package db

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"sync"
)

var (
	parameter    = regexp.MustCompile(`\$(\d+)`)
	peeked       = regexp.MustCompile(`\b(LIMIT|LIKE)\s+\?`)
	blobType     = regexp.MustCompile(`\bBLOB\b`)
	withoutRowID = regexp.MustCompile(`\) WITHOUT ROWID;`)
	numberedKey  = regexp.MustCompile(`\bBIGINT PRIMARY KEY\b`)
)

// dialect turns portable SQL into the engine's own. mattn/go-sqlite3 takes `$2`
// for a named parameter and numbers it by first appearance, so that `$2 … $1`
// would bind the wrong way round without a word; `?2` means the second.
func (d *DB) dialect(query string) string {
	if d.engine == Postgres {
		return query
	}
	return d.cache.rewritten(query)
}

// schema turns a migration into the engine's own. BLOB is the one type whose name
// differs. SQLite keeps a table and its primary key as two trees, and a write
// changes both, unless the key is its INTEGER (which BIGINT is not) or the table is
// WITHOUT ROWID; PostgreSQL knows neither.
func (d *DB) schema(text string) string {
	if d.engine == Postgres {
		return withoutRowID.ReplaceAllString(blobType.ReplaceAllString(text, "BYTEA"), ");")
	}
	return numberedKey.ReplaceAllString(text, "INTEGER PRIMARY KEY")
}

// onlyReads reports that a statement surely changes nothing.
func onlyReads(query string) bool {
	return strings.HasPrefix(strings.TrimLeft(query, " \t\n"), "SELECT")
}

// maxStatements bounds the prepared statements. Queries with a varying number of
// parameters go through too; when the cache is full it is simply not added to.
const maxStatements = 512

// statements caches rewritten texts and, for readers, prepared statements
// (database/sql prepares them anew on each connection of the pool by itself).
type statements struct {
	texts    sync.Map // portable text → engine text
	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

func newStatements() *statements { return &statements{prepared: map[string]*sql.Stmt{}} }

func (s *statements) rewritten(query string) string {
	if t, ok := s.texts.Load(query); ok {
		return t.(string)
	}
	if !strings.Contains(query, "$") {
		return query
	}
	t := parameter.ReplaceAllString(query, "?$1")
	// SQLite looks at what is bound to a LIMIT or a LIKE when it plans, and so plans
	// such a statement anew each time that it is run, for a third of what a page
	// costs. Behind a plus it sees an expression like any other.
	t = peeked.ReplaceAllString(t, "$1 +?")
	s.texts.Store(query, t)
	return t
}

// statement is what both a cached and a one-off statement can do.
type statement interface {
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
}

// direct runs a text without preparing it.
type direct struct {
	db   *sql.DB
	text string
}

func (q direct) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	return q.db.QueryContext(ctx, q.text, args...)
}

func (s *statements) get(ctx context.Context, pool *sql.DB, text string) (statement, error) {
	s.mu.RLock()
	st, ok := s.prepared[text]
	full := len(s.prepared) >= maxStatements
	s.mu.RUnlock()
	if ok {
		return st, nil
	}
	if full {
		return direct{pool, text}, nil
	}
	st, err := pool.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.prepared[text]; ok {
		_ = st.Close()
		return other, nil
	}
	s.prepared[text] = st
	return st, nil
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.prepared {
		_ = st.Close()
	}
	clear(s.prepared)
}
