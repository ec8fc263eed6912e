package backend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/backend/backendtest"
)

func TestTheDemoBusinessComesAndGoesWhole(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		mine := w.Contact("Ana Petrovic", "mine@example.org")
		there := func(want bool, contacts int) {
			t.Helper()
			if r := w.Staff.Must("GET", "/api/staff/demo", nil, 200); r.At("there") != want || r.Number("contacts") != contacts {
				t.Errorf("there: %s", r.Body)
			}
		}
		there(false, 0)
		if r := w.Staff.Must("POST", "/api/staff/demo", nil, 201); r.Number("contacts") != 60 {
			t.Fatalf("added: %s", r.Body)
		}
		there(true, 60)
		sum := w.Staff.Must("GET", "/api/staff/portal", nil, 200)
		if sum.Number("invited") != 44 || sum.Number("joined") != 27 {
			t.Errorf("dashboard: %s", sum.Body)
		}
		w.Eventually("44 invitations kept as files", func() bool {
			return w.Staff.Must("GET", "/api/staff/mail/counts", nil, 200).Number("accepted") >= 17
		})
		files, _ := filepath.Glob(filepath.Join(w.Data, "mail", "*.eml"))
		if len(files) == 0 {
			t.Error("no mail was kept as a file")
		}
		if r := w.Staff.Do("POST", "/api/staff/demo", nil); r.Status != 409 {
			t.Errorf("twice: %d", r.Status)
		}
		// What happened with somebody in the trash stays readable, and goes with them.
		gone, _ := w.Staff.Must("GET", "/api/staff/contacts?search=Oluwaseun", nil, 200).List("items")[0]["id"].(string)
		timeline := "/api/staff/overview/contacts/" + gone + "/timeline"
		w.Staff.Must("DELETE", "/api/staff/contacts/"+gone, nil, 204)
		if items := w.Staff.Must("GET", timeline, nil, 200).List("items"); len(items) < 3 {
			t.Errorf("in the trash: %v", items)
		}
		w.Staff.Must("DELETE", "/api/staff/demo", nil, 204)
		if r := w.Staff.Do("GET", timeline, nil); r.Status != 404 {
			t.Errorf("gone for good: %d %s", r.Status, r.Body)
		}
		for _, path := range []string{"overview", "overview/notifications", "contacts?state=all", "portal/people", "mail/messages", "audit"} {
			w.Eventually("nobody is named by "+path, func() bool {
				return !strings.Contains(string(w.Staff.Must("GET", "/api/staff/"+path, nil, 200).Body), "Oluwaseun")
			})
		}
		there(false, 0)
		list := w.Staff.Must("GET", "/api/staff/contacts?state=all", nil, 200)
		if len(list.List("items")) != 1 || list.List("items")[0]["id"] != mine {
			t.Errorf("left: %s", list.Body)
		}
		w.Eventually("its mails are gone", func() bool {
			return len(w.Staff.Must("GET", "/api/staff/mail/messages", nil, 200).List("items")) == 0
		})
		if _, err := os.Stat(filepath.Join(w.Data, "mail")); !os.IsNotExist(err) {
			t.Errorf("files are left: %v", err)
		}
		if r := w.Staff.Must("POST", "/api/staff/verify", nil, 200); r.At("ok") != true {
			t.Errorf("verify: %s", r.Body)
		}
	})
}
