package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

const certsPackage = "portico/backend/kernel/certs"

// encrypted is B13: handshakes and pages through the portal's own listener with a
// certificate that it got and keeps itself, beside bare net/http with crypto/tls in
// the same round, and beside Caddy where that is installed.
func encrypted(ctx context.Context, e *environment) ([]figure, error) {
	home, err := os.MkdirTemp(e.dir, "tls-")
	if err != nil {
		return nil, err
	}
	choosing, err := choosing(ctx, e)
	if err != nil {
		return nil, err
	}
	ours, stop, err := portalWithName(ctx, e, home)
	if err != nil {
		return nil, err
	}
	defer stop()
	page, err := ours.page(ctx)
	if err != nil {
		return nil, err
	}
	pair, err := newPair(home)
	if err != nil {
		return nil, err
	}
	limit, stopBare, err := bareTLS(ctx, pair, page)
	if err != nil {
		return nil, err
	}
	defer stopBare()
	us, err := ours.measure(ctx, e, "/login", "/healthz")
	if err != nil {
		return nil, fmt.Errorf("the portal: %w", err)
	}
	bare, err := limit.measure(ctx, e, "/", "/healthz")
	if err != nil {
		return nil, fmt.Errorf("the bare server: %w", err)
	}
	const bareOf, peer = "bare net/http with TLS", "≥ 1.0 of Caddy"
	out := []figure{choosing}
	for i, what := range tlsRows {
		g := goal{peer: peer}
		if i >= tlsHandshakes { // a page costs what B1 judges
			g = goal{sort: thrift, bound: 0.9, peer: peer}
		}
		out = append(out, figure{What: what, Unit: "/s", Measured: us[i].perS, Limit: bare[i].perS, LimitOf: bareOf})
		out = append(out, figure{What: what, Unit: "µs CPU", Measured: us[i].cpu, Limit: bare[i].cpu, LimitOf: bareOf, goal: g})
	}
	return besideCaddy(ctx, e, home, pair, page, us, out)
}

// besideCaddy adds the same rows with Caddy as the limit, when it is there.
func besideCaddy(ctx context.Context, e *environment, home string, pair keyPair, page int, us []outcome, out []figure) ([]figure, error) {
	program, err := exec.LookPath("caddy")
	if err != nil {
		fmt.Println("  beside Caddy: left out, there is no program caddy on PATH")
		return out, nil
	}
	peer, stop, err := startCaddy(ctx, program, home, pair, page)
	if err != nil {
		return nil, err
	}
	defer stop()
	theirs, err := peer.measure(ctx, e, "/", "/healthz")
	if err != nil {
		return nil, fmt.Errorf("caddy: %w", err)
	}
	for i := range out {
		out[i].goal.peer = ""
	}
	for i, what := range tlsRows {
		out = append(out, figure{What: what, Unit: "µs CPU", Measured: us[i].cpu, Limit: theirs[i].cpu, LimitOf: "Caddy", goal: goal{sort: thrift, bound: 1}})
	}
	return out, nil
}

// choosing is the certificate lookup alone, in a process of its own.
func choosing(ctx context.Context, e *environment) (figure, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkHandshake$/^choosing$", "-benchtime", e.span.String(), "-tags", "sqlite_fts5,noui", certsPackage)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return figure{}, fmt.Errorf("measuring the certificate lookup: %w\n%s", err, out)
	}
	m := regexp.MustCompile(`BenchmarkHandshake/choosing\S*\s+\d+\s+([\d.]+) ns/op`).FindSubmatch(out)
	if m == nil {
		return figure{}, fmt.Errorf("no figure in:\n%s", out)
	}
	ns, err := strconv.ParseFloat(string(m[1]), 64)
	return figure{What: "choosing the certificate", Unit: "µs", Measured: ns / 1000}, err
}

// restarts kills the keeper of certificates 100 times: one account, one order.
func restarts(ctx context.Context, _ *environment) ([]figure, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout", "1h", "-run", "^TestKilledAgainAndAgain$", "-tags", "sqlite_fts5,noui", certsPackage)
	cmd.Env = append(os.Environ(), "PORTICO_CERTS_KILLS=100")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	failed := 0.0
	if err := cmd.Run(); err != nil {
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
			return nil, fmt.Errorf("running the restarts: %w", err)
		}
		failed = 1
	}
	return []figure{{What: "100 restarts, more than one account or order", Unit: "runs", Measured: failed, goal: goal{sort: exactly, bound: 0}}}, nil
}
