package backend_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"portico/backend/backendtest"
)

// connect opens a live connection of a contact, over a real listener.
func connect(t *testing.T, w *backendtest.World, served *httptest.Server, contact string) *websocket.Conn {
	t.Helper()
	session := w.SignedIn(contact, "127.1.0.9").Cookie("portico")
	header := http.Header{"Origin": {backendtest.PortalURL}, "Cookie": {"portico=" + session}, "Host": {"portal.test"}}
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(served.URL, "http")+"/api/portal/live", header)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// pushed is a frame as far as these stories look at it.
type pushed struct {
	Topic, Who     string
	ConversationID string `json:"conversation_id"`
	Rev, Read      int64
	Message        struct {
		Text, HTML string
		Seq        int64
	}
}

// hears reads frames of a topic until one satisfies; raw is all that came.
func hears(t *testing.T, conn *websocket.Conn, topic string, want func(pushed) bool) (raw string) {
	t.Helper()
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			t.Fatalf("waiting for %s: %v (so far %s)", topic, err, raw)
		}
		raw += string(data) + "\n"
		var f pushed
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		if f.Topic == topic && want(f) {
			return raw
		}
	}
}

func TestWhatAClientHearsLive(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		served := httptest.NewServer(w.Backend.Portal())
		defer served.Close()
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "Garden", "contact_ids": []string{ana.contact, bo.contact}}, 201).Text("id")
		hers, his := connect(t, w, served, ana.contact), connect(t, w, served, bo.contact)

		w.Staff.Must("POST", staffChat+"/"+ana.id+"/messages", says("1", "for-ana"), 201)
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/notes", m{"text": "canary-live"}, 201)
		w.Staff.Must("POST", staffChat+"/"+group+"/notes", m{"text": "canary-live"}, 201)
		for n := range 20 {
			bo.client.Must("POST", portalChat+"/"+group+"/messages", says(fmt.Sprint(n), fmt.Sprint("number ", n+1)), 201)
		}
		seq := int64(0)
		inOrder := func(f pushed) bool {
			if f.ConversationID != group {
				return false
			}
			if seq++; f.Message.Seq != seq || f.Rev != seq {
				t.Errorf("number %d comes as %d", seq, f.Message.Seq)
			}
			return seq == 20
		}
		heard := hears(t, hers, "chat.message", inOrder)
		if strings.Contains(heard, "canary") || strings.Contains(heard, "chat.note") || !strings.Contains(heard, "for-ana") {
			t.Errorf("Ana heard %s", heard)
		}
		seq = 0
		if heard := hears(t, his, "chat.message", inOrder); strings.Contains(heard, "canary") || strings.Contains(heard, "for-ana") || strings.Contains(heard, ana.id) {
			t.Errorf("Bo heard %s", heard)
		}

		say := func(conn *websocket.Conn, frame string) {
			t.Helper()
			if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
				t.Fatal(err)
			}
		}
		say(hers, `{"topic":"chat.typing","conversation_id":"`+group+`"}`)
		hears(t, his, "chat.typing", func(f pushed) bool { return f.Who == ana.contact })
		say(hers, `{"topic":"chat.typing","conversation_id":"`+bo.id+`"}`) // not hers: nobody hears it
		say(hers, `{"topic":"chat.marks","conversation_id":"`+group+`","read":20,"delivered":20}`)
		heard = hears(t, his, "chat.marks", func(f pushed) bool { return f.Who == ana.contact && f.Read == 20 })
		if strings.Contains(heard, bo.id) {
			t.Errorf("Bo heard of typing in his own conversation: %s", heard)
		}

		// Suspended is at once: the socket closes, and nothing said afterwards comes.
		w.Staff.Must("POST", "/api/staff/portal/contacts/"+bo.contact+"/suspend", m{}, 200)
		w.Staff.Must("POST", staffChat+"/"+group+"/messages", says("last", "after-suspension"), 201)
		for {
			_, data, err := his.ReadMessage()
			if err == nil {
				if strings.Contains(string(data), "after-suspension") {
					t.Errorf("Bo, who is suspended, heard %s", data)
				}
				continue
			}
			var closed *websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != 4401 {
				t.Errorf("Bo's socket ended with %v", err)
			}
			break
		}
		hears(t, hers, "chat.message", func(f pushed) bool { return f.Message.Text == "after-suspension" })
	})
}

// Somebody who leaves a group hears nothing of it from then on.
func TestWhoWasRemovedHearsNothing(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		served := httptest.NewServer(w.Backend.Portal())
		defer served.Close()
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		group := w.Staff.Must("POST", staffChat, m{"kind": "group", "title": "Garden", "contact_ids": []string{ana.contact, bo.contact}}, 201).Text("id")
		his := connect(t, w, served, bo.contact)
		w.Staff.Must("DELETE", staffChat+"/"+group+"/members/"+bo.contact, nil, 200)
		w.Staff.Must("POST", staffChat+"/"+group+"/messages", says("1", "without-bo"), 201)
		w.Staff.Must("POST", staffChat+"/"+bo.id+"/messages", says("1", "still-friends"), 201)
		heard := hears(t, his, "chat.message", func(f pushed) bool { return f.Message.Text == "still-friends" })
		if strings.Contains(heard, "without-bo") {
			t.Errorf("Bo heard %s", heard)
		}
	})
}

// A network that blocks sockets gets the same by asking again and again.
func TestPollingHearsTheSame(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		const poll = "/api/portal/live/poll?id=abcdefghijklmnop"
		if r := ana.client.Must("GET", poll, nil, 200); !strings.Contains(r.Body, `"resync"`) {
			t.Errorf("the first poll answers %s", r.Body)
		}
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/messages", says("1", "by-poll"), 201)
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/notes", m{"text": "canary-poll"}, 201)
		heard := ""
		for range 20 {
			heard += ana.client.Must("GET", poll, nil, 200).Body
			if strings.Contains(heard, "by-poll") {
				break
			}
		}
		if !strings.Contains(heard, "by-poll") || strings.Contains(heard, "canary") {
			t.Errorf("heard %s", heard)
		}
	})
}
