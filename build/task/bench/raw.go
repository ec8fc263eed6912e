package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the same driver as the product's
)

// raw is SQLite with nothing around it: one table of contacts, one index, one
// trigram index.
type raw struct {
	db    *sql.DB
	dir   string
	rows  int
	point *sql.Stmt
	page  *sql.Stmt
	match *sql.Stmt
}

const rawSchema = `CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL, company TEXT NOT NULL, city TEXT NOT NULL);
CREATE VIRTUAL TABLE ft USING fts5(name, email, company, content='contacts', content_rowid='id', tokenize='trigram');`

func openRaw(path string) (*sql.DB, error) {
	d, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_cache_size=-8000&_txlock=immediate")
	if err == nil {
		d.SetMaxOpenConns(1)
	}
	return d, err
}

// newRaw fills such a store with the people of the product's.
func newRaw(dir string, rows int) (*raw, error) {
	place, err := os.MkdirTemp(dir, "raw-")
	if err != nil {
		return nil, err
	}
	r := &raw{dir: place, rows: rows}
	if r.db, err = openRaw(filepath.Join(place, "raw.db")); err != nil {
		return nil, err
	}
	if _, err := r.db.Exec(rawSchema); err != nil {
		return nil, fmt.Errorf("the raw store: %w (built with -tags sqlite_fts5?)", err)
	}
	if err := r.fill(); err != nil {
		return nil, err
	}
	if _, err := r.db.Exec(`CREATE INDEX by_name ON contacts (name, id); INSERT INTO ft (ft) VALUES ('rebuild');`); err != nil {
		return nil, err
	}
	for into, text := range map[**sql.Stmt]string{
		&r.point: `SELECT id, name, email, phone, company, city FROM contacts WHERE id = ?`,
		&r.page:  `SELECT id, name, email, phone, company, city FROM contacts WHERE (name, id) > (?, ?) ORDER BY name, id LIMIT 50`,
		&r.match: `SELECT c.id, c.name, c.email, c.phone, c.company, c.city FROM ft JOIN contacts c ON c.id = ft.rowid WHERE ft MATCH ? LIMIT 50`,
	} {
		if *into, err = r.db.Prepare(text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *raw) fill() error {
	tx, err := r.db.Begin()
	if err != nil {
		return err
	}
	st, err := tx.Prepare(`INSERT INTO contacts (name, email, phone, company, city) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	for i := range r.rows {
		p := personAt(i)
		if _, err := st.Exec(p.name, p.email, p.phone, p.company, p.city); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (r *raw) close() {
	_ = r.db.Close()
	_ = os.RemoveAll(r.dir)
}

// list runs a statement and reads all it answers.
func list(st *sql.Stmt, args ...any) error {
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var id int64
	var p person
	for rows.Next() {
		if err := rows.Scan(&id, &p.name, &p.email, &p.phone, &p.company, &p.city); err != nil {
			return err
		}
	}
	return rows.Err()
}

// costs are how many of something this process can do in a second, the CPU of
// one, and how long one takes.
type costs struct{ perS, cpu, p50 float64 }

// measure does something again and again, alone.
func measure(ctx context.Context, span time.Duration, do func(i int) error) (costs, error) {
	var millis []float64
	began, cpu := time.Now(), cpuOfSelf()
	for i := 0; time.Since(began) < span && ctx.Err() == nil; i++ {
		at := time.Now()
		if err := do(i); err != nil {
			return costs{}, err
		}
		millis = append(millis, float64(time.Since(at).Nanoseconds())/1e6)
	}
	n := float64(len(millis))
	return costs{perS: n / time.Since(began).Seconds(), cpu: float64((cpuOfSelf() - cpu).Microseconds()) / n, p50: quantile(millis, 0.5)}, ctx.Err()
}

func (r *raw) keyset(ctx context.Context, span time.Duration) (costs, error) {
	return measure(ctx, span, func(int) error { return list(r.page, personAt(rand.IntN(r.rows)).name, 0) })
}

func (r *raw) search(ctx context.Context, span time.Duration, text func() string) (costs, error) {
	return measure(ctx, span, func(int) error { return list(r.match, `"`+text()+`"`) })
}

// rawCommits is how many single durable commits the disk allows in a second.
func rawCommits(ctx context.Context, dir string, span time.Duration) (costs, error) {
	place, err := os.MkdirTemp(dir, "commits-")
	if err != nil {
		return costs{}, err
	}
	defer func() { _ = os.RemoveAll(place) }()
	d, err := openRaw(filepath.Join(place, "raw.db"))
	if err != nil {
		return costs{}, err
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, at INT, body TEXT)`); err != nil {
		return costs{}, err
	}
	st, err := d.Prepare(`INSERT INTO t (at, body) VALUES (?, ?)`)
	if err != nil {
		return costs{}, err
	}
	return measure(ctx, span, func(i int) error {
		_, err := st.Exec(i, "about as much as a session holds: a hash, a name, a time and another time, and a few ids")
		return err
	})
}
