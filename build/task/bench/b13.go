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

// handshakes is B13: full TLS handshakes through the certificate lookup, beside bare
// crypto/tls with the same certificate in the same run. Both ends are counted, so
// the lookup's share is smaller than it is on a server alone.
func handshakes(ctx context.Context, e *environment) ([]figure, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkHandshake$", "-benchtime", e.span.String(), "-tags", "sqlite_fts5,noui", certsPackage)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("measuring handshakes: %w\n%s", err, out)
	}
	micros := map[string]float64{}
	for _, m := range regexp.MustCompile(`BenchmarkHandshake/(\w+)\S*\s+\d+\s+([\d.]+) ns/op`).FindAllSubmatch(out, -1) {
		ns, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			return nil, err
		}
		micros[string(m[1])] = ns / 1000
	}
	if micros["bare"] == 0 || micros["managed"] == 0 || micros["stranger"] == 0 {
		return nil, fmt.Errorf("no figures in:\n%s", out)
	}
	const bareOf = "bare crypto/tls, the same certificate"
	return []figure{
		{What: "TLS handshake with the certificate lookup, both ends", Unit: "µs", Measured: micros["managed"], Limit: micros["bare"], LimitOf: bareOf, goal: goal{sort: thrift, bound: 0.9, peer: "≥ 1.0 of Caddy"}},
		{What: "TLS handshake under a stranger's name, both ends", Unit: "µs", Measured: micros["stranger"], Limit: micros["bare"], LimitOf: bareOf},
		{What: "choosing the certificate", Unit: "µs", Measured: micros["choosing"]},
	}, nil
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
