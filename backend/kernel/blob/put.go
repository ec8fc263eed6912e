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
	"runtime"
	"strconv"

	"portico/backend/kernel/fault"
)

// chunk is how much is read before it is written.
const chunk = 128 << 10

// Put keeps what r gives, at most max bytes, and returns when it is on the disk.
// Faults: blob.too_large (never more than max bytes are written), blob.full.
// After an error nothing is kept.
func (s *Store) Put(ctx context.Context, r io.Reader, max int64) (Blob, error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	id := encoding.EncodeToString(random[:])
	tmp := path.Join(tmpDir, id)
	f, err := s.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Blob{}, diskFault(fmt.Errorf("keeping a file: %w", err))
	}
	b := Blob{ID: id}
	b.Size, b.SHA256, err = fill(ctx, f, r, max)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = s.move(tmp, id)
	}
	if err != nil {
		_ = s.root.Remove(tmp)
		return Blob{}, diskFault(fmt.Errorf("keeping a file: %w", err))
	}
	return b, nil
}

// fill copies chunk by chunk; a chunk that would pass max is not written.
func fill(ctx context.Context, w io.Writer, r io.Reader, max int64) (size int64, sum string, err error) {
	hash := sha256.New()
	buf := make([]byte, chunk)
	for {
		if err := ctx.Err(); err != nil {
			return 0, "", err
		}
		n, rerr := r.Read(buf)
		if int64(n) > max-size {
			return 0, "", fault.New(fault.TooLarge, "blob.too_large",
				"This file is larger than {megabytes} MB. Please choose a smaller one.", "megabytes", megabytes(max))
		}
		size += int64(n)
		hash.Write(buf[:n])
		if _, err := w.Write(buf[:n]); err != nil {
			return 0, "", err
		}
		if errors.Is(rerr, io.EOF) {
			return size, hex.EncodeToString(hash.Sum(nil)), nil
		}
		if rerr != nil {
			return 0, "", fmt.Errorf("reading it: %w", rerr)
		}
	}
}

// move gives a complete file its name, for good.
func (s *Store) move(tmp, id string) error {
	outer, inner := id[:2], path.Dir(place(id))
	if err := s.folder(outer, "."); err != nil {
		return err
	}
	if err := s.folder(inner, outer); err != nil {
		return err
	}
	if err := s.root.Rename(tmp, place(id)); err != nil {
		return err
	}
	return s.sync(inner)
}

// folder makes sure that name within parent exists and survives a crash. One that
// is there may have been made a moment ago, or just before a crash, so each is
// synced once by each process.
func (s *Store) folder(name, parent string) error {
	if _, ok := s.durable.Load(name); ok {
		return nil
	}
	if err := s.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.sync(parent); err != nil {
		return err
	}
	s.durable.Store(name, true)
	return nil
}

// sync makes a folder's entries durable.
func (s *Store) sync(name string) error {
	if runtime.GOOS == "windows" { // cannot sync a folder; NTFS journals its entries
		return nil
	}
	dir, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// megabytes writes a size for people, with at most one decimal.
func megabytes(size int64) string {
	tenths := size * 10 / (1 << 20)
	return strconv.FormatFloat(float64(tenths)/10, 'f', -1, 64)
}

// diskFault tells a full disk from other errors.
func diskFault(err error) error {
	if isFull(err) {
		return fault.New(fault.StorageFull, "blob.full",
			"The disk is full, so this file was not saved. Free some space on the disk that holds Portico's data and try again.").Because(err)
	}
	return err
}
