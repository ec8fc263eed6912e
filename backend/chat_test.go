package backend_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend/backendtest"
)

const (
	staffChat  = "/api/staff/chat/conversations"
	portalChat = "/api/portal/chat/conversations"
)

// talk is one client and staff in conversation.
type talk struct {
	*backendtest.World
	t       *testing.T
	id      string // of the conversation
	contact string
	client  *backendtest.Client
}

func newTalk(t *testing.T, w *backendtest.World, name, address string) *talk {
	contact := w.Contact(name, strings.ToLower(name)+"@example.com")
	client := w.SignedIn(contact, address)
	list := client.Must("GET", portalChat, nil, 200).List("items")
	if len(list) != 1 || list[0]["kind"] != "direct" {
		t.Fatalf("%s begins with %v", name, list)
	}
	id, _ := list[0]["id"].(string)
	return &talk{w, t, id, contact, client}
}

func says(id, text string) m { return m{"client_msg_id": id, "text": text} }

func TestAConversationHasOneOrderForEverybody(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		messages := portalChat + "/" + ana.id + "/messages"
		if n := len(ana.client.Must("GET", messages, nil, 200).List("items")); n != 0 {
			t.Errorf("%d messages before the first", n)
		}
		first := ana.client.Must("POST", messages, says("m1", "Hello, are you *there*?"), 201)
		again := ana.client.Must("POST", messages, says("m1", "Hello, are you *there*?"), 200)
		if first.Text("id") != again.Text("id") || first.Number("seq") != 1 || again.Number("seq") != 1 {
			t.Errorf("sent twice: %s and %s", first.Body, again.Body)
		}
		if got := first.Text("html"); got != "<p>Hello, are you <em>there</em>?</p>" {
			t.Errorf("shown as %s", got)
		}
		inbox := w.Staff.Must("GET", staffChat+"?state=waiting", nil, 200).List("items")
		if len(inbox) != 1 || inbox[0]["unread"] != 1.0 || inbox[0]["title"] != "Ana" {
			t.Errorf("the inbox holds %v", inbox)
		}
		answer := w.Staff.Must("POST", staffChat+"/"+ana.id+"/messages", m{"client_msg_id": "m1", "text": "Yes", "reply_to": first.Text("id")}, 201)
		if answer.Number("seq") != 2 || answer.Number("rev") != 2 || answer.Number("reply_to.seq") != 1 {
			t.Errorf("answered %s", answer.Body)
		}
		if n := len(w.Staff.Must("GET", staffChat+"?state=waiting", nil, 200).List("items")); n != 0 {
			t.Errorf("%d wait after the answer", n)
		}
		mine := ana.client.Must("GET", portalChat, nil, 200).List("items")[0]
		if mine["unread"] != 1.0 || mine["read"] != 1.0 {
			t.Errorf("Ana sees %v", mine)
		}
		ana.client.Must("POST", portalChat+"/"+ana.id+"/marks", m{"read": 2}, 204)
		ana.client.Must("POST", portalChat+"/"+ana.id+"/marks", m{"read": 1, "delivered": 99}, 204) // never back, never too far
		whole := w.Staff.Must("GET", staffChat+"/"+ana.id, nil, 200)
		if whole.Number("read_by") != 1 || whole.Number("unread") != 0 {
			t.Errorf("staff see %s", whole.Body)
		}
		for _, mark := range whole.List("marks") {
			if mark["who"] == ana.contact && (mark["read"] != 2.0 || mark["delivered"] != 2.0) {
				t.Errorf("Ana's mark is %v", mark)
			}
		}
		list := ana.client.Must("GET", messages+"?after=1&limit=10", nil, 200)
		if got := list.List("items"); len(got) != 1 || got[0]["seq"] != 2.0 {
			t.Errorf("after the first: %v", got)
		}
	})
}

func TestChangesToMessages(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		mine, theirs := portalChat+"/"+ana.id+"/messages", staffChat+"/"+ana.id+"/messages"
		a := ana.client.Must("POST", mine, says("1", "frist"), 201).Text("id")
		b := w.Staff.Must("POST", theirs, says("2", "second"), 201).Text("id")

		edited := ana.client.Must("PATCH", mine+"/"+a, m{"text": "first"}, 200)
		if edited.Number("rev") != 3 || edited.At("edited_at") == nil || edited.Number("seq") != 1 {
			t.Errorf("edited: %s", edited.Body)
		}
		ana.client.Must("PATCH", mine+"/"+a, m{"text": "first"}, 200) // nothing changes
		ana.client.Must("PATCH", mine+"/"+b, m{"text": "mine now"}, 403)
		w.Staff.Must("PATCH", theirs+"/"+a, m{"text": "ours now"}, 403)
		ana.client.Must("DELETE", mine+"/"+b, nil, 403)
		ana.client.Must("PUT", mine+"/"+b+"/reaction", m{"emoji": "👍"}, 200)
		ana.client.Must("PUT", mine+"/"+b+"/reaction", m{"emoji": "rude words"}, 422)
		w.Staff.Must("DELETE", theirs+"/"+a, nil, 200)
		ana.client.Must("PATCH", mine+"/"+a, m{"text": "back"}, 404)

		changes := ana.client.Must("GET", mine+"?changes=2", nil, 200)
		got := changes.List("items")
		if len(got) != 2 || got[0]["rev"] != 4.0 || got[1]["rev"] != 5.0 || got[1]["text"] != "" || got[1]["deleted_at"] == nil || changes.Number("rev") != 5 {
			t.Errorf("changes since 2: %s", changes.Body)
		}
		past := w.Staff.Must("GET", theirs+"/"+a+"/edits", nil, 200).List("items")
		if len(past) != 2 || past[0]["text"] != "frist" || past[1]["text"] != "first" {
			t.Errorf("what it said before: %v", past)
		}
	})
}

func TestNobodySeesWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		cy := newTalk(t, w, "Cy", "127.1.0.3")
		said := ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("1", "secret-of-ana"), 201).Text("id")
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/notes", m{"text": "canary-note"}, 201)

		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "Garden", "contact_ids": []string{ana.contact, bo.contact}}, 201).Text("id")
		w.Staff.Must("POST", staffChat+"/"+group+"/messages", says("1", "before-cy"), 201)
		w.Staff.Must("POST", staffChat+"/"+group+"/members", m{"contact_ids": []string{cy.contact}}, 200)
		bo.client.Must("POST", portalChat+"/"+group+"/messages", says("1", "hello all"), 201)
		cast := w.Staff.Must("POST", staffChat, m{"kind": "broadcast", "title": "Closed on Friday", "contact_ids": []string{ana.contact, bo.contact}}, 201).Text("id")
		w.Staff.Must("POST", staffChat+"/"+cast+"/messages", says("1", "We are closed."), 201)

		for _, path := range []string{"", "/messages"} {
			if r := bo.client.Do("GET", portalChat+"/"+ana.id+path, nil); r.Status != 404 {
				t.Errorf("Bo reads Ana's conversation%s: %d", path, r.Status)
			}
		}
		bo.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("9", "let me in"), 404)
		bo.client.Must("PUT", portalChat+"/"+ana.id+"/messages/"+said+"/reaction", m{"emoji": "👍"}, 404)
		bo.client.Must("PUT", portalChat+"/"+group+"/messages/"+said+"/reaction", m{"emoji": "👍"}, 404) // of another conversation
		bo.client.Must("POST", portalChat+"/"+cast+"/messages", says("1", "may I?"), 403)

		late := cy.client.Must("GET", portalChat+"/"+group+"/messages?after=0", nil, 200)
		if got := late.List("items"); len(got) != 1 || got[0]["seq"] != 2.0 || strings.Contains(late.Body, "before-cy") {
			t.Errorf("Cy, who came later, sees %s", late.Body)
		}
		reader := bo.client.Must("GET", portalChat+"/"+cast, nil, 200)
		if strings.Contains(reader.Body, ana.contact) || len(reader.List("members")) != 1 {
			t.Errorf("Bo sees who else gets the broadcast: %s", reader.Body)
		}
		if got := bo.client.Must("GET", portalChat+"/"+group, nil, 200).List("members"); len(got) != 3 {
			t.Errorf("the group has %v", got)
		}
		w.Staff.Must("DELETE", staffChat+"/"+group+"/members/"+bo.contact, nil, 200)
		bo.client.Must("GET", portalChat+"/"+group+"/messages", nil, 404)
		bo.client.Must("POST", portalChat+"/"+group+"/messages", says("2", "still here?"), 404)

		for _, path := range []string{portalChat, portalChat + "/" + ana.id, portalChat + "/" + ana.id + "/messages", portalChat + "/" + ana.id + "/messages?changes=0"} {
			if r := ana.client.Must("GET", path, nil, 200); strings.Contains(r.Body, "canary") || strings.Contains(r.Body, "note") {
				t.Errorf("%s tells a client of a note: %s", path, r.Body)
			}
		}
		if got := w.Staff.Must("GET", staffChat+"/"+ana.id+"/messages", nil, 200).List("notes"); len(got) != 1 || got[0]["after_seq"] != 1.0 {
			t.Errorf("staff see the notes %v", got)
		}
	})
}

