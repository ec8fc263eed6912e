package main

// This file writes what is generated and committed: the two API descriptions and the TypeScript types made of them.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// generatedFile is one committed file and what it should hold.
type generatedFile struct {
	path    string // inside the checkout, with slashes
	content []byte
}

// verbGen writes the generated files, or with --check only compares them.
func verbGen(ctx context.Context, p *project, args []string) error {
	switch {
	case len(args) == 0:
	case len(args) == 1 && (args[0] == "--check" || args[0] == "-check"):
	default:
		return fmt.Errorf("gen takes nothing or --check, not %q", strings.Join(args, " "))
	}
	if err := p.checkGo(ctx); err != nil {
		return err
	}
	if err := p.checkNode(ctx); err != nil {
		return err
	}
	if err := p.npmPackages(ctx); err != nil {
		return err
	}
	if len(args) == 1 {
		return p.checkGenerated(ctx)
	}
	files, err := p.generate(ctx)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := p.writeIfChanged(file); err != nil {
			return err
		}
	}
	return nil
}

// writeIfChanged leaves an equal file alone, so that nothing is rebuilt without a reason.
func (p *project) writeIfChanged(file generatedFile) error {
	target := p.path(file.path)
	if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, file.content) {
		p.say("%s is up to date.", file.path)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("make a folder for %s: %w", file.path, err)
	}
	if err := os.WriteFile(target, file.content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", file.path, err)
	}
	p.say("%s is written.", file.path)
	return nil
}

// checkGenerated fails when a committed file is not what the code generates today.
func (p *project) checkGenerated(ctx context.Context) error {
	files, err := p.generate(ctx)
	if err != nil {
		return err
	}
	stale := false
	for _, file := range files {
		old, _ := os.ReadFile(p.path(file.path)) // one that is not there differs in every line
		if !bytes.Equal(old, file.content) {
			stale = true
			p.say("%s", diffSummary(file.path, string(old), string(file.content)))
		}
	}
	if stale {
		return errors.New("the generated files do not fit the code; run `go run ./build/task gen` and commit the result")
	}
	p.say("The generated files fit the code.")
	return nil
}

// generate asks the program for its API descriptions and turns them into types, outside the checkout.
func (p *project) generate(ctx context.Context) ([]generatedFile, error) {
	dir, err := os.MkdirTemp("", "portico-gen-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for generated files: %w", err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "portico"+exeSuffix())
	p.say("Building the program to ask it for its API descriptions.")
	if err := run(p.stage(ctx, "go", "build", "-buildvcs=false", "-tags", tagsHeadless, "-o", program, ".")); err != nil {
		return nil, err
	}
	var files []generatedFile
	for _, api := range []string{"staff", "portal"} {
		var said bytes.Buffer
		ask := p.stage(ctx, program, "openapi", api)
		ask.Stdout = &said
		if err := run(ask); err != nil {
			return nil, fmt.Errorf("describe the %s API: %w", api, err)
		}
		description, err := oneFieldALine(said.Bytes())
		if err != nil {
			return nil, fmt.Errorf("`portico openapi %s` printed something that is not JSON: %w", api, err)
		}
		types, err := p.typesOf(ctx, dir, api, description)
		if err != nil {
			return nil, err
		}
		files = append(files,
			generatedFile{"backend/openapi/" + api + ".json", description},
			generatedFile{"frontend/kit/src/api/" + api + ".d.ts", types})
	}
	return files, nil
}

// oneFieldALine lays JSON out so that a change shows as the lines it touches.
func oneFieldALine(text []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(text), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// typesOf turns one API description into TypeScript types.
func (p *project) typesOf(ctx context.Context, dir, api string, description []byte) ([]byte, error) {
	source, target := filepath.Join(dir, api+".json"), filepath.Join(dir, api+".d.ts")
	if err := os.WriteFile(source, description, 0o644); err != nil {
		return nil, fmt.Errorf("keep the %s API description: %w", api, err)
	}
	p.say("Making TypeScript types of the %s API (openapi-typescript).", api)
	cmd := p.stage(ctx, "npx", "--no", "--", "openapi-typescript", source, "-o", target)
	cmd.Dir = p.path("frontend")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := run(cmd); err != nil {
		return nil, fmt.Errorf("make types of the %s API: %w\n%s", api, err, said.String())
	}
	types, err := os.ReadFile(target)
	if err != nil {
		return nil, fmt.Errorf("read the types of the %s API: %w", api, err)
	}
	return types, nil
}

// diffSummary says how two texts differ: how many lines came and went, and the first few of them.
// It compares lines without their order, which is plenty to see which operation moved.
func diffSummary(name, before, after string) string {
	const shown = 6
	count := map[string]int{}
	for line := range strings.Lines(before) {
		count[line]--
	}
	for line := range strings.Lines(after) {
		count[line]++
	}
	came, went := 0, 0
	var samples []string
	note := func(sign, line string) {
		if len(samples) < shown {
			samples = append(samples, "  "+sign+" "+strings.TrimSpace(line))
		}
	}
	for line := range strings.Lines(before) {
		if count[line] < 0 {
			count[line]++
			went++
			note("-", line)
		}
	}
	for line := range strings.Lines(after) {
		if count[line] > 0 {
			count[line]--
			came++
			note("+", line)
		}
	}
	summary := fmt.Sprintf("%s differs: %d lines new, %d lines gone", name, came, went)
	if came+went == 0 {
		return summary + "; the same lines in another order"
	}
	if came+went > len(samples) {
		samples = append(samples, fmt.Sprintf("  … and %d more", came+went-len(samples)))
	}
	return summary + "\n" + strings.Join(samples, "\n")
}
