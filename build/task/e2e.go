package main

// This file runs the end-to-end tests: the real program on a screen of its own, driven from outside.

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// screenSize fits a desktop window with room around it.
const screenSize = "1600x1000x24"

// verbE2E builds what is stale and runs the end-to-end tests.
func verbE2E(ctx context.Context, p *project, _ []string) error {
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return p.setup(ctx, forWindow, forTests) },
		p.buildFrontend, p.buildWindow, p.buildAutomation,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	sum, err := p.endToEnd(ctx)
	p.say("%d passed, %d failed", sum.passed, sum.failed)
	return err
}

// endToEnd runs both suites against the built programs, each on the same screen, and counts them: Go
// drives the window, a browser drives the rest. The second runs even when the first failed.
func (p *project) endToEnd(ctx context.Context) (count, error) {
	home, err := os.MkdirTemp("", "portico-e2e-")
	if err != nil {
		return count{}, fmt.Errorf("make a folder for the tests' data: %w", err)
	}
	defer os.RemoveAll(home)
	settings, err := privateFolders(home)
	if err != nil {
		return count{}, err
	}
	settings = append(settings,
		"PORTICO_BIN="+p.windowBinary(),
		"PORTICO_AUTOMATION_BIN="+p.automationBinary(),
		"PORTICO_CHROMIUM="+findProgram(chromiumNames()...))
	if runtime.GOOS == "linux" {
		screen, display, err := startScreen(ctx)
		if err != nil {
			return count{}, err
		}
		defer screen.stop(politeStop)
		// Without WAYLAND_DISPLAY gone, GTK would show the tests on the real screen.
		settings = append(settings, "DISPLAY="+display, "WAYLAND_DISPLAY=", "GDK_BACKEND=x11")
	}
	window, windowErr := p.windowTests(ctx, settings)
	browser, browserErr := p.browserTests(ctx, settings)
	return count{window.passed + browser.passed, window.failed + browser.failed, window.skipped + browser.skipped}, errors.Join(windowErr, browserErr)
}

// onBus gives a command a message bus of its own, where there is one to give: notifications and "only
// one window" then behave as on a desktop.
func onBus(cmd *exec.Cmd) *exec.Cmd {
	if bus := findProgram("dbus-run-session"); bus != "" {
		cmd.Path, cmd.Args = bus, append([]string{bus, "--"}, cmd.Args...)
	}
	return cmd
}

// windowTests drives the real window. The go suite left these tests out for want of a screen.
func (p *project) windowTests(ctx context.Context, settings []string) (count, error) {
	p.say("Running the window's tests.")
	cmd := onBus(withEnv(p.stage(ctx, "go", "test", "-json", "-vet=off", "-count=1", "-timeout", packageLimit, "-tags", tagsHeadless, "-run", "^TestWindow", "./app"), settings...))
	return p.report(cmd)
}

// browserTests drives the program with a browser.
func (p *project) browserTests(ctx context.Context, settings []string) (count, error) {
	p.say("Running the end-to-end tests (npm run e2e).")
	cmd := onBus(withEnv(p.npm(ctx, "run", "e2e"), settings...))
	var said bytes.Buffer
	cmd.Stdout = io.MultiWriter(p.out, &said)
	runErr := run(cmd)
	sum := parseNode(said.String())
	if runErr != nil && sum.failed == 0 {
		sum.failed = 1
	}
	if runErr == nil && sum.passed == 0 {
		return sum, errors.New("the end-to-end tests ended without a single test")
	}
	return sum, runErr
}

// privateFolders keeps the programs under test away from the data of whoever runs the tests.
func privateFolders(home string) ([]string, error) {
	var settings []string
	for variable, name := range map[string]string{
		"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "run",
	} {
		dir := filepath.Join(home, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for the tests' data: %w", err)
		}
		settings = append(settings, variable+"="+dir)
	}
	return settings, nil
}

// startScreen starts an X server without a screen and returns its name, such as ":7". The server picks
// the number itself, so that several runs never meet.
func startScreen(ctx context.Context) (*daemon, string, error) {
	xvfb := findProgram("Xvfb")
	if xvfb == "" {
		return nil, "", errors.New("the window tests need Xvfb; run `go run ./build/task setup test`")
	}
	answer, tell, err := os.Pipe()
	if err != nil {
		return nil, "", fmt.Errorf("make a pipe to Xvfb: %w", err)
	}
	defer answer.Close()
	cmd := exec.Command(xvfb, "-displayfd", "3", "-screen", "0", screenSize, "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{tell}
	screen, err := startDaemon(cmd)
	tell.Close()
	if err != nil {
		return nil, "", fmt.Errorf("start Xvfb: %w", err)
	}
	number := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(answer).ReadString('\n')
		number <- strings.TrimSpace(line)
	}()
	select {
	case n := <-number:
		if n != "" {
			return screen, ":" + n, nil
		}
		err = errors.New("it ended right after starting")
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(grace):
		err = errors.New("it did not answer")
	}
	screen.stop(politeStop)
	return nil, "", fmt.Errorf("start Xvfb: %w", err)
}
