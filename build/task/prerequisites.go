package main

// This file knows what has to be on the computer before Portico can be built and tested, and notices
// what is missing. How it gets there is in install.go.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// The oldest Node and npm the frontend's tools accept.
const (
	oldestNode = "20.19"
	oldestNPM  = "10"
)

// purpose says what a prerequisite is for; each verb asks only for what it needs.
type purpose string

const (
	forWindow purpose = "building the window"
	forTests  purpose = "the tests"
)

// prerequisite is one thing another project provides. It is there when its pkg-config module, one of
// its programs and one of its files (each only if given) is found, whoever installed it.
type prerequisite struct {
	purpose   purpose
	programs  []string
	module    string
	files     []string
	found     func() bool // asks in another way than the three above
	everyOS   bool        // else Linux only
	debian    string
	fedora    string
	arch      string
	elsewhere string // what to do on macOS and Windows
}

// prerequisites lists everything, window first.
func prerequisites() []prerequisite {
	return []prerequisite{
		{purpose: forWindow, programs: []string{"gcc", "cc", "clang"}, files: headers(), everyOS: true,
			debian: "build-essential", fedora: "gcc gcc-c++ make", arch: "base-devel",
			elsewhere: "a C compiler (macOS: run `xcode-select --install`; Windows: install MSYS2 and its mingw-w64 gcc, and put gcc on the PATH)"},
		{purpose: forWindow, programs: []string{"pkg-config"}, debian: "pkg-config", fedora: "pkgconf-pkg-config", arch: "pkgconf"},
		{purpose: forWindow, module: "gtk+-3.0", debian: "libgtk-3-dev", fedora: "gtk3-devel", arch: "gtk3"},
		{purpose: forWindow, module: "webkit2gtk-4.1", debian: "libwebkit2gtk-4.1-dev", fedora: "webkit2gtk4.1-devel", arch: "webkit2gtk-4.1"},

		{purpose: forTests, programs: []string{"Xvfb"}, debian: "xvfb", fedora: "xorg-x11-server-Xvfb", arch: "xorg-server-xvfb"},
		{purpose: forTests, programs: []string{"xauth"}, debian: "xauth", fedora: "xauth", arch: "xorg-xauth"},
		{purpose: forTests, programs: []string{"xwininfo"}, debian: "x11-utils", fedora: "xwininfo", arch: "xorg-xwininfo"},
		{purpose: forTests, programs: []string{"xdotool"}, debian: "xdotool", fedora: "xdotool", arch: "xdotool"},
		{purpose: forTests, programs: []string{"import"}, debian: "imagemagick", fedora: "ImageMagick", arch: "imagemagick"},
		{purpose: forTests, programs: []string{"dbus-run-session"}, debian: "dbus", fedora: "dbus-daemon", arch: "dbus"},
		{purpose: forTests, programs: []string{"dbus-launch"}, debian: "dbus-x11", fedora: "dbus-x11", arch: "dbus"},
		{purpose: forTests, files: fonts("DejaVuSans.ttf"), debian: "fonts-dejavu-core", fedora: "dejavu-sans-fonts", arch: "ttf-dejavu"},
		{purpose: forTests, files: fonts("NotoSansHebrew*"), debian: "fonts-noto-core", fedora: "google-noto-sans-hebrew-fonts", arch: "noto-fonts"},
		{purpose: forTests, programs: chromiumNames(), debian: "chromium", fedora: "chromium", arch: "chromium"},
		{purpose: forTests, programs: []string{"WebKitWebDriver"}, debian: "webkit2gtk-driver", fedora: "webkitgtk6.0", arch: "webkit2gtk-4.1"},
		{purpose: forTests, programs: []string{"exim4", "exim"}, debian: "exim4-daemon-light", fedora: "exim", arch: "exim"},
		{purpose: forTests, found: havePostgres, everyOS: true,
			debian: "postgresql", fedora: "postgresql-server postgresql-contrib", arch: "postgresql",
			elsewhere: "PostgreSQL 15 or newer, with its programs on the PATH (macOS: `brew install postgresql@17`; Windows: the installer from postgresql.org)"},
	}
}

