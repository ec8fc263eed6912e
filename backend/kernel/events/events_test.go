package events_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/events"
	"portico/backend/kernel/jobs"
)

type signed struct {
	Contact string `json:"contact"`
	Page    int    `json:"page"`
}

func (signed) FactName() string  { return "test.signed" }
func (s signed) Subject() string { return s.Contact }

func TestFactsArriveAtEveryHandlerEvenAfterAFailure(t *testing.T) {
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, db.Source{Room: "jobs", Files: jobs.Migrations}, db.Source{Room: "events", Files: events.Migrations})
		runner := jobs.NewRunner(d, slog.New(slog.DiscardHandler))
		log := events.New(d, runner)
		d.Attach(log, nil)
		got := map[string]int{}
		ids := map[string]bool{}
		events.Handle(log, "steady", func(_ context.Context, e events.Event, f signed) error {
			got["steady"] += f.Page
			ids[e.ID] = true
			if e.Subject != "ct_1" || !e.At.Equal(dbtest.Noon) || e.Actor != auth.KindStaff {
				t.Errorf("event %+v", e)
			}
			return nil
		})
		events.Handle(log, "shaky", func(_ context.Context, e events.Event, _ signed) error {
			got["shaky"]++
			ids[e.ID] = true
			if got["shaky"] == 1 {
				return errors.New("later")
			}
			return nil
		})
		watched := 0
		log.Watch("test.signed", func(e events.Event) {
			if watched++; e.Subject != "ct_1" || !e.At.Equal(dbtest.Noon) || string(e.Data) != `{"contact":"ct_1","page":3}` {
				t.Errorf("watched %+v", e)
			}
		})
		emit := func(end error) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				if err := tx.Emit(auth.Staff("Ada", "window"), signed{"ct_1", 3}); err != nil {
					return err
				}
				return end
			})
		}
		if err := emit(nil); err != nil {
			t.Fatal(err)
		}
		if err := emit(errors.New("no")); err == nil {
			t.Fatal("the write was kept")
		}
		if watched != 1 {
			t.Errorf("watched %d times", watched)
		}
		for range 3 {
			if _, err := runner.Once(ctx, events.JobKind); err != nil {
				t.Fatal(err)
			}
			clk.Advance(time.Minute)
		}
		if got["steady"] != 3 || got["shaky"] != 2 || len(ids) != 1 {
			t.Errorf("got %v from %d events", got, len(ids))
		}
	})
}
