package main

// This file is the verb test: all stages, one after the other, with a table and one count at the end.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// stageLimit ends a stage that hangs, so that a build machine is never blocked for hours.
const stageLimit = 15 * time.Minute

// testStage is one step of the verb test. It runs when everything it comes after went well; the other
// stages go on, so that one run shows everything that is wrong.
type testStage struct {
	name  string
	after []string
	suite bool // it counts tests
	run   func(context.Context) (count, error)
}

// outcome is how a stage went.
type outcome struct {
	stage   testStage
	sum     count
	err     error
	skipped string // the stage that should have succeeded first, or ""
	took    time.Duration
}

// testStages lists everything a change has to pass.
func (p *project) testStages() []testStage {
	step := func(work func(context.Context) error) func(context.Context) (count, error) {
		return func(ctx context.Context) (count, error) { return count{}, work(ctx) }
	}
	ready := []string{"prerequisites"}
	packages := []string{"npm"}
	return []testStage{
		{name: "prerequisites", run: step(func(ctx context.Context) error { return p.prerequisites(ctx, forWindow, forTests) })},
		{name: "npm", after: ready, run: step(p.npmPackages)},
		{name: "lint-go", after: ready, run: step(p.lintGo)},
		{name: "lint-frontend", after: packages, run: step(p.lintFrontend)},
		{name: "frontend", after: packages, run: step(p.buildFrontend)},
		{name: "gen", after: packages, run: step(p.checkGenerated)},
		{name: "go", after: ready, suite: true, run: p.allGoTests},
		{name: "race", after: ready, suite: true, run: p.racingGoTests},
		{name: "vitest", after: packages, suite: true, run: p.unitTests},
		{name: "window", after: []string{"frontend"}, run: step(func(ctx context.Context) error {
			if err := p.buildWindow(ctx); err != nil {
				return err
			}
			return p.buildAutomation(ctx)
		})},
		{name: "e2e", after: []string{"window"}, suite: true, run: p.endToEnd},
	}
}

// verbTest runs all stages, or those named and what they need.
func verbTest(ctx context.Context, p *project, args []string) error {
	stages, err := chooseStages(p.testStages(), args)
	if err != nil {
		return err
	}
	outcomes := runStages(ctx, p, stages)
	fmt.Fprint(p.out, summary(outcomes))
	if slices.ContainsFunc(outcomes, outcome.bad) {
		return exitCode(1)
	}
	return nil
}

// chooseStages keeps the named stages and everything they come after; no name means all.
func chooseStages(all []testStage, names []string) ([]testStage, error) {
	if len(names) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	var want func(name string) error
	want = func(name string) error {
		i := slices.IndexFunc(all, func(s testStage) bool { return s.name == name })
		if i < 0 {
			known := make([]string, len(all))
			for j, s := range all {
				known[j] = s.name
			}
			return fmt.Errorf("there is no stage %q; the stages are: %s", name, strings.Join(known, ", "))
		}
		wanted[name] = true
		for _, before := range all[i].after {
			if err := want(before); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range names {
		if err := want(name); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s testStage) bool { return !wanted[s.name] }), nil
}

// runStages runs stages in order and prints how each one went.
func runStages(ctx context.Context, p *project, stages []testStage) []outcome {
	var outcomes []outcome
	for i, stage := range stages {
		p.say("\n== %d/%d %s", i+1, len(stages), stage.name)
		result := outcome{stage: stage, skipped: missingStep(stage, outcomes)}
		began := time.Now()
		switch {
		case ctx.Err() != nil:
			result.err = context.Cause(ctx)
		case result.skipped == "":
			result.sum, result.err = runStage(ctx, stage)
		}
		result.took = time.Since(began)
		if result.stage.suite && result.bad() && result.sum.failed == 0 {
			result.sum.failed = 1 // a suite that could not run has not passed
		}
		outcomes = append(outcomes, result)
		p.say("-- %s: %s (%s)", stage.name, result.verdict(), result.took.Round(100*time.Millisecond))
	}
	return outcomes
}

// runStage runs one stage within its time limit.
func runStage(ctx context.Context, stage testStage) (count, error) {
	limited, cancel := context.WithTimeout(ctx, stageLimit)
	defer cancel()
	sum, err := stage.run(limited)
	if errors.Is(limited.Err(), context.DeadlineExceeded) {
		return sum, fmt.Errorf("stopped after %s: %w", stageLimit, err)
	}
	if err == nil && sum.failed > 0 {
		err = errors.New("some tests failed")
	}
	return sum, err
}

// missingStep names a stage that had to go well first and did not, or "".
func missingStep(stage testStage, before []outcome) string {
	for _, done := range before {
		if done.bad() && slices.Contains(stage.after, done.stage.name) {
			return done.stage.name
		}
	}
	return ""
}

// bad tells whether a stage failed or could not run.
func (o outcome) bad() bool { return o.err != nil || o.skipped != "" }

// verdict says in words how a stage went.
func (o outcome) verdict() string {
	switch {
	case o.skipped != "":
		return "not run, because " + o.skipped + " failed"
	case o.err != nil:
		return "failed: " + o.err.Error()
	default:
		return "ok"
	}
}

// summary is the table at the end. Its last line is read by machines: the count over all tests.
func summary(outcomes []outcome) string {
	var b strings.Builder
	b.WriteString("\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STAGE\tRESULT\tTIME\tPASSED\tFAILED\tSKIPPED")
	var sum count
	var whole time.Duration
	for _, o := range outcomes {
		result := "ok"
		if o.skipped != "" {
			result = "not run"
		} else if o.err != nil {
			result = "failed"
		}
		tests := "\t\t"
		if o.stage.suite {
			tests = fmt.Sprintf("%d\t%d\t%d", o.sum.passed, o.sum.failed, o.sum.skipped)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", o.stage.name, result, o.took.Round(100*time.Millisecond), tests)
		sum, whole = sum.add(o.sum), whole+o.took
	}
	fmt.Fprintf(table, "all\t\t%s\t%d\t%d\t%d\n", whole.Round(time.Second), sum.passed, sum.failed, sum.skipped)
	_ = table.Flush() // into memory: cannot fail
	for _, o := range outcomes {
		if o.bad() {
			first, _, _ := strings.Cut(o.verdict(), "\n") // the rest stands where the stage ran
			fmt.Fprintf(&b, "%s: %s\n", o.stage.name, first)
		}
	}
	fmt.Fprintf(&b, "\n%d passed, %d failed\n", sum.passed, sum.failed)
	return b.String()
}
