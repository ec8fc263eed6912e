package outbox

import (
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/jobs"
)

const day = 24 * time.Hour

// today does what is due today.
func (w *world) today() {
	w.t.Helper()
	if _, err := w.runner.Once(ctx, dailyJob); err != nil {
		w.t.Fatal(err)
	}
}

func TestMailsThatAreOverGoAfterNinetyDays(t *testing.T) {
	each(t, func(w *world) {
		w.server.answer("gone@example.com", answer{problem: noSuchUser()})
		w.server.answer("lost@example.com", answer{noReply(), true}, answer{noReply(), true})
		ids := map[string]string{}
		for _, name := range []string{"accepted", "gone", "lost", "again"} {
			ids[name] = w.queue(Mail{ContactID: "ct_ana", To: name + "@example.com", Note: "a personal word"})
		}
		ids["cancelled"] = w.queue(Mail{ContactID: "ct_ana"})
		if err := w.s.Cancel(ctx, staff, ids["cancelled"]); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.clk.Advance(15 * minute)
		w.send() // the lost one is lost again
		if err := w.s.Start(ctx); err != nil {
			w.t.Fatal(err)
		}
		w.clk.Advance(80 * day)
		if err := w.s.Cancel(ctx, staff, ids["lost"]); err != nil { // over only now
			w.t.Fatal(err)
		}
		waiting := w.queue(Mail{ContactID: "ct_ana", To: "waiting@example.com"})
		w.today()
		if counts, _ := w.s.Counts(ctx, staff); counts[StateAccepted] != 2 || counts[StateFailed] != 1 || counts[StateCancelled] != 2 {
			w.t.Fatalf("after 80 days: %v", counts)
		}
		w.clk.Advance(11 * day)
		w.today()
		counts, err := w.s.Counts(ctx, staff)
		if err != nil || counts[StateAccepted] != 0 || counts[StateFailed] != 0 || counts[StateCancelled] != 1 {
			w.t.Errorf("after 91 days: %v %v", counts, err)
		}
		w.want(ids["lost"], StateCancelled, "mail.cancelled_by_staff")
		w.want(waiting, StateQueued, "")
		if next, _ := jobs.Next(ctx, w.d.Read(), dailyJob); !next.Equal(w.clk.Now().Add(day)) {
			w.t.Errorf("again at %v", next)
		}
	})
}

func TestTheSealOfTheLogIsMailedWhenItGrew(t *testing.T) {
	dbtestEach(t, func(w *world) {
		if err := w.s.Start(ctx); err != nil {
			w.t.Fatal(err)
		}
		w.clk.Advance(day)
		w.today() // nobody has set up an account
		w.send()
		if len(w.server.received()) != 0 {
			w.t.Fatal("mailed without an account")
		}
		w.setUp()
		var seals []string
		for range 3 { // on the second day nothing happens
			w.clk.Advance(day)
			if len(w.server.received()) == 1 && len(seals) == 2 {
				if _, err := w.s.Suppress(ctx, staff, "x@example.com", ""); err != nil {
					w.t.Fatal(err)
				}
			}
			w.today()
			if err := w.s.Start(ctx); err != nil { // the program starts again
				w.t.Fatal(err)
			}
			w.today()
			w.send()
			_, hash, err := audit.Head(ctx, w.d.Read())
			if err != nil {
				w.t.Fatal(err)
			}
			seals = append(seals, hash)
		}
		got := w.server.received()
		if len(got) != 2 || seals[0] != seals[1] || seals[1] == seals[2] {
			w.t.Fatalf("%d mails for %v", len(got), seals)
		}
		for i, seal := range []string{seals[0], seals[2]} {
			if got[i].to != "hello@shop.example" || !strings.Contains(got[i].text(), "Siegel: "+seal) || !strings.Contains(got[i].html(), seal) {
				w.t.Errorf("mail to %s: %s", got[i].to, got[i].text())
			}
		}
		if got[0].subject() != "Siegel Ihres Protokolls: Eintrag 1" {
			w.t.Errorf("subject %q", got[0].subject())
		}
	})
}
