package limit

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Rule allows Max hits of Key within any Per. Key is `what:whom`
// ("login:addr:ana@example.com"); the same key with another Per is another counter.
type Rule struct {
	Key string
	Max int // 0: never
	Per time.Duration
}

// Limiter keeps counters under hashed keys.
type Limiter struct{ key []byte }

// New makes a limiter that hashes keys with key (secret.Derive(master, "limit")).
// Another key begins all counters anew.
func New(key []byte) *Limiter { return &Limiter{key: slices.Clone(key)} }

// Peek reports whether Allow would let the rules pass at now, without counting.
// It only reads, so refusing a flood costs no write: ask it first, with the pool
// of readers, where many may come.
func (l *Limiter) Peek(ctx context.Context, q db.Q, now time.Time, rules []Rule) (retryAfter time.Duration, ok bool, err error) {
	counters, err := l.counters(rules)
	if err != nil {
		return 0, false, err
	}
	return l.check(ctx, q, now.UnixMilli(), counters)
}

// Allow counts one hit for every rule, in the caller's transaction, when all of
// them let it pass; otherwise it counts nothing and answers after how long to try
// again (the longest of the rules). A transaction that is rolled back has not
// counted: count in one that commits.
func (l *Limiter) Allow(ctx context.Context, tx *db.Tx, rules []Rule) (retryAfter time.Duration, ok bool, err error) {
	now := tx.Now.UnixMilli()
	counters, err := l.counters(rules)
	if err != nil {
		return 0, false, err
	}
	if retryAfter, ok, err = l.check(ctx, tx, now, counters); err != nil || !ok {
		return retryAfter, ok, err
	}
	// On PostgreSQL others may count at the same time. Taking the rows first, in
	// the order of their ids so that nobody waits in a circle, and checking again
	// makes the limits exact.
	for _, c := range counters {
		if err := touch(ctx, tx, c.id, now, now+c.per); err != nil {
			return 0, false, fmt.Errorf("taking a limit's counter: %w", err)
		}
	}
	if retryAfter, ok, err = l.check(ctx, tx, now, counters); err != nil || !ok {
		return retryAfter, ok, err
	}
	for _, c := range counters {
		if err := put(ctx, tx, c.id, c.window.hit(now, c.per), now+c.per); err != nil {
			return 0, false, fmt.Errorf("counting for a limit: %w", err)
		}
	}
	return 0, true, nil
}

// Sweep removes counters that no longer mean anything at now.
func (l *Limiter) Sweep(ctx context.Context, tx *db.Tx) error {
	if err := removeExpired(ctx, tx, tx.Now.UnixMilli()); err != nil {
		return fmt.Errorf("sweeping limits: %w", err)
	}
	return nil
}

// counter is a rule with its row.
type counter struct {
	id     string
	max    int64
	per    int64 // milliseconds
	window window
}

// counters are sorted by id; equal rules are counted once.
func (l *Limiter) counters(rules []Rule) ([]*counter, error) {
	all := make([]*counter, 0, len(rules))
	for _, r := range rules {
		c := &counter{max: int64(r.Max), per: r.Per.Milliseconds()}
		if c.per <= 0 || c.max < 0 {
			return nil, errors.New("limit: a rule needs a Max of 0 or more and a Per of at least a millisecond")
		}
		c.id = l.hash(r.Key, c.per)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *counter) int {
		if a.id != b.id {
			return strings.Compare(a.id, b.id)
		}
		return cmp.Compare(a.max, b.max)
	})
	return slices.CompactFunc(all, func(a, b *counter) bool { return a.id == b.id }), nil // the strictest stays
}

func (l *Limiter) hash(key string, per int64) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(strconv.FormatInt(per, 10) + " " + key))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// check reads the counters' rows and asks each of them.
func (l *Limiter) check(ctx context.Context, q db.Q, now int64, counters []*counter) (time.Duration, bool, error) {
	if len(counters) == 0 {
		return 0, true, nil
	}
	if err := load(ctx, q, counters); err != nil {
		return 0, false, fmt.Errorf("reading limits: %w", err)
	}
	wait := int64(0)
	for _, c := range counters {
		if c.max == 0 {
			wait = max(wait, c.per)
			continue
		}
		wait = max(wait, c.window.retryAt(now, c.per, c.max)-now)
	}
	return time.Duration(wait) * time.Millisecond, wait == 0, nil
}

// TooMany is the fault for a refused hit; it tells the wait in whole minutes, rounded up.
func TooMany(retryAfter time.Duration) error {
	minutes := int(max(1, (retryAfter+time.Minute-1)/time.Minute))
	f := fault.New(fault.TooMany, "limit.reached", "Too many tries in a short time. Please try again in {count} minutes.", "count", minutes)
	f.RetryAfter = int((retryAfter + time.Second - 1) / time.Second)
	return f
}
