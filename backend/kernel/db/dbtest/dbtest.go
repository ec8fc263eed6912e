// Package dbtest runs a story on every engine that the test run has.
package dbtest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// Noon is when fake clocks start.
var Noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// Each runs the story on a fresh SQLite store and, when PORTICO_TEST_POSTGRES
// holds the address of a server, on a fresh PostgreSQL database. The variable is
// set by `go run ./build/task test` and `go run ./build/task postgres -- …`.
func Each(t *testing.T, story func(t *testing.T, c db.Config, clk *clock.Fake)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		clk := clock.NewFake(Noon)
		story(t, db.Config{Path: filepath.Join(t.TempDir(), "portico.db"), Clock: clk}, clk)
	})
	if server := os.Getenv("PORTICO_TEST_POSTGRES"); server != "" {
		t.Run("postgres", func(t *testing.T) {
			clk := clock.NewFake(Noon)
			story(t, db.Config{URL: Database(t, server), Clock: clk}, clk)
		})
	}
}

// Open opens the store of c, migrates it from sources and closes it with the test.
func Open(t testing.TB, c db.Config, sources ...db.Source) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(context.Background(), sources, nil); err != nil {
		t.Fatal(err)
	}
	return d
}

// Database makes a database of its own on the server and answers its address.
func Database(t *testing.T, server string) string {
	t.Helper()
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	name := strings.ReplaceAll(ident.New("t"), "_", "")
	if _, err := pool.Exec(`CREATE DATABASE ` + name + ` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		pool, err := sql.Open("pgx", server)
		if err == nil {
			_, _ = pool.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
			_ = pool.Close()
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
