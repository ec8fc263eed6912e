package outbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/mail"
)

func TestAMailGoesOutAndTheReplyIsKept(t *testing.T) {
	each(t, func(w *world) {
		w.links.all["sel"] = Link{URL: "https://portal.shop.example/k/REALTOKEN", ExpiresAt: w.clk.Now().Add(7 * 24 * time.Hour), Target: "/"}
		id := w.queue(Mail{ContactID: "ct_ana", Link: "sel", Priority: PriorityInvitation, Note: "See you on Monday"})
		if n := w.send(); n != 1 {
			t.Fatalf("took %d mails", n)
		}
		m := w.want(id, StateAccepted, "")
		if m.Code != 250 || m.Reply != "2.0.0 queued as X1" || m.Attempts != 1 || m.Subject != "Corner Shop has opened a client portal for you" {
			t.Errorf("kept %+v", m)
		}
		got := w.server.received()
		if len(got) != 1 || got[0].messageID != "<"+id+"@shop.example>" || got[0].from != "hello@shop.example" {
			t.Fatalf("received %+v", got)
		}
		for _, part := range []string{got[0].text(), got[0].html()} {
			if !strings.Contains(part, "https://portal.shop.example/k/REALTOKEN") || !strings.Contains(part, "See you on Monday") || !strings.Contains(part, "Hello Ana,") {
				t.Errorf("part: %s", part)
			}
		}
		facts := w.facts()
		if len(facts) != 1 || !strings.HasPrefix(facts[0], "mail.accepted ") || !strings.Contains(facts[0], `"link":"sel"`) {
			t.Errorf("facts %v", facts)
		}
		if told := w.inviter.told; len(told) != 1 || told[0] != (Settled{id, "ct_ana", true}) {
			t.Errorf("told %v", told)
		}
		if counts, _ := w.s.Counts(ctx, staff); counts[StateAccepted] != 1 || counts[StateQueued] != 0 {
			t.Errorf("counts %v", counts)
		}
		if w.send() != 0 {
			t.Error("a mail went out twice")
		}
	})
}

