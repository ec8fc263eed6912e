package blob

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"

	"portico/backend/kernel/fault"
)

// ErrMissing says that there is no such blob; an id of a wrong shape hears the same.
var ErrMissing = fault.New(fault.NotFound, "blob.missing", "This file is not here any more.")

// Lower case only: some disks do not tell cases apart.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tmpDir has three letters, so it is no fan-out folder.
const tmpDir = "tmp"

// Blob is what Put kept.
type Blob struct {
	ID     string // 128 random bits in base32: 26 characters of a–z and 2–7
	Size   int64  // bytes
	SHA256 string // hexadecimal
}

// Store is a folder of blobs. It is safe for many goroutines, and cannot reach
// outside its folder (os.Root).
type Store struct {
	root    *os.Root
	durable sync.Map // fan-out folder → true
	parts   parts
}

// Open opens the store in dir and makes it (mode 0700) when it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	if err := root.MkdirAll(tmpDir, 0o700); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	return &Store{root: root}, nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// Open gives a blob to read, its size in bytes and when it was kept. ErrMissing.
func (s *Store) Open(id string) (r io.ReadSeekCloser, size int64, modified time.Time, err error) {
	if !valid(id) {
		return nil, 0, time.Time{}, ErrMissing
	}
	f, err := s.root.Open(place(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, time.Time{}, ErrMissing
	}
	if err != nil {
		return nil, 0, time.Time{}, fmt.Errorf("opening the file %s: %w", id, err)
	}
	st, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, time.Time{}, fmt.Errorf("opening the file %s: %w", id, err)
	}
	return f, st.Size(), st.ModTime(), nil
}

// Delete forgets a blob for good; there being none is no error. ErrMissing for an
// id of a wrong shape.
func (s *Store) Delete(id string) error {
	if !valid(id) {
		return ErrMissing
	}
	err := s.root.Remove(place(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.sync(path.Dir(place(id)))
	}
	if err != nil {
		return fmt.Errorf("deleting the file %s: %w", id, err)
	}
	return nil
}

// valid admits exactly what Put makes, and so nothing that means more than a name.
func valid(id string) bool {
	raw, err := encoding.DecodeString(id)
	return err == nil && len(raw) == 16 && encoding.EncodeToString(raw) == id
}

func place(id string) string { return path.Join(id[:2], id[2:4], id) }
