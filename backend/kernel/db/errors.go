package db

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"portico/backend/kernel/fault"
)

// ErrNoRows is what a Row without a row says.
var ErrNoRows = sql.ErrNoRows

// IsUnique reports that a unique key was taken.
func IsUnique(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.ExtendedCode == sqlite3.ErrConstraintUnique || lite.ExtendedCode == sqlite3.ErrConstraintPrimaryKey
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// IsForeignKey reports that a row points at nothing, or is still pointed at.
func IsForeignKey(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.ExtendedCode == sqlite3.ErrConstraintForeignKey
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23503"
}

// isFull reports that the disk has no room left.
func isFull(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.Code == sqlite3.ErrFull
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

// isIO reports that the disk did not do what it was told.
func isIO(err error) bool {
	var lite sqlite3.Error
	return errors.As(err, &lite) && (lite.Code == sqlite3.ErrIoErr || lite.Code == sqlite3.ErrCorrupt || lite.Code == sqlite3.ErrNotADB)
}

// endsTransaction reports the errors after which SQLite may have rolled the
// whole transaction back (https://www.sqlite.org/lang_transaction.html §3).
func endsTransaction(err error) bool {
	var lite sqlite3.Error
	if !errors.As(err, &lite) {
		return false
	}
	switch lite.Code {
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrNomem, sqlite3.ErrBusy, sqlite3.ErrInterrupt:
		return true
	}
	return false
}

// settle is called with the error of a lost transaction: it frees the reserve
// when the disk is full, stops writing for good after an I/O error, and answers
// the fault for the caller.
func (d *DB) settle(err error) error {
	switch {
	case isFull(err):
		d.reserve.release()
	case isIO(err):
		d.broken.CompareAndSwap(nil, &err)
	}
	return translate(err)
}

// translate turns engine errors that a person can do something about into faults.
func translate(err error) error {
	var f *fault.Fault
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case isFull(err), isIO(err):
		return storeFault(err)
	}
	return err
}

func storeFault(err error) error {
	if isFull(err) {
		return fault.New(fault.StorageFull, "store.full",
			"The disk is full, so this was not saved. Free some space on the disk that holds Portico's data and try again; nothing that was saved before is lost.").Because(err)
	}
	return fault.New(fault.Unavailable, "store.disk_error",
		"The disk reported an error, so this was not saved and Portico has stopped saving. Check the disk and start Portico again; nothing that was saved before is lost.").Because(err)
}
