package reach_test

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/reach"
)

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

const directory = `{"newNonce":"https://ca/n","newOrder":"https://ca/o"}`

func TestAuthority(t *testing.T) {
	for _, s := range []struct {
		story  string
		answer http.HandlerFunc // nil: nobody listens
		status string           // the status page's answer
		off    time.Duration    // how far our clock is ahead
		edit   func(*reach.AuthorityConfig)
		want   []string
		params map[string]any // of the last finding
	}{
		{"well", page(200, nil, directory).ServeHTTP, `{"result":{"status_overall":{"status":"Operational","status_code":100}}}`, 20 * time.Second, nil, []string{"authority.reached", "clock.right"}, nil},
		{"our clock is fast", page(200, nil, directory).ServeHTTP, "", 7*time.Minute + 30*time.Second, nil, []string{"authority.reached", "clock.wrong"}, map[string]any{"count": 7, "direction": "fast"}},
		{"our clock is slow", page(200, nil, directory).ServeHTTP, "", -25*time.Hour - 30*time.Second, nil, []string{"authority.reached", "clock.wrong"}, map[string]any{"count": 1500, "direction": "slow"}},
		{"our clock is so slow that nothing is valid yet", page(200, nil, directory).ServeHTTP, "", -80 * 365 * 24 * time.Hour, nil, []string{"authority.untrusted"}, map[string]any{"reason": "expired"}},
		{"it is not well", page(503, nil, "busy").ServeHTTP, "", 0, nil, []string{"authority.down", "clock.right"}, nil},
		{"a login page", page(200, nil, "<html>Welcome to Hotel Wifi").ServeHTTP, "", 0, nil, []string{"authority.odd"}, map[string]any{"status": 200}},
		{"sent to a login page", http.RedirectHandler("http://login/", http.StatusFound).ServeHTTP, "", 0, nil, []string{"authority.odd"}, map[string]any{"status": 302}},
		{"somebody in between", page(200, nil, directory).ServeHTTP, "", 0, func(c *reach.AuthorityConfig) { c.Roots = x509.NewCertPool() }, []string{"authority.untrusted"}, map[string]any{"reason": "issuer"}},
		{"another's certificate", page(200, nil, directory).ServeHTTP, "", 0, func(c *reach.AuthorityConfig) {
			c.Directory = strings.Replace(c.Directory, "127.0.0.1", "127.0.0.2", 1)
		}, []string{"authority.untrusted"}, map[string]any{"reason": "name"}},
		{"nobody", nil, "", 0, nil, []string{"authority.unreachable"}, map[string]any{"reason": "refused"}},
		{"trouble on the status page", page(200, nil, directory).ServeHTTP, `{"result":{"status_overall":{"status":"Partial Service Disruption","status_code":400}}}`, 0, nil,
			[]string{"authority.incident", "authority.reached", "clock.right"}, nil},
		{"a status page in another form", page(200, nil, directory).ServeHTTP, `<html>`, 0, nil, []string{"authority.reached", "clock.right"}, nil},
	} {
		t.Run(s.story, func(t *testing.T) {
			now := time.Now()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
				if r.URL.Path == "/status" {
					_, _ = io.WriteString(w, s.status)
					return
				}
				s.answer(w, r)
			}))
			server.Config.ErrorLog = quietLog()
			if strings.Contains(s.story, "another's") { // one that listens on every loopback address
				server.Listener = listenAll(t)
			}
			server.StartTLS()
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			c := reach.AuthorityConfig{Directory: strings.Replace(server.URL, "[::]", "127.0.0.1", 1) + "/dir", Roots: roots, Clock: clock.NewFake(now.Add(s.off))}
			if s.status != "" {
				c.StatusPage = server.URL + "/status"
			}
			if s.edit != nil {
				s.edit(&c)
			}
			if s.answer == nil {
				server.Close()
			} else {
				defer server.Close()
			}
			got := reach.CheckAuthority(ctx, c)
			var codes []string
			for _, f := range got {
				codes = append(codes, string(f.Code))
			}
			equal(t, "findings", codes, s.want)
			for k, want := range s.params {
				if got[len(got)-1].Params[k] != want {
					t.Errorf("%s is %v, want %v", k, got[len(got)-1].Params[k], want)
				}
			}
		})
	}
}
