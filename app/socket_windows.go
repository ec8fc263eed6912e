package app

import (
	"fmt"
	"net"
	"os"
)

// bindSocket listens in the data folder, whose access list the socket inherits.
func bindSocket(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("remove a stale socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the local socket: %w", err)
	}
	return l, nil
}

// privateFolder makes a folder below the account's own temporary files.
func privateFolder(dir string) error { return os.MkdirAll(dir, 0o700) }
