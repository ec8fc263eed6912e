package contacts

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/blob"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/events"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/search"
)

// nobody is the room access and the open windows of a house with one room.
type nobody struct{ ended []string }

func (*nobody) PortalOf(context.Context, db.Q, []string) (map[string]Portal, error) { return nil, nil }
func (n *nobody) EndAccess(_ context.Context, _ *db.Tx, _ auth.Actor, id, why string) error {
	n.ended = append(n.ended, id+" "+why)
	return nil
}
func (*nobody) Changed(string, ...string) {}

// alone is this room on a fresh store.
func alone(t *testing.T, c db.Config) (*Service, *nobody) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	sources := []db.Source{{Room: "jobs", Files: jobs.Migrations}, {Room: "events", Files: events.Migrations}, {Room: "audit", Files: audit.Migrations}, {Room: "contacts", Files: Migrations}}
	if err := d.Migrate(ctx, sources, map[string]db.Directive{"search": search.Create}); err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	runner := jobs.NewRunner(d, slog.New(slog.DiscardHandler))
	d.Attach(events.New(d, runner), audit.Log{})
	n := &nobody{}
	return New(Deps{DB: d, Blobs: blobs, Pictures: blob.NewPictures(), Access: n, Live: n, Jobs: runner}), n
}

// holding are the tables with a text in any column, read whole.
func holding(t *testing.T, d *db.DB, text string, tables ...string) (found []string) {
	t.Helper()
	for _, table := range tables {
		rows, err := d.Read().Query(context.Background(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]sql.NullString, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				if strings.Contains(strings.ToLower(v.String), text) {
					found = append(found, fmt.Sprintf("%s.%s: %s", table, columns[i], v.String))
				}
			}
		}
		_ = rows.Close()
	}
	return found
}

func TestAfterThirtyDaysNothingIsLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		ctx, staff := context.Background(), auth.Staff("Olga", "window")
		s, access := alone(t, c)
		tables := []string{"contacts", "contact_emails", "contact_tags", "notes", "events", "jobs", "audit_log", "contacts_search", "contacts_typo"}
		if c.URL == "" {
			tables = append(tables, "contacts_fragments", "contacts_words")
		}
		ana, err := s.Create(ctx, staff, Contact{Name: "Zyxwabel Person", Emails: []string{"zyxwabel@example.com"}, Company: "Zyxwabel Ltd", Tags: []string{"Keeper"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddNote(ctx, staff, ana.ID, "about Zyxwabel"); err != nil {
			t.Fatal(err)
		}
		var picture bytes.Buffer
		_ = png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 8, 8)))
		with, err := s.SetPhoto(ctx, staff, ana.ID, picture.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for blob, want := range map[string]bool{with.Photo: true, "": false, "nobodys": false} {
			if used, err := s.HasPhoto(ctx, blob); used != want || err != nil {
				t.Errorf("the photo %q is in use: %v %v", blob, used, err)
			}
		}
		due := func() []jobs.Claimed {
			got, err := jobs.Claim(ctx, s.DB, purgeJob, 10, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		remove := func() {
			t.Helper()
			if err := s.Delete(ctx, staff, ana.ID); err != nil {
				t.Fatal(err)
			}
		}
		remove()
		if found := holding(t, s.DB, "zyxwabel", "contact_emails", "contacts_search", "contacts_typo"); len(found) > 0 {
			t.Errorf("a deleted contact is still found by: %v", found)
		}
		clk.Advance(keptDays*24*time.Hour - time.Minute)
		if len(due()) != 0 {
			t.Error("erased before 30 days")
		}
		if err := s.Restore(ctx, staff, ana.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.purge(ctx, jobs.Claimed{Key: ana.ID}); err != nil { // a job that was already in hand
			t.Fatal(err)
		}
		if page, err := s.List(ctx, staff, Filter{Search: "zyxwabel"}, "", 0, 10); err != nil || len(page.Items) != 1 || page.Items[0].Photo != with.Photo {
			t.Errorf("restored: %+v %v", page, err)
		}
		clk.Advance(time.Hour)
		if len(due()) != 0 {
			t.Error("a restored contact is still to be erased")
		}
		remove()
		clk.Advance(keptDays * 24 * time.Hour)
		got := due()
		if len(got) != 1 {
			t.Fatalf("after 30 days: %v", got)
		}
		for range 2 { // a job may come twice
			if err := s.purge(ctx, got[0]); err != nil {
				t.Fatal(err)
			}
		}
		if found := holding(t, s.DB, "zyxwabel", tables...); len(found) > 0 {
			t.Errorf("left of an erased contact: %v", found)
		}
		if found := holding(t, s.DB, "olga", "audit_log", "events"); len(found) > 0 && c.URL == "" {
			t.Logf("staff stays named: %v", found)
		}
		if _, _, _, err := s.Blobs.Open(with.Photo); err == nil {
			t.Error("the photo is left")
		}
		if page, _ := s.List(ctx, staff, Filter{Search: "zyxwabell", State: "all"}, "", 0, 10); len(page.Items) != 0 || page.Corrected != "" {
			t.Errorf("its words are still suggested: %+v", page)
		}
		if tags, _ := s.Tags(ctx, staff); len(tags) != 1 || tags[0].Uses != 0 {
			t.Errorf("tags: %+v", tags)
		}
		if len(access.ended) != 2 || access.ended[0] != ana.ID+" deleted" {
			t.Errorf("access ended: %v", access.ended)
		}
		if _, err := s.Create(ctx, staff, Contact{Emails: []string{"zyxwabel@example.com"}}); err != nil {
			t.Errorf("the address is not free: %v", err)
		}
	})
}

// Per verb one actor who may and those who may not.
func TestOnlyStaffAndOnlyOneself(t *testing.T) {
	s, _ := alone(t, db.Config{Path: t.TempDir() + "/portico.db", Clock: clock.NewFake(dbtest.Noon)})
	ctx := context.Background()
	ana, err := s.Create(ctx, auth.System(), Contact{Name: "Ana"})
	if err != nil {
		t.Fatal(err)
	}
	name := "Eve"
	for story, do := range map[string]func(a auth.Actor) error{
		"create": func(a auth.Actor) error { _, err := s.Create(ctx, a, Contact{Name: "x"}); return err },
		"update": func(a auth.Actor) error { _, err := s.Update(ctx, a, ana.ID, Patch{Name: &name}); return err },
		"get":    func(a auth.Actor) error { _, err := s.Get(ctx, a, ana.ID); return err },
		"list":   func(a auth.Actor) error { _, err := s.List(ctx, a, Filter{}, "", 0, 1); return err },
		"count":  func(a auth.Actor) error { _, err := s.Count(ctx, a, Filter{}); return err },
		"ids":    func(a auth.Actor) error { _, err := s.IDs(ctx, a, Filter{}, 1); return err },
		"delete": func(a auth.Actor) error { return s.Delete(ctx, a, ana.ID) }, "restore": func(a auth.Actor) error { return s.Restore(ctx, a, ana.ID) },
		"archive": func(a auth.Actor) error { return s.Archive(ctx, a, ana.ID) }, "unarchive": func(a auth.Actor) error { return s.Unarchive(ctx, a, ana.ID) },
		"erase": func(a auth.Actor) error { return s.Erase(ctx, a, ana.ID) }, "bulk": func(a auth.Actor) error { _, err := s.Bulk(ctx, a, []string{ana.ID}, "delete", ""); return err },
		"note":   func(a auth.Actor) error { _, err := s.AddNote(ctx, a, ana.ID, "x"); return err },
		"notes":  func(a auth.Actor) error { _, err := s.Notes(ctx, a, ana.ID, "", 1); return err },
		"change": func(a auth.Actor) error { _, err := s.ChangeNote(ctx, a, ana.ID, "nt_x", "x"); return err },
		"hide":   func(a auth.Actor) error { return s.DeleteNote(ctx, a, ana.ID, "nt_x") }, "show": func(a auth.Actor) error { _, err := s.RestoreNote(ctx, a, ana.ID, "nt_x"); return err },
		"tags":   func(a auth.Actor) error { _, err := s.Tags(ctx, a); return err },
		"tag":    func(a auth.Actor) error { _, err := s.ChangeTag(ctx, a, "tg_x", "x", ""); return err },
		"untag":  func(a auth.Actor) error { return s.DeleteTag(ctx, a, "tg_x") },
		"views":  func(a auth.Actor) error { _, err := s.Views(ctx, a); return err },
		"view":   func(a auth.Actor) error { _, err := s.SaveView(ctx, a, View{Name: "x"}); return err },
		"unview": func(a auth.Actor) error { return s.DeleteView(ctx, a, "vw_x") },
		"photo":  func(a auth.Actor) error { _, err := s.SetPhoto(ctx, a, ana.ID, nil); return err },
		"bare":   func(a auth.Actor) error { _, err := s.RemovePhoto(ctx, a, ana.ID); return err },
		"look":   func(a auth.Actor) error { _, err := s.Photo(ctx, a, ana.ID); return err },
	} {
		for _, a := range []auth.Actor{{}, {Kind: auth.KindAnonymous}, auth.Client(ana.ID, "se_1")} {
			if err := do(a); err != auth.ErrNotStaff {
				t.Errorf("%s by %s: %v", story, a.Kind, err)
			}
		}
	}
	for _, a := range []auth.Actor{{}, auth.System(), auth.Staff("Olga", "window"), {Kind: auth.KindClient}} {
		if _, err := s.Own(ctx, a); err != auth.ErrNotClient {
			t.Errorf("own by %s: %v", a.Kind, err)
		}
		if _, err := s.UpdateOwn(ctx, a, Patch{Name: &name}); err != auth.ErrNotClient {
			t.Errorf("update own by %s: %v", a.Kind, err)
		}
	}
	emails := []string{"eve@example.com"}
	got, err := s.UpdateOwn(ctx, auth.Client(ana.ID, "se_1"), Patch{Name: &name, Emails: &emails, Tags: &emails, Company: &name})
	if err != nil || got.Name != "Eve" || got.Login() != "" || got.Company != "" || len(got.Tags) != 0 {
		t.Errorf("a client changed more than their own fields: %+v %v", got, err)
	}
}
