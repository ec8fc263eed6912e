package db

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Processes that share a PostgreSQL database tell each other what happened by its
// LISTEN and NOTIFY. SQLite's store belongs to one process: there is nobody to tell.

// channel is what all of them listen to.
const channel = "portico"

// MaxPayload is how long a payload may be, in bytes; PostgreSQL takes less than 8000.
const MaxPayload = 7900

// How a lost connection is noticed and made again.
const (
	listenQuiet = 10 * time.Second // without a word until it is tried whether the server is there
	listenTrial = 5 * time.Second  // for an answer, and for connecting
	listenPause = 250 * time.Millisecond
	listenMost  = 4 * time.Second
)

// Notify hands payloads to every process that listens, this one too. They travel
// together and outside business transactions: the notice takes a lock of the whole
// server while it commits. On SQLite it does nothing.
func (d *DB) Notify(ctx context.Context, payloads []string) error {
	if d.engine != Postgres || len(payloads) == 0 {
		return nil
	}
	_, err := d.writers.ExecContext(ctx, `SELECT pg_notify($1, payload) FROM unnest(CAST($2 AS TEXT[])) AS payload`, channel, payloads)
	return err
}

// Listen calls fn with each payload until ctx ends, one after the other. After the
// connection was lost and is back it calls again: payloads may have been missed. On
// SQLite nothing is ever heard.
func (d *DB) Listen(ctx context.Context, fn func(payload string), again func()) {
	if d.engine != Postgres {
		<-ctx.Done()
		return
	}
	pause := listenPause
	for before := false; ctx.Err() == nil; {
		heard, _ := d.listenOnce(ctx, fn, func() {
			if before {
				again()
			}
			before = true
		})
		if heard {
			pause = listenPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, listenMost)
	}
}

// listenOnce listens on one connection until it breaks; true: it listened at all.
func (d *DB) listenOnce(ctx context.Context, fn func(string), ready func()) (bool, error) {
	connecting, cancel := context.WithTimeout(ctx, listenTrial)
	defer cancel()
	conn, err := pgx.Connect(connecting, d.url)
	if err != nil {
		return false, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), listenTrial)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(connecting, `LISTEN `+channel); err != nil {
		return false, err
	}
	ready()
	for {
		waiting, cancel := context.WithTimeout(ctx, listenQuiet)
		n, err := conn.WaitForNotification(waiting)
		quiet := errors.Is(waiting.Err(), context.DeadlineExceeded)
		cancel()
		switch {
		case err == nil:
			fn(n.Payload)
		case !quiet || ctx.Err() != nil:
			return true, err
		default: // a network that swallows everything looks like silence
			trying, cancel := context.WithTimeout(ctx, listenTrial)
			err := conn.Ping(trying)
			cancel()
			if err != nil {
				return true, err
			}
		}
	}
}

// Forget makes all that is Kept old, because another process has told of a change.
func (d *DB) Forget() { d.memory.table("").done.Add(1) }
