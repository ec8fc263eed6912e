package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// maxBatch bounds how many writes share one commit, and so how long the first waits.
const maxBatch = 256

// group is the one writer of a SQLite store. Writes queue; all that arrived
// while the last fsync ran go into one transaction, each in its own savepoint,
// and one fsync acknowledges them together.
type group struct {
	db      *DB
	conn    *sql.Conn
	queue   chan *write
	stopped chan struct{}
	mu      sync.RWMutex // guards closed against sends
	closed  bool
	stmts   map[string]*sql.Stmt
}

// write is one waiting closure. started settles the race between the writer and
// a caller that gives up: whoever swaps it first decides.
type write struct {
	fn      func(*Tx) error
	started atomic.Bool
	done    chan error
}

var errClosed = errors.New("db: the store is closed")

// errBatch says that the engine ended the whole transaction under a closure
// (full disk, I/O error), so the neighbours' savepoints are gone too.
type errBatch struct{ cause error }

func (e errBatch) Error() string { return "transaction lost: " + e.cause.Error() }
func (e errBatch) Unwrap() error { return e.cause }

func newGroup(d *DB, conn *sql.Conn) *group {
	g := &group{db: d, conn: conn, queue: make(chan *write, maxBatch), stopped: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	go g.loop()
	return g
}

func (g *group) do(ctx context.Context, fn func(*Tx) error) error {
	w := &write{fn: fn, done: make(chan error, 1)}
	g.mu.RLock()
	if g.closed {
		g.mu.RUnlock()
		return errClosed
	}
	select {
	case g.queue <- w:
		g.mu.RUnlock()
	case <-ctx.Done():
		g.mu.RUnlock()
		return ctx.Err()
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if w.started.CompareAndSwap(false, true) {
			return ctx.Err() // never ran
		}
		return <-w.done // running: its fate is a matter of milliseconds
	}
}

func (g *group) close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.queue)
	}
	g.mu.Unlock()
	<-g.stopped
}

func (g *group) loop() {
	defer close(g.stopped)
	id := goroutine()
	g.db.inside.Store(id, true)
	defer g.db.inside.Delete(id)
	for first := range g.queue {
		g.run(g.collect(first))
	}
	for _, st := range g.stmts {
		_ = st.Close()
	}
	_ = g.conn.Close()
}

func (g *group) collect(first *write) []*write {
	batch := make([]*write, 0, 16)
	take := func(w *write) {
		if w.started.CompareAndSwap(false, true) {
			batch = append(batch, w)
		}
	}
	take(first)
	for len(batch) < maxBatch {
		select {
		case w, ok := <-g.queue:
			if !ok {
				return batch
			}
			take(w)
		default:
			return batch
		}
	}
	return batch
}

// run commits a batch. When the batch as a whole fails, each write is run again
// alone, so that one that breaks the transaction harms only itself. After an I/O
// error nothing is run again: a second fsync may report success for pages that
// the first one lost.
func (g *group) run(batch []*write) {
	if len(batch) == 0 {
		return
	}
	results, txs, err := g.attempt(batch)
	if err != nil && len(batch) > 1 && !isIO(err) {
		_ = g.db.settle(err)
		for _, w := range batch {
			g.run([]*write{w})
		}
		return
	}
	for i, w := range batch {
		if err != nil {
			w.done <- g.db.settle(err)
			continue
		}
		if results[i] == nil {
			txs[i].committed()
		}
		w.done <- translate(results[i])
	}
}

// attempt runs every closure in its savepoint and commits once. A non-nil error
// means that nothing of the batch was kept.
func (g *group) attempt(batch []*write) ([]error, []*Tx, error) {
	if broken := g.db.broken.Load(); broken != nil {
		return nil, nil, *broken
	}
	if err := g.command("BEGIN IMMEDIATE"); err != nil {
		return nil, nil, err
	}
	results, txs := make([]error, len(batch)), make([]*Tx, len(batch))
	now := g.db.now()
	for i, w := range batch {
		txs[i] = &Tx{Now: now, db: g.db, run: g}
		results[i] = g.inSavepoint(w.fn, txs[i])
		var lost errBatch
		if errors.As(results[i], &lost) {
			_ = g.command("ROLLBACK")
			return nil, nil, lost.cause
		}
	}
	if err := g.command("COMMIT"); err != nil {
		_ = g.command("ROLLBACK")
		return nil, nil, err
	}
	return results, txs, nil
}

func (g *group) inSavepoint(fn func(*Tx) error, tx *Tx) error {
	if err := g.command("SAVEPOINT w"); err != nil {
		return errBatch{err}
	}
	err := guarded(fn, tx)
	if err != nil && endsTransaction(err) {
		return errBatch{err}
	}
	if err != nil {
		if rerr := g.command("ROLLBACK TO w"); rerr != nil {
			return errBatch{errors.Join(err, rerr)}
		}
	}
	if rerr := g.command("RELEASE w"); rerr != nil {
		return errBatch{rerr}
	}
	return err
}

// guarded turns a panic in a closure into its error: one caller's mistake must
// not take the writer, and with it everybody's store, down.
func guarded(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", r, debug.Stack())
		}
	}()
	return fn(tx)
}

func (g *group) command(text string) error {
	_, err := g.exec(text, nil)
	return err
}

func (g *group) query(query string, args []any) (*sql.Rows, error) {
	st, err := g.prepare(query)
	if err != nil {
		return nil, err
	}
	return st.Query(args...)
}

func (g *group) exec(query string, args []any) (sql.Result, error) {
	st, err := g.prepare(query)
	if err != nil {
		return nil, err
	}
	return st.Exec(args...)
}

// prepare keeps statements on the writing connection; only the loop calls it.
func (g *group) prepare(query string) (*sql.Stmt, error) {
	if st, ok := g.stmts[query]; ok {
		return st, nil
	}
	st, err := g.conn.PrepareContext(context.Background(), g.db.dialect(query))
	if err != nil {
		return nil, err
	}
	if len(g.stmts) >= maxStatements {
		for k, old := range g.stmts {
			_ = old.Close()
			delete(g.stmts, k)
			break
		}
	}
	g.stmts[query] = st
	return st, nil
}
