package outbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/mail"
)

func TestAccountsThatCannotWorkAreRefused(t *testing.T) {
	rows := []struct {
		name   string
		change func(*Account)
		field  string
		code   string
	}{
		{"no host", func(a *Account) { a.Host = "" }, "host", "mail.host_missing"},
		{"an address as host", func(a *Account) { a.Host = "https://smtp.example.com" }, "host", "mail.host_not_name"},
		{"no port", func(a *Account) { a.Port = 0 }, "port", "mail.port_range"},
		{"unknown security", func(a *Account) { a.Security = "ssl" }, "security", "mail.security_unknown"},
		{"a password in clear", func(a *Account) { a.Security = mail.SecurityNone }, "security", "mail.password_in_clear"},
		{"a bad sender", func(a *Account) { a.FromAddress = "Mia <mia@shop.example>" }, "from_address", "mail.address_named"},
		{"a sender without domain", func(a *Account) { a.FromAddress = "mia@shop" }, "from_address", "mail.from_incomplete"},
		{"a name of two lines", func(a *Account) { a.FromName = "Mia\r\nBcc: eve@example.com" }, "from_name", "mail.from_name"},
		{"an unknown kind", func(a *Account) { a.Kind = "pigeon" }, "kind", "mail.account_kind"},
		{"too many connections", func(a *Account) { a.Limits.Connections = 11 }, "limits.connections", "mail.limit_range"},
		{"a negative limit", func(a *Account) { a.Limits.PerDay = -1 }, "limits.per_day", "mail.limit_range"},
	}
	dbtestEach(t, func(w *world) {
		for _, r := range rows {
			a := account
			r.change(&a)
			_, err := w.s.SaveAccount(ctx, staff, a, password)
			f := fault.As(err)
			if f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != r.field || f.Fields[0].Code != r.code {
				w.t.Errorf("%s: %+v", r.name, f)
			}
		}
		if v, _ := w.s.Account(ctx, staff); v.Configured || v.Status.State != AccountUnset {
			w.t.Errorf("kept %+v", v)
		}
		if len(w.secrets.kept) != 0 {
			w.t.Error("kept a password of an account that was refused")
		}
		if _, err := w.s.Resume(ctx, staff); fault.KindOf(err) != fault.Conflict {
			w.t.Errorf("resumed nothing: %v", err)
		}
	})
}

func TestThePasswordIsKeptForItsOwnServerOnly(t *testing.T) {
	each(t, func(w *world) {
		same := account
		same.FromName = "Shop"
		if v, err := w.s.SaveAccount(ctx, staff, same, ""); err != nil || !v.HasPassword {
			w.t.Fatalf("%v %+v", err, v)
		}
		for _, change := range []func(*Account){func(a *Account) { a.Host = "smtp.evil.example" }, func(a *Account) { a.Username = "eve" }} {
			a := account
			change(&a)
			if _, err := w.s.SaveAccount(ctx, staff, a, ""); !errors.Is(err, errPasswordAgain) {
				w.t.Errorf("saved: %v", err)
			}
			if _, err := w.s.Test(ctx, staff, "mia@example.com", &a, ""); !errors.Is(err, errPasswordAgain) {
				w.t.Errorf("tested: %v", err)
			}
		}
		if len(w.server.probed) != 0 {
			w.t.Error("the password went to another server")
		}
		other := account
		other.Host = "smtp.other.example"
		if _, err := w.s.SaveAccount(ctx, staff, other, "second-pa55"); err != nil {
			w.t.Fatal(err)
		}
		if len(w.secrets.kept) != 1 {
			w.t.Errorf("%d passwords are kept", len(w.secrets.kept))
		}
		w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		if a := w.server.accounts[0]; a.Host != "smtp.other.example" || string(a.Password) != "second-pa55" {
			w.t.Errorf("dialled %v", a.Host)
		}
	})
}

