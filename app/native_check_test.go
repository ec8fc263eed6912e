package app

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"portico/backend/kernel/i18n"
)

func TestWebAddress(t *testing.T) {
	for address, fine := range map[string]bool{
		"https://example.com/a?b=c#d": true, "http://127.0.0.1:8080": true, "https://münchen.example/": true,
		"": false, "example.com": false, "javascript:alert(1)": false, "file:///etc/passwd": false, "mailto:a@b.c": false, "wails://wails/": false,
		"https://": false, "https://a b": false, "https://a.b/\n": false, "https://me:pw@a.b": false, "https:a.b": false,
		`https://a.b/"$(x)"`: false, "https://a.b/`x`": false, `https://a.b\c`: false, "HTTPS://A.B": true, "-https://a.b": false,
	} {
		if got, err := webAddress(address); (err == nil) != fine {
			t.Errorf("%q: %q %v", address, got, err)
		}
	}
}

func TestFolderInside(t *testing.T) {
	dir := t.TempDir()
	mail := filepath.Join(dir, "mail")
	if err := os.Mkdir(mail, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "out")
	if err := os.Symlink("/etc", link); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, fine := range map[string]bool{"": true, dir: true, mail: true, mail + "/..": true,
		"/": false, "/etc": false, dir + "/..": false, dir + "2": false, link: false, file: false, filepath.Join(dir, "none"): false} {
		if got, err := folderInside(dir, path); (err == nil) != fine {
			t.Errorf("%q: %q %v", path, got, err)
		}
	}
}

func TestFileContent(t *testing.T) {
	for content, want := range map[string]string{
		"name,mail\n": "name,mail\n", "": "", "data:image/png;base64,aGk=": "hi", "data: a;base64 b": "data: a;base64 b",
		"x data:;base64,aGk=": "x data:;base64,aGk=", "data:;base64,!": "refused",
	} {
		got, err := fileContent(content)
		if err != nil {
			got = []byte("refused")
		}
		if string(got) != want {
			t.Errorf("%q: %q", content, got)
		}
	}
}

func TestAutostart(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("on this system it would change the account's own settings")
	}
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if err := startWithSystem(false, ""); err != nil || startsWithSystem() {
		t.Errorf("off when it was off: %v", err)
	}
	if err := startWithSystem(true, `/srv/my "100 %" $data`); err != nil || !startsWithSystem() {
		t.Errorf("on: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(xdg.ConfigHome, "autostart", "portico.desktop"))
	if err != nil || !strings.Contains(string(text), `"--hidden" "--data" "/srv/my \\"100 %%\\" \\$data"`) {
		t.Errorf("%s %v", text, err)
	}
	if err := startWithSystem(false, ""); err != nil || startsWithSystem() {
		t.Errorf("off again: %v", err)
	}
}

func TestTheWordsAreComplete(t *testing.T) {
	if err := i18n.Check(messageFiles); err != nil {
		t.Error(err)
	}
	for key, want := range map[string]string{"de": "Datei", "en": "File"} {
		if got, _ := speak(key, "menu.file", nil); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}
