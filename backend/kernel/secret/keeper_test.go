package secret_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/secret"
)

// chain is a keychain in memory that can fail, lie and hang.
type chain struct {
	mu    sync.Mutex
	kept  map[string]string
	fails error
	lies  bool
	hang  chan struct{}
}

func newChain() *chain { return &chain{kept: map[string]string{}} }

func (c *chain) enter() error {
	if c.hang != nil {
		<-c.hang
	}
	return c.fails
}

func (c *chain) Set(service, user, password string) error {
	if err := c.enter(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[service+" "+user] = password
	return nil
}

func (c *chain) Get(service, user string) (string, error) {
	if err := c.enter(); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.kept[service+" "+user]
	if !ok {
		return "", keyring.ErrNotFound
	}
	if c.lies {
		return "lie", nil
	}
	return v, nil
}

func (c *chain) Delete(service, user string) error {
	if err := c.enter(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[service+" "+user]; !ok {
		return keyring.ErrNotFound
	}
	delete(c.kept, service+" "+user)
	return nil
}

func open(t *testing.T, dir string, c secret.Keychain) (secret.Keeper, secret.Place) {
	t.Helper()
	k, place, err := secret.Open(dir, secret.Options{Keychain: c})
	if err != nil {
		t.Fatal(err)
	}
	return k, place
}

func TestKeepers(t *testing.T) {
	inFile, err := secret.OpenFile(filepath.Join(t.TempDir(), "s.json"))
	if err != nil {
		t.Fatal(err)
	}
	inChain, place := open(t, t.TempDir(), newChain())
	if place.Kind != secret.InKeychain {
		t.Fatalf("%+v", place)
	}
	for name, k := range map[string]secret.Keeper{"file": inFile, "keychain": inChain} {
		t.Run(name, func(t *testing.T) {
			want := func(story, key, value string) {
				t.Helper()
				got, err := k.Get(key)
				if (value == "") != errors.Is(err, secret.ErrMissing) || got.Reveal() != value {
					t.Errorf("%s: %q %v", story, got.Reveal(), err)
				}
			}
			do := func(err error) {
				t.Helper()
				if err != nil {
					t.Error(err)
				}
			}
			want("before", "mail", "")
			do(k.Delete("mail"))
			do(k.Set("mail", "pä\"ss\n"))
			do(k.Set("other", "x"))
			want("set", "mail", "pä\"ss\n")
			do(k.Set("mail", "new"))
			want("changed", "mail", "new")
			do(k.Delete("mail"))
			want("deleted", "mail", "")
			want("its neighbour", "other", "x")
			first, err := secret.Master(k)
			do(err)
			second, err := secret.Master(k)
			do(err)
			if len(first) != 32 || !bytes.Equal(first, second) {
				t.Errorf("master %x, then %x", first, second)
			}
			do(k.Set("master", "short"))
			if _, err := secret.Master(k); err == nil {
				t.Error("a damaged master key was taken, or replaced")
			}
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() { do(k.Set(fmt.Sprint("n", i), "x")) })
			}
			all.Wait()
			for i := range 8 {
				want("side by side", fmt.Sprint("n", i), "x")
			}
		})
	}
}

func TestOpenStays(t *testing.T) {
	dir, c := t.TempDir(), newChain()
	k, _ := open(t, dir, c)
	if err := k.Set("a", "1"); err != nil {
		t.Fatal(err)
	}
	if len(c.kept) != 1 {
		t.Errorf("the probe left something: %v", c.kept)
	}
	again, place := open(t, dir, c)
	if got, err := again.Get("a"); err != nil || got.Reveal() != "1" || place.Kind != secret.InKeychain {
		t.Errorf("opened again: %v %+v", err, place)
	}
	elsewhere, _ := open(t, t.TempDir(), c)
	if _, err := elsewhere.Get("a"); !errors.Is(err, secret.ErrMissing) {
		t.Errorf("two data directories share: %v", err)
	}
	c.fails = errors.New("locked")
	if _, _, err := secret.Open(dir, secret.Options{Keychain: c}); fault.As(err).Code != "secret.keychain" {
		t.Errorf("a keychain gone away: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "secrets.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("fresh keys were begun: %v", err)
	}
}

func TestOpenFallsBack(t *testing.T) {
	hanging := newChain()
	hanging.hang = make(chan struct{})
	defer close(hanging.hang)
	for story, c := range map[string]*chain{
		"a keychain that fails": {fails: errors.New("no")},
		"a keychain that lies":  {lies: true, kept: map[string]string{}},
		"a keychain that hangs": hanging,
	} {
		dir := t.TempDir()
		k, place, err := secret.Open(dir, secret.Options{Keychain: c, Wait: 20 * time.Millisecond})
		if err != nil || place.Kind != secret.InFile || place.Reason == "" || place.Path != filepath.Join(dir, "secrets.json") {
			t.Errorf("%s: %+v %v", story, place, err)
			continue
		}
		if err := k.Set("a", "1"); err != nil {
			t.Error(err)
		}
		if again, place := open(t, dir, newChain()); place.Kind != secret.InFile {
			t.Errorf("%s: moved to the keychain: %+v", story, place)
		} else if got, err := again.Get("a"); err != nil || got.Reveal() != "1" {
			t.Errorf("%s: %v", story, err)
		}
	}
}

func TestOpenWithoutSession(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux keeps its keychain behind a session bus")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if _, place, err := secret.Open(t.TempDir(), secret.Options{}); err != nil || place.Kind != secret.InFile {
		t.Errorf("without a bus: %+v %v", place, err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	if _, place, err := secret.Open(t.TempDir(), secret.Options{}); err != nil || place.Kind != secret.InFile {
		t.Errorf("with a bus that is gone: %+v %v", place, err)
	}
}

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
