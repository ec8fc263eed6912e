package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
)

var ctx = context.Background()

func deed(d *db.DB, action, subject string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		return tx.Audit(db.AuditEntry{Actor: auth.Actor{Kind: auth.KindStaff, Name: "Ada", Address: "127.0.0.9", Via: "window"},
			Action: action, Subject: subject, Detail: map[string]any{"n": 1, "a": "<b>"}})
	})
}

func TestTheChainHoldsUnderParallelDeedsAndWithoutAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, db.Source{Room: "audit", Files: audit.Migrations})
		d.Attach(nil, audit.Log{})
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 5 {
					if err := deed(d, "contacts.create", fmt.Sprintf("ct_%d_%d", w, i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n, err := audit.Verify(ctx, d.Read()); n != 40 || err != nil {
			t.Fatalf("%d entries, %v", n, err)
		}
		page, err := audit.List(ctx, d.Read(), audit.Query{Action: "contacts.", Limit: 2})
		if err != nil || len(page) != 2 || page[0].Seq != 40 || page[0].Personal["address"] != "127.0.0.9" {
			t.Fatalf("%+v %v", page, err)
		}
		for day, young := range []string{"127.0.0.9", ""} { // what is young today is old tomorrow
			if day == 0 {
				clk.Advance(time.Hour)
				if err := deed(d, "contacts.create", "ct_young"); err != nil {
					t.Fatal(err)
				}
			} else {
				clk.Advance(time.Millisecond)
			}
			if err := d.Write(ctx, func(tx *db.Tx) error {
				more, err := audit.ForgetAddresses(ctx, tx, tx.Now)
				if more {
					t.Error("there is more")
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			for subject, want := range map[string]string{"ct_0_0": "", "ct_7_4": "", "ct_young": young} {
				page, _ = audit.List(ctx, d.Read(), audit.Query{Subject: subject, Limit: 2})
				if len(page) != 1 || page[0].Personal["address"] != want || page[0].Personal["name"] != "Ada" {
					t.Errorf("day %d, %s: an address is left, or too much is gone: %+v", day, subject, page)
				}
			}
		}
		if n, err := audit.Verify(ctx, d.Read()); n != 41 || err != nil {
			t.Errorf("after forgetting: %d entries, %v", n, err)
		}
	})
}

func TestTamperingIsFound(t *testing.T) {
	for name, forge := range map[string][]string{
		"changed": {`DROP TRIGGER audit_log_no_update`, `UPDATE audit_log SET action = 'x' WHERE seq = 2`},
		"removed": {`DROP TRIGGER audit_log_no_delete`, `DELETE FROM audit_personal WHERE seq = 3`, `DELETE FROM audit_log WHERE seq = 3`},
		"cut off": {`UPDATE audit_head SET seq = 2`},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t, db.Config{Path: t.TempDir() + "/a.db"}, db.Source{Room: "audit", Files: audit.Migrations})
			d.Attach(nil, audit.Log{})
			for range 3 {
				if err := deed(d, "contacts.create", "ct_1"); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.Write(ctx, func(tx *db.Tx) error {
				for _, text := range forge {
					if _, err := tx.Exec(ctx, text); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := audit.Verify(ctx, d.Read()); !errors.Is(err, audit.ErrBroken) {
				t.Errorf("got %v", err)
			}
		})
	}
}
