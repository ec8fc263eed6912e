package main

// This file reads what `go test -json` says, counts the tests and prints only what matters: a line
// for each package, and everything a failed test said.

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// count is how many tests passed, failed and were skipped.
type count struct{ passed, failed, skipped int }

// add sums two counts.
func (c count) add(other count) count {
	return count{c.passed + other.passed, c.failed + other.failed, c.skipped + other.skipped}
}

// goEvent is one line of `go test -json`.
type goEvent struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

// goTest is what is known about one test or subtest.
type goTest struct {
	result string // pass, fail, skip, or "" while it runs
	output tail
}

// goPackage is what is known about one package.
type goPackage struct {
	tests  map[string]*goTest
	order  []string
	output tail
}

// goReport follows a run of `go test -json`.
type goReport struct {
	out      io.Writer
	packages map[string]*goPackage
	builds   map[string]*tail // what the compiler said, by package
	total    count
}

// newGoReport prints to out.
func newGoReport(out io.Writer) *goReport {
	return &goReport{out: out, packages: map[string]*goPackage{}, builds: map[string]*tail{}}
}

// read follows the events until there are no more.
func (r *goReport) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var event goEvent
			if json.Unmarshal(line, &event) == nil && event.Action != "" {
				r.take(event)
			} else {
				fmt.Fprintf(r.out, "%s", line) // Go itself speaking, such as about a package it cannot find
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the results of the Go tests: %w", err)
		}
	}
}

// take learns from one event.
func (r *goReport) take(event goEvent) {
	switch event.Action {
	case "build-output":
		if r.builds[event.ImportPath] == nil {
			r.builds[event.ImportPath] = &tail{}
		}
		r.builds[event.ImportPath].add(event.Output)
		return
	case "build-fail":
		fmt.Fprint(r.out, r.builds[event.ImportPath].text())
		return
	}
	pkg := r.packages[event.Package]
	if pkg == nil {
		pkg = &goPackage{tests: map[string]*goTest{}}
		r.packages[event.Package] = pkg
	}
	ended := event.Action == "pass" || event.Action == "fail" || event.Action == "skip"
	if event.Test == "" {
		if event.Action == "output" {
			pkg.output.add(event.Output)
		} else if ended {
			r.finish(event, pkg)
		}
		return
	}
	test := pkg.tests[event.Test]
	if test == nil {
		test = &goTest{}
		pkg.tests[event.Test] = test
		pkg.order = append(pkg.order, event.Test)
	}
	if event.Action == "output" {
		test.output.add(event.Output)
	} else if ended {
		test.result = event.Action
		if event.Action == "pass" {
			test.output = tail{}
		}
	}
}

// finish counts a package and prints its line, with all that was said when something failed.
func (r *goReport) finish(event goEvent, pkg *goPackage) {
	failed := event.Action == "fail"
	sum := pkg.count(failed)
	r.total = r.total.add(sum)
	if failed {
		for _, name := range pkg.order {
			if test := pkg.tests[name]; test.result != "pass" && test.result != "skip" {
				fmt.Fprint(r.out, test.output.text())
			}
		}
		fmt.Fprint(r.out, pkg.output.text())
		fmt.Fprintf(r.out, "FAILED  %s  %d passed, %d failed  %.1fs\n", event.Package, sum.passed, sum.failed, event.Elapsed)
	} else if sum != (count{}) {
		note := ""
		if sum.skipped > 0 {
			note = fmt.Sprintf(", %d skipped", sum.skipped)
		}
		fmt.Fprintf(r.out, "ok      %s  %d passed%s  %.1fs\n", event.Package, sum.passed, note, event.Elapsed)
	}
	delete(r.packages, event.Package)
}

// count counts the tests that have no subtests. A test around subtests counts only when it failed by
// itself, and a package that failed without any failed test (it did not compile, say) counts as one.
// A test that never ended in a failed package was cut short by a crash or the time limit.
func (pkg *goPackage) count(packageFailed bool) count {
	var sum count
	for name, test := range pkg.tests {
		children := pkg.below(name)
		bad := test.result == "fail" || test.result == "" && packageFailed
		switch {
		case bad && !slices.ContainsFunc(children, func(c *goTest) bool { return c.result == "fail" || c.result == "" }):
			sum.failed++
		case len(children) > 0:
		case test.result == "pass":
			sum.passed++
		case test.result == "skip":
			sum.skipped++
		}
	}
	if packageFailed && sum.failed == 0 {
		sum.failed = 1
	}
	return sum
}

// below lists the subtests of a test, at any depth.
func (pkg *goPackage) below(name string) []*goTest {
	var found []*goTest
	for other, test := range pkg.tests {
		if strings.HasPrefix(other, name+"/") {
			found = append(found, test)
		}
	}
	return found
}

// tail keeps the end of a text: a test that prints without end must not fill the memory.
type tail struct{ lines []string }

// tailLines is how much of a text is kept; a Go crash with all its goroutines fits.
const tailLines = 2000

func (t *tail) add(line string) {
	t.lines = append(t.lines, line)
	if len(t.lines) > 2*tailLines {
		t.lines = slices.Clone(t.lines[len(t.lines)-tailLines:])
	}
}

func (t *tail) text() string {
	if t == nil {
		return ""
	}
	return strings.Join(t.lines, "")
}
