package torture_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"portico/backend/torture"
)

var (
	ctx = context.Background()
	// full is how long these tests really take; CI sees a part of it.
	full   = os.Getenv("PORTICO_TORTURE") == "full"
	folder string
)

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "portico-torture-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// build compiles the program once for all tests.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "portico")
	return path, torture.Build(ctx, path)
})

// scaled chooses between the figure for CI and the one of the promise.
func scaled(ci, promised int) int {
	if full {
		return promised
	}
	return ci
}

// prepared is the program on a new data folder, not running.
func prepared(t *testing.T) *torture.Program {
	t.Helper()
	if testing.Short() {
		t.Skip("left out with -short: it builds the real program and kills it for minutes")
	}
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &torture.Program{Path: path, Data: filepath.Join(t.TempDir(), "data")}
	if err := os.Mkdir(p.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// start starts it or fails the test.
func start(t *testing.T, p *torture.Program) time.Duration {
	t.Helper()
	took, err := p.Start()
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// dice tells its seed, so that a failure can be had again.
func dice(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// inspect looks into the store of a program that is not running.
func inspect(t *testing.T, p *torture.Program) *torture.Inside {
	t.Helper()
	in, err := torture.Inspect(ctx, p.Data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

// set is a column of the store.
func set(t *testing.T, in *torture.Inside, query string) map[string]bool {
	t.Helper()
	out, err := in.Set(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
