package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Sweep removes blobs that nobody refers to and files that were never finished,
// when they were last written before olderThan, and answers how many. olderThan
// is long enough ago (a day) that a blob whose row is just being committed
// survives; it is compared with the disk's own times. An error of referenced
// stops the sweep; what is not ours is left alone.
func (s *Store) Sweep(ctx context.Context, referenced func(id string) (bool, error), olderThan time.Time) (removed int, err error) {
	err = fs.WalkDir(s.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist): // deleted meanwhile
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir():
			return nil
		}
		gone, err := s.orphan(name, entry, referenced, olderThan)
		if err != nil || !gone {
			return err
		}
		if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		removed++
		return nil
	})
	if err != nil {
		return removed, fmt.Errorf("sweeping the files: %w", err)
	}
	return removed, nil
}

func (s *Store) orphan(name string, entry fs.DirEntry, referenced func(string) (bool, error), olderThan time.Time) (bool, error) {
	id := path.Base(name)
	unfinished := path.Dir(name) == tmpDir
	if !valid(id) || (!unfinished && name != place(id)) {
		return false, nil
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !info.ModTime().Before(olderThan) {
		return false, nil
	}
	if unfinished {
		return true, nil
	}
	kept, err := referenced(id)
	return !kept, err
}
