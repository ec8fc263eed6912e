package contacts_test

import (
	"testing"

	"portico/backend/backendtest"
)

type m = backendtest.Map

// The paths and queries of requests reach the verbs: what a request embeds is read too.
func TestARequestIsReadWhole(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana, bo := w.Contact("Ana Petrović", "ana@example.com"), w.Contact("Bo Weber", "bo@example.com")
		for _, story := range []struct{ query, id string }{{"search=petrovic", ana}, {"search=web", bo}, {"sort=-name&limit=1", bo}} {
			list := w.Staff.Must("GET", "/api/staff/contacts?"+story.query, nil, 200).List("items")
			if len(list) != 1 || list[0]["id"] != story.id {
				t.Errorf("%s answers %v", story.query, list)
			}
		}
		if r := w.Staff.Must("PATCH", "/api/staff/contacts/"+ana, m{"company": "Bakery", "tags": []string{"VIP"}}, 200); r.Text("company") != "Bakery" {
			t.Errorf("changed: %s", r.Body)
		}
		if list := w.Staff.Must("GET", "/api/staff/contacts?tag=VIP", nil, 200).List("items"); len(list) != 1 || list[0]["id"] != ana {
			t.Errorf("by tag: %v", list)
		}
		note := w.Staff.Must("POST", "/api/staff/contacts/"+ana+"/notes", m{"text": "likes rye"}, 201).Text("id")
		w.Staff.Must("PATCH", "/api/staff/contacts/"+ana+"/notes/"+note, m{"text": "likes wheat"}, 200)
		if list := w.Staff.Must("GET", "/api/staff/contacts/"+ana+"/notes", nil, 200).List("items"); len(list) != 1 || list[0]["text"] != "likes wheat" {
			t.Errorf("notes: %v", list)
		}
	})
}
