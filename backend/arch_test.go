package backend_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"portico/backend"
)

// This file holds the house to its rules (shared/design/architecture.md and
// backend/doc/adr). A rule prints which line breaks it and why it exists; what
// may break a rule stands in exceptions, each with its reason. An exception that
// nothing needs any more is a failure too, so that the table only shrinks.

// exceptions are `rule: file` with the reason.
var exceptions = map[string]string{
	"time: kernel/live/socket.go":    "deadlines of sockets are real time",
	"time: kernel/mail/wire.go":      "deadlines of connections are real time",
	"time: kernel/mail/probe.go":     "says how long each step of a test really took",
	"engine: contacts/list_store.go": "hands the engine on to kernel/search without asking which it is",
	"engine: chat/search_store.go":   "hands the engine on to kernel/search without asking which it is",
	"engine: outbox/store.go":        "hands the engine on to kernel/search without asking which it is",
}

// source is a parsed file of the backend.
type source struct {
	path string // contacts/store.go
	room string // contacts, kernel/db, or "" for the composition root
	file *ast.File
	text []byte
}

func (s source) base() string   { return filepath.Base(s.path) }
func (s source) isStore() bool  { return strings.HasSuffix(s.base(), "store.go") }
func (s source) isHTTP() bool   { return strings.HasSuffix(s.base(), "_http.go") }
func (s source) inKernel() bool { return strings.HasPrefix(s.room, "kernel/") }
func (s source) inRoom() bool   { return slices.Contains(rooms, s.room) }
func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		out = append(out, path)
	}
	return out
}

// rooms are the capabilities; a new room joins here and in modules.go.
var rooms = []string{"contacts", "access", "outbox", "branding", "domains", "chat", "overview", "demo"}

// house is everything below backend/ that is built into the program.
type house struct {
	t     *testing.T
	fset  *token.FileSet
	files []source
	used  map[string]bool
}

func readHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, fset: token.NewFileSet(), used: map[string]bool{}}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(path)
		if d.IsDir() && (strings.HasSuffix(slashed, "test") || slashed == "torture" || d.Name() == "testdata") {
			return fs.SkipDir // built for tests only
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(h.fset, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		room := filepath.ToSlash(filepath.Dir(path))
		if room == "." {
			room = ""
		}
		h.files = append(h.files, source{slashed, room, file, text})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range h.files { // whoever adds a folder says what it is
		if s.room != "" && !s.inKernel() && !s.inRoom() && s.room != "pages" {
			t.Errorf("backend/%s is no room that arch_test.go knows: add it to rooms", s.room)
		}
	}
	return h
}

// breaks reports a line that breaks a rule, unless an exception names it.
func (h *house) breaks(rule string, s source, pos token.Pos, what, why string) {
	h.t.Helper()
	if key := rule + ": " + s.path; exceptions[key] != "" {
		h.used[key] = true
		return
	}
	h.t.Errorf("backend/%s:%d breaks the rule %q: %s\n\t%s", s.path, h.fset.Position(pos).Line, rule, what, why)
}

// texts are the strings of a file; one that is put together with + is one text,
// with … for what is no literal.
func texts(s source, visit func(pos token.Pos, text string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BinaryExpr:
			if text, ok := joined(n); ok {
				visit(n.Pos(), text)
				return false
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				visit(n.Pos(), literal(n))
			}
		}
		return true
	})
}

func joined(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e), e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, l := joined(e.X)
		right, r := joined(e.Y)
		return left + right, e.Op == token.ADD && (l || r)
	}
	return "…", false
}

// selectors are the selector expressions of a file: x.Name.
func selectors(s source, visit func(pos token.Pos, x, name string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			x := ""
			if id, ok := sel.X.(*ast.Ident); ok {
				x = id.Name
			}
			visit(sel.Pos(), x, sel.Sel.Name)
		}
		return true
	})
}

func TestArchitecture(t *testing.T) {
	h := readHouse(t)
	for _, s := range h.files {
		h.importRules(s)
		h.sqlRules(s)
		h.timeAndEngine(s)
		h.sizes(s)
		h.docs(s)
		h.globals(s)
	}
	h.faults()
	h.tables()
	h.facts()
	for _, table := range []map[string]string{exceptions, unscoped} {
		for key, reason := range table {
			if reason == "" || !h.used[key] {
				t.Errorf("the exception %q (%s) has no reason or is needed no more: remove it", key, reason)
			}
		}
	}
}

