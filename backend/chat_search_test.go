package backend_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/backend/backendtest"
)

func TestEverythingSaidIsFound(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "Garden", "contact_ids": []string{ana.contact, bo.contact}}, 201).Text("id")
		look := func(query string) []backendtest.Map {
			return w.Staff.Must("GET", "/api/staff/chat/search?q="+query, nil, 200).List("items")
		}
		finds := func(query string, n int) {
			t.Helper()
			w.Eventually(fmt.Sprintf("%s finds %d", query, n), func() bool { return len(look(query)) == n })
		}
		kept := ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("1", strings.Repeat("before ", 30)+"the *Straßenplan* for "+strings.Repeat("after ", 40)), 201).Text("id")
		w.Clock.Advance(time.Second)
		edited := bo.client.Must("POST", portalChat+"/"+bo.id+"/messages", says("1", "about the umbrella"), 201).Text("id")
		w.Clock.Advance(time.Second)
		ana.client.Must("POST", portalChat+"/"+group+"/messages", says("2", "a straßenplan in the group"), 201)
		w.Clock.Advance(time.Second)
		note := w.Staff.Must("POST", staffChat+"/"+bo.id+"/notes", m{"text": "the strassenplan is dear"}, 201).Text("id")

		finds("strassenplan", 3)
		finds("umbrella", 1)
		list := look("STRASSENPLAN")
		if list[0]["note"] == nil || list[0]["title"] != "Bo" || list[1]["title"] != "Garden" || list[2]["title"] != "Ana" {
			t.Errorf("found %v", list)
		}
		if got := list[2]["excerpt"].(string); !strings.Contains(got, "Straßenplan") || len([]rune(got)) > 140 || list[2]["message"].(map[string]any)["id"] != kept {
			t.Errorf("the excerpt is %q", got)
		}
		finds("strassenplan&conversation_id="+group, 1)
		finds("pla%20gro", 1)
		finds("", 0)
		finds("strassnplan", 0)
		first := w.Staff.Must("GET", "/api/staff/chat/search?q=strassenplan&limit=2", nil, 200)
		second := w.Staff.Must("GET", "/api/staff/chat/search?q=strassenplan&limit=2&cursor="+first.Text("next_cursor"), nil, 200)
		if len(first.List("items")) != 2 || len(second.List("items")) != 1 || second.At("next_cursor") != nil || second.List("items")[0]["title"] != "Ana" {
			t.Errorf("page by page %s %s", first.Body, second.Body)
		}
		w.Staff.Must("GET", "/api/staff/chat/search?q=x&cursor=abc", nil, 422)

		bo.client.Must("PATCH", portalChat+"/"+bo.id+"/messages/"+edited, m{"text": "about the parasol"}, 200)
		finds("umbrella", 0)
		finds("parasol", 1)
		w.Staff.Must("PATCH", staffChat+"/"+bo.id+"/notes/"+note, m{"text": "it is cheap"}, 200)
		if n := len(look("strassenplan")); n != 2 {
			t.Errorf("a changed note leaves %d", n)
		}
		w.Staff.Must("DELETE", staffChat+"/"+bo.id+"/notes/"+note, nil, 204)
		w.Staff.Must("DELETE", staffChat+"/"+bo.id+"/messages/"+edited, nil, 200)
		if len(look("cheap")) != 0 || len(look("parasol")) != 0 {
			t.Error("what was deleted is found")
		}
		if err := w.Backend.EraseContact(t.Context(), ana.contact); err != nil {
			t.Fatal(err)
		}
		finds("strassenplan", 0)
		w.Eventually("the index holds nothing of them", func() bool {
			words, err := w.Backend.ChatIndex(t.Context())
			return err == nil && !strings.Contains(words, "strassenplan") && !strings.Contains(words, "parasol")
		})
	})
}

func TestACommonWordIsFoundFromTheNewest(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		opened(w, ana.contact)
		const all = 200
		for n := range all {
			w.Staff.Must("POST", staffChat+"/"+ana.id+"/messages", says(fmt.Sprint(n), fmt.Sprint("common word ", n)), 201)
		}
		w.Eventually("all are found", func() bool {
			n, cursor := all, ""
			for {
				page := w.Staff.Must("GET", "/api/staff/chat/search?q=common&limit=100&cursor="+cursor, nil, 200)
				for _, one := range page.List("items") {
					if n--; one["message"].(map[string]any)["text"] != fmt.Sprint("common word ", n) {
						return false
					}
				}
				if cursor = page.Text("next_cursor"); cursor == "" {
					return n == 0
				}
			}
		})
	})
}
