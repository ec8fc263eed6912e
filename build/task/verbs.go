package main

// This file lists the verbs and prints their help.

import (
	"context"
	"fmt"
	"strings"
)

// verb is one thing the tool can do.
type verb struct {
	name    string
	summary string // one line for the list
	detail  string // a few sentences for --help
	example string // what follows `go run ./build/task`
	run     func(ctx context.Context, p *project, args []string) error
}

// verbs lists everything the tool can do, in the order a newcomer needs it.
func verbs() []verb {
	return []verb{
		{name: "run", run: verbRun, summary: "install what is missing, build, and open Portico",
			detail: "Skips whatever is up to date. Without a screen Portico starts as a server instead of a window. " +
				"Whatever follows is handed to Portico.",
			example: "run"},
		{name: "test", run: verbTest, summary: "check everything a change has to pass",
			detail: "Installs what the tests need, checks the style, builds, and runs all tests; a failing stage does not " +
				"stop the others. The last line counts all tests. Name stages to run only those and what they need: " +
				stageNames() + ".",
			example: "test go vitest"},
		{name: "dev", run: verbDev, summary: "serve Portico and start it again at every change",
			detail:  "Builds without the window, runs `portico serve`, and watches the sources. Whatever follows is handed to `portico serve`.",
			example: "dev"},
		{name: "build", run: verbBuild, summary: "build the program with its window into build/bin/",
			detail:  "Installs what is missing, builds the screens and then the program.",
			example: "build"},
		{name: "e2e", run: verbE2E, summary: "build, then drive the real program from outside",
			detail:  "Starts a screen of its own, so no window appears and no screen is needed.",
			example: "e2e"},
		{name: "lint", run: verbLint, summary: "check style and types of all code",
			detail:  "gofmt, go vet and staticcheck for Go; eslint, svelte-check and tsc for the frontend.",
			example: "lint"},
		{name: "gen", run: verbGen, summary: "write the API descriptions and the TypeScript types made of them",
			detail: "Run it after changing an operation and commit the result. With --check nothing is written; " +
				"it fails and says what differs.",
			example: "gen --check"},
		{name: "postgres", run: verbPostgres, summary: "run a command while a PostgreSQL for tests is up",
			detail: "Starts a fresh PostgreSQL in a temporary folder, runs your command with " + postgresVariable +
				" set, and removes everything afterwards.",
			example: "postgres -- go test -tags sqlite_fts5 ./backend/kernel/db/"},
		{name: "bench", run: verbBench, summary: "measure how fast Portico is",
			detail:  "Whatever follows is handed to the benchmark program.",
			example: "bench"},
		{name: "soak", run: verbSoak, summary: "keep Portico busy for hours and look for what grows",
			detail:  "The benchmark program with -soak. Whatever follows is handed to it.",
			example: "soak"},
		{name: "setup", run: verbSetup, summary: "install what building needs; with the word test, what testing needs too",
			detail: "The other verbs do this by themselves. On Debian and Ubuntu packages are installed with apt; " +
				"on other systems it says what to install.",
			example: "setup test"},
	}
}

// stageNames lists the stages of the verb test.
func stageNames() string {
	var names []string
	for _, stage := range (&project{}).testStages() {
		names = append(names, stage.name)
	}
	return strings.Join(names, ", ")
}

// dispatch runs the verb the arguments name, or prints help.
func dispatch(ctx context.Context, p *project, args []string) error {
	if len(args) == 0 || isHelp(args[0]) || args[0] == "help" && len(args) == 1 {
		fmt.Fprint(p.out, overview(verbs()))
		return nil
	}
	if args[0] == "help" {
		args = []string{args[1], "--help"}
	}
	chosen, err := findVerb(verbs(), args[0])
	if err != nil {
		return err
	}
	if len(args) > 1 && isHelp(args[1]) {
		fmt.Fprint(p.out, chosen.help())
		return nil
	}
	return chosen.run(ctx, p, args[1:])
}

// findVerb looks a verb up by its exact name.
func findVerb(all []verb, name string) (verb, error) {
	names := make([]string, 0, len(all))
	for _, v := range all {
		if v.name == name {
			return v, nil
		}
		names = append(names, v.name)
	}
	return verb{}, fmt.Errorf("there is no %q; the verbs are: %s", name, strings.Join(names, ", "))
}

// isHelp recognises a request for help.
func isHelp(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

// overview is the list of verbs.
func overview(all []verb) string {
	var b strings.Builder
	b.WriteString("Portico's build tool.\n\n  go run ./build/task <verb>\n\n")
	for _, v := range all {
		fmt.Fprintf(&b, "  %-10s %s\n", v.name, v.summary)
	}
	fmt.Fprintf(&b, "  %-10s %s\n", "help", "print this list")
	b.WriteString("\nMore about one of them: go run ./build/task <verb> --help\n")
	return b.String()
}

// help is a verb's own page.
func (v verb) help() string {
	return fmt.Sprintf("%s: %s\n\n%s\n\nExample:\n  go run ./build/task %s\n", v.name, v.summary, v.detail, v.example)
}
