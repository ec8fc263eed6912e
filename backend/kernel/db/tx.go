package db

import (
	"context"
	"database/sql"
	"time"

	"portico/backend/kernel/auth"
)

// Q is what store functions take: a transaction or the pool of readers.
type Q interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	Engine() Engine // for kernel/search only
}

// Row is one row to be scanned; sql.ErrNoRows when there is none.
type Row interface{ Scan(dest ...any) error }

// Fact is something that happened, in the past tense. Name is `room.happened`;
// Subject is the contact it is about, or "". The value is kept as JSON.
type Fact interface {
	FactName() string
	Subject() string
}

// Recorder keeps facts in the transaction that made them true (kernel/events).
type Recorder interface {
	Record(ctx context.Context, tx *Tx, actor auth.Actor, fact Fact) error
}

// AuditEntry is one line of the audit log: who did what to what. Detail is kept
// for ever and holds no personal data; Personal (address, browser, names) can be
// erased without breaking the chain.
type AuditEntry struct {
	Actor    auth.Actor
	Action   string // `room.verb`
	Subject  string // id of what it was done to
	Detail   map[string]any
	Personal map[string]string
}

// Auditor appends audit entries in the transaction that did the deed (kernel/audit).
type Auditor interface {
	Append(ctx context.Context, tx *Tx, e AuditEntry) error
}

// Tx is a running transaction. Now is its one instant.
type Tx struct {
	Now   time.Time
	db    *DB
	run   runner
	after []func()
	// touched are the tables that may have changed.
	touched []string
}

// runner is what a transaction's statements go through: the one writing
// connection of SQLite, or a PostgreSQL transaction.
type runner interface {
	query(query string, args []any) (*sql.Rows, error)
	exec(query string, args []any) (sql.Result, error)
}

// Query runs a statement that answers rows. The batch's own context rules: a
// caller who goes away must not roll back the neighbours.
func (tx *Tx) Query(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	if !onlyReads(query) {
		tx.touches(query)
	}
	return tx.run.query(query, args)
}

// QueryRow runs a statement that answers at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := tx.Query(ctx, query, args...)
	return oneRow{rows, err}
}

// Exec runs a statement and says how many rows it changed.
func (tx *Tx) Exec(_ context.Context, query string, args ...any) (int64, error) {
	tx.touches(query)
	res, err := tx.run.exec(query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Engine is for kernel/search only.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// Emit keeps a fact with this commit; handlers get it afterwards, at least once.
func (tx *Tx) Emit(actor auth.Actor, f Fact) error {
	return tx.db.recorder.Record(context.Background(), tx, actor, f)
}

// Audit appends to the audit log with this commit.
func (tx *Tx) Audit(e AuditEntry) error {
	return tx.db.auditor.Append(context.Background(), tx, e)
}

// AfterCommit runs fn once the commit is durable, and never otherwise. fn must
// be quick: a push into a queue, not work.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

func (tx *Tx) committed() {
	for _, fn := range tx.after {
		fn()
	}
}

// reader runs single statements on the pool.
type reader struct{ d *DB }

// Query leaves a SQLite statement to its end once it began: watching for a caller
// who goes away costs as much as reading a row does, and nobody waits for a reader.
func (r reader) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if r.d.engine == SQLite {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ctx = context.Background()
	}
	st, err := r.d.cache.get(ctx, r.d.readers, r.d.dialect(query))
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (r reader) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := r.Query(ctx, query, args...)
	return oneRow{rows, err}
}

func (r reader) Exec(context.Context, string, ...any) (int64, error) {
	panic("db: Exec on the pool of readers; open a transaction with DB.Write")
}

func (r reader) Engine() Engine { return r.d.engine }

// oneRow is sql.Row for rows that were opened by us.
type oneRow struct {
	rows *sql.Rows
	err  error
}

func (o oneRow) Scan(dest ...any) error {
	if o.err != nil {
		return o.err
	}
	defer func() { _ = o.rows.Close() }()
	if !o.rows.Next() {
		if err := o.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := o.rows.Scan(dest...); err != nil {
		return err
	}
	return o.rows.Close()
}
