package backend_test

import (
	"strings"
	"testing"
	"time"

	"portico/backend/backendtest"
)

// later moves the clock and lets what is due happen.
func later(w *backendtest.World, d time.Duration) {
	w.Clock.Advance(d)
	w.Backend.Wake("chat.unread", "chat.mail", "chat.send")
}

// mails are the mails about messages in a state; "" is all.
func mails(w *backendtest.World, state string) (out []backendtest.Map) {
	for _, one := range w.Staff.Must("GET", "/api/staff/mail/messages?limit=100&state="+state, nil, 200).List("items") {
		if one["kind"] == "chat" {
			out = append(out, one)
		}
	}
	return out
}

// settle waits until a message written after the others was looked at, so that
// what did not happen by then does not happen.
func settle(t *testing.T, w *backendtest.World, address string) {
	t.Helper()
	other := newTalk(t, w, "Witness"+strings.ReplaceAll(address, ".", ""), address)
	before := len(mails(w, ""))
	w.Staff.Must("POST", staffChat, m{"kind": "direct", "contact_ids": []string{other.contact}}, 201)
	w.Staff.Must("POST", staffChat+"/"+other.id+"/messages", says("w", "witness"), 201)
	later(w, 6*time.Minute)
	w.Eventually("the witness is written to", func() bool { return len(mails(w, "")) > before })
}

func write(w *backendtest.World, id, key, text string) {
	w.Staff.Must("POST", staffChat+"/"+id+"/messages", says(key, text), 201)
}

func opened(w *backendtest.World, contact string) string {
	return w.Staff.Must("POST", staffChat, m{"kind": "direct", "contact_ids": []string{contact}}, 201).Text("id")
}

func TestWhatIsNotReadComesByMail(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		w.Staff.Must("PATCH", "/api/staff/me", m{"name": "Mia"}, 200)
		opened(w, ana.contact)
		write(w, ana.id, "1", "The plans are <ready> at https://plans.example")
		later(w, 2*time.Minute)
		write(w, ana.id, "2", "Shall we meet?")
		later(w, 4*time.Minute)
		letter := w.Await("ana@example.com", 1)
		for _, want := range []string{"Mia", "> The plans are <ready> at https://plans.example", "> Shall we meet?"} {
			if !strings.Contains(letter.Text, want) {
				t.Errorf("the letter lacks %q: %s", want, letter.Text)
			}
		}
		if !strings.Contains(letter.HTML, "The plans are &lt;ready&gt;") || strings.Contains(letter.Text, "more in the portal") {
			t.Errorf("the letter reads %s %s", letter.Text, letter.HTML)
		}
		later(w, 10*time.Minute) // both were told in that one
		browser := w.Browser("127.1.0.2")
		browser.Follow(letter.Link())
		if r := browser.Form("/k", nil); r.Status != 303 || !strings.HasSuffix(r.Header.Get("Location"), "/chat/"+ana.id) {
			t.Errorf("the link leads to %d %s", r.Status, r.Header.Get("Location"))
		}
		ana.client.Must("POST", portalChat+"/"+ana.id+"/marks", m{"read": 2}, 204)
		write(w, ana.id, "3", "Read at once")
		ana.client.Must("POST", portalChat+"/"+ana.id+"/marks", m{"read": 3}, 204)
		settle(t, w, "127.1.0.3")
		ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", says("4", "I wrote this"), 201)
		settle(t, w, "127.1.0.4")
		var got []string
		for _, l := range w.Mail.All() {
			if l.To == "ana@example.com" && strings.Contains(l.Text, "/k/") {
				got = append(got, l.Text)
			}
		}
		if len(got) != 1 {
			t.Errorf("%d letters about messages: %s", len(got), strings.Join(got, "\n====\n"))
		}
	})
}

// Without a mail account mails wait, as they do when the server is slow.
func TestAWaitingMailIsCalledBack(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		opened(w, ana.contact)
		waiting := func(n int) func() bool { return func() bool { return len(mails(w, "queued")) == n } }
		text := func() string {
			return w.Staff.Must("GET", "/api/staff/mail/messages/"+mails(w, "queued")[0]["id"].(string), nil, 200).Body
		}
		write(w, ana.id, "1", "canary-first")
		later(w, 6*time.Minute)
		w.Eventually("a mail waits", waiting(1))
		write(w, ana.id, "2", "canary-second")
		later(w, 6*time.Minute)
		w.Eventually("a mail with both waits in its place", func() bool {
			return len(mails(w, "cancelled")) == 1 && waiting(1)() && strings.Contains(text(), "canary-first") && strings.Contains(text(), "canary-second")
		})
		gone := w.Staff.Must("GET", staffChat+"/"+ana.id+"/messages", nil, 200).List("items")[0]["id"].(string)
		w.Staff.Must("DELETE", staffChat+"/"+ana.id+"/messages/"+gone, nil, 200)
		w.Eventually("a mail without what was taken back waits", func() bool {
			return len(mails(w, "cancelled")) == 2 && waiting(1)() && !strings.Contains(text(), "canary-first") && strings.Contains(text(), "canary-second")
		})
		ana.client.Must("POST", portalChat+"/"+ana.id+"/marks", m{"read": 2}, 204)
		if len(mails(w, "queued")) != 0 || len(mails(w, "cancelled")) != 3 {
			t.Errorf("after reading %v waits", mails(w, "queued"))
		}
		w.WithMail()
		settle(t, w, "127.1.0.2")
		w.Await("witness127102@example.com", 1)
		if l, ok := w.Mail.To("ana@example.com"); ok && strings.Contains(l.Text, "canary") {
			t.Errorf("sent all the same: %s", l.Text)
		}
	})
}