// Hundreds write at once, some of them twice: the numbers have no gaps, nobody's
// message is there twice or missing.
func TestManyWriteAtOnce(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		var talks []*talk
		var contacts []string
		for i := range 6 {
			one := newTalk(t, w, fmt.Sprint("C", i), fmt.Sprint("127.1.0.", i+1))
			talks, contacts = append(talks, one), append(contacts, one.contact)
		}
		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "All", "contact_ids": contacts}, 201).Text("id")
		var wg sync.WaitGroup
		const each = 15
		for i, one := range talks {
			for n := range each {
				for range 2 {
					wg.Go(func() {
						r := one.client.Copy().Do("POST", portalChat+"/"+group+"/messages", says(fmt.Sprint(n), fmt.Sprintf("%d/%d", i, n)))
						if r.Status != http.StatusCreated && r.Status != http.StatusOK {
							t.Errorf("%d/%d: %d %s", i, n, r.Status, r.Body)
						}
					})
				}
			}
		}
		wg.Wait()
		seen := map[string]bool{}
		list := w.Staff.Must("GET", staffChat+"/"+group+"/messages?after=0&limit=200", nil, 200).List("items")
		for i, message := range list {
			if message["seq"] != float64(i+1) || message["rev"] != float64(i+1) || seen[fmt.Sprint(message["text"])] {
				t.Errorf("message %d is %v", i+1, message)
			}
			seen[fmt.Sprint(message["text"])] = true
		}
		if len(list) != len(talks)*each {
			t.Errorf("%d messages, want %d", len(list), len(talks)*each)
		}
	})
}

func TestWaitingDoneAndSnoozed(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		state := func() string { return w.Staff.Must("GET", staffChat+"/"+ana.id, nil, 200).Text("state") }
		ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("1", "hi"), 201)
		if state() != "waiting" || w.Staff.Must("GET", "/api/staff/chat/counts", nil, 200).Number("waiting") != 1 {
			t.Error("nobody waits")
		}
		w.Staff.Must("PATCH", staffChat+"/"+ana.id, m{"state": "snoozed", "snoozed_until": w.Clock.Now().Add(-time.Hour)}, 422)
		w.Staff.Must("PATCH", staffChat+"/"+ana.id, m{"state": "snoozed", "snoozed_until": w.Clock.Now().Add(time.Hour)}, 200)
		if state() != "snoozed" {
			t.Errorf("it is %s", state())
		}
		w.Clock.Advance(time.Hour + time.Minute)
		w.Staff.Must("POST", staffChat, m{"kind": "direct", "contact_ids": []string{ana.contact}}, 201)
		w.Staff.Must("PATCH", staffChat+"/"+ana.id, m{"state": "snoozed", "snoozed_until": w.Clock.Now().Add(time.Millisecond)}, 200) // wakes the runner
		w.Clock.Advance(time.Minute)
		w.Eventually("the snooze ends", func() bool { return state() == "waiting" })
		w.Staff.Must("PATCH", staffChat+"/"+ana.id, m{"state": "done"}, 200)
		ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("2", "one more"), 201)
		if state() != "waiting" {
			t.Errorf("after another message it is %s", state())
		}
	})
}

func TestAnErasedContactLeavesNoWordBehind(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "Garden", "contact_ids": []string{ana.contact, bo.contact}}, 201).Text("id")
		said := ana.client.Must("POST", portalChat+"/"+group+"/messages", says("1", "canary-7f3a"), 201).Text("id")
		ana.client.Must("PATCH", portalChat+"/"+group+"/messages/"+said, m{"text": "canary-7f3b"}, 200)
		ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("1", "canary-7f3c"), 201)
		if err := w.Backend.EraseContact(t.Context(), ana.contact); err != nil {
			t.Fatal(err)
		}
		w.Eventually("the words are gone", func() bool {
			return !strings.Contains(w.Staff.Do("GET", staffChat+"/"+group+"/messages", nil).Body, "canary")
		})
		list := w.Staff.Must("GET", staffChat+"/"+group+"/messages", nil, 200).List("items")
		if len(list) != 1 || list[0]["deleted_at"] == nil {
			t.Errorf("left in the group: %v", list)
		}
		w.Staff.Must("GET", staffChat+"/"+ana.id, nil, 404)
		if got := w.Staff.Must("GET", staffChat+"/"+group+"/messages/"+said+"/edits", nil, 200).List("items"); len(got) != 0 {
			t.Errorf("what it said before is kept: %v", got)
		}
	})
}

// A conversation is there for both sides before anything was said in it.
func TestStaffSpeakFirst(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		for _, path := range []string{"", "/messages"} {
			w.Staff.Must("GET", staffChat+"/"+ana.id+path, nil, 200)
		}
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/marks", m{"read": 3}, 204)
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/typing", nil, 204)
		w.Staff.Must("POST", staffChat+"/"+bo.id+"/notes", m{"text": "a note before the first word"}, 201)
		if got := w.Staff.Must("POST", staffChat+"/"+ana.id+"/messages", says("1", "Welcome"), 201).Number("seq"); got != 1 {
			t.Errorf("the first message has number %d", got)
		}
		if got := ana.client.Must("GET", portalChat+"/"+ana.id+"/messages", nil, 200).List("items"); len(got) != 1 {
			t.Errorf("Ana sees %v", got)
		}
		w.Staff.Must("POST", staffChat+"/cv_"+strings.Repeat("0", 26)+"/messages", says("1", "Nobody"), 404)
	})
}
