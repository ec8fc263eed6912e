package reach

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// Codes and Cures are what the room makes its words by: each lists every constant, once.
func TestListsAreComplete(t *testing.T) {
	complete(t, "finding.go", "Code", Codes())
	complete(t, "remedy.go", "Cure", Cures())
}

func complete[T ~string](t *testing.T, name, kind string, listed []T) {
	t.Helper()
	var declared []T
	for _, text := range constants(t, name, kind) {
		declared = append(declared, T(text))
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if len(declared) == 0 || !slices.Equal(declared, listed) || len(slices.Compact(listed)) != len(declared) {
		t.Errorf("declared %v\nlisted %v", declared, listed)
	}
}

// Each code is met in a test of this package: one that nobody can produce is none.
func TestEveryCodeIsMet(t *testing.T) {
	names, _ := filepath.Glob("*_test.go")
	var text string
	for _, name := range names {
		if name == "finding_test.go" {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text += string(raw)
	}
	declared := constants(t, "finding.go", "Code")
	for name, code := range declared {
		if !regexp.MustCompile(`\b` + name + `\b|"` + regexp.QuoteMeta(code) + `[" ]`).MatchString(text) {
			t.Errorf("no test meets %s (%s)", name, code)
		}
	}
	if len(declared) != len(Codes()) {
		t.Errorf("%d constants, %d in the list", len(declared), len(Codes()))
	}
}

// constants are those of a kind, by name.
func constants(t *testing.T, file, kind string) map[string]string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if of, ok := v.Type.(*ast.Ident); ok && of.Name == kind {
				all[v.Names[0].Name], _ = strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			}
		}
		return true
	})
	return all
}
