package mail

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestProbe(t *testing.T) {
	ca := newAuthority(t)
	for _, row := range []struct {
		name     string
		security Security
		on       map[string]act
		strip    bool
		mail     bool
		change   func(*Account)
		steps    string
		failed   Class
		words    string // in the last step's reply
	}{
		{name: "TLS, login only", security: SecurityTLS, steps: "connect tls greeting hello auth", words: "welcome"},
		{name: "STARTTLS, login only", security: SecurityStartTLS, steps: "connect greeting hello starttls auth", words: "welcome"},
		{name: "with a mail", security: SecurityTLS, mail: true,
			steps: "connect tls greeting hello auth sender recipient data after_data", words: "queued as X1"},
		{name: "no login", security: SecurityNone, mail: true,
			steps: "connect greeting hello sender recipient data after_data", words: "queued as X1"},
		{name: "wrong password", security: SecurityTLS, mail: true, on: map[string]act{"AUTH": say("535 5.7.8 not accepted")},
			steps: "connect tls greeting hello auth", failed: Auth, words: "not accepted"},
		{name: "stripped", security: SecurityStartTLS, strip: true,
			steps: "connect greeting hello starttls", failed: InsecureRefused},
		{name: "recipient refused", security: SecurityTLS, mail: true, on: map[string]act{"RCPT": say("550 5.1.1 nobody")},
			steps: "connect tls greeting hello auth sender recipient", failed: BadRecipient, words: "nobody"},
		{name: "silent", security: SecurityNone, on: map[string]act{"greeting": hang}, change: impatient,
			steps: "connect greeting", failed: Temporary},
		{name: "wrong entry", security: SecurityTLS, change: func(a *Account) { a.Port = 0 },
			steps: "check", failed: Invalid},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := &script{on: row.on, strip: row.strip, implicit: row.security == SecurityTLS}
			if row.security != SecurityNone {
				server.cert = ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
			}
			account := testAccount(server.serve(t), row.security, ca)
			if row.change != nil {
				row.change(&account)
			}
			var raw []byte
			if row.mail {
				raw = testMail(t)
			}
			var begun []string
			results := Probe(context.Background(), account, testTo, raw, func(s Step) { begun = append(begun, string(s)) })
			var steps []string
			for i, result := range results {
				steps = append(steps, string(result.Step))
				if last := i == len(results)-1; result.Problem != nil && !last {
					t.Errorf("%s failed before the end: %v", result.Step, result.Problem)
				}
				if result.Took < 0 || (result.Step == StepGreeting && result.Problem == nil && (result.Code != 220 || result.Reply == "")) {
					t.Errorf("%+v", result)
				}
			}
			last := results[len(results)-1]
			if got := strings.Join(steps, " "); got != row.steps {
				t.Errorf("steps %s", got)
			}
			if row.failed != Invalid && strings.Join(begun, " ") != row.steps {
				t.Errorf("progress heard %v", begun)
			}
			if (last.Problem == nil) != (row.failed == "") || (last.Problem != nil && last.Problem.Class != row.failed) || !strings.Contains(last.Reply, row.words) {
				t.Errorf("last step %+v", last)
			}
			if wantMail := row.mail && row.failed == ""; (len(server.received()) == 1) != wantMail {
				t.Errorf("%d mails arrived", len(server.received()))
			}
		})
	}
}

// The test mail is checked like any other before the wire.
func TestProbeChecksTheMail(t *testing.T) {
	server := &script{}
	results := Probe(context.Background(), testAccount(server.serve(t), SecurityNone, nil), "nobody", testMail(t), nil)
	last := results[len(results)-1]
	if last.Step != StepCheck || last.Problem == nil || last.Problem.Field != "to" {
		t.Errorf("%+v", last)
	}
}
