package limit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/limit"
	"portico/backend/kernel/settings"
)

var ctx = context.Background()

// each runs a story on every engine with the tables in place.
func each(t *testing.T, story func(t *testing.T, d *db.DB, clk *clock.Fake)) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		story(t, dbtest.Open(t, c, db.Source{Room: "settings", Files: settings.Migrations}, db.Source{Room: "limit", Files: limit.Migrations}), clk)
	})
}

func allow(t *testing.T, d *db.DB, l *limit.Limiter, rules ...limit.Rule) (wait time.Duration, ok bool) {
	t.Helper()
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		wait, ok, err = l.Allow(ctx, tx, rules)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return wait, ok
}

func rows(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Read().QueryRow(ctx, `SELECT count(*) FROM limit_counters`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAllow(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, clk *clock.Fake) {
		l := limit.New([]byte("key"))
		ana := limit.Bounds{{Max: 3, Seconds: 900}, {Max: 4, Seconds: 86400}}.For("login:addr:ana@example.com")
		all := limit.Rule{Key: "login:all", Max: 5, Per: time.Minute}
		for _, s := range []struct {
			story   string
			advance time.Duration
			rules   []limit.Rule
			ok      bool
			wait    time.Duration
		}{
			{"the first", 0, append(ana, all), true, 0},
			{"the second", 0, append(ana, all), true, 0},
			{"the third", 0, append(ana, all), true, 0},
			{"the fourth is one too many", time.Second, append(ana, all), false, 14*time.Minute + 59*time.Second},
			{"refused ones did not count for all", 0, []limit.Rule{all}, true, 0},
			{"nor did the fifth of all", 0, []limit.Rule{all}, true, 0},
			{"all are one too many", 0, []limit.Rule{all}, false, 59200 * time.Millisecond},
			{"the longest wait is told", 0, append(ana, all), false, 14*time.Minute + 59*time.Second},
			{"when the time has come", 14*time.Minute + 59*time.Second, append(ana, all), true, 0},
			{"the day is full", 0, ana, false, 24*time.Hour - 675*time.Second},
			{"somebody else", 0, []limit.Rule{{Key: "login:addr:bo@example.com", Max: 3, Per: 15 * time.Minute}}, true, 0},
			{"never", 0, []limit.Rule{{Key: "never", Max: 0, Per: time.Hour}}, false, time.Hour},
			{"no rule", 0, nil, true, 0},
		} {
			clk.Advance(s.advance)
			peeked, free, err := l.Peek(ctx, d.Read(), clk.Now(), s.rules)
			if err != nil || free != s.ok {
				t.Errorf("%s: peek %v %v, %v", s.story, peeked, free, err)
			}
			wait, ok := allow(t, d, l, s.rules...)
			if ok != s.ok || wait != peeked || wait != s.wait {
				t.Errorf("%s: %v after %v (peeked %v), want %v after %v", s.story, ok, wait, peeked, s.ok, s.wait)
			}
		}
	})
}

func TestCountersStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		sources := []db.Source{{Room: "limit", Files: limit.Migrations}}
		rule := limit.Rule{Key: "a:ana@example.com", Max: 1, Per: time.Hour}
		first := dbtest.Open(t, c, sources...)
		if _, ok := allow(t, first, limit.New([]byte("key")), rule); !ok {
			t.Error("the first was refused")
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		again := dbtest.Open(t, c, sources...)
		if _, ok := allow(t, again, limit.New([]byte("key")), rule); ok {
			t.Error("a restart forgot the count")
		}
		var id string
		if err := again.Read().QueryRow(ctx, `SELECT id FROM limit_counters`).Scan(&id); err != nil || strings.Contains(id, "ana") || len(id) != 22 {
			t.Errorf("the table says %q, %v", id, err)
		}
		sweep := func() {
			if err := again.Write(ctx, func(tx *db.Tx) error { return limit.New(nil).Sweep(ctx, tx) }); err != nil {
				t.Error(err)
			}
		}
		clk.Advance(time.Hour - time.Millisecond)
		if sweep(); rows(t, again) != 1 {
			t.Error("swept too early")
		}
		clk.Advance(time.Millisecond)
		if sweep(); rows(t, again) != 0 {
			t.Error("not swept")
		}
	})
}

func TestRolledBack(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		l, rule := limit.New([]byte("key")), limit.Rule{Key: "a", Max: 1, Per: time.Hour}
		no := errors.New("no")
		err := d.Write(ctx, func(tx *db.Tx) error {
			if _, ok, err := l.Allow(ctx, tx, []limit.Rule{rule, rule}); err != nil || !ok {
				t.Errorf("%v %v", ok, err)
			}
			return no
		})
		if !errors.Is(err, no) || rows(t, d) != 0 {
			t.Errorf("%v, %d rows", err, rows(t, d))
		}
		for _, bad := range []limit.Rule{{Key: "a", Max: -1, Per: time.Hour}, {Key: "a", Max: 1}} {
			if _, _, err := l.Peek(ctx, d.Read(), time.Time{}, []limit.Rule{bad}); err == nil {
				t.Errorf("taken: %+v", bad)
			}
		}
	})
}

// TestSideBySide: many at once, with rules in different orders, and exactly Max pass.
func TestSideBySide(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		l := limit.New([]byte("key"))
		a, b := limit.Rule{Key: "a", Max: 7, Per: time.Hour}, limit.Rule{Key: "b", Max: 9, Per: time.Hour}
		var passed atomic.Int64
		var all sync.WaitGroup
		for i := range 40 {
			rules := []limit.Rule{a, b, {Key: fmt.Sprint("own", i), Max: 1, Per: time.Hour}}
			if i%2 == 1 {
				rules[0], rules[1] = b, a
			}
			all.Go(func() {
				if _, ok := allow(t, d, l, rules...); ok {
					passed.Add(1)
				}
			})
		}
		all.Wait()
		if passed.Load() != 7 {
			t.Errorf("%d passed", passed.Load())
		}
		if _, ok := allow(t, d, l, b); !ok {
			t.Error("refused ones counted for b")
		}
	})
}
