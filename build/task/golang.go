package main

// This file builds and checks the Go part.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// The tags of every build. Without sqlite_fts5 the database has no full-text search; without the
// others Wails refuses to open a window, and webkit2_41 keeps request bodies from getting lost.
const (
	tagsAlways     = "sqlite_fts5"
	tagsHeadless   = tagsAlways + ",noui"
	tagsWindow     = "desktop,production,webkit2_41," + tagsAlways
	tagsAutomation = tagsWindow + ",automation"
)

// staticcheck is pinned by version, as a tool of the build and not of the program.
const staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"

// staticcheckBuilds has it look at both kinds of program at once: what only the window uses would seem
// unused in the other.
const staticcheckBuilds = "server: -tags=" + tagsAlways + "\nwindow: -tags=" + tagsWindow + "\n"

// windowBinary is the program people start; automationBinary is the same with a way in for the window tests.
func (p *project) windowBinary() string { return p.path("build/bin/portico" + exeSuffix()) }
func (p *project) automationBinary() string {
	return p.path("build/bin/portico-automation" + exeSuffix())
}

// exeSuffix is how a program's file name ends here.
func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// buildWindow builds the program with its window. Go itself skips what is up to date.
func (p *project) buildWindow(ctx context.Context) error {
	p.say("Building %s.", p.show(p.windowBinary()))
	return p.goBuild(ctx, p.windowBinary(), tagsWindow)
}

// buildAutomation builds the program the window tests drive; only Linux has a driver for it.
func (p *project) buildAutomation(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	p.say("Building %s.", p.show(p.automationBinary()))
	return p.goBuild(ctx, p.automationBinary(), tagsAutomation)
}

// goBuild builds the program for release.
func (p *project) goBuild(ctx context.Context, output, tags string) error {
	args := []string{"build", "-trimpath", "-tags", tags, "-ldflags", linkerFlags(runtime.GOOS), "-o", output}
	if exec.CommandContext(ctx, "git", "-C", p.root, "status", "--porcelain").Run() != nil {
		// Go would fail where git does: in a copy without history, or one that belongs to another user.
		args = append(args, "-buildvcs=false")
	}
	cmd := withEnv(p.stage(ctx, "go", append(args, ".")...), "CGO_ENABLED=1") // a stub database would compile without it
	if runtime.GOOS == "darwin" {
		withEnv(cmd, "CGO_LDFLAGS=-framework UniformTypeIdentifiers "+os.Getenv("CGO_LDFLAGS"))
	}
	return run(cmd)
}

// linkerFlags drops debugging tables, and on Windows the console window.
func linkerFlags(system string) string {
	if system == "windows" {
		return "-s -w -H windowsgui"
	}
	return "-s -w"
}

// show shortens a path for a message.
func (p *project) show(path string) string {
	if short, err := filepath.Rel(p.root, path); err == nil {
		return filepath.ToSlash(short)
	}
	return path
}

// lintGo checks how the Go code is formatted, then runs vet and staticcheck; each reports what it finds.
func (p *project) lintGo(ctx context.Context) error {
	p.say("Checking the formatting of Go files (gofmt).")
	formatted := p.checkFormat()
	packages, err := p.goPackages(ctx)
	if err != nil {
		return errors.Join(formatted, err)
	}
	p.say("Looking for mistakes in Go code (go vet).")
	vetted := run(p.stage(ctx, "go", append([]string{"vet", "-tags", tagsAlways}, packages...)...))
	p.say("Looking for mistakes in Go code (staticcheck).")
	check := p.stage(ctx, "go", append([]string{"run", staticcheck, "-matrix"}, packages...)...)
	check.Stdin = strings.NewReader(staticcheckBuilds)
	return errors.Join(formatted, vetted, run(check))
}

// goPackages lists our packages. Some npm packages carry Go files, and ./... would find those as well.
// A broken package is listed too (-e), so that it is reported by name and does not hide the others.
func (p *project) goPackages(ctx context.Context) ([]string, error) {
	cmd := p.stage(ctx, "go", "list", "-e", "-tags", tagsAlways, "./...")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := run(cmd); err != nil {
		return nil, fmt.Errorf("list the Go packages: %w", err)
	}
	return ownPackages(out.String()), nil
}

// ownPackages drops everything under a node_modules folder.
func ownPackages(list string) []string {
	var own []string
	for _, name := range strings.Fields(list) {
		if !strings.Contains(name+"/", "/node_modules/") {
			own = append(own, name)
		}
	}
	return own
}

// checkFormat names the Go files gofmt would change.
func (p *project) checkFormat() error {
	var wrong []string
	err := filepath.WalkDir(p.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != p.root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "dist" || name == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		formatted, err := format.Source(source)
		if err != nil {
			return fmt.Errorf("%s: %w", p.show(path), err)
		}
		if !bytes.Equal(source, formatted) {
			wrong = append(wrong, p.show(path))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check the formatting: %w", err)
	}
	if len(wrong) > 0 {
		return errors.New("please run gofmt -w on: " + strings.Join(wrong, " "))
	}
	return nil
}
