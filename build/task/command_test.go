package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestIsTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(null) || isTerminal(file) {
		t.Error("takes the null device or a file for a person")
	}
}

func TestCommandName(t *testing.T) {
	p := &project{root: t.TempDir(), out: io.Discard}
	if got := commandName(p.stage(t.Context(), "go", "test", "-json", "a", "b", "c")); got != "go test -json a …" {
		t.Errorf("got %q", got)
	}
	if got := commandName(p.stage(t.Context(), "npm", "ci")); got != "npm ci" {
		t.Errorf("got %q", got)
	}
}

// TestStoppingAStage makes sure that a stage's grandchildren go with it: npm starts sh, and sh starts node.
func TestStoppingAStage(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh on Windows")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	var out strings.Builder
	p := &project{root: t.TempDir(), out: &out}
	time.AfterFunc(100*time.Millisecond, func() { cancel(stopSignal{os.Interrupt}) })
	began := time.Now()
	err := run(p.stage(ctx, "sh", "-c", "sleep 60 | sleep 60; echo went on"))
	if err == nil || time.Since(began) > grace/2 {
		t.Errorf("took %s to stop: %v", time.Since(began), err)
	}
	if strings.Contains(out.String(), "went on") {
		t.Error("went on after the stop")
	}
}

func TestExitCodeIsHandedOn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh on Windows")
	}
	p := &project{root: t.TempDir(), out: io.Discard}
	var code exitCode
	if err := runForExit(p.attached(t.Context(), "sh", "-c", "exit 7")); !errors.As(err, &code) || code != 7 {
		t.Errorf("got %v", err)
	}
	if err := runForExit(p.attached(t.Context(), "sh", "-c", "exit 0")); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatStopsWellWhenAsked(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh on Windows")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	p := &project{root: t.TempDir(), out: io.Discard}
	time.AfterFunc(200*time.Millisecond, func() { cancel(errors.New("enough")) })
	if err := runForExit(p.attached(ctx, "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done")); err != nil {
		t.Errorf("got %v", err)
	}
}
