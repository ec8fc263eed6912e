// Package backendtest boots the whole backend on a fresh store, for tests that
// tell a story from the outside: staff call the API, clients use a browser, mails
// arrive at a real SMTP server on loopback. Time moves only when the test says so.
package backendtest

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/zone/zonetest"
)

// PortalURL and StaffURL are where the listeners would be.
const (
	PortalURL = "http://portal.test"
	StaffURL  = "http://127.0.0.1:8081"
)

// World is a running backend with its surroundings.
type World struct {
	Backend *backend.Backend
	Clock   *clock.Fake
	Mail    *Mailbox
	Staff   *Client // the local socket: staff, without signing in
	Data    string
	Stop    func() // ends the backend before the test does
	t       testing.TB
	portal  http.Handler
}

// Each tells the story on SQLite and, when the test run has a server, on PostgreSQL.
func Each(t *testing.T, story func(t *testing.T, w *World)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { story(t, New(t, "")) })
	if server := os.Getenv("PORTICO_TEST_POSTGRES"); server != "" {
		t.Run("postgres", func(t *testing.T) { story(t, New(t, dbtest.Database(t, server))) })
	}
}

// New boots a backend; database "" is SQLite.
func New(t testing.TB, database string) *World {
	t.Helper()
	fake := clock.NewFake(dbtest.Noon)
	w := Boot(t, backend.Config{Data: t.TempDir(), Database: database, Clock: fake, Domain: Nowhere(t)})
	w.Clock = fake
	return w
}

// Boot boots a backend as configured, with the machine's clock when none is named.
// It ends with the test, or with Stop.
func Boot(t testing.TB, c backend.Config) *World {
	t.Helper()
	c.BaseURL, c.Version = PortalURL, "test"
	c.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := backend.New(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	b.SetStaffURL(StaffURL)
	w := &World{Backend: b, Data: c.Data, t: t, portal: b.Portal(), Staff: &Client{t: t, handler: b.Socket(), base: StaffURL}}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := b.Run(ctx); err != nil {
			t.Errorf("running: %v", err)
		}
	}()
	w.Stop = sync.OnceFunc(func() {
		stop()
		<-stopped
		if err := b.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	t.Cleanup(w.Stop)
	return w
}

// Nowhere asks nobody: there is no DNS server, no authority and no router, and
// the test fails when somebody outside is asked all the same.
func Nowhere(t testing.TB) backend.DomainConfig {
	return backend.DomainConfig{Directory: "https://127.0.0.1:1/directory", Resolvers: []netip.AddrPort{}, Sources: []string{},
		Routerless: true, Dial: zonetest.Loopback(t)}
}

// Browser is a new browser of a client, without cookies, at an address of its own.
func (w *World) Browser(address string) *Client {
	return w.BrowserAt(PortalURL, address)
}

// BrowserAt is a new browser that opens the portal at another of its addresses.
func (w *World) BrowserAt(base, address string) *Client {
	return &Client{t: w.t, handler: w.portal, base: base, address: address, agent: firefox, cookies: map[string]string{}}
}

// WithMail sets up a mail account with a real SMTP server.
func (w *World) WithMail() *World {
	w.t.Helper()
	w.Mail = newMailbox(w.t)
	w.Staff.Must(http.MethodPut, "/api/staff/mail/account", Map{"host": "127.0.0.1", "port": w.Mail.Port, "security": "none",
		"from_name": "Bakery", "from_address": "hello@bakery.example"}, 200)
	return w
}

// Contact adds a contact and answers its id.
func (w *World) Contact(name string, emails ...string) string {
	w.t.Helper()
	return w.Staff.Must(http.MethodPost, "/api/staff/contacts", Map{"name": name, "emails": emails}, 201).Text("id")
}

// Eventually waits until a condition holds; what happens behind an answer (mail,
// facts) takes a moment of real time.
func (w *World) Eventually(what string, holds func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Link makes a magic link for a contact and answers its path on the portal.
func (w *World) Link(contactID string) string {
	w.t.Helper()
	url := w.Staff.Must(http.MethodPost, "/api/staff/portal/magic-links", Map{"contact_id": contactID}, 201).Text("url")
	return strings.TrimPrefix(url, PortalURL)
}

// SignedIn is a browser in which the contact is signed in.
func (w *World) SignedIn(contactID, address string) *Client {
	w.t.Helper()
	b := w.Browser(address)
	b.Follow(w.Link(contactID))
	if r := b.Form("/k", nil); r.Status != http.StatusSeeOther {
		w.t.Fatalf("signing in: %d %s", r.Status, r.Body)
	}
	return b
}
