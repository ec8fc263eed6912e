package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"portico/backend/kernel/fault"
)

// file keeps secrets as one JSON object. It is read anew each time: other nodes,
// or a person, may have changed it.
type file struct {
	mu   sync.Mutex
	path string
}

// OpenFile keeps secrets in the file at path, which is made with the first
// secret (mode 0600) in a folder that must exist. It refuses a file that others
// can read (fault secret.open_file) or that holds no secrets (secret.unreadable_file).
func OpenFile(path string) (Keeper, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the file of secrets: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the file is replaced, not the link to it
	}
	f := &file{path: path}
	if _, err := f.read(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *file) Get(name string) (Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return "", err
	}
	s, ok := all[name]
	if !ok {
		return "", ErrMissing
	}
	return Secret(s), nil
}

func (f *file) Set(name string, s Secret) error {
	return f.change(func(all map[string]string) { all[name] = s.Reveal() })
}

func (f *file) Delete(name string) error {
	return f.change(func(all map[string]string) { delete(all, name) })
}

func (f *file) change(fn func(map[string]string)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	before := maps.Clone(all)
	fn(all)
	if maps.Equal(before, all) {
		return nil
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the secrets: %w", err)
	}
	if err := replace(f.path, append(raw, '\n')); err != nil {
		return fmt.Errorf("writing the secrets: %w", err)
	}
	return nil
}

// read answers no secrets when there is no file yet.
func (f *file) read() (map[string]string, error) {
	handle, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, f.unreadable(err)
	}
	defer func() { _ = handle.Close() }()
	st, err := handle.Stat()
	if err != nil {
		return nil, f.unreadable(err)
	}
	// Windows has no such bits; there the folder's access list protects the file.
	if runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Unavailable, "secret.open_file",
			"Other people on this computer can read the file {path}, which holds Portico's keys. Take that away from them (chmod 600) and start Portico again.", "path", f.path)
	}
	raw, err := io.ReadAll(handle)
	if err != nil {
		return nil, f.unreadable(err)
	}
	all := map[string]string{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, f.unreadable(err)
	}
	if all == nil { // the file said null
		return nil, f.unreadable(errors.New("no object"))
	}
	return all, nil
}

func (f *file) unreadable(err error) error {
	return fault.New(fault.Unavailable, "secret.unreadable_file",
		"The file {path}, which holds Portico's keys, cannot be read. Restore it from a backup and start Portico again.", "path", f.path).Because(err)
}

// replace writes a file of mode 0600 so that a crash leaves the old one or the
// new one, and returns when the new one is on the disk.
func replace(path string, content []byte) error {
	tmp := path + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) { // left by a crash
		return err
	}
	if err := writeSynced(tmp, content); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	if runtime.GOOS == "windows" { // cannot sync a folder; NTFS journals the rename
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
