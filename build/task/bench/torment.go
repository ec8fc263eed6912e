package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// torment runs backend/torture in full: 1,000 kills under writes, 5,000 mails
// under 1,000 kills, 400 failing disks.
func torment(ctx context.Context, _ *environment) ([]figure, error) {
	began := time.Now()
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-timeout", "4h", "-tags", "sqlite_fts5", "portico/backend/torture")
	cmd.Env = append(os.Environ(), "PORTICO_TORTURE=full")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("running the torture: %w", err)
	}
	failed := 0.0
	if err != nil {
		failed = 1
	}
	return []figure{
		{What: "torture in full, failed", Unit: "runs", Measured: failed, goal: goal{sort: exactly, bound: 0}},
		{What: "torture in full, took", Unit: "s", Measured: time.Since(began).Seconds()},
	}, nil
}