// importRules: who may know whom.
func (h *house) importRules(s source) {
	for _, path := range s.imports() {
		at := s.file.Package
		ours, isOurs := strings.CutPrefix(path, "portico/backend/")
		switch {
		case strings.HasPrefix(path, "portico/app"), strings.HasPrefix(path, "portico/build"):
			h.breaks("import", s, at, "imports "+path, "the backend is everything that would exist without a window")
		case path == "portico/frontend" && s.room != "":
			h.breaks("import", s, at, "imports "+path, "only routes.go serves the bundles")
		case !isOurs:
		case s.inKernel() && !strings.HasPrefix(ours, "kernel/"):
			h.breaks("import", s, at, "imports "+path, "the kernel knows no room")
		case s.inRoom() && slices.Contains(rooms, strings.Split(ours, "/")[0]):
			h.breaks("import", s, at, "imports "+path, "a room never imports another: ask in needs.go, answer in wiring.go")
		case s.inRoom() && !strings.HasPrefix(ours, "kernel/") && ours != "pages":
			h.breaks("import", s, at, "imports "+path, "a room stands on the kernel and the pages only")
		case s.room == "pages" && !strings.HasPrefix(ours, "kernel/"):
			h.breaks("import", s, at, "imports "+path, "pages know no room")
		case s.isHTTP() && ours == "kernel/db":
			h.breaks("http", s, at, "imports "+path, "handlers ask services, which open transactions")
		case s.inRoom() && s.isStore() && slices.Contains([]string{"kernel/auth", "kernel/web", "kernel/clock", "kernel/events"}, ours):
			h.breaks("store", s, at, "imports "+path, "a store function is one statement: no permissions, events, HTTP or clock")
		}
		if s.inRoom() && s.isStore() && path == "net/http" {
			h.breaks("store", s, at, "imports "+path, "a store function is one statement")
		}
		if s.inRoom() && isNoun(s) && slices.Contains([]string{"context", "database/sql", "net/http", "portico/backend/kernel/db", "portico/backend/kernel/clock"}, path) {
			h.breaks("noun", s, at, "imports "+path, "a noun file holds types and pure rules: values in, values out")
		}
	}
	if !s.inRoom() || !s.isStore() {
		return
	}
	selectors(s, func(pos token.Pos, x, name string) {
		if x == "tx" && (name == "Emit" || name == "Audit" || name == "AfterCommit") {
			h.breaks("store", s, pos, "tx."+name, "what follows from a change is the service's decision")
		}
	})
}

// isNoun reports a file of types and pure rules: none of the named roles, and no
// verb of the service in it.
func isNoun(s source) bool {
	if s.isStore() || s.isHTTP() || slices.Contains([]string{"doc.go", "service.go", "needs.go", "events.go"}, s.base()) {
		return false
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && len(f.Recv.List) > 0 {
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
				if id, ok := star.X.(*ast.Ident); ok && (id.Name == "Service" || !ast.IsExported(id.Name)) {
					return false // a verb, or a machine of the room such as a worker
				}
			}
		}
	}
	return true
}

var (
	statement = regexp.MustCompile(`^\s*(SELECT\s|INSERT INTO\s|UPDATE \w+ SET|DELETE FROM\s|CREATE (TABLE|INDEX|UNIQUE)|ALTER TABLE|DROP TABLE|WITH \w+ AS)`)
	// fragment also finds parts that are put together into statements.
	fragment = regexp.MustCompile(`\b(SELECT|FROM|WHERE|ORDER BY|VALUES|SET)\b`)
	banned   = map[string]string{"?": "parameters are $1…", "::": "write CAST(x AS y)", "ILIKE": "keep a folded column", "ANY(": "write IN (db.In(…))", "->": "JSON is read in Go",
		"DISTINCT ON": "PostgreSQL only", "FOR UPDATE": "PostgreSQL only: repeat the predicate on the UPDATE", "COLLATE NOCASE": "SQLite only: keep a lowered column", "now()": "time is passed in", "json_": "JSON is read in Go",
		"RETURNING *": "columns are listed", "SELECT *": "columns are listed"}
	mayHoldSQL = []string{"kernel/db", "kernel/search", "kernel/jobs", "kernel/events", "kernel/audit", "kernel/limit", "kernel/settings"}
	columnType = regexp.MustCompile(`(?m)^\s+([a-z_0-9]+)\s+([A-Z]+(?: PRECISION)?)\b`)
)

