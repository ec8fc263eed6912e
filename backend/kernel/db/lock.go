package db

import (
	"errors"
	"os"
	"path/filepath"

	"portico/backend/kernel/fault"
)

var errHeld = errors.New("the lock is held by another process")

// ErrInUse says that another process owns the data directory.
var ErrInUse = fault.New(fault.Conflict, "store.in_use",
	"Portico is already running with this data. Use the window that is open, or stop the other one first.")

// Lock takes the data directory for this process until the lock is closed or the
// process ends; ErrInUse when another process has it. It is taken before the
// store is opened: two writing processes are how SQLite stores get damaged.
func Lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, openFault(err)
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		if errors.Is(err, errHeld) {
			return nil, ErrInUse
		}
		return nil, openFault(err)
	}
	return f, nil
}
