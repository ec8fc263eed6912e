package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
)

func TestNotices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c)
		ctx, stop := context.WithCancel(context.Background())
		heard, again, done := make(chan string, 100), make(chan struct{}, 10), make(chan struct{})
		go func() {
			defer close(done)
			d.Listen(ctx, func(p string) { heard <- p }, func() { again <- struct{}{} })
		}()
		defer func() { stop(); <-done }()
		longest := strings.Repeat("x", db.MaxPayload)
		if d.Engine() == db.SQLite { // nobody else can be there
			if err := d.Notify(ctx, []string{longest}); err != nil || len(heard) > 0 {
				t.Errorf("%d payloads: %v", len(heard), err)
			}
			return
		}
		notify := func(payloads ...string) {
			t.Helper()
			if err := d.Notify(ctx, payloads); err != nil {
				t.Fatal(err)
			}
		}
		wait := func() string {
			t.Helper()
			select {
			case p := <-heard:
				return p
			case <-time.After(20 * time.Second):
				t.Fatal("nothing is heard")
				return ""
			}
		}
		for listening := false; !listening; { // it takes a moment
			notify("hello")
			select {
			case <-heard:
				listening = true
			case <-time.After(10 * time.Millisecond):
			}
		}
		notify()
		notify("one", `{"two":"ü'"}`, longest)
		var got []string
		for len(got) < 3 {
			if p := wait(); p != "hello" {
				got = append(got, p)
			}
		}
		if !slices.Equal(got, []string{"one", `{"two":"ü'"}`, longest}) {
			t.Errorf("heard %.100v", got)
		}
		if len(again) > 0 {
			t.Error("the first connection is told as a second one")
		}
		var cut int
		if err := d.Read().QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`).Scan(&cut); err != nil || cut != 1 {
			t.Fatalf("cut %d connections: %v", cut, err)
		}
		select {
		case <-again:
		case <-time.After(20 * time.Second):
			t.Fatal("the connection is not made again")
		}
		notify("back")
		if p := wait(); p != "back" {
			t.Errorf("heard %s", p)
		}
	})
}

// What another process changed is read again when it has told so.
func TestForget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c)
		kept, reads := db.Kept[int]{Name: "test.number", Tables: []string{"nothing"}}, 0
		read := func() (int, error) { reads++; return reads, nil }
		for range 2 {
			if _, err := kept.Get(d.Read(), "k", read); err != nil {
				t.Fatal(err)
			}
		}
		before := reads
		d.Forget()
		if _, err := kept.Get(d.Read(), "k", read); err != nil || reads <= before {
			t.Errorf("read %d times, then %d: %v", before, reads, err)
		}
	})
}
