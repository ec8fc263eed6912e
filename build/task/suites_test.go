package main

import "testing"

func TestParseNode(t *testing.T) {
	for name, story := range map[string]struct {
		text string
		want count
	}{
		"tap":                      {"TAP version 13\nok 1 - a\n# tests 3\n# suites 0\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n", count{2, 1, 1}},
		"spec":                     {"ℹ tests 2\nℹ pass 2\nℹ fail 0\n", count{passed: 2}},
		"cancelled is failed":      {"# pass 1\n# fail 0\n# cancelled 2\n", count{1, 2, 0}},
		"two runs add up":          {"# pass 1\n# fail 0\n# pass 4\n# fail 1\n", count{passed: 5, failed: 1}},
		"what a test says is none": {"    # pass 7\nsay # pass 8\n", count{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseNode(story.text); got != story.want {
				t.Errorf("counted %+v, want %+v", got, story.want)
			}
		})
	}
}

func TestParseVitest(t *testing.T) {
	for name, story := range map[string]struct {
		text string
		want count
		bad  bool
	}{
		"good":                  {`{"numPassedTests":5,"numFailedTests":0,"numPendingTests":1,"success":true}`, count{5, 0, 1}, false},
		"failed":                {`{"numPassedTests":5,"numFailedTests":2,"success":false}`, count{5, 2, 0}, false},
		"a file does not load":  {`{"numPassedTests":5,"numFailedTests":0,"success":false}`, count{5, 1, 0}, false},
		"cut off in the middle": {`{"numPassedTests":5`, count{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseVitest([]byte(story.text))
			if got != story.want || (err != nil) != story.bad {
				t.Errorf("got %+v, %v; want %+v", got, err, story.want)
			}
		})
	}
}
