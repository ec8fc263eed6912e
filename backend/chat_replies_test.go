package backend_test

import (
	"strings"
	"testing"
	"time"

	"portico/backend"
	"portico/backend/backendtest"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db/dbtest"
)

func TestCannedRepliesKnowWhoTheyAreFor(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		opened(w, ana.contact)
		const path = "/api/staff/chat/replies"
		wrong := w.Staff.Must("POST", path, m{"title": "Hello", "text": "Hello {{contact.firstname}}, {{magic_link}}"}, 422)
		if !strings.Contains(wrong.Body, "mail.text_unknown_near") || !strings.Contains(wrong.Body, "mail.text_elsewhere") {
			t.Errorf("refused with %s", wrong.Body)
		}
		w.Staff.Must("POST", path, m{"title": " ", "text": "x"}, 422)
		hello := w.Staff.Must("POST", path, m{"title": "zebra", "text": `Hello {{contact.first_name | default: "there"}}, **thank you**!`}, 201).Text("id")
		w.Staff.Must("POST", path, m{"title": "Ask", "text": "What do you think?"}, 201)
		w.Staff.Must("PATCH", path+"/"+hello, m{"title": "Thanks"}, 200)
		if got := w.Staff.Must("GET", path, nil, 200).List("items"); len(got) != 2 || got[0]["title"] != "Ask" || got[1]["title"] != "Thanks" {
			t.Errorf("the replies are %v", got)
		}
		render := func(id string) string {
			return w.Staff.Must("POST", path+"/"+hello+"/render", m{"conversation_id": id}, 200).Text("text")
		}
		if got := render(ana.id); got != "Hello Ana, **thank you**!" {
			t.Errorf("for Ana: %s", got)
		}
		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "Garden", "contact_ids": []string{ana.contact}}, 201).Text("id")
		if got := render(group); got != "Hello there, **thank you**!" {
			t.Errorf("for a group: %s", got)
		}
		w.Staff.Must("POST", path+"/"+hello+"/render", m{"conversation_id": "cv_none"}, 404)
		w.Staff.Must("DELETE", path+"/"+hello, nil, 204)
		w.Staff.Must("DELETE", path+"/"+hello, nil, 404)
	})
}

func TestAMessageIsSentAtItsTime(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		opened(w, ana.contact)
		path, in := staffChat+"/"+ana.id+"/scheduled", func(d time.Duration) time.Time { return w.Clock.Now().Add(d) }
		w.Staff.Must("POST", path, m{"client_msg_id": "0", "text": "too late", "at": in(-time.Minute)}, 422)
		first := w.Staff.Must("POST", path, m{"client_msg_id": "1", "text": "Good morning", "at": in(time.Hour)}, 201).Text("id")
		if again := w.Staff.Must("POST", path, m{"client_msg_id": "1", "text": "Good morning", "at": in(time.Hour)}, 200).Text("id"); again != first {
			t.Errorf("twice made %s and %s", first, again)
		}
		moved := w.Staff.Must("POST", path, m{"client_msg_id": "2", "text": "moved", "at": in(time.Hour)}, 201).Text("id")
		w.Staff.Must("PATCH", path+"/"+moved, m{"text": "moved on", "at": in(3 * time.Hour)}, 200)
		w.Staff.Must("PATCH", path+"/"+moved, m{"at": in(-time.Hour)}, 422)
		dropped := w.Staff.Must("POST", path, m{"client_msg_id": "3", "text": "dropped", "at": in(time.Hour)}, 201).Text("id")
		w.Staff.Must("DELETE", path+"/"+dropped, nil, 204)
		w.Staff.Must("DELETE", path+"/"+dropped, nil, 404)
		texts := func() (out string) {
			for _, message := range ana.client.Must("GET", portalChat+"/"+ana.id+"/messages", nil, 200).List("items") {
				out += message["text"].(string) + "|"
			}
			return out
		}
		if got := texts(); got != "" {
			t.Errorf("sent before its time: %s", got)
		}
		later(w, 2*time.Hour)
		w.Eventually("the first is sent", func() bool { return texts() == "Good morning|" })
		w.Eventually("it waits no more", func() bool { return len(w.Staff.Must("GET", path, nil, 200).List("items")) == 1 })
		w.Staff.Must("DELETE", path+"/"+first, nil, 404)
		later(w, 2*time.Hour)
		w.Eventually("the second is sent", func() bool { return texts() == "Good morning|moved on|" })
	})
}

func TestAScheduledMessageSurvivesARestart(t *testing.T) {
	t.Parallel()
	data, clk := t.TempDir(), clock.NewFake(dbtest.Noon)
	boot := func() *backendtest.World {
		w := backendtest.Boot(t, backend.Config{Data: data, Clock: clk, Domain: backendtest.Nowhere(t)})
		w.Clock = clk
		return w
	}
	w := boot()
	id := opened(w, w.Contact("Ana", "ana@example.com"))
	w.Staff.Must("POST", staffChat+"/"+id+"/scheduled", m{"client_msg_id": "1", "text": "Good morning", "at": clk.Now().Add(time.Hour)}, 201)
	w.Stop()
	clk.Advance(2 * time.Hour)
	w = boot()
	w.Eventually("it is sent", func() bool {
		list := w.Staff.Must("GET", staffChat+"/"+id+"/messages", nil, 200).List("items")
		return len(list) == 1 && list[0]["text"] == "Good morning"
	})
}

func TestABroadcastGoesToWhoCarriesATag(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		for name, tags := range map[string][]string{"Ana": {"Garden", "Late"}, "Bo": {"Garden"}, "Cy": {}} {
			w.Staff.Must("POST", "/api/staff/contacts", m{"name": name, "emails": []string{name + "@example.com"}, "tags": tags}, 201)
		}
		cast := w.Staff.Must("POST", staffChat, m{"kind": "broadcast", "title": "Spring", "tag": "garden"}, 201)
		names := ""
		for _, member := range cast.List("members") {
			names += member["name"].(string) + " "
		}
		if !strings.Contains(names, "Ana") || !strings.Contains(names, "Bo") || strings.Contains(names, "Cy") {
			t.Errorf("it goes to %s", names)
		}
		w.Staff.Must("POST", staffChat, m{"kind": "broadcast", "title": "Spring", "tag": "nobody has it"}, 422)
		w.Staff.Must("POST", staffChat, m{"kind": "broadcast", "title": "Spring"}, 422)
		w.Staff.Must("POST", staffChat, m{"kind": "direct"}, 422)
	})
}
