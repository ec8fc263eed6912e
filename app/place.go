package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

// defaultPlaceHelp names the default data folder in a way that fits every account.
const defaultPlaceHelp = "portico in the system's place for application data, such as ~/.local/share/portico"

// place is the data folder as an absolute path. It is not made or looked at.
func place(flag string) (string, error) {
	dir := flag
	if dir == "" {
		dir = filepath.Join(xdg.DataHome, "portico")
	}
	if rest, found := strings.CutPrefix(dir, "~"+string(filepath.Separator)); found {
		// A shell leaves the tilde in --data=~/folder as it is.
		home, err := os.UserHomeDir()
		if err != nil {
			return "", placeFault(dir, err)
		}
		dir = filepath.Join(home, rest)
	}
	// A relative path would mean another folder after a change of directory, and
	// the store would seem to be gone.
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", placeFault(dir, err)
	}
	return abs, nil
}

// prepare makes the data folder, private to its owner, and refuses places where
// a store would be damaged.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return placeFault(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return placeFault(dir, err)
	}
	if !info.IsDir() {
		return placeFault(dir, errors.New("not a folder"))
	}
	return db.SafePlace(dir)
}

// placeFault says why the data folder cannot be used.
func placeFault(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fault.New(fault.Forbidden, "app.place_forbidden",
			"Portico may not write in the folder {folder}. Choose another one with --data, or change its owner.", "folder", dir).Because(err)
	}
	return fault.New(fault.Invalid, "app.place_unusable",
		"The folder {folder} cannot be used for Portico's data. Choose another one with --data.", "folder", dir).Because(err)
}
