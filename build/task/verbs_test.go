package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryVerbHasAPage keeps --help useful: a sentence and an example that starts with the verb.
func TestEveryVerbHasAPage(t *testing.T) {
	for _, v := range verbs() {
		if v.run == nil || v.summary == "" || v.detail == "" || !strings.HasPrefix(v.example, v.name) {
			t.Errorf("%s lacks something: %s", v.name, v.help())
		}
		for _, line := range [][]string{{v.name, "--help"}, {"help", v.name}} {
			var out strings.Builder
			if err := dispatch(context.Background(), &project{out: &out}, line); err != nil || !strings.Contains(out.String(), "go run ./build/task "+v.example) {
				t.Errorf("%v: %v\n%s", line, err, out.String())
			}
		}
		if !strings.Contains(overview(verbs()), v.summary) {
			t.Errorf("%s is not in the list", v.name)
		}
	}
}

func TestUnknownVerb(t *testing.T) {
	var out strings.Builder
	err := dispatch(context.Background(), &project{out: &out}, []string{"biuld"})
	if err == nil || !strings.Contains(err.Error(), "build") {
		t.Errorf("a wrong verb should list the right ones: %v", err)
	}
}

func TestHasScreen(t *testing.T) {
	env := func(set ...string) func(string) string {
		return func(name string) string {
			for _, s := range set {
				if s == name {
					return "x"
				}
			}
			return ""
		}
	}
	for name, story := range map[string]struct {
		system string
		env    func(string) string
		want   bool
	}{
		"a Linux server": {"linux", env(), false}, "X": {"linux", env("DISPLAY"), true},
		"Wayland": {"linux", env("WAYLAND_DISPLAY"), true}, "a Mac": {"darwin", env(), true}, "Windows": {"windows", env(), true},
	} {
		if got := hasScreen(story.system, story.env); got != story.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOwnPackages(t *testing.T) {
	got := ownPackages("portico\nportico/app\nportico/frontend/node_modules/flatted/golang/pkg/flatted\n")
	if strings.Join(got, " ") != "portico portico/app" {
		t.Errorf("got %v", got)
	}
}

func TestDiffSummary(t *testing.T) {
	for name, story := range map[string]struct{ before, after, want string }{
		"a changed line":  {"a\nb\nc\n", "a\nB\nc\n", "x differs: 1 lines new, 1 lines gone\n  - b\n  + B"},
		"a new file":      {"", "a\nb\n", "x differs: 2 lines new, 0 lines gone\n  + a\n  + b"},
		"a repeated line": {"a\n", "a\na\n", "x differs: 1 lines new, 0 lines gone\n  + a"},
		"only the order":  {"a\nb\n", "b\na\n", "x differs: 0 lines new, 0 lines gone; the same lines in another order"},
		"more than fits":  {"", "1\n2\n3\n4\n5\n6\n7\n8\n", "  … and 2 more"},
	} {
		if got := diffSummary("x", story.before, story.after); !strings.HasSuffix(got, story.want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, story.want)
		}
	}
}

func TestGoModField(t *testing.T) {
	file := filepath.Join(t.TempDir(), "go.mod")
	if err := os.WriteFile(file, []byte("module portico\n\ngo 1.26.0\n\nrequire (\n\tgo v1\n)\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := goModField(file, "module"); got != "portico" {
		t.Errorf("module is %q", got)
	}
	if got := goModField(file, "go"); got != "1.26.0" {
		t.Errorf("go is %q", got)
	}
	if got := goModField(file+".none", "go"); got != "" {
		t.Errorf("no file gives %q", got)
	}
}
