package certs_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
)

// check makes the handshake of an authority that checks TLS-ALPN-01, as anybody
// may, and reports whether there was an answer.
func (r *rig) check(name string) bool {
	c, err := tls.Dial("tcp", r.secure.Addr().String(), &tls.Config{ServerName: name, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true}) //nolint:gosec // as authorities do
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

// written is how many entries there are that handshakes of authorities leave, and
// such about names that are not ours.
func (r *rig) written() (checks, foreign int) {
	r.t.Helper()
	if err := r.db.Read().QueryRow(ctx, `SELECT count(*) FILTER (WHERE entry LIKE '%tls-alpn%'), count(*) FILTER (WHERE name <> $1 AND name <> $2) FROM certs_history`,
		r.name, r.next).Scan(&checks, &foreign); err != nil {
		r.t.Fatal(err)
	}
	return checks, foreign
}

// Whoever checks challenges that nobody began leaves no trace: not in the history
// of a name of ours or of his own, not in the log, not with those who are told.
func TestStrangersWriteNothing(t *testing.T) {
	for _, s := range []struct {
		story string
		alone bool
	}{{"one node", true}, {"one of several nodes", false}} {
		t.Run(s.story, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			var log bytes.Buffer
			r.config.TLSPort = 0 // r.name is proven by HTTP
			r.config.Alone, r.config.Log = s.alone, slog.New(slog.NewTextHandler(&log, nil))
			r.start(r.name)
			r.active(r.name)
			// A second name waits for a person, for days: its challenge is another one.
			if err := r.manager.Manage(ctx, r.next, certs.Options{DNS: &certs.DNS{Seen: r.seen, Poll: time.Hour}}); err != nil {
				t.Fatal(err)
			}
			r.until(r.next, "waiting for the record", func(s certs.Status) bool { return s.State == certs.StateWaitingDNS })
			for _, who := range []string{"", r.name, r.next, strings.ToUpper(r.name), "stranger.test"} {
				for range 5 {
					if r.check(who) {
						t.Errorf("%q proves something", who)
					}
				}
			}
			r.stop()
			if checks, foreign := r.written(); checks != 0 || foreign != 0 || strings.Contains(log.String(), "tls-alpn") {
				t.Errorf("%d checks and %d foreign entries, logged:\n%s", checks, foreign, log.String())
			}
		})
	}
}

// While a challenge runs, whoever knows the name is answered too; that it happened
// is written once.
func TestARunningChallengeIsWrittenOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.config.HTTPPort = 0
	var once sync.Once
	r.pebble.Intercept(func(_ http.ResponseWriter, q *http.Request) bool {
		if strings.HasPrefix(q.URL.Path, "/chalZ/") {
			once.Do(func() {
				for range 20 {
					if !r.check(r.name) {
						t.Error("the challenge does not run")
					}
				}
			})
		}
		return false
	})
	r.start(r.name)
	r.active(r.name)
	r.stop()
	if n := strings.Count(r.story(r.name), "served key authentication certificate"); n != 1 {
		t.Errorf("written %d times:\n%s", n, r.story(r.name))
	}
}

// Paths of challenges that are asked of any name but those that may be proven now
// cost no question to the store: a broken one does not show.
func TestPathsOfChallengesAskTheStoreNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var log bytes.Buffer
	r.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	m := r.start()
	if err := r.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `ALTER TABLE certs_value RENAME TO certs_gone`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	passed := 0
	handler := m.HTTPChallenge(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed++ }))
	for _, host := range []string{r.name, "stranger.test", "stranger.test:80", ""} {
		q := httptest.NewRequest(http.MethodGet, "/.well-known/acme-challenge/made-up", nil)
		q.Host = host
		handler.ServeHTTP(httptest.NewRecorder(), q)
	}
	r.stop()
	if passed != 4 || strings.Contains(log.String(), "challenge") {
		t.Errorf("%d passed, logged:\n%s", passed, log.String())
	}
}
