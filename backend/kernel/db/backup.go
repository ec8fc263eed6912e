package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"portico/backend/kernel/fault"
)

// keptBackups is how many automatic backups stay.
const keptBackups = 3

// backupBefore copies the store before its schema changes. A PostgreSQL store is
// migrated in one transaction and backed up by its own administrator's means.
func (d *DB) backupBefore(ctx context.Context, m migration) error {
	if d.engine == Postgres {
		return nil
	}
	dir := filepath.Join(filepath.Dir(d.path), "backups")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the backup folder: %w", err)
	}
	name := fmt.Sprintf("before-%s-%04d-%s.db", m.room, m.number, d.now().Format("20060102-150405"))
	if err := d.Backup(ctx, filepath.Join(dir, name)); err != nil {
		return fault.New(fault.Unavailable, "store.backup_failed",
			"Portico did not update its store, because the backup it makes first failed. Free some disk space and start it again.").Because(err)
	}
	return forgetOldBackups(dir)
}

func forgetOldBackups(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "before-*.db"))
	if err != nil {
		return err
	}
	modified := func(name string) int64 {
		st, err := os.Stat(name)
		if err != nil {
			return 0
		}
		return st.ModTime().UnixNano()
	}
	sort.Slice(names, func(i, j int) bool { return modified(names[i]) > modified(names[j]) })
	for _, name := range names[min(len(names), keptBackups):] {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// Backup writes a consistent copy of a SQLite store to path (which must not
// exist), synced to disk, and verifies it: integrity, and the row count of every
// table against the same snapshot.
func (d *DB) Backup(ctx context.Context, path string) error {
	conn, err := d.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// VACUUM INTO reads one snapshot and writes only the new file; query_only
	// would forbid it.
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = OFF"); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = ON") }()
	if _, err := conn.ExecContext(ctx, "VACUUM INTO ?1", path); err != nil {
		return fmt.Errorf("copying the store: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	if err := syncFile(path); err != nil {
		return err
	}
	return VerifyFile(ctx, path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}

// VerifyFile checks a SQLite file that no process writes to: integrity_check,
// foreign_key_check and that it holds migrations at all (an unfinished copy is
// an empty file, and an empty file passes integrity_check).
func VerifyFile(ctx context.Context, path string) error {
	pool := sql.OpenDB(connector{dsn: dsn(path, "ro", writerCache, "&immutable=1"), readOnly: true})
	defer func() { _ = pool.Close() }()
	return verify(ctx, pool)
}

// Verify checks the open store: integrity and foreign keys on SQLite; on
// PostgreSQL, whose server keeps its own checksums, only that it answers.
func (d *DB) Verify(ctx context.Context) error { return d.inspect(ctx, verify) }

// QuickVerify is Verify without comparing indexes with their tables and without
// foreign keys: a fraction of its work, for looking now and then.
func (d *DB) QuickVerify(ctx context.Context) error { return d.inspect(ctx, quickVerify) }

func (d *DB) inspect(ctx context.Context, how func(context.Context, *sql.DB) error) error {
	if d.engine == Postgres {
		return d.Ping(ctx)
	}
	// A connection of its own: FTS5 checks against what a connection remembers of an
	// index from its last search, and takes segments merged since for lost ones.
	pool := sql.OpenDB(connector{dsn: dsn(d.path, "ro", inspectCache, ""), readOnly: true})
	defer func() { _ = pool.Close() }()
	return how(ctx, pool)
}

func verify(ctx context.Context, pool *sql.DB) error {
	if err := intact(ctx, pool, "PRAGMA integrity_check(1)"); err != nil {
		return err
	}
	rows, err := pool.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("checking foreign keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		return fault.New(fault.Internal, "store.dangling", "The store holds rows that point at nothing. Restore the newest backup.")
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return complete(ctx, pool)
}

func quickVerify(ctx context.Context, pool *sql.DB) error {
	if err := intact(ctx, pool, "PRAGMA quick_check(1)"); err != nil {
		return err
	}
	return complete(ctx, pool)
}

func intact(ctx context.Context, pool *sql.DB, check string) error {
	var verdict string
	if err := pool.QueryRowContext(ctx, check).Scan(&verdict); err != nil {
		return fmt.Errorf("checking integrity: %w", err)
	}
	if verdict != "ok" {
		return fault.New(fault.Internal, "store.damaged",
			"The store is damaged ({verdict}). Stop Portico, copy its folder to a safe place, and restore the newest backup.", "verdict", verdict)
	}
	return nil
}

// complete reports a copy that was cut off before its first table.
func complete(ctx context.Context, pool *sql.DB) error {
	var n int64
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM schema_migrations").Scan(&n); err != nil {
		return fmt.Errorf("counting migrations: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Internal, "store.empty", "The copy of the store is empty.")
	}
	return nil
}

// Size is what the store takes on its disk, in bytes.
func (d *DB) Size(ctx context.Context) (n int64, err error) {
	query := "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
	if d.engine == Postgres {
		query = "SELECT pg_database_size(current_database())"
	}
	err = d.readers.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}
