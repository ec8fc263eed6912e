package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// speaking are the kernel packages whose faults have their sentences here.
var speaking = []string{"audit", "auth", "blob", "db", "fault", "limit", "live", "secret", "settings", "web", "zone"}

// TestFaultsHaveTheirSentence reads the sources: each fault made with a literal
// code stands in the catalogue, and says there in English what it says in Go.
func TestFaultsHaveTheirSentence(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"internal": true, "invalid.fields": true, "device.on": true} // made without literals, or no fault
	for _, name := range speaking {
		files, err := filepath.Glob(filepath.Join("..", name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for code, message := range faultsIn(t, file) {
				known[code] = true
				if got, ok := c.texts[fallback][code]; ok && got == message {
					continue
				}
				if got, ok := c.texts[fallback][code+"_other"]; ok && got == message {
					continue
				}
				t.Errorf("%s: the catalogue does not say of %s: %q", file, code, message)
			}
		}
	}
	for key := range c.texts[fallback] {
		if code := strings.TrimSuffix(strings.TrimSuffix(key, "_one"), "_other"); !known[code] {
			t.Errorf("nobody makes the fault %s any more", key)
		}
	}
}

// faultsIn finds fault.New(kind, "code", "message") and fault.InvalidField(field, "code", "message").
func faultsIn(t *testing.T, file string) map[string]string {
	t.Helper()
	found := map[string]string{}
	if strings.HasSuffix(file, "_test.go") {
		return found
	}
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 3 {
			return true
		}
		fun, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || (fun.Sel.Name != "New" && fun.Sel.Name != "InvalidField") {
			return true
		}
		if from, ok := fun.X.(*ast.Ident); !ok || from.Name != "fault" {
			return true
		}
		if code, message := literal(call.Args[1]), literal(call.Args[2]); code != "" {
			found[code] = message
		}
		return true
	})
	return found
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
