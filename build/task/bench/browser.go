package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"portico/backend/torture"
)

// errNotHere is why something cannot be measured on this computer; it is told
// and the benchmark is left out.
type errNotHere struct{ why string }

// Error implements error.
func (e errNotHere) Error() string { return e.why }

// portalInBrowser is B15: what a phone of the middle class meets on a slow network.
func portalInBrowser(ctx context.Context, e *environment) ([]figure, error) {
	return e.inBrowser(ctx, 1_000, "portal", func(p *torture.Program) (string, error) {
		ids, err := contactIDs(ctx, p, 1)
		if err != nil {
			return "", err
		}
		paths, err := makeLinks(ctx, p, ids[:1])
		if err != nil {
			return "", err
		}
		return p.Portal + paths[0], nil
	}, func(seen map[string]float64) []figure {
		const on = "portal's home, signed in, CPU ÷ 4, 150 ms and 1.6 Mbit/s: "
		return []figure{
			{What: on + "script", Unit: "kB", Measured: seen["script_kb"], goal: goal{sort: atMost, bound: 60}},
			{What: on + "style", Unit: "kB", Measured: seen["style_kb"], goal: goal{sort: atMost, bound: 15}},
			{What: on + "all of the first load", Unit: "kB", Measured: seen["all_kb"], goal: goal{sort: atMost, bound: 120}},
			{What: on + "largest paint", Unit: "ms", Measured: seen["lcp_ms"], goal: goal{sort: atMost, bound: 1500}},
			{What: on + "blocked", Unit: "ms", Measured: seen["blocked_ms"], goal: goal{sort: atMost, bound: 100}},
			{What: "portal's home: main thread, not slowed", Unit: "ms CPU", Measured: seen["cpu_ms"]},
			{What: on + "layout shift", Measured: seen["shift"], goal: goal{sort: atMost, bound: 0.02}},
			{What: "front door without script", Unit: "letters of text", Measured: seen["words_without_script"], goal: goal{sort: atLeast, bound: 20}},
		}
	})
}

// staffInBrowser is B16: the list of all contacts under a scrolling hand.
func staffInBrowser(ctx context.Context, e *environment) ([]figure, error) {
	return e.inBrowser(ctx, e.size(), "staff", func(p *torture.Program) (string, error) {
		code, said, err := p.Run("staff-link")
		if err == nil && code != 0 {
			err = errors.New(said)
		}
		return strings.TrimSpace(said), err
	}, func(seen map[string]float64) []figure {
		list := fmt.Sprintf("list of %d contacts: ", e.size())
		return []figure{
			{What: list + "frame at 20,000 px/s, p95", Unit: "ms", Measured: seen["frame_p95_ms"], Limit: seen["bare_p95_ms"], LimitOf: "an empty page", goal: goal{sort: atMost, bound: 16.7}},
			{What: list + "worst frame", Unit: "ms", Measured: seen["frame_worst_ms"], Limit: seen["bare_worst_ms"], LimitOf: "an empty page", goal: goal{sort: atMost, bound: 50}},
			{What: list + "main thread a frame", Unit: "ms CPU", Measured: seen["frame_cpu_ms"]},
			{What: list + "rows drawn", Measured: seen["rows"], goal: goal{sort: atMost, bound: 100}},
			{What: list + "jump to the end", Unit: "ms", Measured: seen["jump_ms"], goal: goal{sort: atMost, bound: 200}},
			{What: list + "key to result, p95", Unit: "ms", Measured: seen["key_p95_ms"], goal: goal{sort: atMost, bound: 100}},
			{What: list + "main thread a key", Unit: "ms CPU", Measured: seen["key_cpu_ms"]},
			{What: list + "JS heap afterwards", Unit: "MB", Measured: seen["heap_mb"], goal: goal{sort: atMost, bound: 80}},
		}
	})
}

// inBrowser starts the program with its screens on a store of n contacts and has
// frontend/tools/measure.mjs look at an address of it.
func (e *environment) inBrowser(ctx context.Context, n int, what string, address func(*torture.Program) (string, error), told func(map[string]float64) []figure) ([]figure, error) {
	chromium, err := e.screens(ctx)
	if err != nil {
		return nil, err
	}
	p, err := e.fresh(ctx, n)
	if err != nil {
		return nil, err
	}
	p.Path = e.screened
	if _, err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Kill()
	link, err := address(p)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", "tools/measure.mjs", what, link)
	cmd.Dir, cmd.Stderr = "frontend", os.Stderr
	cmd.Env = append(os.Environ(), "PORTICO_CHROMIUM="+chromium)
	said, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("measuring the %s in %s: %w", what, chromium, err)
	}
	var seen map[string]float64
	if err := json.Unmarshal(said, &seen); err != nil {
		return nil, fmt.Errorf("reading what the browser saw: %w", err)
	}
	return told(seen), nil
}

// screens builds the program with its screens, once, and finds the browser.
func (e *environment) screens(ctx context.Context) (chromium string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		return "", errNotHere{"Chromium is not installed"}
	}
	for file, verb := range map[string]string{"frontend/dist/portal/index.html": "build", "frontend/node_modules/playwright-core/package.json": "setup test"} {
		if _, err := os.Stat(file); err != nil {
			return "", errNotHere{"the screens are not built; run `go run ./build/task " + verb + "`"}
		}
	}
	if e.screened != "" {
		return chromium, nil
	}
	path := filepath.Join(e.dir, "portico-screens")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "sqlite_fts5", "-ldflags", "-s -w", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program with its screens: %w\n%s", err, out)
	}
	e.screened = path
	return chromium, nil
}
