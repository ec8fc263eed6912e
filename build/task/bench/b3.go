package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"

	"portico/backend/torture"
)

// look is one way of looking at the list: the path of the n-th request, and what
// raw SQLite does for the same.
type look struct {
	what string
	path func(size int) string
	raw  func(ctx context.Context, e *environment, r *raw) (costs, error)
	most float64
}

// looks are the five of performance.md. A growth of a search is judged against
// raw trigram's own, because posting lists get longer.
func looks() []look {
	page := func(ctx context.Context, e *environment, r *raw) (costs, error) { return r.keyset(ctx, e.span/2) }
	match := func(text func(*raw) string) func(context.Context, *environment, *raw) (costs, error) {
		return func(ctx context.Context, e *environment, r *raw) (costs, error) {
			return r.search(ctx, e.span/2, func() string { return text(r) })
		}
	}
	find := func(text string) string { return "/api/staff/contacts?limit=50&search=" + url.QueryEscape(text) }
	rare := func(size int) string { return fmt.Sprintf("%d@exa", rand.IntN(size)) }
	const none = "zqxwvk"
	return []look{
		{what: "first page", path: func(int) string { return "/api/staff/contacts?limit=50" }, raw: page},
		{what: "random page", path: func(size int) string {
			return "/api/staff/contacts?limit=50&cursor=" + cursorAt(personAt(rand.IntN(size)).name)
		}, raw: page},
		{what: "search, common word", path: func(int) string { return find("garcia") }, raw: match(func(*raw) string { return "garcia" }), most: 3},
		{what: "search, rare fragment", path: func(size int) string { return find(rare(size)) }, raw: match(func(r *raw) string { return rare(r.rows) }), most: 3},
		{what: "search, no hit", path: func(int) string { return find(none) }, raw: match(func(*raw) string { return none }), most: 3},
	}
}

// cursorAt begins a page behind a name, as next_cursor would.
func cursorAt(name string) string {
	raw, err := json.Marshal(map[string]string{"k": strings.ToLower(name), "i": ""})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// listContacts is B3.
func listContacts(ctx context.Context, e *environment) ([]figure, error) {
	sizes := []int{1000, 10_000, 100_000}
	if e.quick {
		sizes = sizes[:2]
	} else if e.full {
		sizes = append(sizes, 1_000_000)
	}
	var out []figure
	ours, raws := map[string][]float64{}, map[string][]float64{}
	for _, size := range sizes {
		p, err := e.shared(ctx, size)
		if err != nil {
			return nil, err
		}
		r, err := newRaw(e.dir, size)
		if err != nil {
			return nil, err
		}
		for _, l := range looks() {
			limit, err := l.raw(ctx, e, r)
			if err != nil {
				return nil, err
			}
			figures, cpu, err := l.at(ctx, e, p, size, limit)
			if err != nil {
				return nil, fmt.Errorf("%s of %d: %w", l.what, size, err)
			}
			out = append(out, figures...)
			if size >= 10_000 {
				ours[l.what], raws[l.what] = append(ours[l.what], cpu), append(raws[l.what], limit.cpu)
			}
		}
		r.close()
	}
	for _, l := range looks() {
		if a, b := ours[l.what], raws[l.what]; len(a) > 1 {
			f := figure{What: fmt.Sprintf("%s, growth 10,000 → %d", l.what, sizes[len(sizes)-1]), Unit: "×", Measured: a[len(a)-1] / a[0], goal: goal{sort: atMost, bound: 1.5}}
			if l.most > 0 {
				f.Limit, f.LimitOf, f.goal = b[len(b)-1]/b[0], "raw trigram", goal{sort: multiple, bound: 1.3}
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// at measures one look at one store: alone for CPU, 50 a second for latency.
func (l look) at(ctx context.Context, e *environment, p *torture.Program, size int, limit costs) ([]figure, float64, error) {
	address := host(p.Staff)
	request := func(int) []byte { return get(address, l.path(size), "Authorization: Bearer "+p.Token+"\r\n") }
	alone := load{address: address, pid: p.Pid(), conns: 1, span: e.span, status: http.StatusOK, request: request}
	out, err := alone.run(ctx)
	if err != nil {
		return nil, 0, err
	}
	steady := alone
	steady.rate, steady.conns = 50, 8
	calm, err := steady.run(ctx)
	if err != nil {
		return nil, 0, err
	}
	what := fmt.Sprintf("%s of %d", l.what, size)
	p50, p99 := goal{}, goal{}
	if l.most > 0 && size == 100_000 {
		p50, p99 = goal{sort: atMost, bound: 3}, goal{sort: atMost, bound: 15}
	}
	if l.most > 0 && size == 1_000_000 {
		p50 = goal{sort: atMost, bound: 15}
	}
	return []figure{
		{What: what, Unit: "µs CPU", Measured: out.cpu, Limit: limit.cpu, LimitOf: "raw SQLite", goal: goal{sort: multiple, bound: 3, peer: "≥ 4 × PocketBase, searches ≥ 30 ×"}},
		{What: what + ", p50", Unit: "ms", Measured: out.p(0.5), Limit: limit.p50, LimitOf: "raw SQLite", goal: p50},
		{What: what + ", p99 at 50/s", Unit: "ms", Measured: calm.p(0.99), goal: p99},
	}, out.cpu, nil
}