// sqlRules: where SQL stands, and in which dialect.
func (h *house) sqlRules(s source) {
	texts(s, func(pos token.Pos, text string) {
		if !statement.MatchString(text) && !(s.isStore() && fragment.MatchString(text)) {
			return
		}
		if !s.isStore() && !slices.Contains(mayHoldSQL, s.room) {
			h.breaks("sql", s, pos, strings.Join(strings.Fields(text), " "), "SQL stands in *store.go only, beside its scan")
		}
		if s.inRoom() {
			for word, instead := range banned {
				if strings.Contains(text, word) {
					h.breaks("dialect", s, pos, fmt.Sprintf("%q: %s", word, instead), "one SQL text runs on SQLite and PostgreSQL")
				}
			}
			h.scope(s, pos, text)
		}
	})
}

// scoped are tables whose rows belong to one contact, with the column that says so.
var scoped = map[string]string{"sessions": "contact_id", "links": "contact_id", "notes": "contact_id", "contact_tags": "contact_id", "client_marks": "contact_id", "portal_members": "contact_id",
	"chat_messages": "conversation_id", "chat_edits": "conversation_id", "chat_notes": "conversation_id", "chat_marks": "conversation_id", "chat_members": "contact_id",
	"chat_attachments": "conversation_id", "chat_uploads": "owner_id"}

// unscoped are functions that rightly ask without the owner, with the reason.
var unscoped = map[string]string{
	"access/link_store.go linksBySelectors":  "found by 128 random bits, for the mails that carry them",
	"access/link_store.go linkBySelector":    "found by 128 random bits; the verifier is compared after",
	"access/link_store.go linkByID":          "inside the transaction that found the link by its token, or for staff",
	"access/link_store.go linkByRequest":     "found by a request whose cookie was proven",
	"access/link_store.go useLink":           "by the id of the link just proven",
	"access/link_store.go missLink":          "by the id of the link just proven",
	"access/link_store.go openLink":          "by the id of the link just proven",
	"access/link_store.go revokeLink":        "staff only",
	"access/link_store.go forgetLinks":       "the sweep of everybody's",
	"access/session_store.go sessionByToken": "found by the hash of 256 random bits",
	"access/session_store.go forgetSessions": "the sweep of everybody's",
	"access/member_store.go countMembers":    "staff only: the numbers of the dashboard",
	"access/member_store.go listMembers":     "staff only: the lists of the dashboard",
	"contacts/tag_store.go taggedIDs":        "staff only: everybody who carries a tag",
	"contacts/list_store.go shown":           "staff only: the filter of the list",
	"overview/home_store.go countMembers":    "staff only: the numbers of the home page",

	"chat/conversation_store.go (package)":           "counts the members of the conversation that was found",
	"chat/conversation_store.go clientConversations": "joined to the member, who stands in the WHERE",
	"chat/conversation_store.go listConversations":   "staff only: the list of all conversations",
	"chat/member_store.go membersOf":                 "who a message goes to; the service compares",
	"chat/message_store.go (package)":                "completed by messages and messageWhole, whose WHERE begins with the conversation",
	"chat/attachment_store.go stored":                "adds up what one client sent, who stands in the WHERE",
	"chat/attachment_store.go staleUploads":          "the sweep of everybody's",
	"chat/attachment_store.go blobUsed":              "asks about a file of the store, for the sweep of files",
	"chat/attachment_store.go blobsAfter":            "every file there is, for verify",
	"chat/message_store.go writtenBy":                "what an erased contact wrote, wherever it was",
}

