package backend_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"portico/backend"
	"portico/backend/backendtest"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
)

// hearing is what the window of a node hears.
func hearing(w *backendtest.World) chan string {
	frames := make(chan string, 1000)
	w.Backend.Subscribe(func(frame []byte) { frames <- string(frame) })
	return frames
}

// await waits for a frame of a topic that holds a word.
func await(t *testing.T, frames chan string, topic, word string) {
	t.Helper()
	for limit := time.After(20 * time.Second); ; {
		select {
		case raw := <-frames:
			var f struct {
				Topic string `json:"topic"`
			}
			if err := json.Unmarshal([]byte(raw), &f); err != nil {
				t.Fatal(err)
			}
			if f.Topic == topic && strings.Contains(raw, word) {
				return
			}
		case <-limit:
			t.Fatalf("never heard %s %s", topic, word)
		}
	}
}

// Two nodes on one database: what ends or changes on one is known on the other.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	server := os.Getenv("PORTICO_TEST_POSTGRES")
	if server == "" {
		return // on SQLite one process owns the store
	}
	database, secrets := dbtest.Database(t, server), filepath.Join(t.TempDir(), "secrets.json")
	node := func() *backendtest.World {
		return backendtest.Boot(t, backend.Config{Data: t.TempDir(), Database: database, Secrets: secrets, Domain: backendtest.Nowhere(t)})
	}
	one := node()
	two := node()
	ana, bob := one.Contact("Ana", "ana@example.com"), one.Contact("Bob", "bob@example.com")
	here, there := hearing(one), hearing(two)
	served := httptest.NewServer(two.Backend.Portal())
	defer served.Close()
	two.Backend.SetBaseURL(served.URL)
	listen := func(contact string) *websocket.Conn {
		t.Helper()
		session := one.SignedIn(contact, "127.1.0.1").Cookie("portico")
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(served.URL, "http")+"/api/portal/live",
			http.Header{"Origin": {served.URL}, "Cookie": {"portico=" + session}})
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // before the minute's own look
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	hears := func(conn *websocket.Conn, want string) {
		t.Helper()
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				t.Fatalf("never heard %s: %v", want, err)
			}
			if string(data) == want {
				return
			}
		}
	}
	anas, bobs := listen(ana), listen(bob)

	// A change on one node reaches windows and clients of the other.
	one.Staff.Must("PATCH", "/api/staff/contacts/"+bob, m{"name": "Robert"}, 200)
	await(t, there, "contacts", bob)
	hears(bobs, `{"topic":"me","ids":[]}`)
	two.Staff.Must("PATCH", "/api/staff/contacts/"+ana, m{"name": "Anna"}, 200)
	await(t, here, "contacts", ana)

	// A suspension on one closes the socket at the other.
	one.Staff.Must("POST", "/api/staff/portal/contacts/"+ana+"/suspend", m{}, 200)
	for {
		_, _, err := anas.ReadMessage()
		var closed *websocket.CloseError
		if err != nil && (!errors.As(err, &closed) || closed.Code != 4401) {
			t.Fatalf("closed with %v", err)
		}
		if err != nil {
			break
		}
	}

	// Whoever may have missed something looks at everything.
	d, err := db.Open(t.Context(), db.Config{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var cut int
	if err := d.Read().QueryRow(context.Background(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`).Scan(&cut); err != nil || cut != 2 {
		t.Fatalf("cut %d connections: %v", cut, err)
	}
	await(t, here, "resync", "")
	await(t, there, "resync", "")
	hears(bobs, `{"topic":"resync"}`)
}
