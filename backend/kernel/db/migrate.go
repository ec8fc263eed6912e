package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"

	"portico/backend/kernel/fault"
)

// Source is one room's migrations: files `migrations/0001_name.sql`, numbered
// without gaps and never changed after a release (their checksum is kept).
// Foreign keys point only to rooms that come earlier in the list.
type Source struct {
	Room  string
	Files fs.FS
}

// Directive does what portable SQL cannot say. A migration asks for it with a
// comment line of its own: `-- @append-only audit_log`.
type Directive func(ctx context.Context, tx *Tx, argument string) error

type migration struct {
	room     string
	number   int
	name     string
	text     string
	checksum string
}

// Migrate brings the store to this program's schema: all pending migrations in
// one transaction, after a verified backup when the store already holds data.
// It refuses a store that a newer program has migrated, or whose applied
// migrations differ from the ones in this program.
func (d *DB) Migrate(ctx context.Context, sources []Source, directives map[string]Directive) error {
	known, err := readMigrations(sources)
	if err != nil {
		return err
	}
	d.memory.below = cascades(known)
	if err := d.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
			room TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied BIGINT NOT NULL,
			PRIMARY KEY (room, number))`)
		return err
	}); err != nil {
		return fmt.Errorf("preparing migrations: %w", err)
	}
	applied, err := d.applied(ctx)
	if err != nil {
		return err
	}
	pending, err := compare(known, applied)
	if err != nil || len(pending) == 0 {
		return err
	}
	if len(applied) > 0 {
		if err := d.backupBefore(ctx, pending[0]); err != nil {
			return err
		}
	}
	return d.Write(ctx, func(tx *Tx) error {
		for _, m := range pending {
			if err := d.apply(ctx, tx, m, directives); err != nil {
				return fmt.Errorf("migration %s/%04d_%s: %w", m.room, m.number, m.name, err)
			}
		}
		return nil
	})
}

func (d *DB) apply(ctx context.Context, tx *Tx, m migration, directives map[string]Directive) error {
	for _, statement := range statementsOf(d.schema(m.text)) {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	for _, line := range strings.Split(m.text, "\n") {
		rest, ok := strings.CutPrefix(line, "-- @")
		if !ok {
			continue
		}
		name, argument, _ := strings.Cut(strings.TrimSpace(rest), " ")
		do := directives[name]
		if name == "append-only" {
			do = appendOnly
		}
		if do == nil {
			return fmt.Errorf("unknown directive %q", name)
		}
		if err := do(ctx, tx, argument); err != nil {
			return fmt.Errorf("%s %s: %w", name, argument, err)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO schema_migrations (room, number, name, checksum, applied) VALUES ($1, $2, $3, $4, $5)`,
		m.room, m.number, m.name, m.checksum, tx.Now.UnixMilli())
	return err
}

// appendOnly makes the engine itself refuse to change or remove rows of a table.
func appendOnly(ctx context.Context, tx *Tx, table string) error {
	if tx.Engine() == Postgres {
		for _, text := range []string{
			`CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''append-only table''; END'`,
			`CREATE TRIGGER ` + table + `_append_only BEFORE UPDATE OR DELETE ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
		} {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}
	for _, verb := range []string{"UPDATE", "DELETE"} {
		if _, err := tx.Exec(ctx, `CREATE TRIGGER `+table+`_no_`+strings.ToLower(verb)+` BEFORE `+verb+` ON `+table+
			` BEGIN SELECT RAISE(ABORT, 'append-only table'); END`); err != nil {
			return err
		}
	}
	return nil
}

// statementsOf cuts a migration at semicolons that end a line. Migrations hold
// plain DDL and no strings with line ends; triggers come from directives.
func statementsOf(text string) []string {
	var out []string
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if i := strings.Index(line, "--"); i >= 0 {
			line = line[:i]
		}
		line = strings.TrimRight(line, " \t\r")
		if strings.TrimSpace(line) == "" {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
		if strings.HasSuffix(line, ";") {
			out = append(out, b.String())
			b.Reset()
		}
	}
	if strings.TrimSpace(b.String()) != "" {
		out = append(out, b.String())
	}
	return out
}

func readMigrations(sources []Source) ([]migration, error) {
	var all []migration
	for _, s := range sources {
		names, err := fs.Glob(s.Files, "migrations/*.sql")
		if err != nil {
			return nil, err
		}
		sort.Strings(names)
		for i, name := range names {
			m := migration{room: s.Room}
			number, rest, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
			if m.number, err = strconv.Atoi(number); !ok || err != nil || m.number != i+1 {
				return nil, fmt.Errorf("migration %s/%s: want number %04d", s.Room, name, i+1)
			}
			text, err := fs.ReadFile(s.Files, name)
			if err != nil {
				return nil, err
			}
			sum := sha256.Sum256(text)
			m.name, m.text, m.checksum = rest, string(text), hex.EncodeToString(sum[:])
			all = append(all, m)
		}
	}
	return all, nil
}

func (d *DB) applied(ctx context.Context) (map[string]migration, error) {
	rows, err := d.Read().Query(ctx, `SELECT room, number, name, checksum FROM schema_migrations`)
	if err != nil {
		return nil, fmt.Errorf("reading the applied migrations: %w", err)
	}
	defer func() { _ = rows.Close() }()
	applied := map[string]migration{}
	for rows.Next() {
		var m migration
		if err := rows.Scan(&m.room, &m.number, &m.name, &m.checksum); err != nil {
			return nil, err
		}
		applied[m.key()] = m
	}
	return applied, rows.Err()
}

func (m migration) key() string { return fmt.Sprintf("%s/%04d", m.room, m.number) }

// compare answers what is still to be applied.
func compare(known []migration, applied map[string]migration) ([]migration, error) {
	var pending []migration
	left := len(applied)
	for _, m := range known {
		done, ok := applied[m.key()]
		if !ok {
			pending = append(pending, m)
			continue
		}
		left--
		if done.checksum != m.checksum {
			return nil, fault.New(fault.Unavailable, "store.changed_migration",
				"The store was made by a different build of Portico (migration {migration} differs). Start the version that made it, or restore a backup.", "migration", m.key())
		}
	}
	if left > 0 {
		return nil, fault.New(fault.Unavailable, "store.newer",
			"The store was last used by a newer version of Portico. Install that version again; this one would not understand everything in it.")
	}
	return pending, nil
}
