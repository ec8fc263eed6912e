package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"portico/backend/kernel/clock"
)

// Engine names what lies below the seam.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says which store to open. URL empty means SQLite at Path.
type Config struct {
	Path  string      // file of the SQLite store
	URL   string      // postgres://…
	Clock clock.Clock // Tx.Now; nil means the system's
}

// DB is an open store. It is safe for use by many goroutines.
type DB struct {
	engine   Engine
	path     string
	url      string
	clock    clock.Clock
	readers  *sql.DB
	writers  *sql.DB
	cache    *statements
	memory   memory
	open     context.Context // ends with Close
	end      context.CancelFunc
	group    *group // SQLite only
	recorder Recorder
	auditor  Auditor
	inside   sync.Map // PostgreSQL only: goroutine id → true while a Write closure runs on it
	broken   atomic.Pointer[error]
	reserve  *reserve
}

// Open opens the store and checks that it is safe to use: engine version, full
// text search, and that every PRAGMA reads back as set. It does not migrate.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	d := &DB{path: c.Path, url: c.URL, clock: c.Clock, cache: newStatements()}
	d.open, d.end = context.WithCancel(context.Background())
	var err error
	if c.URL != "" {
		d.engine, err = Postgres, d.openPostgres(ctx, c.URL)
	} else {
		d.engine, err = SQLite, d.openSQLite(ctx)
	}
	if err != nil {
		d.end()
		return nil, err
	}
	return d, nil
}

// Attach gives the store the places where facts and audit entries are kept.
// It is called once, before the first Write that emits.
func (d *DB) Attach(r Recorder, a Auditor) { d.recorder, d.auditor = r, a }

// Engine is for kernel/search and for the health page.
func (d *DB) Engine() Engine { return d.engine }

// Clock is the one clock of the store.
func (d *DB) Clock() clock.Clock { return d.clock }

// Read is the pool of readers: each statement sees the newest commit.
func (d *DB) Read() Q { return reader{d} }

// Ping answers whether the store can be read.
func (d *DB) Ping(ctx context.Context) error { return d.readers.PingContext(ctx) }

// Write runs fn in a transaction and returns when its commit is durable. The
// error is fn's own, or a fault when the store could not keep the change. fn may
// run more than once and must not call Write.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if broken := d.broken.Load(); broken != nil {
		return storeFault(*broken)
	}
	if d.engine == SQLite {
		return d.group.do(ctx, fn)
	}
	return d.writePostgres(ctx, fn)
}

// nested is what a Write inside a Write panics with: on SQLite it would wait for
// itself for ever, on PostgreSQL it would be kept when the outer one is not.
const nested = "db: Write inside a Write; take the caller's *db.Tx instead"

// Close waits for running writes and closes the store.
func (d *DB) Close() error {
	if d.group != nil {
		d.group.close()
	}
	d.end()
	d.cache.close()
	rerr, werr := d.readers.Close(), d.writers.Close()
	if rerr != nil {
		return fmt.Errorf("closing readers: %w", rerr)
	}
	if werr != nil {
		return fmt.Errorf("closing the writer: %w", werr)
	}
	return nil
}

// Broken is the reason why the store no longer takes writes, or nil. A failed
// fsync leaves the engine's own cache in doubt (the kernel may have dropped the
// dirty pages), so nothing is written until the program starts again.
func (d *DB) Broken() error {
	if p := d.broken.Load(); p != nil {
		return *p
	}
	return nil
}

func (d *DB) now() time.Time { return d.clock.Now() }
