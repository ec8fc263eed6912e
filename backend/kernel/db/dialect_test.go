package db

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// SQLite asks for leave whenever it plans a statement, so that plans can be counted.
func TestAPreparedStatementIsPlannedOnce(t *testing.T) {
	ctx := context.Background()
	pool := sql.OpenDB(connector{dsn: dsn(filepath.Join(t.TempDir(), "store.db"), "rwc", readerCache, "")})
	defer func() { _ = pool.Close() }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, `CREATE TABLE thing (name TEXT); INSERT INTO thing VALUES ('ana'), ('ben'), ('anton')`); err != nil {
		t.Fatal(err)
	}
	plans := 0
	if err := conn.Raw(func(c any) error {
		c.(*sqlite3.SQLiteConn).RegisterAuthorizer(func(action int, _, _, _ string) int {
			if action == sqlite3.SQLITE_SELECT {
				plans++
			}
			return sqlite3.SQLITE_OK
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	st, err := conn.PrepareContext(ctx, newStatements().rewritten(`SELECT name FROM thing WHERE name LIKE $3 ESCAPE '\' ORDER BY name LIMIT $1 OFFSET $2`))
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range []struct {
		limit, offset int
		like, want    string
	}{{5, 0, "an%", "ana"}, {1, 1, "a%", "anton"}, {2, 0, "b%", "ben"}} {
		var name string
		if err := st.QueryRowContext(ctx, story.limit, story.offset, story.like).Scan(&name); err != nil || name != story.want {
			t.Errorf("%+v: %q, %v", story, name, err)
		}
	}
	if plans != 1 {
		t.Errorf("planned %d times", plans)
	}
}
