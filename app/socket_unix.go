//go:build unix

package app

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// bindSocket listens in a folder that only this account may enter, sets the
// permissions, and then moves the socket to its name: at no moment can another
// account connect, and a stale socket is replaced in one step.
func bindSocket(path string) (net.Listener, error) {
	folder, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the socket: %w", err)
	}
	defer os.RemoveAll(folder)
	first := filepath.Join(folder, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: first, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open the local socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // it would look for the first name
	if err = os.Chmod(first, 0o600); err == nil {
		err = os.Rename(first, path)
	}
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("name the local socket: %w", err)
	}
	return l, nil
}

// privateFolder makes a folder that only this account may enter. One that is
// there already must be just that: others can write in the system's folder for
// temporary files and could have made it first.
func privateFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return nil
	}
	info, statErr := os.Lstat(dir)
	if statErr != nil {
		return fmt.Errorf("make a folder for the socket: %w", err)
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !known || int(owner.Uid) != os.Getuid() {
		return fmt.Errorf("the folder for the socket, %s, belongs to somebody else", dir)
	}
	return nil
}
