package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"

	"portico/backend/kernel/fault"
)

// minVersion is the first SQLite without the WAL-reset bug, as sqlite_version_number.
const minVersion = 3051003

// readersSQLite is how many connections read at once. More would only queue for
// the same two or four cores and each keeps a page cache.
const readersSQLite = 4

// pragmas are set on every connection in this order and read back: mattn drops
// DSN keys it does not know without a word. busy_timeout comes first so that the
// others may wait for a lock.
var pragmas = []struct{ name, set, want string }{
	{"busy_timeout", "5000", "5000"},
	{"foreign_keys", "ON", "1"},
	{"trusted_schema", "OFF", "0"},
	{"cell_size_check", "ON", "1"},
	{"secure_delete", "FAST", "2"},
	{"temp_store", "MEMORY", "2"},
	{"mmap_size", "0", "0"},
	{"synchronous", "FULL", "2"},
}

// connector opens connections with every PRAGMA set; readOnly ones cannot write.
type connector struct {
	dsn      string
	readOnly bool
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	d := &sqlite3.SQLiteDriver{ConnectHook: c.setUp}
	return d.Open(c.dsn)
}

func (c connector) setUp(conn *sqlite3.SQLiteConn) error {
	for _, p := range pragmas {
		if err := setPragma(conn, p.name, p.set, p.want); err != nil {
			return err
		}
	}
	if c.readOnly {
		return setPragma(conn, "query_only", "ON", "1")
	}
	if err := setPragma(conn, "journal_mode", "WAL", "wal"); err != nil {
		return err
	}
	// Pages that many commits change are copied back into the store once for all of
	// them; 16 MB of log are read in a moment after a crash.
	if err := setPragma(conn, "wal_autocheckpoint", "4000", "4000"); err != nil {
		return err
	}
	return setPragma(conn, "journal_size_limit", "67108864", "67108864")
}

func setPragma(conn *sqlite3.SQLiteConn, name, set, want string) error {
	if _, err := conn.Exec("PRAGMA "+name+" = "+set, nil); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	rows, err := conn.Query("PRAGMA "+name, nil)
	if err != nil {
		return fmt.Errorf("reading %s back: %w", name, err)
	}
	defer func() { _ = rows.Close() }()
	got := make([]driver.Value, 1)
	if err := rows.Next(got); err != nil {
		return fmt.Errorf("reading %s back: %w", name, err)
	}
	if s := fmt.Sprint(got[0]); !strings.EqualFold(s, want) {
		return fmt.Errorf("PRAGMA %s is %s, not %s", name, s, want)
	}
	return nil
}

// The page cache of a connection in kB, taken as it fills. A page of a list in order
// of name lies on as many pages of the store as it has rows; each that is not here
// is a call to the system, a copy and a check of its cells. Whoever reads everything
// once needs no more than the inner pages.
const (
	readerCache  = 8000
	writerCache  = 8000
	inspectCache = 2000
)

func dsn(path, mode string, cache int, more string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return fmt.Sprintf("%s?mode=%s&_txlock=immediate&_cache_size=-%d%s", u.String(), mode, cache, more)
}

func (d *DB) openSQLite(ctx context.Context) error {
	if _, number, _ := sqlite3.Version(); number < minVersion {
		return fmt.Errorf("this build carries SQLite %d; Portico needs 3.51.3 or newer, because older ones can lose data", number)
	}
	if err := privateFile(d.path); err != nil {
		return err
	}
	d.writers = sql.OpenDB(connector{dsn: dsn(d.path, "rwc", writerCache, "")})
	d.writers.SetMaxOpenConns(1)
	conn, err := d.writers.Conn(ctx)
	if err != nil {
		_ = d.writers.Close()
		return openFault(err)
	}
	if err := hasFullText(ctx, conn); err != nil {
		_ = d.writers.Close()
		return err
	}
	d.readers = sql.OpenDB(connector{dsn: dsn(d.path, "ro", readerCache, ""), readOnly: true})
	d.readers.SetMaxOpenConns(readersSQLite)
	d.readers.SetMaxIdleConns(readersSQLite)
	if err := d.readers.PingContext(ctx); err != nil {
		_, _ = d.readers.Close(), d.writers.Close()
		return openFault(err)
	}
	d.reserve = newReserve(d.path)
	d.group = newGroup(d, conn)
	return nil
}

// privateFile makes the store's file before SQLite does, so that nobody else on
// the machine can read it; SQLite gives its -wal and -shm files the same mode.
func privateFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return openFault(err)
	}
	return f.Close()
}

func hasFullText(ctx context.Context, conn *sql.Conn) error {
	var used int
	if err := conn.QueryRowContext(ctx, "SELECT sqlite_compileoption_used('ENABLE_FTS5')").Scan(&used); err != nil {
		return openFault(err)
	}
	if used != 1 {
		return errors.New("this build carries SQLite without full text search (FTS5); build Portico with the tag sqlite_fts5")
	}
	return nil
}

func openFault(err error) error {
	return fault.New(fault.Unavailable, "store.cannot_open",
		"The store cannot be opened. Check that the folder exists, that you may write there and that the disk is not full.").Because(err)
}
