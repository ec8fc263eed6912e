package blob

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIDs(t *testing.T) {
	s, dir := open(t)
	id := put(t, s, "x").ID
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "outside"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tmp", id), []byte("unfinished"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", ".", "..", "/", "tmp", "../outside", "../../etc/passwd", `..\outside`, "..%5coutside", "%2e%2e%2foutside", "tmp/" + id,
		id + "\x00", "\x00" + id[1:], id[:25] + "\x00", id + "\n", id[:13] + "\n" + id[13:], id + "/", "/" + id, id + "::$DATA", id + ".", id + " ",
		strings.ToUpper(id), id[:25], id + "a", id[:25] + "=", id[:25] + "1", id[:25] + "ı", id[:25] + "b" /* bits that no id has */, id[:2] + "/" + id[2:4] + "/" + id,
		"con", "nul", "aux.txt", "com1", "CON", "lpt1.aaaaaaaaaaaaaaaaaaaaa", strings.Repeat("a", 255), strings.Repeat("../", 8) + "aa", "\u202e" + id, "é" + id[2:],
		"aaaa/../../../../../outsid", `aaaa\..\..\..\..\..\outsid`,
	} {
		if r, _, _, err := s.Open(bad); !errors.Is(err, ErrMissing) || r != nil {
			t.Errorf("opened %q: %v", bad, err)
		}
		if err := s.Delete(bad); !errors.Is(err, ErrMissing) {
			t.Errorf("deleted %q: %v", bad, err)
		}
	}
	if r, _, _, err := s.Open(id); err != nil {
		t.Errorf("the good one: %v", err)
	} else if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, _, _, err := s.Open(strings.Repeat("a", 26)); !errors.Is(err, ErrMissing) {
		t.Errorf("an id nobody has: %v", err)
	}
	if got := files(t, filepath.Dir(dir)); len(got) != 3 {
		t.Errorf("files %v", got)
	}
}

func TestDelete(t *testing.T) {
	s, dir := open(t)
	one, two := put(t, s, "1"), put(t, s, "2")
	for range 2 { // the second time there is none, which is as wished
		if err := s.Delete(one.ID); err != nil {
			t.Error(err)
		}
	}
	if _, _, _, err := s.Open(one.ID); !errors.Is(err, ErrMissing) {
		t.Errorf("deleted: %v", err)
	}
	if got := files(t, dir); len(got) != 1 || filepath.Base(got[0]) != two.ID {
		t.Errorf("left: %v", got)
	}
}
