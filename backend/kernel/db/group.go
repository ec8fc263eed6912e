package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// maxBatch bounds how many writes share one commit, and so how long the first waits.
const maxBatch = 256

// suspicious is how long a write waits before it asks whether it waits for
// itself. Asking at once would cost every write some microseconds.
const suspicious = 100 * time.Millisecond

// group is the one writer of a SQLite store. Writes queue; all that arrived
// while the last fsync ran go into one transaction, and one fsync acknowledges
// them together.
type group struct {
	writer  uint64 // the goroutine that runs closures
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

// errSpoilt says that one of a batch changed something and then failed, so that
// nothing of the batch may be kept as it is.
var errSpoilt = errors.New("a write of the batch was not kept")

// errBatch says that the whole transaction is lost under a closure: the engine
// ended it (full disk, I/O error), or there is no savepoint to go back to. own is
// what the closure itself said in that case.
type errBatch struct{ cause, own error }

func (e errBatch) Error() string { return "transaction lost: " + e.cause.Error() }
func (e errBatch) Unwrap() error { return e.cause }

func newGroup(d *DB, conn *sql.Conn) *group {
	g := &group{db: d, conn: conn, queue: make(chan *write, maxBatch), stopped: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	ready := make(chan uint64)
	go func() {
		ready <- goroutine()
		g.loop()
	}()
	g.writer = <-ready
	return g
}

func (g *group) do(ctx context.Context, fn func(*Tx) error) error {
	w := &write{fn: fn, done: make(chan error, 1)}
	if err := g.enqueue(ctx, w); err != nil {
		return err
	}
	doubt := time.NewTimer(suspicious)
	defer doubt.Stop()
	for {
		select {
		case err := <-w.done:
			return err
		case <-ctx.Done():
			if w.started.CompareAndSwap(false, true) {
				return ctx.Err() // never ran
			}
			return <-w.done // running: its fate is a matter of milliseconds
		case <-doubt.C:
			if goroutine() == g.writer {
				w.started.Store(true) // nobody waits for it any more
				panic(nested)
			}
		}
	}
}

func (g *group) enqueue(ctx context.Context, w *write) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return errClosed
	}
	select {
	case g.queue <- w:
		return nil
	default: // full
	}
	if goroutine() == g.writer {
		panic(nested)
	}
	select {
	case g.queue <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
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
	results, txs, err := g.attempt(batch, false)
	if errors.Is(err, errSpoilt) {
		results, txs, err = g.attempt(batch, true)
	}
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

// attempt runs every closure and commits once. A non-nil error means that nothing
// of the batch was kept. Savepoints make each write undoable by itself; they cost
// a copy of every page that it changes, so they are used only for a batch in
// which one is known to fail (errSpoilt).
func (g *group) attempt(batch []*write, savepoints bool) ([]error, []*Tx, error) {
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
		if savepoints {
			results[i] = g.inSavepoint(w.fn, txs[i])
		} else {
			results[i] = g.inBatch(w.fn, txs[i])
		}
		var lost errBatch
		if errors.As(results[i], &lost) {
			_ = g.command("ROLLBACK")
			if len(batch) == 1 && errors.Is(lost.cause, errSpoilt) { // there are no neighbours to keep
				return []error{lost.own}, txs, nil
			}
			return nil, nil, lost.cause
		}
	}
	defer g.db.memory.changing(txs...)()
	if err := g.command("COMMIT"); err != nil {
		_ = g.command("ROLLBACK")
		return nil, nil, err
	}
	return results, txs, nil
}

// inBatch runs a closure that can be undone only with its neighbours.
func (g *group) inBatch(fn func(*Tx) error, tx *Tx) error {
	err := guarded(fn, tx)
	switch {
	case err != nil && endsTransaction(err):
		return errBatch{cause: err}
	case err != nil && len(tx.touched) > 0:
		return errBatch{cause: errSpoilt, own: err}
	}
	return err
}

func (g *group) inSavepoint(fn func(*Tx) error, tx *Tx) error {
	if err := g.command("SAVEPOINT w"); err != nil {
		return errBatch{cause: err}
	}
	err := guarded(fn, tx)
	if err != nil && endsTransaction(err) {
		return errBatch{cause: err}
	}
	if err != nil {
		if rerr := g.command("ROLLBACK TO w"); rerr != nil {
			return errBatch{cause: errors.Join(err, rerr)}
		}
	}
	if rerr := g.command("RELEASE w"); rerr != nil {
		return errBatch{cause: rerr}
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
