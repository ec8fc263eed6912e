package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"portico/backend/torture"
)

// soak keeps the program busy at a steady rate and looks for what grows: memory
// and open files after the first quarter, when caches are warm (promises.md, A26).
func soak(ctx context.Context, e *environment) ([]figure, error) {
	span, pause := 4*time.Hour, time.Minute
	if e.quick {
		span, pause = time.Minute, time.Second
	}
	p, err := e.fresh(ctx, 10_000)
	if err != nil {
		return nil, err
	}
	if _, err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Kill()
	session, err := signedIn(ctx, p, 0)
	if err != nil {
		return nil, err
	}
	loads := soakLoads(p, session, span)
	failed := make(chan error, len(loads))
	for _, l := range loads {
		go func() {
			_, err := l.run(ctx)
			failed <- err
		}()
	}
	var hours, memory, files []float64
	began := time.Now()
	for range loads {
		for waiting := true; waiting; {
			select {
			case err := <-failed:
				if err != nil {
					return nil, err
				}
				waiting = false
			case <-time.After(pause):
				hours, memory, files = append(hours, time.Since(began).Hours()), append(memory, memoryOf(p.Pid())), append(files, float64(filesOf(p.Pid())))
			}
		}
	}
	from := len(hours) / 4
	grown, base := slope(hours[from:], memory[from:]), median(memory[from:])
	return []figure{
		{What: "growth of memory", Unit: "% an hour", Measured: 100 * grown / base, goal: goal{sort: atMost, bound: 1}},
		{What: "growth of open files", Unit: "an hour", Measured: slope(hours[from:], files[from:]), goal: goal{sort: atMost, bound: 1}},
		{What: "memory", Unit: "MB", Measured: base},
	}, nil
}

// soakLoads are 50 requests a second together: pages, lists, searches and writes.
func soakLoads(p *torture.Program, session string, span time.Duration) []load {
	portal, staff := host(p.Portal), host(p.Staff)
	token := "Authorization: Bearer " + p.Token + "\r\n"
	one := load{pid: p.Pid(), conns: 2, span: span, status: http.StatusOK}
	loads := make([]load, 0, 5)
	add := func(address string, rate float64, status int, request func(int) []byte) {
		l := one
		l.address, l.rate, l.status, l.request = address, rate, status, request
		loads = append(loads, l)
	}
	add(portal, 15, http.StatusOK, func(int) []byte { return get(portal, "/login", "") })
	add(portal, 15, http.StatusOK, func(int) []byte { return get(portal, "/api/portal/home", "Cookie: "+session+"\r\n") })
	add(staff, 10, http.StatusOK, func(int) []byte {
		return get(staff, "/api/staff/contacts?limit=50&cursor="+cursorAt(personAt(rand.IntN(10_000)).name), token)
	})
	add(staff, 5, http.StatusOK, func(int) []byte {
		return get(staff, "/api/staff/contacts?search="+family[rand.IntN(len(family))], token)
	})
	add(staff, 5, http.StatusCreated, func(n int) []byte {
		raw, err := json.Marshal(map[string]any{"name": personAt(n).name, "emails": []string{fmt.Sprintf("soak%d@example.test", n)}})
		if err != nil {
			return nil // texts and numbers always marshal
		}
		return post(staff, "/api/staff/contacts", token+"Content-Type: application/json\r\n", string(raw))
	})
	return loads
}

// slope is how much y grows with x (least squares).
func slope(x, y []float64) float64 {
	var mx, my, over, under float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(x))
	}
	for i := range x {
		over += (x[i] - mx) * (y[i] - my)
		under += (x[i] - mx) * (x[i] - mx)
	}
	if under == 0 {
		return 0
	}
	return over / under
}