func TestClientsChooseWhenMailComes(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) { // the clock shows noon UTC
		quiet, daily, never := newTalk(t, w, "Quiet", "127.1.0.1"), newTalk(t, w, "Daily", "127.1.0.2"), newTalk(t, w, "Never", "127.1.0.3")
		w.Staff.Must("PATCH", "/api/staff/contacts/"+quiet.contact, m{"time_zone": "Asia/Tokyo"}, 200) // 21:00 there
		w.Staff.Must("PATCH", "/api/staff/contacts/"+daily.contact, m{"time_zone": "Europe/Berlin"}, 200)
		const path = "/api/portal/chat/preferences"
		if got := never.client.Must("GET", path, nil, 200); got.Text("mail") != "soon" || got.Text("quiet_from") != "" {
			t.Errorf("at first %s", got.Body)
		}
		never.client.Must("PUT", path, m{"mail": "soon", "quiet_from": "21:00", "quiet_to": ""}, 422)
		never.client.Must("PUT", path, m{"mail": "soon", "quiet_from": "21:00", "quiet_to": "24:30"}, 422)
		never.client.Must("PUT", path, m{"mail": "never", "quiet_from": "", "quiet_to": ""}, 200)
		daily.client.Must("PUT", path, m{"mail": "daily", "quiet_from": "", "quiet_to": ""}, 200)
		quiet.client.Must("PUT", path, m{"mail": "soon", "quiet_from": "21:00", "quiet_to": "08:00"}, 200)
		uninvited, suspended := w.Contact("Una", "una@example.com"), newTalk(t, w, "Sue", "127.1.0.5")
		ids := []string{quiet.contact, daily.contact, never.contact, uninvited, suspended.contact}
		w.Staff.Must("POST", "/api/staff/portal/contacts/"+suspended.contact+"/suspend", m{}, 200)
		cast := w.Staff.Must("POST", staffChat, m{"kind": "broadcast", "title": "Closed on Friday", "contact_ids": ids}, 201).Text("id")
		write(w, cast, "1", "We are closed.")
		to := func() (out string) {
			for _, one := range mails(w, "") {
				out += one["to"].(string) + " "
			}
			return out
		}
		settle(t, w, "127.1.0.9")
		if got := to(); got != "witness127109@example.com " {
			t.Errorf("in quiet hours: %s", got)
		}
		later(w, 11*time.Hour) // 08:12 in Tokyo
		w.Eventually("quiet is over", func() bool { return strings.Contains(to(), "quiet@") })
		if got := to(); strings.Contains(got, "daily@") {
			t.Errorf("before the morning: %s", got)
		}
		later(w, 8*time.Hour) // 08:12 in Berlin
		w.Eventually("it is morning", func() bool { return strings.Contains(to(), "daily@") })
		if got := to(); strings.Contains(got, "never@") || strings.Contains(got, "una@") || strings.Contains(got, "sue@") {
			t.Errorf("mailed to %s", got)
		}
	})
}

func TestClientsAreToldWhenSomebodyIsThere(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		const path = "/api/portal/chat/availability"
		if got := ana.client.Must("GET", path, nil, 200); got.At("open") != true || got.At("online") != false || got.At("opens_at") != nil {
			t.Errorf("without hours: %s", got.Body)
		}
		chosen := m{"away_message": "Back at nine.", "answer_time": "within a day", "time_zone": "America/New_York", "follow_up_minutes": 0, "quiet_from": "20:00", "quiet_to": "07:00",
			"hours": []m{{"day": 1, "from": "09:00", "to": "17:00"}, {"day": 2, "from": "09:00", "to": "24:00"}, {"day": 3, "from": "09:00", "to": "17:00"},
				{"day": 4, "from": "09:00", "to": "17:00"}, {"day": 5, "from": "09:00", "to": "17:00"}, {"day": 6, "from": "09:00", "to": "17:00"}, {"day": 7, "from": "09:00", "to": "17:00"}}}
		for field, wrong := range (m{"time_zone": "Mars/Base", "follow_up_minutes": -1, "quiet_to": "", "hours": []m{{"day": 8, "from": "09:00", "to": "17:00"}}, "away_message": strings.Repeat("x", 501)}) {
			bad := m{}
			for k, v := range chosen {
				bad[k] = v
			}
			bad[field] = wrong
			w.Staff.Must("PUT", "/api/staff/chat/settings", bad, 422)
		}
		w.Staff.Must("PUT", "/api/staff/chat/settings", chosen, 200)
		if got := w.Staff.Must("GET", "/api/staff/chat/settings", nil, 200); got.Text("answer_time") != "within a day" || len(got.List("hours")) != 7 || got.Number("follow_up_minutes") != 0 {
			t.Errorf("kept %s", got.Body)
		}
		closed := ana.client.Must("GET", path, nil, 200) // noon in Greenwich is early in New York
		if closed.At("open") != false || closed.Text("away_message") != "Back at nine." || closed.Text("answer_time") != "within a day" || closed.At("opens_at") == nil {
			t.Errorf("closed: %s", closed.Body)
		}
		at, err := time.Parse(time.RFC3339, closed.Text("opens_at"))
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(at.Sub(w.Clock.Now()))
		if got := ana.client.Must("GET", path, nil, 200); got.At("open") != true || got.Text("away_message") != "" {
			t.Errorf("at that time: %s", got.Body)
		}
	})
}
