package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"portico/backend/torture"
)

// redeemLinks is B2: using a link writes its use and the session in one durable
// transaction; of many who use one link at once exactly one gets in.
func redeemLinks(ctx context.Context, e *environment) ([]figure, error) {
	closed, open, races := 5000, 1500, 20
	if e.quick {
		closed, open, races = 1000, 300, 5
	}
	p, err := e.fresh(ctx, e.size())
	if err != nil {
		return nil, err
	}
	if _, err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Kill()
	limit, err := rawCommits(ctx, e.dir, e.span)
	if err != nil {
		return nil, err
	}
	ids, err := contactIDs(ctx, p, closed+open+races)
	if err != nil {
		return nil, err
	}
	paths, err := makeLinks(ctx, p, ids)
	if err != nil {
		return nil, err
	}
	lands, err := openLinks(ctx, p, paths)
	if err != nil {
		return nil, err
	}
	fast, err := redeem(ctx, p, lands[:closed], 0)
	if err != nil {
		return nil, err
	}
	steady, err := redeem(ctx, p, lands[closed:closed+open], 500)
	if err != nil {
		return nil, err
	}
	most := 0
	for _, land := range lands[closed+open:] {
		sessions, err := race(p, land)
		if err != nil {
			return nil, err
		}
		if sessions != 1 {
			most = max(most, max(sessions, 2)) // none is as wrong as two
		}
		most = max(most, sessions)
	}
	const limitOf = "raw SQLite, single FULL commits"
	return []figure{
		{What: "POST /k, c=16", Unit: "/s", Measured: fast.perS, Limit: limit.perS, LimitOf: limitOf, goal: goal{sort: share, bound: 1.5}},
		{What: "POST /k, c=16", Unit: "µs CPU", Measured: fast.cpu, Limit: limit.cpu, LimitOf: limitOf, goal: goal{sort: atMost, bound: 150}},
		{What: "POST /k, p99 at 500/s", Unit: "ms", Measured: steady.p(0.99), Limit: limit.p50, LimitOf: "one raw commit", goal: goal{sort: atMost, bound: 5 + 2*limit.p50}},
		{What: fmt.Sprintf("sessions from 64 at once on one link, worst of %d links", races), Unit: "sessions", Measured: float64(most), goal: goal{sort: exactly, bound: 1}},
	}, nil
}

// redeem presses the button behind each landing cookie once.
func redeem(ctx context.Context, p *torture.Program, lands []string, rate float64) (*outcome, error) {
	address := host(p.Portal)
	return load{address: address, pid: p.Pid(), conns: 16, rate: rate, total: len(lands), status: http.StatusSeeOther,
		request: func(n int) []byte { return post(address, "/k", formHeaders+"Cookie: "+lands[n]+"\r\n", "") },
	}.run(ctx)
}

// race uses one link from 64 sides at once and answers how many sessions that made.
func race(p *torture.Program, land string) (sessions int, err error) {
	portal := p.PortalAPI()
	defer portal.Close()
	var mu sync.Mutex
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			r, rerr := http.NewRequest(http.MethodPost, p.Portal+"/k", http.NoBody)
			if rerr == nil {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Cookie", land)
				<-begin
				var got torture.Answer
				if got, rerr = portal.Send(r); rerr == nil && torture.CookieOf(got, "portico").Value != "" {
					mu.Lock()
					sessions++
					mu.Unlock()
				}
			}
			if rerr != nil {
				mu.Lock()
				err = rerr
				mu.Unlock()
			}
		})
	}
	close(begin)
	wg.Wait()
	return sessions, err
}
