package main

// This file runs the three suites of tests and counts them: Go, the frontend's units, and the e2e suite.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// packageLimit is how long the tests of one Go package may take.
const packageLimit = "10m"

// goTests runs Go tests with a PostgreSQL beside them.
func (p *project) goTests(ctx context.Context, flags, packages []string) (count, error) {
	server, err := startPostgres(ctx)
	if err != nil {
		return count{}, err
	}
	defer server.stop()
	args := slices.Concat([]string{"test", "-json", "-vet=off", "-timeout", packageLimit, "-tags", tagsAlways}, flags, packages)
	cmd := withEnv(p.stage(ctx, "go", args...), postgresVariable+"="+server.url)
	return p.report(cmd)
}

// report runs `go test -json` and counts what it says.
func (p *project) report(cmd *exec.Cmd) (count, error) {
	cmd.Stdout = nil
	events, err := cmd.StdoutPipe()
	if err != nil {
		return count{}, fmt.Errorf("listen to the Go tests: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return count{}, fmt.Errorf("start the Go tests: %w", err)
	}
	report := newGoReport(p.out)
	readErr := report.read(events)
	if err := cmd.Wait(); err != nil {
		return report.total, fmt.Errorf("go test: %w", err)
	}
	return report.total, readErr
}

// allGoTests runs every Go test once.
func (p *project) allGoTests(ctx context.Context) (count, error) {
	packages, err := p.goPackages(ctx)
	if err != nil {
		return count{}, err
	}
	p.say("Running the Go tests of %d packages, with a PostgreSQL beside them.", len(packages))
	return p.goTests(ctx, nil, packages)
}

// racingGoTests runs the backend's quick tests once more, watched for data races. Only failures are
// counted: each of these tests has been counted before.
func (p *project) racingGoTests(ctx context.Context) (count, error) {
	packages, err := p.goPackages(ctx)
	if err != nil {
		return count{}, err
	}
	packages = slices.DeleteFunc(packages, func(name string) bool {
		return !strings.HasPrefix(name, moduleName+"/backend/")
	})
	if len(packages) == 0 {
		return count{}, nil
	}
	p.say("Running the backend's quick tests again, watching for data races.")
	sum, err := p.goTests(ctx, []string{"-race", "-short"}, packages)
	return count{failed: sum.failed}, err
}

// unitTests runs vitest and reads its results from a file.
func (p *project) unitTests(ctx context.Context) (count, error) {
	dir, err := os.MkdirTemp("", "portico-vitest-")
	if err != nil {
		return count{}, fmt.Errorf("make a folder for results: %w", err)
	}
	defer os.RemoveAll(dir)
	results := filepath.Join(dir, "results.json")
	p.say("Running the frontend's tests (vitest).")
	runErr := run(p.npm(ctx, "run", "test", "--", "--reporter=default", "--reporter=json", "--outputFile.json="+results))
	text, err := os.ReadFile(results)
	if err != nil {
		return count{}, errors.Join(runErr, fmt.Errorf("read the results of vitest: %w", err))
	}
	sum, err := parseVitest(text)
	return sum, errors.Join(runErr, err)
}

// parseVitest reads vitest's JSON. A file that could not even be loaded has no tests; it counts as one failure.
func parseVitest(text []byte) (count, error) {
	var said struct {
		Passed  int  `json:"numPassedTests"`
		Failed  int  `json:"numFailedTests"`
		Pending int  `json:"numPendingTests"`
		Success bool `json:"success"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return count{}, fmt.Errorf("understand the results of vitest: %w", err)
	}
	if !said.Success && said.Failed == 0 {
		said.Failed = 1
	}
	return count{said.Passed, said.Failed, said.Pending}, nil
}

// nodeSummary is a line of the summary node's test runner prints, in its two styles.
var nodeSummary = regexp.MustCompile(`(?m)^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)\r?$`)

// parseNode adds up the summaries in the output of node's test runner.
func parseNode(text string) count {
	var sum count
	for _, line := range nodeSummary.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(line[2]) // only digits get here
		switch line[1] {
		case "pass":
			sum.passed += n
		case "fail", "cancelled":
			sum.failed += n
		default:
			sum.skipped += n
		}
	}
	return sum
}
