package torture

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"unsafe"
)

//go:embed shim/shim.c
var shimSource []byte

// Trouble is what a Shim makes of a disk.
type Trouble int32

// The troubles; the same numbers as in shim.c.
const (
	Fine     Trouble = iota
	SyncEIO          // fsync and fdatasync fail with EIO
	WriteEIO         // writes fail with EIO
	Full             // writes fail with ENOSPC until the reserve is gone, then after the budget
)

// control is a page shared with the shim; the same layout as in shim.c.
type control struct {
	mode   atomic.Int32
	after  atomic.Int32
	budget atomic.Int64
	failed atomic.Int64
}

// Shim is a bad disk under a program's data folder.
type Shim struct {
	library, page string
	shared        []byte
	*control
}

// BuildShim compiles the shim into dir. It needs a C compiler, as building
// Portico does.
func BuildShim(dir string) (*Shim, error) {
	source := filepath.Join(dir, "shim.c")
	s := &Shim{library: filepath.Join(dir, "shim.so"), page: filepath.Join(dir, "shim.control")}
	if err := os.WriteFile(source, shimSource, 0o600); err != nil {
		return nil, err
	}
	out, err := exec.Command("gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", s.library, source, "-ldl").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("compiling the shim: %w\n%s", err, out)
	}
	f, err := os.OpenFile(s.page, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if err := f.Truncate(int64(os.Getpagesize())); err != nil {
		return nil, err
	}
	if s.shared, err = syscall.Mmap(int(f.Fd()), 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err != nil {
		return nil, err
	}
	s.control = (*control)(unsafe.Pointer(&s.shared[0]))
	return s, nil
}

// Under puts the shim under a program that is about to be started.
func (s *Shim) Under(p *Program) error {
	dir, err := filepath.EvalSymlinks(p.Data) // what /proc tells of an open file
	if err != nil {
		return err
	}
	p.Env = append(p.Env, "LD_PRELOAD="+s.library, "PORTICO_SHIM_CONTROL="+s.page, "PORTICO_SHIM_DIR="+dir)
	return nil
}

// Set makes trouble: after so many more good calls, and when the disk is Full
// with so many bytes of room behind the reserve.
func (s *Shim) Set(t Trouble, after int, room int64) {
	s.mode.Store(int32(Fine))
	s.after.Store(int32(after))
	s.budget.Store(room)
	s.failed.Store(0)
	s.mode.Store(int32(t))
}

// Failed is how many calls were made to fail since Set.
func (s *Shim) Failed() int64 { return s.failed.Load() }

// Close ends the sharing.
func (s *Shim) Close() error { return syscall.Munmap(s.shared) }
