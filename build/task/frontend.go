package main

// This file installs, builds and checks the frontend.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// npm prepares an npm command in the frontend's folder.
func (p *project) npm(ctx context.Context, args ...string) *exec.Cmd {
	cmd := p.stage(ctx, "npm", args...)
	cmd.Dir = p.path("frontend")
	withEnv(cmd, "npm_config_update_notifier=false", "npm_config_fund=false", "npm_config_audit=false")
	if p.out != os.Stdout || !isTerminal(os.Stdout) {
		withEnv(cmd, "NO_COLOR=1") // some tools colour even a file
	}
	return cmd
}

// npmPackages installs the frontend's packages, unless those of this very lock file are there already:
// either we installed them from it, or npm's own account says so, as after somebody's `npm install`.
func (p *project) npmPackages(ctx context.Context) error {
	lock, err := os.ReadFile(p.path("frontend/package-lock.json"))
	if err != nil {
		return fmt.Errorf("read the list of the frontend's packages: %w", err)
	}
	sum := sha256.Sum256(lock)
	want, stamp := hex.EncodeToString(sum[:]), p.path("frontend/node_modules/.portico-lock")
	if readStamp(stamp) == want {
		return nil
	}
	// npm writes its account last of all, so an interrupted install has none.
	installed, err := os.ReadFile(p.path("frontend/node_modules/.package-lock.json"))
	if err == nil && samePackages(lock, installed) {
		return writeStamp(stamp, want)
	}
	p.say("Installing the frontend's packages (npm ci).")
	if err := run(p.npm(ctx, "ci")); err != nil {
		return err
	}
	return writeStamp(stamp, want)
}

// samePackages tells whether npm's account of the installed packages agrees with the lock file.
// Packages for other systems are optional and may be absent; so may leftovers npm calls extraneous.
func samePackages(lock, installed []byte) bool {
	type packages struct {
		Packages map[string]struct {
			Version    string `json:"version"`
			Optional   bool   `json:"optional"`
			Extraneous bool   `json:"extraneous"`
		} `json:"packages"`
	}
	var want, have packages
	if json.Unmarshal(lock, &want) != nil || json.Unmarshal(installed, &have) != nil {
		return false
	}
	for name, wanted := range want.Packages {
		found, ok := have.Packages[name]
		if name == "" || !ok && (wanted.Optional || wanted.Extraneous) {
			continue
		}
		if !ok || found.Version != wanted.Version {
			return false
		}
	}
	for name := range have.Packages {
		if _, ok := want.Packages[name]; !ok {
			return false
		}
	}
	return true
}

// buildFrontend builds both bundles into frontend/dist, unless nothing changed since the last time.
func (p *project) buildFrontend(ctx context.Context) error {
	want, err := fingerprint(p.path("frontend"), isFrontendSource)
	if err != nil {
		return fmt.Errorf("look for changes in the frontend: %w", err)
	}
	stamp := p.path("build/bin/.frontend")
	if readStamp(stamp) == want && notEmpty(p.path("frontend/dist/staff")) && notEmpty(p.path("frontend/dist/portal")) {
		return nil
	}
	p.say("Building the screens for staff and clients (npm run build).")
	if err := run(p.npm(ctx, "run", "build")); err != nil {
		return err
	}
	return writeStamp(stamp, want)
}

// lintFrontend runs the frontend's own checks.
func (p *project) lintFrontend(ctx context.Context) error {
	p.say("Checking the frontend's style (npm run lint).")
	if err := run(p.npm(ctx, "run", "lint")); err != nil {
		return err
	}
	p.say("Checking the frontend's types (npm run check).")
	return run(p.npm(ctx, "run", "check"))
}

// isFrontendSource picks what a bundle is made of: everything but results, tests of the whole, and packages.
func isFrontendSource(path string, entry fs.DirEntry) bool {
	switch path {
	case "dist", "e2e", "node_modules":
		return false
	}
	return !strings.HasPrefix(entry.Name(), ".") && filepath.Ext(path) != ".go"
}

// fingerprint sums up the names, sizes and times of all files under a folder that keep says yes to.
// A removed or renamed file changes it too, which comparing the newest time alone would miss.
func fingerprint(root string, keep func(path string, entry fs.DirEntry) bool) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		inside, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if !keep(filepath.ToSlash(inside), entry) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d %d\n", filepath.ToSlash(inside), info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// readStamp returns what writeStamp left, or "" when there is nothing.
func readStamp(file string) string {
	text, _ := os.ReadFile(file) // none: the step was never done
	return string(text)
}

// writeStamp remembers from which sources a step was done.
func writeStamp(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make a folder for results: %w", err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("remember what was built: %w", err)
	}
	return nil
}

// notEmpty tells whether a folder exists and holds something.
func notEmpty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) > 0
}
