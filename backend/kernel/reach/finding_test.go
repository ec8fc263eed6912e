package reach

import (
	"go/ast"
	"go/parser"
	"go/token"
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
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []T
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if of, ok := v.Type.(*ast.Ident); ok && of.Name == kind {
				text, _ := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				declared = append(declared, T(text))
			}
		}
		return true
	})
	slices.Sort(declared)
	slices.Sort(listed)
	if len(declared) == 0 || !slices.Equal(declared, listed) || len(slices.Compact(listed)) != len(declared) {
		t.Errorf("declared %v\nlisted %v", declared, listed)
	}
}
