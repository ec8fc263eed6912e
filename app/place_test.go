package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adrg/xdg"
)

func TestPlace(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/data/home")
	t.Setenv("HOME", "/home/ana")
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{
		"":           "/data/home/portico",
		"/srv/p/":    "/srv/p",
		"~/p":        "/home/ana/p",
		"p":          filepath.Join(here, "p"),
		"./a/../b":   filepath.Join(here, "b"),
		"~somebody":  filepath.Join(here, "~somebody"),
		"/srv/a b/c": "/srv/a b/c",
	} {
		if got, err := place(flag); got != want || err != nil {
			t.Errorf("%q: %q %v, want %q", flag, got, err, want)
		}
	}
}

func TestPrepareMakesAPrivateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := prepare(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := prepare(file); err == nil {
		t.Error("a file was taken for a folder")
	}
}
