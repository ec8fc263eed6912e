package overview_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

// deed writes to the log, n times in one commit.
func (w *world) deed(n int, actor auth.Actor, action, subject string, detail map[string]any) {
	w.t.Helper()
	if err := w.db.Write(ctx, func(tx *db.Tx) error {
		for range n {
			if err := tx.Audit(db.AuditEntry{Actor: actor, Action: action, Subject: subject, Detail: detail}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

func TestAuditRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana Petrović")
		w.deed(1, ada, "contacts.create", "ct_ana", nil)
		w.deed(1, auth.Client("ct_ana", "se_1"), "contacts.update", "ct_ana", map[string]any{"fields": []string{"time_zone"}})
		w.deed(1, auth.System(), "contacts.purge", "ct_gone", nil)
		w.deed(1, auth.Staff("Grace", "token"), "branding.change", "", nil)
		const path = "/api/staff/audit"
		holds(t, "nobody", as(w.staff, "", "GET", path, ""), 401, nil, "Ana")
		holds(t, "a client", as(w.staff, "client", "GET", path, ""), 403, nil, "Ana")
		holds(t, "all of it", as(w.staff, "staff", "GET", path, ""), 200, []string{`"actor":"Ada"`, `"actor":"Ana Petrović"`, `"actor":"Portico"`, `"actor":"Grace"`, `"detail":{}`, `"detail":{"fields":["time_zone"]}`, `"subject_name":"Ana Petrović"`, `"seq":4`, `"next_cursor":null`})
		holds(t, "a room", as(w.staff, "staff", "GET", path+"?action=contacts.", ""), 200, []string{"contacts.purge"}, "branding")
		holds(t, "an action", as(w.staff, "staff", "GET", path+"?action=contacts.create", ""), 200, []string{"contacts.create"}, "contacts.update", "contacts.purge")
		holds(t, "by name, folded", as(w.staff, "staff", "GET", path+"?search=petrovic+update", ""), 200, []string{"contacts.update"}, "contacts.create", "branding")
		holds(t, "by detail", as(w.staff, "staff", "GET", path+"?search=TIME_ZONE", ""), 200, []string{"contacts.update"}, "contacts.create")
		holds(t, "nothing", as(w.staff, "staff", "GET", path+"?search=nowhere", ""), 200, []string{`"items":[]`})
		holds(t, "a page", as(w.staff, "staff", "GET", path+"?limit=2", ""), 200, []string{`"seq":4`, `"seq":3`, `"next_cursor":"3"`}, `"seq":2`)
		holds(t, "the next", as(w.staff, "staff", "GET", path+"?limit=2&cursor=3", ""), 200, []string{`"seq":2`, `"seq":1`, `"next_cursor":null`}, `"seq":3`)
		holds(t, "no cursor of ours", as(w.staff, "staff", "GET", path+"?cursor=-1", ""), 422, []string{"overview.cursor"})
	})
}

func TestAuditExport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_bad", `=HYPERLINK("http://evil","x")`)
		w.deed(1, auth.Actor{Kind: auth.KindStaff, Name: "@SUM(1)", Via: "window", Browser: "+cmd|' /C calc'!A0"}, "contacts.create", "ct_bad", map[string]any{"a": "b,\"c\"\n"})
		w.deed(450, ada, "contacts.update", "ct_1", nil)
		const path = "/api/staff/audit/export"
		holds(t, "nobody", as(w.staff, "", "GET", path, ""), 401, nil, "HYPERLINK")
		holds(t, "a client", as(w.staff, "client", "GET", path, ""), 403, nil, "HYPERLINK")
		a := as(w.staff, "staff", "GET", path, "")
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("%d %v", a.status, a.header)
		}
		body, marked := strings.CutPrefix(a.body, "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !marked || len(rows) != 1+452 || rows[0][0] != "seq" || rows[1][6] != "overview.export_audit" || rows[1][4] != "Ada" {
			t.Fatalf("%v, %d rows, %v", err, len(rows), rows[:2])
		}
		last := rows[len(rows)-1]
		if last[4] != "'@SUM(1)" || last[8] != `'=HYPERLINK("http://evil","x")` || !strings.HasPrefix(last[11], "'+cmd") || last[9] != `{"a":"b,\"c\"\n"}` {
			t.Errorf("%q", last)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("a spreadsheet would run %q", cell)
				}
			}
		}
		found := as(w.staff, "staff", "GET", path+"?search=hyperlink&action=contacts.", "")
		if rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(found.body, "\ufeff"))).ReadAll(); err != nil || len(rows) != 2 {
			t.Errorf("%v %d rows", err, len(rows))
		}
	})
}
