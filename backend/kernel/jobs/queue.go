package jobs

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Job is work to be done at least once, not before RunAt. Kind and Key together
// are unique: the same job enqueued twice exists once. Lower Priority goes first.
type Job struct {
	ID       string
	Kind     string
	Key      string // "" takes the id
	Payload  any    // kept as JSON
	Priority int
	RunAt    time.Time // zero: at once
}

// Claimed is a job that this process holds until its lease ends.
type Claimed struct {
	ID       string
	Kind     string
	Key      string
	Payload  json.RawMessage
	Attempts int // including this one
	owner    string
}

// Enqueue keeps a job with the caller's commit. A job of the same kind and key
// that waits already is left as it is.
func Enqueue(ctx context.Context, tx *db.Tx, j Job) error {
	payload, err := json.Marshal(j.Payload)
	if err != nil {
		return fmt.Errorf("job %s: %w", j.Kind, err)
	}
	if j.ID == "" {
		j.ID = ident.New("jb")
	}
	if j.Key == "" {
		j.Key = j.ID
	}
	if j.RunAt.IsZero() {
		j.RunAt = tx.Now
	}
	return insert(ctx, tx, j, string(payload))
}

// Claim leases up to n due jobs of a kind for the given time and answers them in
// the order in which they should be done.
func Claim(ctx context.Context, d *db.DB, kind string, n int, lease time.Duration) ([]Claimed, error) {
	return ClaimUrgent(ctx, d, kind, math.MaxInt32, n, lease)
}

// ClaimUrgent is Claim for jobs of at most the given priority.
func ClaimUrgent(ctx context.Context, d *db.DB, kind string, priority, n int, lease time.Duration) ([]Claimed, error) {
	owner := ident.New("lo")
	var got []Claimed
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		got, err = claim(ctx, tx, kind, priority, n, owner, tx.Now.Add(lease))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claiming %s jobs: %w", kind, err)
	}
	return got, nil
}

// Finish removes a job with the commit that holds its effect. It answers false
// when the lease was lost meanwhile: somebody else has the job, so the caller
// should roll back.
func Finish(ctx context.Context, tx *db.Tx, c Claimed) (bool, error) {
	n, err := remove(ctx, tx, c.ID, c.owner)
	return n == 1, err
}

// FinishAll is Finish for several jobs; it answers those whose lease was lost.
func FinishAll(ctx context.Context, tx *db.Tx, list []Claimed) (lost []Claimed, err error) {
	for len(list) > 0 && err == nil {
		var mine, others []Claimed // claimed together, and not
		for _, c := range list {
			if c.owner == list[0].owner {
				mine = append(mine, c)
			} else {
				others = append(others, c)
			}
		}
		var gone map[string]bool
		gone, err = removeAll(ctx, tx, mine)
		for _, c := range mine {
			if !gone[c.ID] {
				lost = append(lost, c)
			}
		}
		list = others
	}
	return lost, err
}

// Retry gives a job back, due again at the given time; false when the lease was lost.
func Retry(ctx context.Context, tx *db.Tx, c Claimed, at time.Time, why string) (bool, error) {
	n, err := release(ctx, tx, c.ID, c.owner, at, why, false)
	return n == 1, err
}

// Bury keeps a job that will not be tried again by itself, for people to see.
func Bury(ctx context.Context, tx *db.Tx, c Claimed, why string) (bool, error) {
	n, err := release(ctx, tx, c.ID, c.owner, tx.Now, why, true)
	return n == 1, err
}

// Cancel removes a waiting job by kind and key; false when it is leased (running)
// or not there.
func Cancel(ctx context.Context, tx *db.Tx, kind, key string) (bool, error) {
	n, err := removeWaiting(ctx, tx, kind, key)
	return n == 1, err
}

// Release ends every lease, so that what a process left behind when it died is
// done at once and not after its lease. Only who knows that no other process
// works on the store may call it: at start, with the data directory locked.
func Release(ctx context.Context, d *db.DB) error {
	err := d.Write(ctx, func(tx *db.Tx) error { return endLeases(ctx, tx) })
	if err != nil {
		return fmt.Errorf("releasing jobs: %w", err)
	}
	return nil
}

// Postpone moves every waiting job of a kind that is due earlier to at the earliest.
func Postpone(ctx context.Context, tx *db.Tx, kind string, at time.Time) error {
	return postpone(ctx, tx, kind, at)
}

// Next is when the earliest job of a kind falls due; zero when none waits.
func Next(ctx context.Context, q db.Q, kind string) (time.Time, error) { return nextDue(ctx, q, kind) }
