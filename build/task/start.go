package main

// This file starts the program for people: run for using it, dev for changing it, bench and soak for measuring it.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// verbRun builds what is stale and opens Portico.
func verbRun(ctx context.Context, p *project, args []string) error {
	if err := verbBuild(ctx, p, nil); err != nil {
		return err
	}
	if !hasScreen(runtime.GOOS, os.Getenv) && (len(args) == 0 || strings.HasPrefix(args[0], "-")) {
		p.say("There is no screen here, so Portico starts without its window: open the address it prints in a browser.")
		args = slices.Insert(slices.Clone(args), 0, "serve")
	}
	return runForExit(p.attached(ctx, p.windowBinary(), args...))
}

// hasScreen tells whether a window can be shown.
func hasScreen(system string, env func(string) string) bool {
	return system != "linux" || env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != ""
}

// verbBuild builds the program with its window.
func verbBuild(ctx context.Context, p *project, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("build takes nothing, not %q", strings.Join(args, " "))
	}
	if err := p.setup(ctx, forWindow); err != nil {
		return err
	}
	if err := p.buildFrontend(ctx); err != nil {
		return err
	}
	return p.buildWindow(ctx)
}

// verbLint runs all checks that need no running program, and reports every one that fails.
func verbLint(ctx context.Context, p *project, _ []string) error {
	if err := p.checkGo(ctx); err != nil {
		return err
	}
	if err := p.checkNode(ctx); err != nil {
		return err
	}
	if err := p.npmPackages(ctx); err != nil {
		return err
	}
	return errors.Join(p.lintGo(ctx), p.lintFrontend(ctx))
}

// verbBench runs the benchmark suite, a program of its own.
func verbBench(ctx context.Context, p *project, args []string) error {
	if err := p.checkGo(ctx); err != nil {
		return err
	}
	return runForExit(p.attached(ctx, "go", slices.Concat([]string{"run", "-tags", tagsAlways, "./build/task/bench"}, args)...))
}

// verbSoak runs the benchmark program for hours, looking for what grows.
func verbSoak(ctx context.Context, p *project, args []string) error {
	return verbBench(ctx, p, slices.Insert(slices.Clone(args), 0, "-soak"))
}

// verbDev serves the program and starts it again whenever a source file changes.
func verbDev(ctx context.Context, p *project, args []string) error {
	if err := p.checkGo(ctx); err != nil {
		return err
	}
	if err := p.checkNode(ctx); err != nil {
		return err
	}
	if err := p.npmPackages(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		seen, err := p.sources()
		if err != nil {
			return err
		}
		if err := p.serveUntilChange(ctx, seen, args); err != nil {
			return err
		}
	}
	return nil
}

// serveUntilChange builds and serves once, and returns when the sources are no longer the ones seen.
// What goes wrong meanwhile is shown, and tried again after the next change.
func (p *project) serveUntilChange(ctx context.Context, seen string, args []string) error {
	serving, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := p.buildAndServe(serving, args)
		switch {
		case serving.Err() != nil:
		case err != nil:
			p.say("That did not work (%v). Waiting for a change.", err)
		default:
			p.say("Portico ended. Waiting for a change.")
		}
	}()
	err := p.waitForChange(ctx, seen)
	stop()
	<-ended
	return err
}

// buildAndServe builds a quick, headless program and runs it.
func (p *project) buildAndServe(ctx context.Context, args []string) error {
	if err := p.buildFrontend(ctx); err != nil {
		return err
	}
	program := p.path("build/bin/portico-dev" + exeSuffix())
	p.say("Building the program.")
	if err := run(p.stage(ctx, "go", "build", "-buildvcs=false", "-tags", tagsAlways, "-o", program, ".")); err != nil {
		return err
	}
	return run(p.attached(ctx, program, slices.Concat([]string{"serve"}, args)...))
}

// waitForChange looks at the sources about once a second. It waits until two looks agree, so that a
// half-saved set of files is not built.
func (p *project) waitForChange(ctx context.Context, seen string) error {
	last := seen
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(700 * time.Millisecond):
		}
		now, err := p.sources()
		if err != nil {
			return err
		}
		if now != seen && now == last {
			p.say("Something changed: building again.")
			return nil
		}
		last = now
	}
}

// sources sums up everything the program is made of.
func (p *project) sources() (string, error) {
	sum, err := fingerprint(p.root, func(path string, entry fs.DirEntry) bool {
		if strings.HasPrefix(entry.Name(), ".") || path == "build" {
			return false
		}
		if inside, found := strings.CutPrefix(path, "frontend/"); found {
			return isFrontendSource(inside, entry) || filepath.Ext(path) == ".go"
		}
		return true
	})
	if err != nil {
		return "", fmt.Errorf("look for changes: %w", err)
	}
	return sum, nil
}
