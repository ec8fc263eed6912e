package secret_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/secret"
)

func TestFileRefuses(t *testing.T) {
	for _, s := range []struct {
		story, content string
		mode           os.FileMode
		want           string
	}{
		{"good", `{"a":"1"}`, 0o600, ""},
		{"read only", `{"a":"1"}`, 0o400, ""},
		{"the group can read", `{"a":"1"}`, 0o640, "secret.open_file"},
		{"anybody can read", `{"a":"1"}`, 0o604, "secret.open_file"},
		{"anybody can write", `{"a":"1"}`, 0o602, "secret.open_file"},
		{"half a file", `{"a":"1"`, 0o600, "secret.unreadable_file"},
		{"an empty file", ``, 0o600, "secret.unreadable_file"},
		{"no object", `null`, 0o600, "secret.unreadable_file"},
		{"more than an object", `{} {}`, 0o600, "secret.unreadable_file"},
	} {
		if runtime.GOOS == "windows" && s.want == "secret.open_file" {
			continue // no such bits there
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "secrets.json")
		if err := os.WriteFile(path, []byte(s.content), s.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, s.mode); err != nil {
			t.Fatal(err)
		}
		_, _, err := secret.Open(dir, secret.Options{Keychain: newChain()})
		if (err == nil) != (s.want == "") || (err != nil && fault.As(err).Code != s.want) {
			t.Errorf("%s: %v, want %q", s.story, err, s.want)
		}
	}
	if _, err := secret.OpenFile(t.TempDir()); fault.As(err).Code == "internal" {
		t.Errorf("a folder: %v", err)
	}
}

func TestFileOnDisk(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(real, []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := os.WriteFile(real+".tmp", []byte("left by a crash"), 0o644); err != nil {
		t.Fatal(err)
	}
	k, err := secret.OpenFile(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Set("a", "1"); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
	if st, err := os.Lstat(real); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*.tmp")); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v %v", names, err)
	}
	// Another node, or a person, changes the file: the change is seen.
	if err := os.WriteFile(real, []byte(`{"a":"2"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Get("a"); err != nil || got.Reveal() != "2" {
		t.Errorf("%q %v", got.Reveal(), err)
	}
	missing, err := secret.OpenFile(filepath.Join(dir, "none", "s.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := missing.Set("a", "1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is missing: %v", err)
	}
}
