package main

// This file knows where the checkout is.

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// moduleName is the first line of Portico's go.mod; it is how the root of the checkout is recognised.
const moduleName = "portico"

// project is what every verb gets: the root of the checkout and where to print.
type project struct {
	root string
	out  io.Writer
}

// openProject finds the checkout from the current folder upwards, so the tool works from any folder in it.
func openProject() (*project, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the current folder: %w", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if readModuleName(filepath.Join(dir, "go.mod")) == moduleName {
			return &project{root: dir, out: os.Stdout}, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, errors.New("this is not a Portico checkout; change into the folder you cloned and try again")
		}
	}
}

// path makes an absolute path of one inside the checkout, given with slashes.
func (p *project) path(slashed string) string {
	return filepath.Join(p.root, filepath.FromSlash(slashed))
}

// say prints one line about what happens next.
func (p *project) say(format string, args ...any) {
	fmt.Fprintf(p.out, format+"\n", args...)
}

// readModuleName returns the module a go.mod declares, or "" when there is none.
func readModuleName(file string) string { return goModField(file, "module") }

// goModField returns the single value after a word such as "module" or "go" in a go.mod.
func goModField(file, word string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == word {
			return fields[1]
		}
	}
	return ""
}
