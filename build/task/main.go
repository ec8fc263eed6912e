// Command task is Portico's one build tool: `go run ./build/task <verb>` does the same on every
// computer. It uses nothing but Go's standard library and none of Portico's own code, so it starts
// in about a second on a fresh clone, before anything else has been downloaded.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(start(os.Args[1:]))
}

// start finds the checkout, runs one verb and turns its outcome into an exit code.
func start(args []string) int {
	ctx, stop := untilStopped(context.Background())
	defer stop()
	project, err := openProject()
	if err == nil {
		err = dispatch(ctx, project, args)
	}
	var quiet exitCode
	var stopped stopSignal
	switch {
	case err == nil:
		return 0
	case errors.As(context.Cause(ctx), &stopped):
		fmt.Fprintln(os.Stderr, "task: "+stopped.Error())
		return 1
	case errors.As(err, &quiet):
		return int(quiet)
	default:
		fmt.Fprintln(os.Stderr, "task: "+err.Error())
		return 1
	}
}

// exitCode ends the tool with that code and no message: whatever failed has already said why.
type exitCode int

func (code exitCode) Error() string { return fmt.Sprintf("exit code %d", int(code)) }

// stopSignal is the cause a context carries once somebody asked the tool to stop.
type stopSignal struct{ os.Signal }

func (s stopSignal) Error() string { return "stopped by " + s.String() }

// untilStopped gives a context that ends at Ctrl-C, at a polite kill, or when the process that
// started us is gone. The last one matters because `go run` does not pass SIGTERM on: without it a
// cancelled build would go on in the background and keep its PostgreSQL alive.
func untilStopped(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	starter := os.Getppid()
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case sig := <-signals:
				cancel(stopSignal{sig})
			case <-tick.C:
				if os.Getppid() != starter {
					cancel(stopSignal{syscall.SIGTERM})
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
