// Package db is the seam to the store: SQLite by default, PostgreSQL when one
// machine is not enough, one SQL text for both.
//
// Rooms write portable SQL (see backend/doc/adr/0003-one-sql-text.md) with $1…
// parameters and pass a Q. Services open transactions with DB.Write; everything
// a closure does (rows, facts, audit entries) becomes durable in one commit or
// not at all, and nobody is told "saved" before the disk has it.
//
// On SQLite concurrent writes are group-committed: one fsync acknowledges a batch
// of them, and one that fails is undone alone. A closure may therefore run more
// than once and must have no side effects besides its statements; what
// must follow a commit is said with Tx.AfterCommit or Tx.Emit.
//
// Only this package and kernel/search may ask which engine is below.
package db