// What one answer of the server does to a mail and to the account.
func TestWhatFollowsFromAnAnswer(t *testing.T) {
	rows := []struct {
		name     string
		answer   answer
		dialing  *mail.Problem
		state    State
		problem  string
		attempts int
		wait     time.Duration // until the mail is due; -1 never
		account  AccountState
		blocked  bool
	}{
		{"451 is tried again after a minute", answer{problem: temporary()}, nil, StateRetry, "mail.temporary", 1, minute, AccountOK, false},
		{"451 after the content too", answer{temporary(), true}, nil, StateRetry, "mail.temporary", 1, minute, AccountOK, false},
		{"greylisting waits five", answer{problem: &mail.Problem{Step: mail.StepRecipient, Class: mail.Temporary, Key: "mail.greylisted", Code: 451, Wait: 5 * minute}}, nil, StateRetry, "mail.greylisted", 1, 5 * minute, AccountOK, false},
		{"550 5.1.1 fails and blocks the address", answer{problem: noSuchUser()}, nil, StateFailed, "mail.recipient_unknown", 1, -1, AccountOK, true},
		{"554 after DATA fails", answer{&mail.Problem{Step: mail.StepAfterData, Class: mail.Policy, Key: "mail.policy", Code: 554, Reply: "spam"}, true}, nil, StateFailed, "mail.policy", 1, -1, AccountOK, false},
		{"552 fails", answer{problem: &mail.Problem{Step: mail.StepSender, Class: mail.Permanent, Key: "mail.too_large", Code: 552}}, nil, StateFailed, "mail.too_large", 1, -1, AccountOK, false},
		{"535 pauses the account", answer{}, wrongPassword(), StateQueued, "", 0, 0, AccountPaused, false},
		{"a sender that is not ours pauses it", answer{problem: &mail.Problem{Step: mail.StepSender, Class: mail.Policy, Key: "mail.sender_not_yours", Code: 550}}, nil, StateQueued, "", 0, 0, AccountPaused, false},
		{"no network is offline", answer{}, offline(), StateQueued, "", 0, 0, AccountOffline, false},
		{"a wrong certificate is offline", answer{}, &mail.Problem{Step: mail.StepTLS, Class: mail.Certificate, Key: "mail.certificate_name"}, StateQueued, "", 0, 0, AccountOffline, false},
		{"a silent greeting is offline", answer{}, &mail.Problem{Step: mail.StepGreeting, Class: mail.Temporary, Key: "mail.greeting_silent"}, StateQueued, "", 0, 0, AccountOffline, false},
		{"421 holds the account", answer{problem: &mail.Problem{Step: mail.StepSender, Class: mail.Limit, Key: "mail.limit_now", Code: 421}}, nil, StateQueued, "", 0, 0, AccountOK, false},
		{"a lost reply is unknown", answer{noReply(), true}, nil, StateUnknown, "mail.unknown", 0, 15 * minute, AccountOK, false},
		{"a broken connection is tried again", answer{problem: &mail.Problem{Step: mail.StepRecipient, Class: mail.Temporary, Key: "mail.connection_lost"}}, nil, StateRetry, "mail.connection_lost", 1, minute, AccountOK, false},
		{"being stopped costs nothing", answer{problem: &mail.Problem{Step: mail.StepData, Class: mail.Cancelled, Key: "mail.cancelled"}, data: true}, nil, StateQueued, "", 0, 0, AccountOK, false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			each(t, func(w *world) {
				w.server.answer("ana@example.com", r.answer)
				w.server.dialing = []*mail.Problem{r.dialing}
				before := w.clk.Now()
				id := w.queue(Mail{ContactID: "ct_ana"})
				w.send()
				m := w.want(id, r.state, r.problem)
				if m.Attempts != r.attempts {
					w.t.Errorf("attempts %d, want %d", m.Attempts, r.attempts)
				}
				if never := r.wait < 0; never != m.NextAt.IsZero() || (!never && !m.NextAt.Equal(before.Add(r.wait))) {
					w.t.Errorf("due at %v, want %v after %v", m.NextAt, r.wait, before)
				}
				if got := w.account().Status.State; got != r.account {
					w.t.Errorf("account is %s, want %s", got, r.account)
				}
				if _, err := suppressed(ctx, w.d.Read(), "ana@example.com"); (err == nil) != r.blocked {
					w.t.Errorf("blocked: %v", err)
				}
				failed := r.state == StateFailed
				if told := w.inviter.told; (len(told) == 1 && told[0] == Settled{id, "ct_ana", false}) != failed {
					w.t.Errorf("told %v", told)
				}
				if facts := w.facts(); (len(facts) == 1) != failed || failed && !strings.HasPrefix(facts[0], "mail.failed") {
					w.t.Errorf("facts %v", facts)
				}
			})
		})
	}
}

func TestRetriesGrowAndEndAfterFiveDays(t *testing.T) {
	each(t, func(w *world) {
		for range 40 {
			w.server.answer("ana@example.com", answer{problem: temporary()})
		}
		began := w.clk.Now()
		id := w.queue(Mail{ContactID: "ct_ana"})
		var waits []string
		for w.mail(id).State != StateFailed {
			w.send()
			m := w.mail(id)
			if m.State == StateRetry {
				waits = append(waits, m.NextAt.Sub(w.clk.Now()).String())
				w.clk.Advance(m.NextAt.Sub(w.clk.Now()) - time.Millisecond)
				if w.send() != 0 {
					w.t.Fatal("tried before it was due")
				}
				w.clk.Advance(time.Millisecond)
			}
			if len(waits) > 50 || m.State == StateQueued {
				w.t.Fatal("never ends")
			}
		}
		if got := strings.Join(waits[:8], " "); got != "1m0s 5m0s 15m0s 30m0s 1h0m0s 2h0m0s 4h0m0s 4h0m0s" {
			w.t.Errorf("waits %s", got)
		}
		if took := w.clk.Now().Sub(began); took < 4*24*time.Hour+20*time.Hour || took > 5*24*time.Hour+2*time.Hour {
			w.t.Errorf("gave up after %v", took)
		}
		if f := w.facts(); len(f) != 1 || !strings.Contains(f[0], "mail.temporary") {
			w.t.Errorf("facts %v", f)
		}
	})
}

