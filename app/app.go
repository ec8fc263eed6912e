// Package app is the outside of Portico: the command line, the window, the
// listeners, and the order in which they start and stop. Everything that would
// exist without a window or a terminal lives in backend.
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
)

// program is one run of the command line. Tests fill it with their own streams,
// environment and backend.
type program struct {
	out, err io.Writer
	env      func(string) string
	backend  opener
	verbose  bool
	signals  func(context.Context) (context.Context, func())
}

// Main runs the command line and answers the exit code.
func Main(args []string) int {
	p := &program{out: os.Stdout, err: os.Stderr, env: os.Getenv, backend: openBackend, signals: untilSignal}
	return p.run(context.Background(), args)
}

// run is Main with everything it touches given.
func (p *program) run(ctx context.Context, args []string) int {
	// Without this, cobra refuses to start from the Windows Explorer, which is
	// how most people there open a window.
	cobra.MousetrapHelpText = ""
	root := p.root()
	root.SetArgs(args)
	root.SetOut(p.out)
	root.SetErr(p.err)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var code exitCode
	if !errors.As(err, &code) {
		code = exitCode(p.explain(ran, err))
	}
	return int(code)
}

// log is where a command line run writes its log: stderr, so that stdout holds
// nothing but answers; only --verbose shows what is routine.
func (p *program) log(level slog.Level) *slog.Logger {
	if p.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level}))
}
