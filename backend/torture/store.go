package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/db"
)

// Inside is the store of a program that is not running, opened as a copy so that
// looking changes nothing.
type Inside struct {
	*db.DB
	dir string
}

// Inspect copies the store with its log, lets SQLite recover the copy, and checks
// integrity, foreign keys and the audit log's chain, which has no gaps.
func Inspect(ctx context.Context, data string) (in *Inside, err error) {
	dir, err := os.MkdirTemp("", "portico-inspect-")
	if err != nil {
		return nil, err
	}
	in = &Inside{dir: dir}
	defer func() {
		if err != nil {
			_ = in.Close()
		}
	}()
	for _, name := range []string{"portico.db", "portico.db-wal"} {
		if err := copyFile(filepath.Join(data, name), filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return in, err
		}
	}
	if in.DB, err = db.Open(ctx, db.Config{Path: filepath.Join(dir, "portico.db")}); err != nil {
		return in, fmt.Errorf("opening the copy: %w", err)
	}
	if err := in.Verify(ctx); err != nil {
		return in, err
	}
	if _, err := audit.Verify(ctx, in.Read()); err != nil {
		return in, err
	}
	return in, nil
}

// Close removes the copy.
func (in *Inside) Close() error {
	var err error
	if in.DB != nil {
		err = in.DB.Close()
	}
	return errors.Join(err, os.RemoveAll(in.dir))
}

// Set answers the first column of a query as a set of texts.
func (in *Inside) Set(ctx context.Context, query string) (map[string]bool, error) {
	rows, err := in.Read().Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	set := map[string]bool{}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		set[text] = true
	}
	return set, rows.Err()
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// HoldsReserve reports that room was set aside in a data folder for the day its
// disk is full.
func HoldsReserve(data string) bool {
	st, err := os.Stat(filepath.Join(data, "reserve"))
	return err == nil && st.Size() > 0
}