func TestBackoffSpreads(t *testing.T) {
	if lo, hi := backoff(1, 0), backoff(1, 0.999999); lo != 48*time.Second || hi < 71*time.Second || hi > 72*time.Second {
		t.Errorf("first wait %v to %v", lo, hi)
	}
}

func TestAPausedAccountKeepsEverythingUntilItIsResumed(t *testing.T) {
	each(t, func(w *world) {
		w.server.dialing = []*mail.Problem{wrongPassword()}
		ids := []string{w.queue(Mail{ContactID: "ct_ana"}), w.queue(Mail{ContactID: "ct_jonas", To: "jonas@example.com"})}
		w.send()
		w.clk.Advance(48 * time.Hour)
		w.send()
		if w.server.dials != 1 {
			w.t.Errorf("dialled %d times while paused", w.server.dials)
		}
		st := w.account().Status
		if st.Problem != "mail.auth_refused" || st.Reply != "5.7.8 bad credentials" {
			w.t.Errorf("status %+v", st)
		}
		if _, err := w.s.Resume(ctx, staff); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		for _, id := range ids {
			w.want(id, StateAccepted, "")
		}
	})
}

func TestOfflineUsesUpNoAttemptsAndHealsByItself(t *testing.T) {
	each(t, func(w *world) {
		for range 6 {
			w.server.dialing = append(w.server.dialing, offline())
		}
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		var pauses []string
		for w.account().Status.State == AccountOffline {
			st := w.account().Status
			pauses = append(pauses, st.ProbeAt.Sub(w.clk.Now()).String())
			dials := w.server.dials
			w.send()
			if w.server.dials != dials {
				w.t.Fatal("probed before it was due")
			}
			w.clk.Advance(st.ProbeAt.Sub(w.clk.Now()))
			w.send()
		}
		if got := strings.Join(pauses, " "); got != "30s 1m0s 2m0s 4m0s 5m0s 5m0s" {
			w.t.Errorf("probes after %s", got)
		}
		w.send()
		if m := w.want(id, StateAccepted, ""); m.Attempts != 1 {
			w.t.Errorf("attempts %d", m.Attempts)
		}
	})
}

func TestALostReplyIsTriedOnceMoreWithTheSameMessageID(t *testing.T) {
	each(t, func(w *world) {
		w.server.answer("ana@example.com", answer{noReply(), true}, answer{noReply(), true})
		w.server.answer("jonas@example.com", answer{noReply(), true})
		stays := w.queue(Mail{ContactID: "ct_ana"})
		arrives := w.queue(Mail{ContactID: "ct_jonas", To: "jonas@example.com"})
		w.send()
		w.clk.Advance(15*minute - 1)
		w.send()
		w.want(arrives, StateUnknown, "mail.unknown")
		w.clk.Advance(1 * time.Millisecond)
		w.send()
		w.want(arrives, StateAccepted, "")
		if got := w.server.received(); len(got) != 1 || got[0].messageID != "<"+arrives+"@shop.example>" {
			w.t.Errorf("received %+v", got)
		}
		if m := w.want(stays, StateUnknown, "mail.unknown"); m.Unknowns != 2 || !m.NextAt.IsZero() {
			w.t.Errorf("kept %+v", m)
		}
		w.clk.Advance(24 * time.Hour)
		if w.send() != 0 {
			w.t.Error("tried a third time")
		}
	})
}

