package access

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"portico/backend/contacts"
	"portico/backend/kernel/audit"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/events"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/limit"
	"portico/backend/kernel/search"
	"portico/backend/kernel/settings"
)

// opened is a store with this room's tables and one contact.
func opened(t *testing.T, c db.Config) (*db.DB, *Service) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	sources := []db.Source{{Room: "jobs", Files: jobs.Migrations}, {Room: "events", Files: events.Migrations}, {Room: "audit", Files: audit.Migrations},
		{Room: "settings", Files: settings.Migrations}, {Room: "limit", Files: limit.Migrations}, {Room: "contacts", Files: contacts.Migrations}, {Room: "access", Files: Migrations}}
	if err := d.Migrate(ctx, sources, map[string]db.Directive{"search": search.Create}); err != nil {
		t.Fatal(err)
	}
	write(t, d, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO contacts (id, state, name, name_key, emails, phones, company, address, language, time_zone, birthday, photo, theme, created, updated, deleted_from)
			VALUES ('ct_1', 'active', 'Ana', 'ana', '[]', '[]', '', '{}', '', '', '', '', '', 1, 1, '')`)
		return err
	})
	runner := jobs.NewRunner(d, slog.New(slog.DiscardHandler))
	return d, New(Deps{DB: d, Jobs: runner, Limits: limit.New([]byte("key")), Log: slog.New(slog.DiscardHandler)})
}

func write(t *testing.T, d *db.DB, do func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := d.Read().QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheSweepTakesWhatIsLongOverAndComesOnceADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		ctx := context.Background()
		d, s := opened(t, c)
		write(t, d, func(tx *db.Tx) error {
			for _, age := range []time.Duration{-keptLinks - time.Hour, -keptLinks + time.Hour, time.Hour} {
				l := Link{ID: ident.New("ln"), Selector: newSelector(), Kind: Invite, ContactID: "ct_1", Created: tx.Now, Expires: tx.Now.Add(age), Target: "/"}
				if err := insertLink(ctx, tx, l); err != nil {
					return err
				}
			}
			for _, end := range []time.Duration{-time.Hour, time.Hour} {
				id := ident.New("se")
				if err := insertSession(ctx, tx, Session{ID: id, ContactID: "ct_1", Created: tx.Now, LastSeen: tx.Now, Expires: tx.Now.Add(end)}, hashSecret(id)); err != nil {
					return err
				}
				if err := insertStaffSession(ctx, tx, id, hashSecret(id), "", tx.Now.Add(end)); err != nil {
					return err
				}
				if err := insertStaffLink(ctx, tx, hashSecret(id), tx.Now.Add(end)); err != nil {
					return err
				}
			}
			return insertRequest(ctx, tx, "rq_old", "old", "")
		})
		for range 5 { // however often the program starts
			if err := s.Start(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for day := range 3 {
			if n := count(t, d, `SELECT count(*) FROM jobs WHERE kind = $1`, sweepJob); n != 1 {
				t.Fatalf("day %d: %d sweeps are queued", day, n)
			}
			got, err := jobs.Claim(ctx, d, sweepJob, 10, time.Minute)
			if err != nil || len(got) != 1 {
				t.Fatalf("day %d: %v %v", day, got, err)
			}
			if err := s.sweep(ctx, got[0]); err != nil {
				t.Fatal(err)
			}
			write(t, d, func(tx *db.Tx) error { _, err := jobs.Finish(ctx, tx, got[0]); return err })
			if day == 0 {
				for table, want := range map[string]int{"links": 2, "sessions": 1, "staff_sessions": 1, "staff_links": 1, "login_requests": 1} {
					if n := count(t, d, `SELECT count(*) FROM `+table); n != want {
						t.Errorf("%s: %d rows are left, want %d", table, n, want)
					}
				}
			}
			if err := s.Start(ctx); err != nil { // a restart on the same day: again today, and once tomorrow
				t.Fatal(err)
			}
			again, err := jobs.Claim(ctx, d, sweepJob, 10, time.Minute)
			if err != nil || len(again) != 1 {
				t.Fatalf("day %d after a restart: %v %v", day, again, err)
			}
			if err := s.sweep(ctx, again[0]); err != nil {
				t.Fatal(err)
			}
			write(t, d, func(tx *db.Tx) error { _, err := jobs.Finish(ctx, tx, again[0]); return err })
			clk.Advance(24 * time.Hour)
		}
		if n := count(t, d, `SELECT count(*) FROM login_requests`); n != 0 {
			t.Errorf("%d requests outlive their day", n)
		}
	})
}

// Of many uses of one link at the same time exactly one changes the row, and
// nothing but an open link is used: the predicate stands in the statement.
func TestUseLinkTakesAnOpenLinkOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		ctx := context.Background()
		d, _ := opened(t, c)
		for _, s := range []struct {
			story  string
			before func(tx *db.Tx, l Link) error
			want   int64
		}{
			{"open", func(*db.Tx, Link) error { return nil }, 1},
			{"used", func(tx *db.Tx, l Link) error { _, err := useLink(ctx, tx, l, "se", "", ""); return err }, 0},
			{"revoked", func(tx *db.Tx, l Link) error { _, err := revokeLink(ctx, tx, l.ID); return err }, 0},
			{"all revoked", func(tx *db.Tx, l Link) error { return revokeAll(ctx, tx, l.ContactID) }, 0},
			{"kind revoked", func(tx *db.Tx, l Link) error { return revokeKind(ctx, tx, l.ContactID, l.Kind, 0) }, 0},
			{"newest of its kind", func(tx *db.Tx, l Link) error { return revokeKind(ctx, tx, l.ContactID, l.Kind, 1) }, 1},
			{"four tries", func(tx *db.Tx, l Link) error { return misses(ctx, tx, l, 4) }, 1},
			{"five tries", func(tx *db.Tx, l Link) error { return misses(ctx, tx, l, 5) }, 0},
			{"over", func(*db.Tx, Link) error { clk.Advance(time.Hour); return nil }, 0},
		} {
			l := testLink()
			l.ID, l.Kind, l.Target = ident.New("ln"), StaffLink, "/"
			write(t, d, func(tx *db.Tx) error {
				l.Created, l.Expires = tx.Now, tx.Now.Add(time.Hour)
				return insertLink(ctx, tx, l)
			})
			if s.story == "over" {
				_ = s.before(nil, l)
			} else {
				write(t, d, func(tx *db.Tx) error { return s.before(tx, l) })
			}
			write(t, d, func(tx *db.Tx) error {
				n, err := useLink(ctx, tx, l, "se_2", "", "")
				if n != s.want {
					t.Errorf("%s: %d", s.story, n)
				}
				return err
			})
		}
	})
}

func misses(ctx context.Context, tx *db.Tx, l Link, n int) error {
	for range n {
		if err := missLink(ctx, tx, l.ID); err != nil {
			return err
		}
	}
	return nil
}
