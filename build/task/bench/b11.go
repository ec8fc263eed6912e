package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// coldStart is B11: from the start of the program to the first page, and what it
// holds in memory once nobody asks anything.
func coldStart(ctx context.Context, e *environment) ([]figure, error) {
	starts, idle := 5, time.Minute
	if e.quick {
		idle = 10 * time.Second
	}
	p, err := e.fresh(ctx, e.size())
	if err != nil {
		return nil, err
	}
	defer p.Kill()
	if _, err := p.Start(); err != nil { // once, so that a first start's own work is done
		return nil, err
	}
	time.Sleep(2 * time.Second)
	var bareMS, ours []float64
	for range starts {
		took, err := bareStart(ctx)
		if err != nil {
			return nil, err
		}
		bareMS = append(bareMS, took)
		if err := p.Stop(); err != nil {
			return nil, err
		}
		began := time.Now()
		if _, err := p.Start(); err != nil {
			return nil, err
		}
		portal := p.PortalAPI()
		err = portal.Must(ctx, http.MethodGet, "/login", nil, nil, http.StatusOK)
		portal.Close()
		if err != nil {
			return nil, err
		}
		ours = append(ours, float64(time.Since(began).Microseconds())/1000)
	}
	cpu := cpuOf(p.Pid())
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(idle):
	}
	used := (cpuOf(p.Pid()) - cpu).Seconds() / idle.Seconds()
	return []figure{
		{What: fmt.Sprintf("start to first page, %d contacts", e.size()), Unit: "ms", Measured: median(ours), Limit: median(bareMS), LimitOf: "bare net/http", goal: goal{peer: "≤ 1.0 of Caddy, 77 ms where that was taken"}},
		{What: fmt.Sprintf("memory after %.0f s idle", idle.Seconds()), Unit: "MB", Measured: memoryOf(p.Pid()), goal: goal{sort: atMost, bound: 45, peer: "≤ 1.5 of PocketBase"}},
		{What: "CPU while idle", Unit: "cores", Measured: used},
	}, nil
}

// bareStart is how long a server takes that does nothing, in ms.
func bareStart(ctx context.Context) (float64, error) {
	began := time.Now()
	b, err := startBare(ctx, 8<<10)
	if err != nil {
		return 0, err
	}
	defer b.stop()
	res, err := http.Get("http://" + b.address + "/")
	if err != nil {
		return 0, err
	}
	if err := res.Body.Close(); err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, errors.New(res.Status)
	}
	return float64(time.Since(began).Microseconds()) / 1000, nil
}