// headers is where the C library's headers lie on Linux; elsewhere the compiler knows.
func headers() []string {
	if runtime.GOOS != "linux" {
		return nil
	}
	return []string{"/usr/include/stdio.h"}
}

// fonts lists the places in which distributions keep a font file.
func fonts(name string) []string {
	return []string{
		"/usr/share/fonts/truetype/*/" + name, // Debian
		"/usr/share/fonts/*/" + name,          // Fedora, Arch
	}
}

// chromiumNames are the names a browser of the Chromium family goes by.
func chromiumNames() []string {
	return []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}
}

// missingFor returns what is not there yet for the given purposes.
func missingFor(purposes ...purpose) []prerequisite {
	var missing []prerequisite
	for _, need := range prerequisites() {
		wanted := false
		for _, purpose := range purposes {
			wanted = wanted || need.purpose == purpose
		}
		if wanted && (need.everyOS || runtime.GOOS == "linux") && !need.present() {
			missing = append(missing, need)
		}
	}
	return missing
}

// present tells whether a prerequisite is on this computer.
func (need prerequisite) present() bool {
	if need.found != nil && !need.found() {
		return false
	}
	if need.module != "" && exec.Command("pkg-config", "--exists", need.module).Run() != nil {
		return false
	}
	if len(need.programs) > 0 && findProgram(need.programs...) == "" {
		return false
	}
	return len(need.files) == 0 || findFile(need.files...)
}

// findProgram returns the path of the first program that exists, or "". Servers such as exim live in
// sbin, which is not on an ordinary user's PATH.
func findProgram(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		if path, err := exec.LookPath(filepath.Join("/usr/sbin", name)); err == nil {
			return path
		}
	}
	return ""
}

// findFile tells whether one of the patterns matches a file.
func findFile(patterns ...string) bool {
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return true
		}
	}
	return false
}

// checkGo makes sure that Go is new enough for go.mod and may compile C, which the database needs.
func (p *project) checkGo(ctx context.Context) error {
	wanted, have := goModField(p.path("go.mod"), "go"), strings.TrimPrefix(runtime.Version(), "go")
	if !atLeast(have, wanted) {
		return fmt.Errorf("building Portico needs Go %s or newer and this is Go %s; get the current one from go.dev/dl", wanted, have)
	}
	if os.Getenv("CGO_ENABLED") == "0" {
		return errors.New("CGO_ENABLED=0 is set, but Portico's database is compiled from C; unset it and try again")
	}
	return ctx.Err()
}

// checkNode makes sure that Node and npm are there and new enough.
func (p *project) checkNode(ctx context.Context) error {
	for _, tool := range []struct{ name, oldest string }{{"node", oldestNode}, {"npm", oldestNPM}} {
		said, err := exec.CommandContext(ctx, tool.name, "--version").Output()
		if err != nil {
			return fmt.Errorf("the screens of Portico are built with Node, and %q does not run here; install Node %s or newer from nodejs.org (npm comes with it): %w",
				tool.name, oldestNode, err)
		}
		have := strings.TrimPrefix(strings.TrimSpace(string(said)), "v")
		if !atLeast(have, tool.oldest) {
			return fmt.Errorf("building Portico needs %s %s or newer and this is %s; get the current Node from nodejs.org", tool.name, tool.oldest, have)
		}
	}
	return nil
}

// atLeast compares dotted versions number by number; what is not a number counts as 0.
func atLeast(have, wanted string) bool {
	a, b := strings.Split(have, "."), strings.Split(wanted, ".")
	for i := range max(len(a), len(b)) {
		if x, y := versionPart(a, i), versionPart(b, i); x != y {
			return x > y
		}
	}
	return true
}

// versionPart reads one number of a version; "26rc1" and a missing part are read as far as they go.
func versionPart(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	digits := parts[i]
	for end, r := range digits {
		if r < '0' || r > '9' {
			digits = digits[:end]
			break
		}
	}
	n, _ := strconv.Atoi(digits)
	return n
}
