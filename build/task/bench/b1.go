package main

import (
	"context"
	"fmt"
	"net/http"

	"portico/backend/torture"
)

// firstPage is B1: what a client meets before signing in, and the first data of
// the app after it.
func firstPage(ctx context.Context, e *environment) ([]figure, error) {
	p, err := e.shared(ctx, e.size())
	if err != nil {
		return nil, err
	}
	address := host(p.Portal)
	portal := p.PortalAPI()
	defer portal.Close()
	page, err := portal.Do(ctx, http.MethodGet, "/login", nil, nil)
	if err != nil || page.Status != http.StatusOK {
		return nil, fmt.Errorf("GET /login: %d %w", page.Status, err)
	}
	limit, err := e.bareCost(ctx, len(page.Body), 32)
	if err != nil {
		return nil, err
	}
	out, half, err := e.fullAndHalf(ctx, p, get(address, "/login", ""))
	if err != nil {
		return nil, err
	}
	session, err := signedIn(ctx, p, 0)
	if err != nil {
		return nil, err
	}
	home, homeHalf, err := e.fullAndHalf(ctx, p, get(address, "/api/portal/home", "Cookie: "+session+"\r\n"))
	if err != nil {
		return nil, err
	}
	rawStore, err := newRaw(e.dir, 10_000)
	if err != nil {
		return nil, err
	}
	defer rawStore.close()
	reads, err := measure(ctx, e.span/2, func(i int) error { return list(rawStore.point, i%rawStore.rows+1) })
	if err != nil {
		return nil, err
	}
	const bareOf, homeOf = "bare net/http, the same size", "bare page + 2 raw reads"
	return []figure{
		{What: "GET /login, size", Unit: "bytes", Measured: float64(len(page.Body)), goal: goal{sort: atMost, bound: 12 << 10}},
		{What: "GET /login, c=32", Unit: "µs CPU", Measured: out.cpu, Limit: limit.cpu, LimitOf: bareOf, goal: goal{sort: thrift, bound: 0.9, peer: "≥ 3 × Caddy"}},
		{What: "GET /login, c=32", Unit: "/s", Measured: out.perS, Limit: limit.perS, LimitOf: bareOf},
		{What: "GET /login, p99 at half peak", Unit: "ms", Measured: half.p(0.99), goal: goal{sort: atMost, bound: 5}},
		{What: fmt.Sprintf("GET /api/portal/home of %d contacts, c=32", e.size()), Unit: "µs CPU", Measured: home.cpu, Limit: limit.cpu + 2*reads.cpu, LimitOf: homeOf, goal: goal{sort: atMost, bound: 90, peer: "≥ 3 × PocketBase"}},
		{What: "GET /api/portal/home, p99 at half peak", Unit: "ms", Measured: homeHalf.p(0.99), goal: goal{sort: atMost, bound: 5}},
	}, nil
}

// fullAndHalf sends a request as often as possible, then at half that rate.
func (e *environment) fullAndHalf(ctx context.Context, p *torture.Program, request []byte) (full, half *outcome, err error) {
	l := load{address: host(p.Portal), pid: p.Pid(), conns: 32, span: e.span, status: 200, request: func(int) []byte { return request }}
	if full, err = l.run(ctx); err != nil {
		return nil, nil, err
	}
	l.rate = full.perS / 2
	half, err = l.run(ctx)
	return full, half, err
}
