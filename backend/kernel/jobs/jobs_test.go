package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/jobs"
)

var (
	ctx    = context.Background()
	source = db.Source{Room: "jobs", Files: jobs.Migrations}
)

func enqueue(t *testing.T, d *db.DB, js ...jobs.Job) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error {
		for _, j := range js {
			if err := jobs.Enqueue(ctx, tx, j); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func keys(cs []jobs.Claimed) (out []string) {
	for _, c := range cs {
		out = append(out, c.Key)
	}
	return out
}

// Without the condition repeated on the outer UPDATE, PostgreSQL hands most jobs
// to two workers at once.
func TestEveryJobIsClaimedByExactlyOneWorker(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, source)
		for i := range 300 {
			enqueue(t, d, jobs.Job{Kind: "k", Key: fmt.Sprint(i)})
		}
		var mu sync.Mutex
		seen := map[string]int{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					got, err := jobs.Claim(ctx, d, "k", 5, time.Minute)
					if err != nil {
						t.Error(err)
					}
					if len(got) == 0 {
						return
					}
					mu.Lock()
					for _, k := range keys(got) {
						seen[k]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for k, n := range seen {
			if n != 1 {
				t.Errorf("job %s was claimed %d times", k, n)
			}
		}
		// A worker on PostgreSQL may find nothing while another holds the rows, and
		// stop early; what nobody claimed is still there for the next.
		rest, err := jobs.Claim(ctx, d, "k", 300, time.Minute)
		if err != nil || len(seen)+len(rest) != 300 {
			t.Errorf("%d claimed, %d left, %v", len(seen), len(rest), err)
		}
	})
}

func TestAJobIsDoneInOrderOnceAndSurvivesItsWorker(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, source)
		enqueue(t, d, jobs.Job{Kind: "k", Key: "bulk", Priority: 5}, jobs.Job{Kind: "k", Key: "later", RunAt: clk.Now().Add(time.Hour)},
			jobs.Job{Kind: "k", Key: "urgent", Priority: 1}, jobs.Job{Kind: "k", Key: "urgent", Priority: 9}, jobs.Job{Kind: "other", Key: "x"})
		got, err := jobs.Claim(ctx, d, "k", 10, time.Minute)
		if err != nil || fmt.Sprint(keys(got)) != "[urgent bulk]" {
			t.Fatalf("%v %v", keys(got), err)
		}
		clk.Advance(2 * time.Minute) // the worker died
		again, err := jobs.Claim(ctx, d, "k", 10, time.Minute)
		if err != nil || fmt.Sprint(keys(again)) != "[urgent bulk]" || again[0].Attempts != 2 {
			t.Fatalf("%v %v", again, err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if ok, err := jobs.Finish(ctx, tx, got[0]); ok || err != nil {
				t.Errorf("a lost lease finished a job: %v %v", ok, err)
			}
			if ok, err := jobs.Finish(ctx, tx, again[0]); !ok || err != nil {
				t.Errorf("finish: %v %v", ok, err)
			}
			ok, err := jobs.Retry(ctx, tx, again[1], tx.Now.Add(time.Minute), "not now")
			if !ok {
				t.Error("retry lost its lease")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if next, err := jobs.Next(ctx, d.Read(), "k"); err != nil || !next.Equal(clk.Now().Add(time.Minute)) {
			t.Errorf("next is %v %v", next, err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if ok, err := jobs.Cancel(ctx, tx, "k", "bulk"); !ok || err != nil {
				t.Errorf("cancel: %v %v", ok, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestARunnerTriesAgainAndSurvivesPanics(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, source)
		enqueue(t, d, jobs.Job{Kind: "k", Key: "a"}, jobs.Job{Kind: "k", Key: "b"}, jobs.Job{Kind: "k", Key: "c"})
		calls := map[string]int{}
		r := jobs.NewRunner(d, slog.New(slog.DiscardHandler))
		r.Handle("k", func(_ context.Context, c jobs.Claimed) error {
			calls[c.Key]++
			switch {
			case c.Key == "b" && c.Attempts == 1:
				return errors.New("not yet")
			case c.Key == "c" && c.Attempts == 1:
				panic("a bug")
			}
			return nil
		})
		for range 3 {
			if _, err := r.Once(ctx, "k"); err != nil {
				t.Fatal(err)
			}
			clk.Advance(10 * time.Second)
		}
		if fmt.Sprint(calls) != "map[a:1 b:2 c:2]" {
			t.Errorf("calls %v", calls)
		}
		if next, _ := jobs.Next(ctx, d.Read(), "k"); !next.IsZero() {
			t.Errorf("something is left: %v", next)
		}
	})
}

func TestWhatADeadProcessHeldIsReleasedAtStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, source)
		enqueue(t, d, jobs.Job{Kind: "k", Key: "a"})
		held, err := jobs.Claim(ctx, d, "k", 1, time.Hour)
		if err != nil || len(held) != 1 {
			t.Fatal(held, err)
		}
		if err := jobs.Release(ctx, d); err != nil {
			t.Fatal(err)
		}
		again, err := jobs.Claim(ctx, d, "k", 1, time.Hour)
		if err != nil || len(again) != 1 || again[0].Attempts != 2 {
			t.Fatalf("%+v %v", again, err)
		}
		err = d.Write(ctx, func(tx *db.Tx) error {
			if ours, err := jobs.Finish(ctx, tx, held[0]); err != nil || ours {
				t.Errorf("the dead one finished it: %v %v", ours, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestSeveralAreFinishedTogetherButForWhatWasLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, source)
		enqueue(t, d, jobs.Job{Kind: "k", Key: "a"}, jobs.Job{Kind: "k", Key: "b"}, jobs.Job{Kind: "k", Key: "c"})
		claim := func(n int) []jobs.Claimed {
			got, err := jobs.Claim(ctx, d, "k", n, time.Minute)
			if err != nil || len(got) != n {
				t.Fatal(got, err)
			}
			return got
		}
		first := claim(1)
		clk.Advance(2 * time.Minute)
		second := claim(1) // the same job, from whoever was too slow
		rest := claim(2)
		finish := func(list ...jobs.Claimed) (lost []jobs.Claimed) {
			if err := d.Write(ctx, func(tx *db.Tx) (err error) {
				lost, err = jobs.FinishAll(ctx, tx, list)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return lost
		}
		if lost := finish(first[0], rest[0], rest[1]); fmt.Sprint(keys(lost)) != fmt.Sprint(keys(first)) {
			t.Errorf("lost %v", keys(lost))
		}
		if lost := finish(second...); len(lost) != 0 {
			t.Errorf("lost %v", keys(lost))
		}
		if lost := finish(); len(lost) != 0 {
			t.Errorf("nothing lost %v", keys(lost))
		}
		if next, _ := jobs.Next(ctx, d.Read(), "k"); !next.IsZero() {
			t.Error("a job is left")
		}
	})
}