// scope: a query on rows that belong to somebody names the owner, so that a
// forgotten check finds nothing instead of everything.
func (h *house) scope(s source, pos token.Pos, text string) {
	for table, column := range scoped {
		if !regexp.MustCompile(`\b(FROM|JOIN|UPDATE|INTO)\s+`+table+`\b`).MatchString(text) || strings.Contains(text, "INSERT INTO") {
			continue
		}
		_, where, _ := strings.Cut(text, "WHERE")
		where, _, _ = strings.Cut(where, "ORDER BY")
		if strings.Contains(where, column) {
			continue
		}
		key := s.path + " " + function(s, pos)
		if _, ok := unscoped[key]; ok {
			h.used[key] = true
			continue
		}
		h.breaks("scope", s, pos, function(s, pos)+" asks "+table+" without "+column+" in its WHERE", "ids are no secrets: the owner stands in the WHERE, or the reason in unscoped")
	}
}

// function is the name of the function around a position.
func function(s source, pos token.Pos) string {
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Pos() <= pos && pos <= f.End() {
			return f.Name.Name
		}
	}
	return "(package)"
}

// timeAndEngine: nobody asks for the time or the engine but who may.
func (h *house) timeAndEngine(s source) {
	selectors(s, func(pos token.Pos, x, name string) {
		if x == "time" && slices.Contains([]string{"Now", "Since", "Until"}, name) && s.room != "kernel/clock" {
			h.breaks("time", s, pos, "time."+name, "one transaction sees one instant, tests set it, and a clock set back brings no link to life: use tx.Now or the store's clock")
		}
		if (name == "Engine" || x == "db" && (name == "SQLite" || name == "Postgres")) && s.room != "kernel/db" && s.room != "kernel/search" {
			h.breaks("engine", s, pos, x+"."+name, "only the seam may ask which engine is below")
		}
	})
}

const (
	softLines, hardLines = 400, 600
	longestFunction      = 80
)

// sizes: what nobody can read, nobody can check.
func (h *house) sizes(s source) {
	lines := bytes.Count(s.text, []byte("\n"))
	switch {
	case lines > hardLines:
		h.breaks("size", s, s.file.Package, fmt.Sprintf("%d lines", lines), "split by noun, never by layer")
	case lines > softLines:
		h.t.Logf("backend/%s has %d lines; above %d think of splitting it by noun", s.path, lines, softLines)
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := h.fset.Position(f.End()).Line - h.fset.Position(f.Pos()).Line + 1; n > longestFunction {
			h.breaks("size", s, f.Pos(), fmt.Sprintf("%s has %d lines", f.Name.Name, n), "a function does one thing that fits on a screen")
		}
	}
}

// docs: every exported name says what it is for.
func (h *house) docs(s source) {
	const why = "names are shared words: a sentence says what comes back and which fault when"
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && !(d.Recv != nil && !exportedReceiver(d.Recv)) {
				h.breaks("doc", s, d.Pos(), "func "+d.Name.Name, why)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && spec.Doc == nil && d.Doc == nil && spec.Comment == nil {
						h.breaks("doc", s, spec.Pos(), "type "+spec.Name.Name, why)
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.IsExported() && spec.Doc == nil && d.Doc == nil && spec.Comment == nil {
							h.breaks("doc", s, spec.Pos(), name.Name, why)
						}
					}
				}
			}
		}
	}
}

func exportedReceiver(list *ast.FieldList) bool {
	expr := list.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if generic, ok := expr.(*ast.IndexExpr); ok {
		expr = generic.X
	}
	id, ok := expr.(*ast.Ident)
	return ok && id.IsExported()
}

// globals: no init, and nothing at package level that changes.
func (h *house) globals(s source) {
	const why = "two tests, or two Porticos in one process, must not share anything that changes"
	vars := map[string]bool{}
	for _, other := range h.files {
		if other.room != s.room {
			continue
		}
		for _, d := range other.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					vars[name.Name] = true
				}
			}
		}
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Name.Name == "init" && f.Recv == nil {
			h.breaks("init", s, f.Pos(), "func init", "what runs before main cannot be given a Deps, a context or a test")
		}
		own := declared(f)
		ast.Inspect(f, func(n ast.Node) bool {
			var targets []ast.Expr
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					targets = n.Lhs
				}
			case *ast.IncDecStmt:
				targets = []ast.Expr{n.X}
			}
			for _, target := range targets {
				if id := root(target); id != nil && id.Name != "_" && vars[id.Name] && !own[id.Name] {
					h.breaks("mutable", s, id.Pos(), id.Name, why)
				}
			}
			return true
		})
	}
}

