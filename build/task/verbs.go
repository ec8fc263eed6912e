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
		{
			name: "postgres", summary: "run a command while a PostgreSQL for tests is up",
			detail: "Starts a fresh PostgreSQL in a temporary folder, runs your command with " + postgresVariable +
				" set, and removes everything afterwards. The exit code is your command's.",
			example: "postgres -- go test -tags sqlite_fts5 ./backend/kernel/db/",
			run:     verbPostgres,
		},
	}
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
	b.WriteString("\nMore about one of them: go run ./build/task <verb> --help\n")
	return b.String()
}

// help is a verb's own page.
func (v verb) help() string {
	return fmt.Sprintf("%s: %s\n\n%s\n\nExample:\n  go run ./build/task %s\n", v.name, v.summary, v.detail, v.example)
}
