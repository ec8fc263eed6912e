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

	"portico/backend/kernel/fault"
	"portico/backend/kernel/secret"
)

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