// root is the variable that an assignment changes: m in m.a[i].b.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// declared are the names that a function makes itself, which hide those of the package.
func declared(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			names[id.Name] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				add(id)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				add(id)
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					add(e)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key)
				add(n.Value)
			}
		}
		return true
	})
	return names
}

// catalogue are all texts of one language, of the kernel, the rooms and the root.
func catalogue(t *testing.T, language string) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob("*/messages/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, "kernel/i18n/messages/"+language+".json", "messages/"+language+".json") {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		one := map[string]string{}
		if err := json.Unmarshal(raw, &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for k, v := range one {
			all[k] = v
		}
	}
	return all
}

// faults: what a person is told exists in every language, and says in English
// what the code says.
func (h *house) faults() {
	english, german := catalogue(h.t, "en"), catalogue(h.t, "de")
	has := func(words map[string]string, code string) bool {
		return words[code] != "" || words[code+"_other"] != ""
	}
	for _, s := range h.files {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fun.Sel.Name != "New" && fun.Sel.Name != "InvalidField" {
				return true
			}
			if x, ok := fun.X.(*ast.Ident); !ok || x.Name != "fault" {
				return true
			}
			code, message := literal(call.Args[1]), literal(call.Args[2])
			if code == "" {
				return true
			}
			if !has(english, code) || !has(german, code) {
				h.breaks("words", s, call.Pos(), "the fault "+code+" has no sentence in English or German", "people are told in their language what happened and what to do")
			} else if message != "" && english[code] != message && english[code+"_other"] != message {
				h.breaks("words", s, call.Pos(), "the fault "+code+" says one thing in Go and another in the catalogue", "two texts for one thing drift apart")
			}
			return true
		})
	}
	for key := range english {
		if german[key] == "" {
			h.t.Errorf("%s is not told in German", key)
		}
	}
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}

