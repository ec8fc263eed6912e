package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// liveProcess is a WebSocket server in a process of its own.
type liveProcess struct {
	bare
	orders io.Writer
}

func startLive(ctx context.Context, kind string) (*liveProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, liveVerb, kind)
	cmd.Stderr = os.Stderr
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the %s server did not start: %w", kind, err)
	}
	return &liveProcess{bare{strings.TrimSpace(line), cmd}, orders}, nil
}

func (p *liveProcess) order(what string) error {
	_, err := io.WriteString(p.orders, what+"\n")
	return err
}

// swarm makes sockets for this server, not connected yet.
func (p *liveProcess) swarm(n int) *swarm {
	return newSwarm(p.address, n, func(i int) string {
		return "/live?n=" + strconv.Itoa(i) + " HTTP/1.1\r\nOrigin: " + swarmOrigin + "\r\n"
	})
}

// fan is what a fan-out met.
type fan struct{ cpu, p99, share, kb float64 }

// fanOut connects n sockets and sends to all of them at a steady rate.
func fanOut(ctx context.Context, kind string, n int, rate float64, span time.Duration) (*fan, error) {
	p, err := startLive(ctx, kind)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	empty := memoryOf(p.pid())
	s := p.swarm(n)
	defer s.close()
	if err := s.join(ctx); err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	out := &fan{kb: (memoryOf(p.pid()) - empty) * 1000 / float64(n)}
	cpu, frames := cpuOf(p.pid()), max(int(span.Seconds()*rate), 3)
	for range frames {
		if err := p.order("200"); err != nil {
			return nil, err
		}
		time.Sleep(time.Duration(float64(time.Second) / rate))
	}
	want := int64(frames * n)
	s.until(ctx, 30*time.Second, func() bool { return s.delivered.Load() >= want })
	out.cpu = float64((cpuOf(p.pid()) - cpu).Microseconds()) / float64(want)
	out.share = float64(s.delivered.Load()) / float64(want)
	s.mu.Lock()
	defer s.mu.Unlock()
	out.p99 = quantile(s.millis, 0.99)
	return out, ctx.Err()
}

// fanOuts is B5 for kernel/live alone: one frame to everybody in a room over TLS,
// and what an idle connection costs, beside bare gorilla in the same round.
func fanOuts(ctx context.Context, e *environment) (all []figure, err error) {
	sizes := []int{1000, 5000}
	if e.quick {
		sizes = sizes[:1]
	}
	for _, n := range sizes {
		rate := 10_000 / float64(n)
		bare, err := fanOut(ctx, "bare", n, rate, 2*e.span)
		if err != nil {
			return nil, err
		}
		hub, err := fanOut(ctx, "hub", n, rate, 2*e.span)
		if err != nil {
			return nil, err
		}
		const bareOf = "bare gorilla over TLS"
		at := fmt.Sprintf("%d sockets: ", n)
		all = append(all,
			figure{What: at + "server CPU for a delivery", Unit: "µs", Measured: hub.cpu, Limit: bare.cpu, LimitOf: bareOf, goal: goal{sort: multiple, bound: 1.3, peer: "≥ 1.0 of NATS"}},
			figure{What: at + "p99 from send to receive", Unit: "ms", Measured: hub.p99, Limit: bare.p99, LimitOf: bareOf, goal: goal{sort: multiple, bound: 1.3}},
			figure{What: at + "delivered share", Unit: "of all", Measured: hub.share, goal: goal{sort: exactly, bound: 1}},
			figure{What: at + "memory of an idle connection", Unit: "kB", Measured: hub.kb, Limit: bare.kb, LimitOf: bareOf, goal: goal{sort: multiple, bound: 1.3}},
		)
	}
	return all, nil
}

// storm is A9 for kernel/live alone: everybody is dropped at once and comes back as
// pages do.
func storm(ctx context.Context, e *environment) ([]figure, error) {
	n := 10_000
	if e.quick {
		n = 1000
	}
	p, err := startLive(ctx, "hub")
	if err != nil {
		return nil, err
	}
	defer p.stop()
	s := p.swarm(n)
	s.again = true
	defer s.close()
	if err := s.join(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := p.order("drop"); err != nil {
		return nil, err
	}
	back := s.until(ctx, 2*time.Minute, func() bool { return s.lost.Load() >= int64(n) && s.up.Load() == int64(n) })
	took := time.Since(began).Seconds()
	if !back {
		return nil, fmt.Errorf("%d of %d came back", s.up.Load(), n)
	}
	return []figure{
		{What: fmt.Sprintf("%d sockets dropped at once, all back", n), Unit: "s", Measured: took, goal: goal{sort: atMost, bound: 30}},
		{What: "memory of the server after it", Unit: "MB", Measured: memoryOf(p.pid()), goal: goal{sort: atMost, bound: 1500}},
	}, ctx.Err()
}

// strangers is B14 for sockets: upgrades without a session are refused cheaply.
func strangers(ctx context.Context, e *environment) ([]figure, error) {
	p, err := e.shared(ctx, e.size())
	if err != nil {
		return nil, err
	}
	address := host(p.Portal)
	request := get(address, "/api/portal/live", "Origin: "+p.Portal+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")
	got, err := load{address: address, pid: p.Pid(), conns: 4, span: e.span, status: http.StatusUnauthorized, request: func(int) []byte { return request }}.run(ctx)
	if err != nil {
		return nil, err
	}
	bare, err := e.bareCost(ctx, 256, 4)
	if err != nil {
		return nil, err
	}
	return []figure{{What: "a socket without a session is refused, server CPU", Unit: "µs", Measured: got.cpu, Limit: bare.cpu, LimitOf: "bare net/http, 256 bytes", goal: goal{sort: multiple, bound: 3}}}, nil
}
