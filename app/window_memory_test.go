package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemory(t *testing.T) {
	dir := t.TempDir()
	m := recall(dir)
	if m.get() != firstOne {
		t.Errorf("the first time: %+v", m.get())
	}
	m.change(func(f *frame) { f.X, f.Width, f.Placed, f.OnClose = 30, 900, true, closeHides })
	want := m.get()
	if got := recall(dir).get(); got != want || got.X != 30 {
		t.Errorf("%+v, want %+v", got, want)
	}
	for story, text := range map[string]string{"nonsense": "{", "tiny": `{"width":1,"height":1}`, "an unknown choice": `{"on_close":"explode"}`} {
		if err := os.WriteFile(filepath.Join(dir, "window.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f := recall(dir).get()
		if f.Width < smallest.Width || f.Height < smallest.Height || f.OnClose != "" {
			t.Errorf("%s: %+v", story, f)
		}
	}
	lost := recall(filepath.Join(dir, "missing"))
	lost.change(func(f *frame) { f.X = 1 }) // nowhere to write: no harm
	if lost.get().X != 1 {
		t.Error("forgotten")
	}
}

func TestVisibleOn(t *testing.T) {
	f := frame{X: 100, Y: 50, Width: 800, Height: 600}
	for _, s := range []struct {
		x, y int
		want bool
	}{{0, 0, true}, {-700, 0, true}, {-790, 0, false}, {1900, 0, false}, {1800, 900, true}, {0, -1, false}, {0, 1070, false}} {
		f.X, f.Y = s.x, s.y
		if f.visibleOn(1920, 1080) != s.want {
			t.Errorf("%d,%d", s.x, s.y)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, s := range []struct{ chosen, all, lang, want string }{
		{"de", "", "en_GB.UTF-8", "de"}, {"", "", "de_AT.UTF-8", "de"}, {"", "en_US.UTF-8", "de_DE.UTF-8", "en"},
		{"", "", "C", "en"}, {"", "", "", "en"}, {"", "", "fr_FR", "en"},
	} {
		env := map[string]string{"LC_ALL": s.all, "LANG": s.lang}
		if got := language(s.chosen, func(name string) string { return env[name] }); got != s.want {
			t.Errorf("%+v: %s", s, got)
		}
	}
}
