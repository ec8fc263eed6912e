package db

import (
	"os"
	"path/filepath"
	"sync"
)

// reserveSize is set aside for the day the disk is full: giving it
// back lets people read, sign in and tidy up.
const reserveSize = 64 << 20

// reserve is a file of zeros beside the store: at most 64 MB and 5 % of the disk.
type reserve struct {
	mu   sync.Mutex
	path string
}

func newReserve(store string) *reserve {
	return &reserve{path: filepath.Join(filepath.Dir(store), "reserve")}
}

// Reserve sets the spare room aside when there is plenty of free space; it is
// called at start and hourly, so that it comes back once space was freed.
func (d *DB) Reserve(free, total uint64) error {
	if d.reserve == nil {
		return nil
	}
	return d.reserve.hold(free, total)
}

func (r *reserve) hold(free, total uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := min(uint64(reserveSize), total/20)
	if st, err := os.Stat(r.path); err == nil && uint64(st.Size()) == size {
		return nil
	}
	if free < 4*size { // too tight to take anything away
		return nil
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	// Written, not truncated: a sparse file would hold no room at all.
	zeros := make([]byte, 1<<20)
	for left := size; left > 0; {
		n := min(left, uint64(len(zeros)))
		if _, err := f.Write(zeros[:n]); err != nil {
			_ = os.Remove(r.path)
			return err
		}
		left -= n
	}
	return f.Sync()
}

func (r *reserve) release() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = os.Remove(r.path) // nothing to do about a failure: the disk is full already
}
