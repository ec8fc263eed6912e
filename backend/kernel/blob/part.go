package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"

	"portico/backend/kernel/fault"
)

// parts keeps two connections from writing the same growing file at once.
type parts struct{ locks sync.Map }

func (p *parts) lock(id string) (unlock func()) {
	l, _ := p.locks.LoadOrStore(id, new(sync.Mutex))
	mu := l.(*sync.Mutex)
	mu.Lock()
	return mu.Unlock
}

// Begin makes an empty file that Append lets grow, and answers the id that it will
// have when it is finished. One that nobody goes on with is swept like an orphan.
func (s *Store) Begin() (id string, err error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	id = encoding.EncodeToString(random[:])
	f, err := s.root.OpenFile(path.Join(tmpDir, id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "", diskFault(fmt.Errorf("beginning a file: %w", err))
	}
	return id, nil
}

// Append adds what r gives at an offset, which must be the file's size, and
// answers its size afterwards, durable. What arrived before r failed is kept, so
// that whoever sends goes on from there. Faults: ErrMissing, blob.offset (with the
// right one), blob.too_large when the file would grow beyond max bytes, blob.full.
func (s *Store) Append(ctx context.Context, id string, offset int64, r io.Reader, max int64) (size int64, err error) {
	if !valid(id) {
		return 0, ErrMissing
	}
	defer s.parts.lock(id)()
	if size, err = s.size(id); err != nil {
		return 0, err
	}
	if size != offset {
		return size, fault.New(fault.Conflict, "blob.offset", "The upload stands at byte {offset}; go on from there.", "offset", size)
	}
	f, err := s.root.OpenFile(path.Join(tmpDir, id), os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return size, diskFault(fmt.Errorf("adding to a file: %w", err))
	}
	added, _, failed := fill(ctx, f, r, max-size)
	if err = f.Sync(); err == nil {
		err = f.Close()
	} else {
		_ = f.Close()
	}
	if failed != nil { // fill answers no size then
		err = failed
		if now, serr := s.size(id); serr == nil {
			added = now - size
		}
	}
	if err != nil {
		err = diskFault(fmt.Errorf("adding to a file: %w", err))
	}
	return size + added, err
}

// Size is how far a growing file has come, all of it once it is finished. ErrMissing.
func (s *Store) Size(id string) (int64, error) {
	if !valid(id) {
		return 0, ErrMissing
	}
	size, err := s.size(id)
	if !errors.Is(err, ErrMissing) {
		return size, err
	}
	f, size, _, err := s.Open(id)
	if err != nil {
		return 0, err
	}
	return size, f.Close()
}

func (s *Store) size(id string) (int64, error) {
	info, err := s.root.Stat(path.Join(tmpDir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, ErrMissing
	}
	if err != nil {
		return 0, fmt.Errorf("looking at the file %s: %w", id, err)
	}
	return info.Size(), nil
}

// Finish makes a growing file a blob; one that was finished before, when a crash
// kept the caller from noting it, is finished again.
func (s *Store) Finish(id string) (Blob, error) {
	if !valid(id) {
		return Blob{}, ErrMissing
	}
	defer s.parts.lock(id)()
	from := path.Join(tmpDir, id)
	f, err := s.root.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		from = place(id)
		f, err = s.root.Open(from)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Blob{}, ErrMissing
	}
	if err != nil {
		return Blob{}, fmt.Errorf("finishing the file %s: %w", id, err)
	}
	hash := sha256.New()
	b := Blob{ID: id}
	b.Size, err = io.Copy(hash, f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && from != place(id) {
		err = s.move(from, id)
	}
	if err != nil {
		return Blob{}, diskFault(fmt.Errorf("finishing the file %s: %w", id, err))
	}
	s.parts.locks.Delete(id)
	b.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return b, nil
}

// Abandon removes a growing file; there being none is no error.
func (s *Store) Abandon(id string) error {
	if !valid(id) {
		return ErrMissing
	}
	defer s.parts.lock(id)()
	if err := s.root.Remove(path.Join(tmpDir, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("abandoning the file %s: %w", id, err)
	}
	s.parts.locks.Delete(id)
	return nil
}
