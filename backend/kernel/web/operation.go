package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"sort"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"portico/backend/kernel/auth"
)

// Op describes an operation. Every field but Status and MaxBody is required.
type Op struct {
	Method      string
	Path        string
	ID          string // unique, kebab-case: the name of the operation in OpenAPI
	Summary     string
	Description string
	Policy      auth.Policy
	Status      int   // of success; 0 is 200, or 204 without a body
	MaxBody     int64 // bytes; 0 is 1 MiB
}

// Route is a line of the policy table that `portico routes` prints and the
// authorization matrix test walks.
type Route struct {
	Method   string      `json:"method"`
	Path     string      `json:"path"`
	Audience string      `json:"audience"`
	Policy   auth.Policy `json:"policy"`
	Summary  string      `json:"summary"`
}

// API collects the operations for one audience on one mux.
type API struct {
	Audience string
	Mux      *http.ServeMux
	Words    Words
	Log      *slog.Logger
	huma     huma.API
	routes   []Route
}

// humaOnce guards the two package variables that huma offers instead of options.
var humaOnce sync.Once

// NewAPI makes an empty API. Title and description head its OpenAPI document.
func NewAPI(audience, title, description string, words Words, log *slog.Logger) *API {
	humaOnce.Do(func() {
		replaceHumaErrors()
		huma.DefaultArrayNullable = false
	})
	mux := http.NewServeMux()
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{Title: title, Version: "1", Description: description}, Components: &huma.Components{Schemas: registry}},
		Formats: map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}, DefaultFormat: "application/json",
	}
	return &API{Audience: audience, Mux: mux, Words: words, Log: log, huma: humago.New(mux, config)}
}

// jsonFormat is JSON without NUL in its strings, which no store takes in a text.
var jsonFormat = huma.Format{Marshal: writeJSON, Unmarshal: func(data []byte, v any) error {
	if holdsNUL(data) {
		return errors.New(errNotText.Message)
	}
	return huma.DefaultJSONFormat.Unmarshal(data, v)
}}

// bodies are what Appenders have written into, for the next one.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// largestBody is the largest of them that is kept.
const largestBody = 256 << 10

func writeJSON(w io.Writer, v any) error {
	if a, ok := v.(Appender); ok {
		body, _ := bodies.Get().(*[]byte)
		*body = append(a.AppendJSON((*body)[:0]), '\n')
		_, err := w.Write(*body)
		if cap(*body) <= largestBody {
			bodies.Put(body)
		}
		return err
	}
	return huma.DefaultJSONFormat.Marshal(w, v)
}

// holdsNUL finds the escape \u0000 that is not itself escaped.
func holdsNUL(data []byte) bool {
	for {
		at := bytes.Index(data, []byte(`\u0000`))
		if at < 0 {
			return false
		}
		before := data[:at]
		if (at-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return true
		}
		data = data[at+1:]
	}
}

// schemaName puts the room in front of a type's name, so that two rooms may have
// a type of the same name: contacts.Result is ContactsResult.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Name() == "" || t.PkgPath() == "" {
		return name
	}
	room := path.Base(t.PkgPath())
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// Register adds an operation. It panics when the operation lacks a summary, a
// description or a policy: what nobody decided is not served.
func Register[I, O any](api *API, op Op, do func(context.Context, auth.Actor, *I) (*O, error)) {
	api.declare(op.Method, op.Path, op.Policy, op.Summary)
	if op.ID == "" || op.Description == "" {
		panic(fmt.Sprintf("web: %s %s has no id or no description", op.Method, op.Path))
	}
	for _, t := range []reflect.Type{reflect.TypeFor[I](), reflect.TypeFor[O]()} {
		if name := hiddenPart(t); name != "" {
			panic(fmt.Sprintf("web: %s %s embeds %s, which huma does not see; export it", op.Method, op.Path, name))
		}
	}
	most := op.MaxBody
	if most > 0 {
		most++ // huma refuses a body that fills its limit
	}
	full := huma.Operation{OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description,
		DefaultStatus: op.Status, MaxBodyBytes: most, Errors: []int{http.StatusUnprocessableEntity},
		Extensions: map[string]any{"x-policy": string(op.Policy)}}
	huma.Register(api.huma, full, func(ctx context.Context, in *I) (*O, error) {
		actor, err := Admit(ctx, op.Policy)
		if err == nil {
			var out *O
			if out, err = do(ctx, actor, in); err == nil {
				fillLists(reflect.ValueOf(out))
				return out, nil
			}
		}
		p := ProblemOf(err, languageOf(ctx, actor), api.Words)
		logInternal(api.Log, op.ID, err, p)
		return nil, p
	})
}

// hiddenPart names a struct that t embeds and that is not exported: huma passes
// over its fields without a word, so a path's id would always be empty.
func hiddenPart(t reflect.Type) string {
	if t.Kind() != reflect.Struct {
		return ""
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous || f.Type.Kind() != reflect.Struct {
			continue
		}
		if !f.IsExported() {
			return f.Name
		}
		if name := hiddenPart(f.Type); name != "" {
			return name
		}
	}
	return ""
}

// Handle adds a plain handler (pages, sockets, files) to the same policy table.
// The handler is called only when the policy admits the caller.
func (a *API) Handle(method, path string, policy auth.Policy, summary string, h func(http.ResponseWriter, *http.Request, auth.Actor)) {
	a.declare(method, path, policy, summary)
	a.Mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		actor, err := Admit(r.Context(), policy)
		if err != nil {
			WriteProblem(w, r, err, a.Words, a.Log)
			return
		}
		h(w, r, actor)
	})
}

func (a *API) declare(method, path string, policy auth.Policy, summary string) {
	if method == "" || path == "" || summary == "" || !policy.Known() {
		panic(fmt.Sprintf("web: %s %s has no summary or no policy", method, path))
	}
	a.routes = append(a.routes, Route{method, path, a.Audience, policy, summary})
}

// Routes is the policy table, sorted.
func (a *API) Routes() []Route {
	out := append([]Route(nil), a.routes...)
	sort.Slice(out, func(i, j int) bool {
		if out[i].Path != out[j].Path {
			return out[i].Path < out[j].Path
		}
		return out[i].Method < out[j].Method
	})
	return out
}

// OpenAPI is the document of the API, as JSON.
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }

// fillLists makes nil lists empty ones, so that the API says [] and never null.
func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem())
		}
	case reflect.Struct:
		if !holdsLists(v.Type()) {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillLists(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return // raw bytes
		}
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		if e := v.Type().Elem().Kind(); e == reflect.Struct || e == reflect.Pointer {
			for i := range v.Len() {
				fillLists(v.Index(i))
			}
		}
	}
}

// listTypes remembers which struct types hold lists, so that times and other
// plain values are not walked for every response.
var listTypes sync.Map

func holdsLists(t reflect.Type) bool {
	if known, ok := listTypes.Load(t); ok {
		return known.(bool)
	}
	listTypes.Store(t, false) // ends the recursion of types that hold themselves
	if t.Implements(reflect.TypeFor[Appender]()) {
		return false
	}
	holds := false
	for i := range t.NumField() {
		f := t.Field(i).Type
		for f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if f.Kind() == reflect.Slice || f.Kind() == reflect.Struct && holdsLists(f) {
			holds = true
			break
		}
	}
	listTypes.Store(t, holds)
	return holds
}