var created = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)|^-- @search(?:-text)? (\w+)`)

// tables: every table has one owner, who says so, and is made of the types that
// both engines know.
func (h *house) tables() {
	docs := map[string]string{}
	for _, s := range h.files {
		if s.base() == "doc.go" {
			docs[s.room] = s.file.Doc.Text()
		}
	}
	files, _ := filepath.Glob("*/migrations/*.sql")
	kernel, _ := filepath.Glob("kernel/*/migrations/*.sql")
	for _, name := range append(files, kernel...) {
		raw, err := os.ReadFile(name)
		if err != nil {
			h.t.Fatal(err)
		}
		text := string(raw)
		for _, match := range created.FindAllStringSubmatch(text, -1) {
			table, index := match[1], match[2]
			word := regexp.MustCompile(`\b` + table + `\b`)
			if table == "" {
				word = regexp.MustCompile(`index "` + index + `"`)
			}
			owner := filepath.ToSlash(filepath.Dir(filepath.Dir(name)))
			var named []string
			for room, doc := range docs {
				if word.MatchString(owns.FindString(doc)) {
					named = append(named, room)
				}
			}
			if len(named) != 1 || named[0] != owner {
				h.t.Errorf("the table %s of backend/%s is named by the doc.go of %v: exactly its owner must name it, so that everybody finds who may change it", table+index, name, named)
			}
		}
		for word, instead := range banned {
			if strings.Contains(uncommented(text), word) {
				h.t.Errorf("backend/%s holds %q: %s", name, word, instead)
			}
		}
		for _, match := range columnType.FindAllStringSubmatch(uncommented(text), -1) {
			if !slices.Contains([]string{"TEXT", "BIGINT", "BOOLEAN", "DOUBLE PRECISION", "BLOB"}, match[2]) {
				h.t.Errorf("backend/%s: the column %s is %s; both engines know TEXT, BIGINT, BOOLEAN, DOUBLE PRECISION and BLOB", name, match[1], match[2])
			}
		}
	}
}

// owns is the sentence of a doc that names what is owned.
var owns = regexp.MustCompile(`(?s)(?:Owns the tables?|Tables)\b[^.]*\.`)

func uncommented(sql string) string {
	var out strings.Builder
	for lines := bufio.NewScanner(strings.NewReader(sql)); lines.Scan(); {
		code, _, _ := strings.Cut(lines.Text(), "--")
		out.WriteString(code + "\n")
	}
	return out.String()
}

// facts: every fact a room emits is named by its doc.go.
func (h *house) facts() {
	docs := map[string]string{}
	for _, s := range h.files {
		if s.base() == "doc.go" {
			docs[s.room] = s.file.Doc.Text()
		}
	}
	for _, s := range h.files {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name != "FactName" || !s.inRoom() {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				ret, ok := n.(*ast.ReturnStmt)
				if !ok || len(ret.Results) != 1 {
					return true
				}
				if fact := literal(ret.Results[0]); fact != "" && !strings.Contains(docs[s.room], fact) {
					h.breaks("fact", s, ret.Pos(), fact+" is not named by doc.go", "whoever listens looks there for what can be heard")
				}
				return true
			})
		}
	}
}

// TestEveryOperationSaysWhatItDoes: the documents and the policy table agree.
func TestEveryOperationSaysWhatItDoes(t *testing.T) {
	d, err := backend.Describe()
	if err != nil {
		t.Fatal(err)
	}
	type operation struct {
		ID          string `json:"operationId"`
		Summary     string `json:"summary"`
		Description string `json:"description"`
		Policy      string `json:"x-policy"`
	}
	described := map[string]operation{}
	ids := map[string]bool{}
	for audience, raw := range map[string][]byte{"portal": d.Portal, "staff": d.Staff} {
		var doc struct {
			Paths map[string]map[string]operation `json:"paths"`
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for path, methods := range doc.Paths {
			if !strings.HasPrefix(path, "/api/"+audience+"/") {
				t.Errorf("%s is in the document of %s", path, audience)
			}
			for method, op := range methods {
				described[audience+" "+strings.ToUpper(method)+" "+path] = op
				if op.ID == "" || op.Summary == "" || op.Description == "" || op.Policy == "" || ids[audience+op.ID] {
					t.Errorf("%s %s: id %q (its own?), summary %q, description %q, policy %q: each must be said, for people who write programs", method, path, op.ID, op.Summary, op.Description, op.Policy)
				}
				if ids[audience+op.ID] = true; strings.HasSuffix(op.Summary, ".") || !strings.HasSuffix(op.Description, ".") {
					t.Errorf("%s %s: a summary is a heading, a description sentences: %q, %q", method, path, op.Summary, op.Description)
				}
			}
		}
	}
	var plain []string // routes that are no operations: files and sockets
	for _, r := range d.Routes {
		op, ok := described[name(r)]
		if ok && op.Policy != string(r.Policy) {
			t.Errorf("%s: the document says %s, the table %s", name(r), op.Policy, r.Policy)
		}
		if !ok && strings.HasPrefix(r.Path, "/api/") {
			plain = append(plain, name(r))
		}
		if ok {
			delete(described, name(r))
		}
	}
	for left := range described {
		t.Errorf("%s is described and not in the policy table", left)
	}
	sort.Strings(plain)
	files := []string{"portal GET /api/portal/chat/conversations/{id}/attachments/{attachment_id}", "portal GET /api/portal/chat/conversations/{id}/attachments/{attachment_id}/thumb", "portal GET /api/portal/live", "portal GET /api/portal/live/poll", "portal GET /api/portal/me/photo", "staff GET /api/staff/audit/export", "staff GET /api/staff/branding/images/{kind}",
		"staff GET /api/staff/chat/conversations/{id}/attachments/{attachment_id}", "staff GET /api/staff/chat/conversations/{id}/attachments/{attachment_id}/thumb", "staff GET /api/staff/chat/conversations/{id}/export",
		"staff GET /api/staff/contacts/{id}/photo", "staff GET /api/staff/live", "staff GET /api/staff/live/poll", "staff GET /api/staff/portal/qr"}
	if !slices.Equal(plain, files) {
		t.Errorf("routes under /api that no document describes: %v; only sockets and files may be: %v", plain, files)
	}
}
