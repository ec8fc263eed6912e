//go:build unix

package app

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

func TestTheSocketIsPrivate(t *testing.T) {
	dir := shortDir(t)
	s, err := listenSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, socketName))
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode()&os.ModeSocket == 0 {
		t.Errorf("%v %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	dir := shortDir(t)
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false) // as after kill -9
	_ = old.Close()
	if running(t.Context(), dir) != nil {
		t.Error("a dead socket was taken for a running program")
	}
	s, err := listenSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if running(t.Context(), dir) == nil {
		t.Error("nobody answers at the new socket")
	}
}

func TestALongPathGetsAShortSocket(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	dir := filepath.Join(shortDir(t), strings.Repeat("long/", 30))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := listenSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Dir(s.path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
	go http.Serve(s, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"n":1}`)) }))
	// The other side may have another environment.
	t.Setenv("XDG_RUNTIME_DIR", "/nowhere")
	xdg.Reload()
	c := running(t.Context(), dir)
	if c == nil {
		t.Fatal("nobody answers")
	}
	var got struct{ N int }
	if err := c.do(t.Context(), http.MethodGet, "/", nil, &got); err != nil || got.N != 1 {
		t.Errorf("%v %v", got, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(s.path)); !os.IsNotExist(err) {
		t.Errorf("the short folder stayed: %v", err)
	}
	if _, err := dialSocket(context.Background(), dir); err == nil {
		t.Error("still announced")
	}
}

func TestSomebodyElsesFolderIsRefused(t *testing.T) {
	dir := filepath.Join(shortDir(t), "x")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := privateFolder(dir); err == nil {
		t.Error("a folder that everybody may enter was taken")
	}
	link := dir + "2"
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := privateFolder(link); err == nil {
		t.Error("a link was taken")
	}
}
