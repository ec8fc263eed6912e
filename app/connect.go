package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"portico/backend"
	"portico/backend/kernel/db"
)

// patience is how long a verb waits for a process that has the data folder and
// does not answer yet: it may be starting, or stopping.
const patience = 5 * time.Second

// withStaff calls do with the staff API of a data folder: through the socket of
// the process that has it, else by opening the store here for as long as it takes.
func (p *program) withStaff(ctx context.Context, s storeFlags, do func(*client) error) error {
	return p.withData(ctx, backend.Config{Database: s.database, Secrets: s.secrets}, s.data, do)
}

// withDomain is withStaff for verbs that may ask others about the portal's name.
func (p *program) withDomain(ctx context.Context, s storeFlags, d domainFlags, do func(*client) error) error {
	domain, err := d.config()
	if err != nil {
		return err
	}
	return p.withData(ctx, backend.Config{Database: s.database, Secrets: s.secrets, Domain: domain}, s.data, do)
}

func (p *program) withData(ctx context.Context, c backend.Config, data string, do func(*client) error) error {
	dir, err := place(data)
	if err != nil {
		return err
	}
	if err := prepare(dir); err != nil {
		return err
	}
	c.Data, c.Version, c.Log = dir, Version, p.log(slog.LevelWarn)
	for deadline := time.Now().Add(patience); ; {
		if c := running(ctx, dir); c != nil {
			return do(c)
		}
		b, err := p.backend(ctx, c)
		if err == nil {
			return errors.Join(do(newClient(inProcess{b.Socket()})), b.Close())
		}
		if !errors.Is(err, db.ErrInUse) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// withRunning calls do with the staff API of the process that has the data
// folder; it is an error when there is none.
func (p *program) withRunning(ctx context.Context, s storeFlags, do func(*client) error) error {
	dir, err := place(s.data)
	if err != nil {
		return err
	}
	if c := running(ctx, dir); c != nil {
		return do(c)
	}
	return errNotRunning
}

// running is a client of the process that has the data folder, or nil.
func running(ctx context.Context, dir string) *client {
	probe, err := dialSocket(ctx, dir)
	if err != nil {
		return nil
	}
	_ = probe.Close()
	return newClient(overSocket(dir))
}
