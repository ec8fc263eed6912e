package blob

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSweep(t *testing.T) {
	s, dir := open(t)
	old, young := time.Now().Add(-48*time.Hour), time.Now().Add(-time.Hour)
	age := func(name string, at time.Time) {
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string, at time.Time) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		age(name, at)
		return name
	}
	kept, orphan, fresh := put(t, s, "kept").ID, put(t, s, "orphan").ID, put(t, s, "fresh").ID
	for id, at := range map[string]time.Time{kept: old, orphan: old, fresh: young} {
		age(filepath.Join(dir, filepath.FromSlash(place(id))), at)
	}
	stay := []string{write("readme.txt", old), write("tmp/foreign", old), write("tmp/"+fresh, young), write(orphan, old)}
	refer := func(id string) (bool, error) { return id == kept, nil }
	no := errors.New("no answer")
	if n, err := s.Sweep(ctx, func(string) (bool, error) { return false, no }, old.Add(time.Hour)); !errors.Is(err, no) || n != 0 {
		t.Errorf("nobody can tell: %d removed, %v", n, err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := s.Sweep(over, refer, old.Add(time.Hour)); !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("cancelled: %d removed, %v", n, err)
	}
	write("tmp/"+kept, old) // unfinished and old, whatever its id
	if n, err := s.Sweep(ctx, refer, old.Add(time.Hour)); err != nil || n != 2 {
		t.Errorf("%d removed, %v", n, err)
	}
	for id, want := range map[string]bool{kept: true, orphan: false, fresh: true} {
		r, _, _, err := s.Open(id)
		if (err == nil) != want {
			t.Errorf("%s: %v", id, err)
		}
		if err == nil {
			_ = r.Close()
		}
	}
	for _, name := range stay {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
