package main

// This file runs other programs, in one of two manners: stage commands get a process group of their
// own and no keyboard, so that stopping takes all their children along; attached commands share our
// terminal, so that a password prompt or an interactive program works.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// grace is how long a stopped program may take to end before it is killed.
const grace = 20 * time.Second

// stage prepares a command that runs unattended from the root of the checkout.
func (p *project) stage(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.root, p.out, p.out
	ownGroup(cmd)
	cmd.Cancel = func() error { return stopGroup(cmd.Process) }
	cmd.WaitDelay = grace
	return cmd
}

// attached prepares a command that shares our terminal.
func (p *project) attached(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = p.root, os.Stdin, p.out, os.Stderr
	cmd.Cancel = func() error {
		var stop stopSignal
		if errors.As(context.Cause(ctx), &stop) && stop.Signal == os.Interrupt && isTerminal(os.Stdin) {
			return nil // Ctrl-C reached the program by itself; a second one often means "at once"
		}
		return politeStop(cmd.Process)
	}
	cmd.WaitDelay = grace
	return cmd
}

// run runs a prepared command and says which one failed.
func run(cmd *exec.Cmd) error {
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", commandName(cmd), err)
	}
	return nil
}

// runForExit runs an attached command and hands its own exit code on without a word of ours. One that
// was asked to stop and then ended well has ended well.
func runForExit(cmd *exec.Cmd) error {
	err := cmd.Run()
	if cmd.ProcessState != nil && cmd.ProcessState.Success() {
		return nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exitCode(exit.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", commandName(cmd), err)
	}
	return nil
}

// withEnv adds settings to a command's environment.
func withEnv(cmd *exec.Cmd, settings ...string) *exec.Cmd {
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, settings...)
	return cmd
}

// commandName is a command as a person would name it: the program and its first words, never a screenful.
func commandName(cmd *exec.Cmd) string {
	const words = 4
	name := ""
	for i, word := range cmd.Args {
		if i == words {
			return name + " …"
		}
		if i > 0 {
			name += " "
		}
		name += word
	}
	return name
}

// isTerminal tells whether a file is a keyboard or screen. The null device is one of the same kind, as
// far as the system tells, but nobody sits there.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
