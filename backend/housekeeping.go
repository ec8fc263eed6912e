package backend

import (
	"context"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/db"
	"portico/backend/kernel/settings"
)

// highWater is the latest time that this store has seen, so that setting the
// clock back brings no expired link to life.
var highWater = settings.Key[int64]{Name: "clock.high_water"}

// The rhythm of housekeeping.
const (
	rememberTimeEvery = 5 * time.Minute
	tidyEvery         = time.Hour
	// orphanAge keeps files that were just written and whose row is about to be.
	orphanAge = 24 * time.Hour
	// addressAge is how long the audit log says from which address something was done.
	addressAge = 30 * 24 * time.Hour
)

func (b *Backend) recallTime(ctx context.Context) error {
	ms, err := settings.Get(ctx, b.db.Read(), highWater)
	if err != nil {
		return err
	}
	b.clock.Raise(db.At(ms))
	return nil
}

// housekeeping writes the time down, holds the disk reserve and removes files
// that no row names, until ctx ends.
func (b *Backend) housekeeping(ctx context.Context) {
	remember, tidy := time.NewTicker(rememberTimeEvery), time.NewTicker(tidyEvery)
	defer remember.Stop()
	defer tidy.Stop()
	b.tidy(ctx)
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-remember.C:
			err = b.db.Write(ctx, func(tx *db.Tx) error { return settings.Set(ctx, tx, highWater, tx.Now.UnixMilli()) })
		case <-tidy.C:
			b.tidy(ctx)
		}
		if err != nil && ctx.Err() == nil {
			b.config.Log.Warn("the time was not written down", "error", err)
		}
	}
}

func (b *Backend) tidy(ctx context.Context) {
	b.forgetAddresses(ctx)
	free, total, err := db.Space(b.config.Data)
	if err == nil {
		err = b.db.Reserve(free, total)
	}
	if err != nil {
		b.config.Log.Warn("no room was set aside for a full disk", "error", err)
	}
	if err := b.chat.SweepUploads(ctx); err != nil && ctx.Err() == nil {
		b.config.Log.Warn("uploads that nobody sent were not removed", "error", err)
	}
	inUse := func(id string) (bool, error) {
		for _, has := range []func(context.Context, string) (bool, error){b.contacts.HasPhoto, b.chat.HasFile} {
			if used, err := has(ctx, id); used || err != nil {
				return used, err
			}
		}
		return b.branding.HasPicture(ctx, id)
	}
	if _, err := b.blobs.Sweep(ctx, inUse, b.clock.Now().Add(-orphanAge)); err != nil && ctx.Err() == nil {
		b.config.Log.Warn("orphaned files were not removed", "error", err)
	}
}

func (b *Backend) forgetAddresses(ctx context.Context) {
	for more := true; more && ctx.Err() == nil; {
		if err := b.db.Write(ctx, func(tx *db.Tx) (err error) {
			more, err = audit.ForgetAddresses(ctx, tx, tx.Now.Add(-addressAge))
			return err
		}); err != nil {
			b.config.Log.Warn("old addresses were not forgotten", "error", err)
			return
		}
	}
}
