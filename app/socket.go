package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
)

// The local socket lies in the data folder, open to its owner only: whoever may
// read the store may use it. A path that is too long for the system gets a short
// one below the user's runtime folder, and socketNote in the data folder says
// where, so that both sides agree whatever their environment is.
const (
	socketName = "portico.sock"
	socketNote = "portico.sock.path"
)

// longestSocket is what every system takes: macOS allows 104 bytes with the
// closing zero, Linux 108. The listener makes the socket under a name that is a
// little longer than the final one.
const longestSocket = 103 - len("/.s4294967295/s")

// ownSocket decides where this process puts its socket.
func ownSocket(dir string) string {
	if len(dir) <= longestSocket {
		return filepath.Join(dir, socketName)
	}
	sum := sha256.Sum256([]byte(dir))
	short := "portico-" + hex.EncodeToString(sum[:8])
	for _, base := range []string{xdg.RuntimeDir, os.TempDir()} {
		folder := filepath.Join(base, short)
		if info, err := os.Stat(base); err == nil && info.IsDir() && len(folder) <= longestSocket {
			return filepath.Join(folder, socketName)
		}
	}
	return filepath.Join("/tmp", short, socketName)
}

// listenSocket opens the local socket. It must be called with the data folder's
// lock held: then nobody else listens, and a socket file that is there was left
// by a process that is gone.
func listenSocket(dir string) (*localSocket, error) {
	path := ownSocket(dir)
	note := ""
	if filepath.Dir(path) != dir {
		if err := privateFolder(filepath.Dir(path)); err != nil {
			return nil, err
		}
		note = filepath.Join(dir, socketNote)
		if err := os.WriteFile(note, []byte(path), 0o600); err != nil {
			return nil, err
		}
	}
	l, err := bindSocket(path)
	if err != nil {
		return nil, err
	}
	return &localSocket{Listener: l, path: path, note: note}, nil
}

// localSocket takes its files along when it closes.
type localSocket struct {
	net.Listener
	path, note string
}

// Close ends the socket and removes it.
func (s *localSocket) Close() error {
	err := s.Listener.Close()
	_ = os.Remove(s.path) // gone already is as good
	if s.note != "" {
		_ = os.Remove(s.note)
		_ = os.Remove(filepath.Dir(s.path))
	}
	return err
}

// dialSocket reaches the process that has the data folder.
func dialSocket(ctx context.Context, dir string) (net.Conn, error) {
	path := filepath.Join(dir, socketName)
	if note, err := os.ReadFile(filepath.Join(dir, socketNote)); err == nil {
		path = strings.TrimSpace(string(note))
	} else if len(dir) > longestSocket {
		return nil, errors.New("no socket has been announced")
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}
