package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// feed turns short "action test output" triples of one package into what go test -json prints.
func feed(events ...goEvent) string {
	var b strings.Builder
	for _, event := range events {
		event.Package = "portico/backend/x"
		line, _ := json.Marshal(event) // plain strings and numbers
		b.Write(append(line, '\n'))
	}
	return b.String()
}

func TestGoReport(t *testing.T) {
	end := func(action, test string) goEvent { return goEvent{Action: action, Test: test} }
	says := func(test, words string) goEvent { return goEvent{Action: "output", Test: test, Output: words + "\n"} }
	for name, story := range map[string]struct {
		events string
		want   count
		prints string
		hides  string
	}{
		"counts leaves only": {
			events: feed(end("run", "A"), end("run", "A/1"), end("pass", "A/1"), end("run", "A/2"), end("skip", "A/2"), end("pass", "A"), end("run", "B"), end("pass", "B"), end("pass", "")),
			want:   count{passed: 2, skipped: 1}, prints: "ok      portico/backend/x  2 passed, 1 skipped",
		},
		"a failing subtest is one failure": {
			events: feed(end("run", "A"), end("run", "A/1"), says("A/1", "broken"), end("fail", "A/1"), end("fail", "A"), end("run", "B"), says("B", "chatter"), end("pass", "B"), end("fail", "")),
			want:   count{passed: 1, failed: 1}, prints: "broken", hides: "chatter",
		},
		"a parent that fails by itself counts": {
			events: feed(end("run", "A"), end("run", "A/1"), end("pass", "A/1"), end("fail", "A"), end("fail", "")),
			want:   count{passed: 1, failed: 1},
		},
		"a test cut short by a crash is a failure": {
			events: feed(end("run", "A"), end("pass", "A"), end("run", "B"), says("B", "panic: oh"), end("fail", "")),
			want:   count{passed: 1, failed: 1}, prints: "panic: oh",
		},
		"a package that fails without tests is one failure": {
			events: feed(says("", "no main"), end("fail", "")),
			want:   count{failed: 1}, prints: "no main",
		},
		"a package without tests is silent": {
			events: feed(says("", "?  no test files"), end("skip", "")),
			hides:  "portico",
		},
		"words of the compiler and of go itself are shown": {
			events: `{"ImportPath":"p","Action":"build-output","Output":"x.go:1: wrong\n"}` + "\n" +
				`{"ImportPath":"p","Action":"build-fail"}` + "\nplain words\n" + feed(end("fail", "")),
			want: count{failed: 1}, prints: "x.go:1: wrong\nplain words\n",
		},
		"a last line without an end is read": {
			events: strings.TrimSuffix(feed(end("run", "A"), end("pass", "A"), end("pass", "")), "\n"),
			want:   count{passed: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			report := newGoReport(&out)
			if err := report.read(strings.NewReader(story.events)); err != nil {
				t.Fatal(err)
			}
			if report.total != story.want {
				t.Errorf("counted %+v, want %+v", report.total, story.want)
			}
			if !strings.Contains(out.String(), story.prints) {
				t.Errorf("did not print %q:\n%s", story.prints, out.String())
			}
			if story.hides != "" && strings.Contains(out.String(), story.hides) {
				t.Errorf("printed %q:\n%s", story.hides, out.String())
			}
		})
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var kept tail
	for range 10 * tailLines {
		kept.add("line\n")
	}
	kept.add("last\n")
	if n := len(kept.lines); n > 2*tailLines {
		t.Errorf("keeps %d lines", n)
	}
	if !strings.HasSuffix(kept.text(), "last\n") {
		t.Error("lost the last line")
	}
}