func TestALostPasswordMakesMailWait(t *testing.T) {
	each(t, func(w *world) {
		w.secrets.err = errors.New("the keychain is locked")
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		w.want(id, StateQueued, "")
		if st := w.account().Status; st.State != AccountOffline || st.Problem != "mail.password_unreadable" {
			w.t.Errorf("status %+v", st)
		}
		w.secrets.err = nil
		w.clk.Advance(30 * time.Second)
		w.send()
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestSavingSettingsEndsAPause(t *testing.T) {
	each(t, func(w *world) {
		w.server.dialing = []*mail.Problem{wrongPassword()}
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		if _, err := w.s.SaveAccount(ctx, staff, account, "the-right-one"); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestTroubleOfOldSettingsDoesNotTouchNewOnes(t *testing.T) {
	each(t, func(w *world) {
		w.queue(Mail{ContactID: "ct_ana"})
		old := w.account()
		if _, err := w.s.SaveAccount(ctx, staff, account, "new"); err != nil {
			w.t.Fatal(err)
		}
		rec := w.s.newRecorder()
		defer rec.close()
		e := &entry{item: item{msg: Message{ID: "ml_x"}}, account: old, out: outcome{account: accountPause, trouble: wrongPassword()}}
		if err := <-rec.add(e); err != nil {
			w.t.Fatal(err)
		}
		if st := w.account().Status.State; st != AccountOK {
			w.t.Errorf("account is %s", st)
		}
	})
}

func TestTheTestNamesTheFailingStep(t *testing.T) {
	each(t, func(w *world) {
		results, err := w.s.Test(ctx, staff, "mia@example.com", nil, "")
		if err != nil {
			w.t.Fatal(err)
		}
		b := w.s.testBody("de", results)
		if b.OK || len(b.Steps) != 2 || b.Steps[0].State != "ok" || b.Steps[1].State != "failed" || b.Steps[1].What != "Der Mailserver hat Benutzername oder Passwort abgelehnt." || b.Steps[1].Do == "" {
			w.t.Errorf("%+v", b)
		}
		if a := w.server.probed[0]; string(a.Password) != password {
			w.t.Error("tested without the kept password")
		}
		if _, err := w.s.Test(ctx, staff, "mia", nil, ""); fault.As(err).Fields[0].Name != "to" {
			w.t.Errorf("%v", err)
		}
	})
}

func TestFilesAreKeptAsMails(t *testing.T) {
	dbtestEach(t, func(w *world) {
		if _, err := w.s.SaveAccount(ctx, staff, Account{Kind: AccountFiles, FromAddress: "hello@shop.example"}, ""); err != nil {
			w.t.Fatal(err)
		}
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		w.want(id, StateAccepted, "")
		raw, err := os.ReadFile(filepath.Join(w.s.deps.FilesDir, id+"@shop.example.eml"))
		if err != nil || !strings.Contains(string(raw), "To: =?utf-8?B?") {
			w.t.Errorf("%v %s", err, raw)
		}
		results, err := w.s.Test(ctx, staff, "mia@example.com", nil, "")
		if b := w.s.testBody("en", results); err != nil || !b.OK {
			w.t.Errorf("%v %+v", err, b)
		}
	})
}

func TestProviderLimitsHoldMailBack(t *testing.T) {
	each(t, func(w *world) {
		a := account
		a.Limits = Limits{PerMinute: 3, PerDay: 5, PerConnection: 50, Connections: 2}
		if _, err := w.s.SaveAccount(ctx, staff, a, password); err != nil {
			w.t.Fatal(err)
		}
		for range 7 {
			w.queue(Mail{ContactID: "ct_ana"})
		}
		w.send()
		if n := len(w.server.received()); n != 3 {
			w.t.Fatalf("%d in the first minute", n)
		}
		if key, _ := w.account().Status.Waiting(w.clk.Now()); key != "mail.own_limit_minute" {
			w.t.Errorf("waits for %q", key)
		}
		for range 5 {
			w.clk.Advance(minute)
			w.send()
		}
		if n := len(w.server.received()); n != 5 {
			w.t.Fatalf("%d on the first day", n)
		}
		key, until := w.account().Status.Waiting(w.clk.Now())
		if key != "mail.own_limit_day" || until.Before(w.clk.Now().Add(23*time.Hour)) {
			w.t.Errorf("waits for %q until %v", key, until)
		}
		w.clk.Advance(until.Sub(w.clk.Now()))
		w.send()
		if n := len(w.server.received()); n != 7 {
			w.t.Errorf("%d after a day", n)
		}
	})
}

// A campaign uses the limits up but for a share; who wants to sign in needs it.
func TestLoginMailLeavesWhileTheLimitHoldsOthersBack(t *testing.T) {
	each(t, func(w *world) {
		a := account
		a.Limits = Limits{PerDay: 20, PerConnection: 50, Connections: 1}
		if _, err := w.s.SaveAccount(ctx, staff, a, password); err != nil {
			w.t.Fatal(err)
		}
		for i := range 25 {
			w.queue(Mail{ContactID: "ct_ana", To: fmt.Sprintf("bulk%d@example.com", i), Priority: PriorityInvitation})
		}
		w.send()
		if n := len(w.server.received()); n != 18 {
			w.t.Fatalf("%d invitations of 20 a day", n)
		}
		login := func() string { return w.queue(Mail{Kind: KindLogin, ContactID: "ct_ana", Priority: PriorityLogin}) }
		for range 2 {
			id := login()
			w.send()
			w.want(id, StateAccepted, "")
		}
		late := login()
		w.send()
		w.want(late, StateQueued, "")
		if key, until := w.account().Status.Waiting(w.clk.Now()); key != "mail.own_limit_day" || until.Before(w.clk.Now().Add(23*time.Hour)) {
			w.t.Errorf("waits for %q until %v", key, until)
		}
		w.clk.Advance(25 * time.Hour)
		w.send()
		w.want(late, StateAccepted, "")
		if n := len(w.server.received()); n != 28 {
			w.t.Errorf("%d in all", n)
		}
	})
}

// What the provider itself says holds everybody, however short.
func TestTheProviderSaysStopToLoginMailToo(t *testing.T) {
	each(t, func(w *world) {
		a := account
		a.Limits = Limits{PerDay: 10, PerConnection: 50, Connections: 1}
		if _, err := w.s.SaveAccount(ctx, staff, a, password); err != nil {
			w.t.Fatal(err)
		}
		for i := range 12 {
			w.queue(Mail{ContactID: "ct_ana", To: fmt.Sprintf("bulk%d@example.com", i), Priority: PriorityInvitation})
		}
		w.send()
		tooMany := &mail.Problem{Step: mail.StepSender, Class: mail.Limit, Key: "mail.limit_now", Code: 421}
		w.server.answer("jonas@example.com", answer{problem: tooMany}, answer{problem: tooMany})
		id := w.queue(Mail{Kind: KindLogin, ContactID: "ct_jonas", To: "jonas@example.com", Priority: PriorityLogin})
		w.send()
		if key, until := w.account().Status.Waiting(w.clk.Now()); key != "mail.limit_now" || until.After(w.clk.Now().Add(5*minute)) {
			w.t.Errorf("waits for %q until %v", key, until)
		}
		w.want(id, StateQueued, "")
		dials := w.server.dials
		w.send()
		if w.server.dials != dials {
			w.t.Error("tried again at once")
		}
		w.clk.Advance(5 * minute)
		w.server.mu.Lock()
		w.server.script = map[string][]answer{}
		w.server.mu.Unlock()
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestAllowance(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 30, 0, time.UTC)
	rows := []struct {
		name  string
		l     Limits
		u     usage
		want  int
		n     int
		until time.Duration
	}{
		{"no limits", Limits{}, usage{thisMinute: 1000, day: 100000}, 64, 64, 0},
		{"room left", Limits{PerMinute: 30}, usage{thisMinute: 10}, 64, 20, 0},
		{"half of the last minute counts", Limits{PerMinute: 30}, usage{thisMinute: 0, lastMinute: 30}, 64, 15, 0},
		{"full until the minute is over", Limits{PerMinute: 30}, usage{thisMinute: 30}, 64, 0, 30 * time.Second},
		{"full because of the last one", Limits{PerMinute: 30}, usage{thisMinute: 15, lastMinute: 30}, 64, 0, 2 * time.Second},
		{"the day is smaller", Limits{PerMinute: 30, PerDay: 500}, usage{day: 498}, 64, 2, 0},
		{"the day is full", Limits{PerDay: 500}, usage{day: 500, oldest: noon.Add(-23 * time.Hour)}, 64, 0, time.Hour + minute},
	}
	for _, r := range rows {
		n, until := r.l.allowance(r.u, r.want, noon)
		if n != r.n || (r.until == 0) != until.IsZero() || r.until != 0 && !until.Equal(noon.Add(r.until)) {
			t.Errorf("%s: %d until %v", r.name, n, until)
		}
	}
}

func TestConnectionsAreReplaced(t *testing.T) {
	each(t, func(w *world) {
		a := account
		a.Limits = Limits{PerConnection: 5, Connections: 1}
		if _, err := w.s.SaveAccount(ctx, staff, a, password); err != nil {
			w.t.Fatal(err)
		}
		for range 12 {
			w.queue(Mail{ContactID: "ct_ana"})
		}
		w.send()
		if w.server.dials != 3 || w.server.open != 0 {
			w.t.Errorf("%d connections for 12 mails, %d still open", w.server.dials, w.server.open)
		}
	})
}

func TestABusyServerGetsAFreshConnectionAndThenAPause(t *testing.T) {
	each(t, func(w *world) {
		tooMany := func() *mail.Problem {
			return &mail.Problem{Step: mail.StepSender, Class: mail.Limit, Key: "mail.limit_now", Code: 452, Enhanced: "4.5.3"}
		}
		w.queue(Mail{ContactID: "ct_jonas", To: "first@example.com"})
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.server.answer("ana@example.com", answer{problem: tooMany()})
		w.send()
		if m := w.want(id, StateAccepted, ""); m.Attempts != 1 || w.server.dials != 2 {
			w.t.Errorf("%d attempts, %d dials", m.Attempts, w.server.dials)
		}
		again := w.queue(Mail{ContactID: "ct_ana"})
		w.server.answer("ana@example.com", answer{problem: tooMany()}, answer{problem: tooMany()})
		var pauses []string
		for range 2 {
			w.send()
			_, until := w.account().Status.Waiting(w.clk.Now())
			pauses = append(pauses, until.Sub(w.clk.Now()).String())
			w.clk.Advance(until.Sub(w.clk.Now()))
		}
		if strings.Join(pauses, " ") != "1m0s 2m0s" {
			w.t.Errorf("pauses %v", pauses)
		}
		w.send()
		w.want(again, StateAccepted, "")
	})
}

func TestADeadConnectionIsReplacedWithoutATry(t *testing.T) {
	each(t, func(w *world) {
		w.queue(Mail{ContactID: "ct_jonas", To: "first@example.com"})
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.server.answer("ana@example.com", answer{problem: &mail.Problem{Step: mail.StepSender, Class: mail.Temporary, Key: "mail.connection_lost", Stale: true}})
		w.send()
		if m := w.want(id, StateAccepted, ""); m.Attempts != 1 || w.server.dials != 2 {
			w.t.Errorf("%d attempts, %d dials", m.Attempts, w.server.dials)
		}
	})
}

func TestOnlyStaffMay(t *testing.T) {
	each(t, func(w *world) {
		client := auth.Client("ct_ana", "se_1")
		verbs := map[string]func(a auth.Actor) error{
			"account":      func(a auth.Actor) error { _, err := w.s.Account(ctx, a); return err },
			"save":         func(a auth.Actor) error { _, err := w.s.SaveAccount(ctx, a, account, password); return err },
			"resume":       func(a auth.Actor) error { _, err := w.s.Resume(ctx, a); return err },
			"test":         func(a auth.Actor) error { _, err := w.s.Test(ctx, a, "a@example.com", nil, ""); return err },
			"messages":     func(a auth.Actor) error { _, _, err := w.s.Messages(ctx, a, Query{}); return err },
			"message":      func(a auth.Actor) error { _, _, err := w.s.Message(ctx, a, "ml_1"); return err },
			"counts":       func(a auth.Actor) error { _, err := w.s.Counts(ctx, a); return err },
			"retry":        func(a auth.Actor) error { return w.s.Retry(ctx, a, "ml_1") },
			"cancel":       func(a auth.Actor) error { return w.s.Cancel(ctx, a, "ml_1") },
			"templates":    func(a auth.Actor) error { _, err := w.s.Templates(ctx, a); return err },
			"save text":    func(a auth.Actor) error { _, err := w.s.SaveTemplate(ctx, a, Template{}); return err },
			"reset text":   func(a auth.Actor) error { return w.s.ResetTemplate(ctx, a, "login", "en") },
			"preview":      func(a auth.Actor) error { _, _, err := w.s.Preview(ctx, a, Template{}, ""); return err },
			"preview mail": func(a auth.Actor) error { _, _, err := w.s.PreviewMail(ctx, a, Mail{}); return err },
			"suppressions": func(a auth.Actor) error { _, _, err := w.s.Suppressions(ctx, a, "", "", 0); return err },
			"suppress":     func(a auth.Actor) error { _, err := w.s.Suppress(ctx, a, "a@example.com", ""); return err },
			"unsuppress":   func(a auth.Actor) error { return w.s.Unsuppress(ctx, a, "a@example.com", "x") },
		}
		for name, do := range verbs {
			if err := do(client); !errors.Is(err, auth.ErrNotStaff) {
				w.t.Errorf("%s by a client: %v", name, err)
			}
			if err := do(staff); errors.Is(err, auth.ErrNotStaff) {
				w.t.Errorf("%s by staff is refused", name)
			}
		}
	})
}
