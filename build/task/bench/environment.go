package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"portico/backend/kernel/db"
	"portico/backend/kernel/limit"
	"portico/backend/torture"
)

// raisedLimits are what the benchmarks must not run into; security.md's own
// values are for people.
var raisedLimits = map[string]limit.Bounds{
	"login_address": {{Max: 1_000_000, Seconds: 60}},
	"login_network": {{Max: 1_000_000, Seconds: 60}},
	"login_total":   {{Max: 1_000_000, Seconds: 60}},
	"recipient":     {{Max: 1_000_000, Seconds: 60}},
}

// environment is where everything happens.
type environment struct {
	options
	dir     string // removed at the end
	program string
	// screened is the program with its screens, once something needs it.
	screened string
	running  map[int]*torture.Program // by size of store; only for reading
	open     []*torture.Program
}

func newEnvironment(ctx context.Context, o options) (*environment, error) {
	dir, err := os.MkdirTemp("", "portico-bench-")
	if err != nil {
		return nil, err
	}
	e := &environment{options: o, dir: dir, program: o.binary, running: map[int]*torture.Program{}}
	if e.program == "" {
		e.program = filepath.Join(dir, "portico")
		if err := torture.Build(ctx, e.program); err != nil {
			_ = os.RemoveAll(dir)
			return nil, err
		}
	}
	fmt.Println("Limits raised through the settings table, in every store:")
	for _, name := range limit.Names() {
		if b, raised := raisedLimits[name]; raised {
			fmt.Printf("  limit.%s = %d in %d s\n", name, b[0].Max, b[0].Seconds)
		}
	}
	return e, nil
}

func (e *environment) close() {
	for _, p := range e.open {
		p.Kill()
	}
	_ = os.RemoveAll(e.dir)
}

// size is how many contacts a benchmark's usual store holds.
func (e *environment) size() int {
	if e.quick {
		return 10_000
	}
	return 100_000
}

// shared is a running program on a store with n contacts that nobody changes.
func (e *environment) shared(ctx context.Context, n int) (*torture.Program, error) {
	if p := e.running[n]; p != nil {
		return p, nil
	}
	p, err := e.fresh(ctx, n)
	if err != nil {
		return nil, err
	}
	if _, err := p.Start(); err != nil {
		return nil, err
	}
	e.running[n] = p
	return p, nil
}

// fresh is a program on its own copy of a store with n contacts, not running yet.
func (e *environment) fresh(ctx context.Context, n int) (*torture.Program, error) {
	seed, err := seeded(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("filling a store with %d contacts: %w", n, err)
	}
	home, err := os.MkdirTemp(e.dir, "home-")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(home, "data")
	if out, err := exec.CommandContext(ctx, "cp", "-R", seed, data).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("copying a store: %w: %s", err, out)
	}
	p := &torture.Program{Path: e.program, Data: data}
	e.open = append(e.open, p)
	return p, nil
}

// raise overrides limits in a store that nobody uses.
func raise(ctx context.Context, data string) error {
	d, err := db.Open(ctx, db.Config{Path: filepath.Join(data, "portico.db")})
	if err != nil {
		return err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		for name, bounds := range raisedLimits {
			if err := limit.Override(ctx, tx, name, bounds); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.Close()
}

// host is the host and port of an address.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
