package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// stageThat makes a stage with a fixed outcome.
func stageThat(name string, sum count, err error, suite bool, after ...string) testStage {
	return testStage{name: name, after: after, suite: suite, run: func(context.Context) (count, error) { return sum, err }}
}

func TestStages(t *testing.T) {
	broken := errors.New("broken")
	for name, story := range map[string]struct {
		stages []testStage
		last   string
		has    []string
		bad    bool
	}{
		"all well": {
			stages: []testStage{stageThat("npm", count{}, nil, false), stageThat("go", count{passed: 3}, nil, true, "npm")},
			last:   "3 passed, 0 failed",
		},
		"independent stages go on": {
			stages: []testStage{stageThat("lint", count{}, broken, false), stageThat("go", count{passed: 3}, nil, true)},
			last:   "3 passed, 0 failed", has: []string{"lint: failed: broken"}, bad: true,
		},
		"dependent stages do not, all the way down": {
			stages: []testStage{
				stageThat("npm", count{}, broken, false),
				stageThat("frontend", count{}, nil, false, "npm"),
				stageThat("e2e", count{passed: 9}, nil, true, "frontend"),
			},
			last: "0 passed, 1 failed", has: []string{"e2e: not run, because frontend failed"}, bad: true,
		},
		"failed tests fail a stage that forgot to say so": {
			stages: []testStage{stageThat("go", count{passed: 1, failed: 2}, nil, true)},
			last:   "1 passed, 2 failed", bad: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			outcomes := runStages(context.Background(), &project{out: io.Discard}, story.stages)
			text := summary(outcomes)
			if !strings.HasSuffix(text, "\n"+story.last+"\n") {
				t.Errorf("last line should be %q:\n%s", story.last, text)
			}
			for _, words := range story.has {
				if !strings.Contains(text, words) {
					t.Errorf("does not say %q:\n%s", words, text)
				}
			}
			bad := false
			for _, o := range outcomes {
				bad = bad || o.bad()
			}
			if bad != story.bad {
				t.Errorf("bad is %v, want %v", bad, story.bad)
			}
		})
	}
}

func TestStagesEndWhenStopped(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stopSignal{os.Interrupt})
	outcomes := runStages(ctx, &project{out: io.Discard}, []testStage{stageThat("go", count{passed: 1}, nil, true)})
	if !outcomes[0].bad() || outcomes[0].sum.passed != 0 {
		t.Errorf("a stage ran after the stop: %+v", outcomes[0])
	}
}

func TestChooseStages(t *testing.T) {
	all := (&project{}).testStages()
	chosen, err := chooseStages(all, []string{"vitest"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range chosen {
		names = append(names, s.name)
	}
	if got := strings.Join(names, " "); got != "prerequisites npm vitest" {
		t.Errorf("vitest needs %q", got)
	}
	if chosen, err = chooseStages(all, nil); err != nil || len(chosen) != len(all) {
		t.Errorf("no name should mean all: %d of %d, %v", len(chosen), len(all), err)
	}
	if _, err = chooseStages(all, []string{"vitset"}); err == nil || !strings.Contains(err.Error(), "vitest") {
		t.Errorf("a wrong name should list the right ones: %v", err)
	}
}

// TestStagesComeAfterKnownOnes guards the list against a stage that waits for one below it or for none.
func TestStagesComeAfterKnownOnes(t *testing.T) {
	known := map[string]bool{}
	for _, stage := range (&project{}).testStages() {
		for _, before := range stage.after {
			if !known[before] {
				t.Errorf("%s comes after %s, which is not above it", stage.name, before)
			}
		}
		known[stage.name] = true
	}
}
