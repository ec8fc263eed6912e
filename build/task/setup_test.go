package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAtLeast(t *testing.T) {
	for _, story := range []struct {
		have, wanted string
		want         bool
	}{
		{"20.19.0", "20.19", true}, {"20.20.2", "20.19", true}, {"20.9.1", "20.19", false}, {"22", "20.19", true},
		{"18.19.0", "20.19", false}, {"9.9", "10", false}, {"10", "10", true}, {"11.19.1", "10", true},
		{"1.26.8", "1.26.0", true}, {"1.26", "1.26.0", true}, {"1.26rc1", "1.26.0", true}, {"1.25.9", "1.26.0", false},
		{"1.27-devel", "1.26.0", true}, {"nonsense", "1", false},
	} {
		if got := atLeast(story.have, story.wanted); got != story.want {
			t.Errorf("%s at least %s: %v", story.have, story.wanted, got)
		}
	}
}

func TestParseOSRelease(t *testing.T) {
	for text, want := range map[string]operatingSystem{
		"ID=debian\nVERSION_ID=\"12\"\n":          {family: "debian"},
		"ID=ubuntu\nID_LIKE=debian\n":             {family: "debian", ubuntu: true},
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"": {family: "debian", ubuntu: true},
		"ID=fedora\n": {family: "fedora"},
		"ID=\"rocky\"\nID_LIKE=\"rhel fedora\"\n": {family: "fedora"},
		"ID=arch\n":   {family: "arch"},
		"ID=alpine\n": {},
		"":            {},
	} {
		if got := parseOSRelease(text); got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}

func TestPackageNames(t *testing.T) {
	all := prerequisites()
	for family, want := range map[operatingSystem]string{
		{family: "debian"}:               "build-essential pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev xvfb xauth x11-utils xdotool imagemagick dbus dbus-x11 fonts-dejavu-core fonts-noto-core chromium webkit2gtk-driver exim4-daemon-light postgresql",
		{family: "debian", ubuntu: true}: "build-essential pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev xvfb xauth x11-utils xdotool imagemagick dbus dbus-x11 fonts-dejavu-core fonts-noto-core chromium-browser webkit2gtk-driver exim4-daemon-light postgresql",
	} {
		if got := strings.Join(packageNames(family, all), " "); got != want {
			t.Errorf("%+v:\n got %s\nwant %s", family, got, want)
		}
	}
	if got := strings.Join(packageNames(operatingSystem{family: "arch"}, all), " "); strings.Count(got, "dbus") != 1 {
		t.Errorf("a package is named twice: %s", got)
	}
}

func TestInstallHint(t *testing.T) {
	missing := []prerequisite{prerequisites()[0]}
	for family, words := range map[string]string{
		"fedora": "sudo dnf install gcc gcc-c++ make", "arch": "sudo pacman -S --needed base-devel",
		"darwin": "xcode-select --install", "windows": "MSYS2", "": "these Debian packages, then try again: build-essential",
	} {
		hint := installHint(operatingSystem{family: family}, missing)
		if !strings.Contains(hint, words) || !strings.Contains(hint, "building the window") {
			t.Errorf("%q: %s", family, hint)
		}
	}
}

func TestSamePackages(t *testing.T) {
	const lock = `{"packages":{"":{"version":"1"},"node_modules/a":{"version":"1.2.3"},"node_modules/win":{"version":"2","optional":true},"node_modules/left":{"version":"3","extraneous":true}}}`
	for name, story := range map[string]struct {
		installed string
		want      bool
	}{
		"all there":            {`{"packages":{"node_modules/a":{"version":"1.2.3"}}}`, true},
		"with an optional one": {`{"packages":{"node_modules/a":{"version":"1.2.3"},"node_modules/win":{"version":"2","optional":true}}}`, true},
		"another version":      {`{"packages":{"node_modules/a":{"version":"1.2.4"}}}`, false},
		"one missing":          {`{"packages":{}}`, false},
		"one too many":         {`{"packages":{"node_modules/a":{"version":"1.2.3"},"node_modules/b":{"version":"1"}}}`, false},
		"unreadable":           {`{"packages":`, false},
	} {
		if got := samePackages([]byte(lock), []byte(story.installed)); got != story.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNewestPostgres(t *testing.T) {
	got := newestPostgres([]string{"/usr/lib/postgresql/9.6/bin/initdb", "/usr/lib/postgresql/15/bin/initdb", "/usr/lib/postgresql/13/bin/initdb"})
	if got != "/usr/lib/postgresql/15/bin/initdb" {
		t.Errorf("picked %s", got)
	}
}

func TestFingerprint(t *testing.T) {
	root := t.TempDir()
	everything := func(string, fs.DirEntry) bool { return true }
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := func(keep func(string, fs.DirEntry) bool) string {
		t.Helper()
		text, err := fingerprint(root, keep)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	write("a.ts", "1")
	write("staff/b.ts", "22")
	before := sum(everything)
	if sum(everything) != before {
		t.Error("changes by itself")
	}
	write("node_modules/c.js", "3")
	write("dist/d.js", "4")
	write("embed.go", "5")
	if sum(isFrontendSource) != before {
		t.Error("counts packages, results or Go files as sources")
	}
	write("staff/b.ts", "333")
	changed := sum(isFrontendSource)
	if changed == before {
		t.Error("misses a changed file")
	}
	if err := os.Remove(filepath.Join(root, "a.ts")); err != nil {
		t.Fatal(err)
	}
	if sum(isFrontendSource) == changed {
		t.Error("misses a removed file")
	}
}