func TestAUsedLinkLeavesAnUnknownMailUnknown(t *testing.T) {
	each(t, func(w *world) {
		w.links.all["sel"] = Link{URL: "https://portal.shop.example/k/T", Target: "/"}
		w.server.answer("ana@example.com", answer{noReply(), true})
		id := w.queue(Mail{ContactID: "ct_ana", Link: "sel"})
		w.send()
		w.links.all["sel"] = Link{Over: OverUsed}
		w.clk.Advance(15 * minute)
		w.send()
		if m := w.want(id, StateUnknown, "mail.unknown"); !m.NextAt.IsZero() {
			w.t.Error("still due")
		}
	})
}

func TestACrashWhileSendingIsUnknown(t *testing.T) {
	each(t, func(w *world) {
		id := w.queue(Mail{ContactID: "ct_ana"})
		if _, err := jobs.Claim(ctx, w.d, JobKind, 1, 2*minute); err != nil {
			w.t.Fatal(err)
		}
		if err := w.d.Write(ctx, func(tx *db.Tx) error {
			m, err := messageByID(ctx, tx, id)
			if err == nil {
				_, err = markSending(ctx, tx, m, tx.Now)
			}
			return err
		}); err != nil {
			w.t.Fatal(err)
		}
		// The process dies here. Another one starts.
		w.s = w.service()
		if w.send() != 0 {
			w.t.Error("took a leased mail")
		}
		w.clk.Advance(2*minute + 1*time.Millisecond)
		w.send()
		w.want(id, StateUnknown, "mail.unknown")
		if len(w.server.received()) != 0 {
			w.t.Error("sent again at once")
		}
		w.clk.Advance(15 * minute)
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestACrashBeforeSendingLosesNothing(t *testing.T) {
	each(t, func(w *world) {
		id := w.queue(Mail{ContactID: "ct_ana"})
		if _, err := jobs.Claim(ctx, w.d, JobKind, 1, 2*minute); err != nil {
			w.t.Fatal(err)
		}
		w.clk.Advance(2*minute + 1*time.Millisecond)
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestLinksThatAreOverCancelTheirMail(t *testing.T) {
	for _, over := range []Over{OverRevoked, OverUsed, OverExpired, OverSuperseded, OverForbidden} {
		t.Run(string(over), func(t *testing.T) {
			each(t, func(w *world) {
				w.links.all["sel"] = Link{Over: over}
				id := w.queue(Mail{ContactID: "ct_ana", Link: "sel"})
				w.send()
				m := w.want(id, StateCancelled, "mail.link_"+string(over))
				if what, do := w.s.words.meaning("de", m.Problem); what == "" || do == "" {
					w.t.Error("no reason in German")
				}
				if len(w.server.received()) != 0 {
					w.t.Error("sent")
				}
			})
		})
	}
}

func TestATroubleOfOursIsNoTroubleOfTheMail(t *testing.T) {
	each(t, func(w *world) {
		w.links.err, w.troubled = fmt.Errorf("the store is busy"), true
		w.links.all["sel"] = Link{URL: "https://portal.shop.example/k/T"}
		id := w.queue(Mail{ContactID: "ct_ana", Link: "sel"})
		if _, err := w.s.SendDue(ctx); err == nil {
			w.t.Error("nobody is told")
		}
		if m := w.want(id, StateQueued, ""); m.Attempts != 0 {
			w.t.Errorf("kept %+v", m)
		}
		w.links.err = nil
		w.send()
		w.want(id, StateAccepted, "")
	})
}

// A mail that our own code stumbles over waits; the others go out.
func TestAMailThatCannotBeWrittenHoldsUpNobody(t *testing.T) {
	each(t, func(w *world) {
		w.troubled = true
		ill, well := w.queue(Mail{ContactID: "ct_ana"}), w.queue(Mail{ContactID: "ct_jonas", To: "jonas@example.com"})
		w.server.during = func(to string) {
			if to == "ana@example.com" {
				panic("a bug of ours")
			}
		}
		w.send()
		w.want(ill, StateUnknown, "mail.unknown") // its content had left
		w.want(well, StateAccepted, "")
		w.server.during = nil
		w.clk.Advance(15 * minute)
		w.send()
		w.want(ill, StateAccepted, "")
	})
}

// What waited long behind slow mails is looked at once more before it leaves.
func TestALinkRevokedWhileItsMailWaitsInLine(t *testing.T) {
	each(t, func(w *world) {
		w.links.all["first"], w.links.all["second"] = Link{URL: "https://portal.shop.example/k/A"}, Link{URL: "https://portal.shop.example/k/B"}
		w.queue(Mail{ContactID: "ct_jonas", To: "jonas@example.com", Link: "first"})
		id := w.queue(Mail{ContactID: "ct_ana", Link: "second"})
		w.server.during = func(string) {
			w.links.mu.Lock()
			defer w.links.mu.Unlock()
			w.links.all["second"] = Link{Over: OverRevoked}
			w.clk.Advance(fresh + time.Millisecond)
		}
		w.send()
		w.want(id, StateCancelled, "mail.link_revoked")
	})
}

func TestAContactThatIsGoneGetsNoMail(t *testing.T) {
	each(t, func(w *world) {
		id := w.queue(Mail{ContactID: "ct_gone"})
		w.send()
		w.want(id, StateCancelled, "mail.contact_gone")
	})
}

func TestSuppressedAddresses(t *testing.T) {
	each(t, func(w *world) {
		waiting := w.queue(Mail{ContactID: "ct_ana"})
		if _, err := w.s.Suppress(ctx, staff, "Ana@Example.com", "asked us to stop"); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.want(waiting, StateFailed, "mail.suppressed")
		if _, err := w.tryQueue(Mail{ContactID: "ct_ana"}); err == nil || !strings.Contains(err.Error(), "mail.suppressed_manual") {
			w.t.Errorf("queued: %v", err)
		}
		if err := w.s.Unsuppress(ctx, staff, "ana@example.com", ""); err == nil {
			w.t.Error("without a reason")
		}
		if err := w.s.Unsuppress(ctx, staff, "ana@example.com", "changed her mind"); err != nil {
			w.t.Fatal(err)
		}
		if err := w.s.Retry(ctx, staff, waiting); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.want(waiting, StateAccepted, "")
	})
}

func TestLoginMailOvertakes(t *testing.T) {
	each(t, func(w *world) {
		for i := range 20 {
			w.queue(Mail{ContactID: "ct_ana", To: fmt.Sprintf("bulk%d@example.com", i), Priority: PriorityBulk})
		}
		queued := false
		w.server.during = func(to string) {
			if to == "bulk2@example.com" && !queued {
				queued = true
				w.queue(Mail{Kind: KindLogin, ContactID: "ct_jonas", To: "jonas@example.com", Priority: PriorityLogin})
			}
		}
		w.send()
		got := w.server.received()
		if len(got) != 21 || got[3].to != "jonas@example.com" {
			w.t.Fatalf("%d mails, the fourth to %s", len(got), got[3].to)
		}
		if got[4].to != "bulk3@example.com" {
			w.t.Errorf("then %s", got[4].to)
		}
	})
}

func TestWithoutAnAccountMailWaits(t *testing.T) {
	dbtestEach(t, func(w *world) {
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		w.want(id, StateQueued, "")
		w.setUp()
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestTheSameKeyIsTheSameMail(t *testing.T) {
	each(t, func(w *world) {
		a := w.queue(Mail{ContactID: "ct_ana", Key: "invite/1"})
		b := w.queue(Mail{ContactID: "ct_ana", Key: "invite/1"})
		c := w.queue(Mail{ContactID: "ct_ana"})
		if a != b || a == c {
			w.t.Errorf("ids %s %s %s", a, b, c)
		}
		if w.send(); len(w.server.received()) != 2 {
			w.t.Errorf("%d mails", len(w.server.received()))
		}
	})
}
