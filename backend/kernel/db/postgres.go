package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"portico/backend/kernel/fault"
)

// connectionsPostgres bounds each of the two pools (readers, writers).
const connectionsPostgres = 16

// retriesPostgres is how often a transaction that lost a race is run again, and
// retriesUnique one that found a unique key taken.
const (
	retriesPostgres = 8
	retriesUnique   = 2
)

func (d *DB) openPostgres(ctx context.Context, url string) error {
	open := func() (*sql.DB, error) {
		pool, err := sql.Open("pgx", url)
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(connectionsPostgres)
		pool.SetMaxIdleConns(connectionsPostgres)
		pool.SetConnMaxIdleTime(5 * time.Minute)
		return pool, nil
	}
	var err error
	if d.readers, err = open(); err != nil {
		return openFault(err)
	}
	if d.writers, err = open(); err != nil {
		_ = d.readers.Close()
		return openFault(err)
	}
	if err := d.checkPostgres(ctx); err != nil {
		_, _ = d.readers.Close(), d.writers.Close()
		return err
	}
	go d.memory.age(d.open.Done())
	return nil
}

// checkPostgres refuses a database whose text order differs from SQLite's:
// paging would skip and repeat rows.
func (d *DB) checkPostgres(ctx context.Context) error {
	var ordered bool
	if err := d.readers.QueryRowContext(ctx, "SELECT 'B' < 'a' AND 'a_' < 'aa'").Scan(&ordered); err != nil {
		return openFault(err)
	}
	if !ordered {
		return fault.New(fault.Unavailable, "store.collation",
			"This PostgreSQL database sorts text by a language. Create one with: CREATE DATABASE portico TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'.")
	}
	return nil
}

// pgRun is a running PostgreSQL transaction.
type pgRun struct {
	ctx context.Context
	tx  *sql.Tx
}

func (r pgRun) query(query string, args []any) (*sql.Rows, error) {
	return r.tx.QueryContext(r.ctx, query, args...)
}

func (r pgRun) exec(query string, args []any) (sql.Result, error) {
	return r.tx.ExecContext(r.ctx, query, args...)
}

func (d *DB) writePostgres(ctx context.Context, fn func(*Tx) error) error {
	id := goroutine()
	if _, already := d.inside.LoadOrStore(id, true); already {
		panic(nested)
	}
	defer d.inside.Delete(id)
	var err error
	for attempt := range retriesPostgres {
		var tx *Tx
		if tx, err = d.attemptPostgres(ctx, fn); err == nil {
			d.inside.Delete(id)
			tx.committed()
			return nil
		}
		// A key that was free when the closure looked was taken meanwhile: run again,
		// it finds the row and says so in its own words.
		beaten := IsUnique(err) && attempt < retriesUnique
		if !lostRace(err) && !beaten || ctx.Err() != nil {
			break
		}
		select {
		case <-time.After(time.Duration(attempt+1) * 5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return translate(err)
}

func (d *DB) attemptPostgres(ctx context.Context, fn func(*Tx) error) (*Tx, error) {
	run, err := d.writers.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	tx := &Tx{Now: d.now(), db: d, run: pgRun{ctx, run}}
	if err := guarded(fn, tx); err != nil {
		if rerr := run.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			return nil, fmt.Errorf("%w (and rolling back: %w)", err, rerr)
		}
		return nil, err
	}
	defer d.memory.changing(tx)()
	return tx, run.Commit()
}

// lostRace reports a serialisation failure (40001) or a deadlock (40P01).
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
