package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/web"
)

func TestRetryAndCancelByHand(t *testing.T) {
	each(t, func(w *world) {
		w.server.answer("ana@example.com", answer{problem: noSuchUser()})
		id := w.queue(Mail{ContactID: "ct_ana"})
		if err := w.s.Cancel(ctx, staff, id); err != nil {
			w.t.Fatal(err)
		}
		w.want(id, StateCancelled, "mail.cancelled_by_staff")
		if w.send() != 0 {
			w.t.Error("sent what was cancelled")
		}
		for what, err := range map[string]error{"cancel twice": w.s.Cancel(ctx, staff, id), "cancel nothing": w.s.Cancel(ctx, staff, "ml_none"), "retry nothing": w.s.Retry(ctx, staff, "ml_none")} {
			if k := fault.KindOf(err); k != fault.Conflict && k != fault.NotFound {
				w.t.Errorf("%s: %v", what, err)
			}
		}
		if err := w.s.Retry(ctx, staff, id); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.want(id, StateFailed, "mail.recipient_unknown")
		if err := w.s.Retry(ctx, staff, id); fault.As(err).Code != "mail.suppressed" {
			w.t.Errorf("retried to an address that does not exist: %v", err)
		}
		if err := w.s.Unsuppress(ctx, staff, "ana@example.com", "the mailbox is back"); err != nil {
			w.t.Fatal(err)
		}
		if err := w.s.Retry(ctx, staff, id); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.want(id, StateAccepted, "")
		if err := w.s.Retry(ctx, staff, id); fault.As(err).Code != "mail.accepted_already" {
			w.t.Errorf("sent an accepted mail again: %v", err)
		}
	})
}

func TestARetryBringsAWaitingMailForward(t *testing.T) {
	each(t, func(w *world) {
		w.server.answer("ana@example.com", answer{problem: temporary()})
		id := w.queue(Mail{ContactID: "ct_ana"})
		w.send()
		if err := w.s.Retry(ctx, staff, id); err != nil {
			w.t.Fatal(err)
		}
		w.send()
		w.want(id, StateAccepted, "")
	})
}

func TestAMailThatChangesWhileItIsClaimed(t *testing.T) {
	each(t, func(w *world) {
		first := w.queue(Mail{ContactID: "ct_jonas", To: "first@example.com"})
		cancelled := w.queue(Mail{ContactID: "ct_ana"})
		again := w.queue(Mail{ContactID: "ct_ana", To: "again@example.com"})
		w.server.during = func(to string) {
			if to != "first@example.com" {
				return
			}
			if err := w.s.Cancel(ctx, staff, first); fault.As(err).Code != "mail.on_its_way" {
				w.t.Errorf("cancelled a mail on its way: %v", err)
			}
			for _, id := range []string{cancelled, again} {
				if err := w.s.Cancel(ctx, staff, id); err != nil {
					w.t.Error(err)
				}
			}
			if err := w.s.Retry(ctx, staff, again); err != nil {
				w.t.Error(err)
			}
		}
		w.send()
		w.want(cancelled, StateCancelled, "mail.cancelled_by_staff")
		w.send()
		if m := w.mail(again); m.State != StateAccepted {
			w.t.Errorf("queued anew while claimed, and %s", m.State)
		}
		if n := len(w.server.received()); n != 2 {
			w.t.Errorf("%d mails", n)
		}
		if next, _ := jobs.Next(ctx, w.d.Read(), JobKind); !next.IsZero() {
			w.t.Error("a job is left")
		}
	})
}

// Several workers and two services, as two nodes would be, share one queue.
func TestNobodySendsAMailTwice(t *testing.T) {
	each(t, func(w *world) {
		a := account
		a.Limits = Limits{PerConnection: 7, Connections: 4}
		if _, err := w.s.SaveAccount(ctx, staff, a, password); err != nil {
			w.t.Fatal(err)
		}
		const mails = 120
		for i := range mails {
			to := fmt.Sprintf("p%d@example.com", i)
			if i%10 == 0 {
				w.server.answer(to, answer{problem: temporary()})
			}
			w.queue(Mail{ContactID: "ct_ana", To: to, Priority: PriorityInvitation})
		}
		other := w.service()
		running, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		for _, s := range []*Service{w.s, other} {
			go func() { s.Run(running); ended <- struct{}{} }()
		}
		deadline := time.After(time.Minute)
		for done := false; !done; {
			select {
			case <-deadline:
				w.t.Fatalf("only %d mails came", len(w.server.received()))
			case <-time.After(20 * time.Millisecond):
			}
			counts, err := w.s.Counts(ctx, staff)
			if err != nil {
				w.t.Fatal(err)
			}
			if counts[StateQueued] == 0 && counts[StateRetry] == mails/10 && counts[StateAccepted] == mails-mails/10 {
				w.clk.Advance(2 * minute)
				w.s.Wake()
			}
			done = counts[StateAccepted] == mails
		}
		stop()
		<-ended
		<-ended
		seen := map[string]int{}
		for _, m := range w.server.received() {
			seen[m.messageID]++
		}
		for id, n := range seen {
			if n != 1 {
				w.t.Errorf("%s came %d times", id, n)
			}
		}
		if len(seen) != mails || w.server.open != 0 {
			w.t.Errorf("%d mails, %d connections left open", len(seen), w.server.open)
		}
	})
}

func TestStoppingFinishesTheMailInHand(t *testing.T) {
	each(t, func(w *world) {
		a := account
		a.Limits = Limits{PerConnection: 50, Connections: 1}
		if _, err := w.s.SaveAccount(ctx, staff, a, password); err != nil {
			w.t.Fatal(err)
		}
		for i := range 5 {
			w.queue(Mail{ContactID: "ct_ana", To: fmt.Sprintf("p%d@example.com", i)})
		}
		running, stop := context.WithCancel(ctx)
		w.server.during = func(string) { stop() }
		w.s.Run(running)
		counts, _ := w.s.Counts(ctx, staff)
		if counts[StateAccepted] != 1 || counts[StateQueued] != 4 || w.server.open != 0 {
			w.t.Errorf("counts %v, %d connections open", counts, w.server.open)
		}
		w.server.during = nil
		if w.send(); len(w.server.received()) != 5 {
			w.t.Error("the rest was not given back")
		}
	})
}

// Neither links, nor codes, nor the password are anywhere but in the mail itself.
func TestNothingSecretIsStoredOrLogged(t *testing.T) {
	each(t, func(w *world) {
		w.links.all["selector"] = Link{URL: "https://portal.shop.example/k/S3CRETLINK", Code: "C0DE1234", ExpiresAt: w.clk.Now().Add(10 * minute), Target: "/"}
		for _, answers := range [][]answer{nil, {{problem: temporary()}}, {{noReply(), true}}, {{problem: noSuchUser()}}} {
			to := fmt.Sprintf("a%d@example.com", len(w.server.received())*10+len(answers))
			w.server.answer(to, answers...)
			w.queue(Mail{Kind: KindLogin, ContactID: "ct_ana", To: to, Link: "selector"})
			w.send()
		}
		w.server.dialing = []*mail.Problem{wrongPassword()}
		w.queue(Mail{Kind: KindLogin, ContactID: "ct_ana", To: "last@example.com", Link: "selector"})
		w.send()
		if !strings.Contains(w.server.received()[0].text(), "S3CRETLINK") || !strings.Contains(w.server.received()[0].text(), "C0DE 1234") {
			w.t.Fatal("the mail itself lacks its link or code")
		}
		everything := dump(w) + w.log.String()
		list, _, err := w.s.Messages(ctx, staff, Query{})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, m := range list {
			_, r, err := w.s.Message(ctx, staff, m.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			everything += fmt.Sprintf("%+v %s %s", m, r.Text, r.HTML)
		}
		v, _ := w.s.Account(ctx, staff)
		everything += fmt.Sprintf("%+v", w.s.accountBody("en", v))
		for _, secret := range []string{"S3CRETLINK", "C0DE1234", "C0DE 1234", password, "/k/S3"} {
			if strings.Contains(everything, secret) {
				at := strings.Index(everything, secret)
				w.t.Errorf("%s is kept: %s", secret, everything[max(0, at-200):at+40])
			}
		}
	})
}

// dump is every row of every table.
func dump(w *world) string {
	var b strings.Builder
	for _, table := range []string{"mails", "mail_account", "mail_templates", "mail_suppressions", "mail_usage", "jobs", "events", "audit_log", "audit_personal"} {
		rows, err := w.d.Read().Query(ctx, `SELECT * FROM `+table)
		if err != nil {
			w.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			w.t.Fatal(err)
		}
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(any)
			}
			if err := rows.Scan(row...); err != nil {
				w.t.Fatal(err)
			}
			for _, v := range row {
				fmt.Fprintf(&b, "%s ", *v.(*any))
			}
		}
		_ = rows.Close()
	}
	if !strings.Contains(b.String(), "ana@example.com") && !strings.Contains(b.String(), "a0@example.com") {
		w.t.Fatal("the dump shows nothing")
	}
	return b.String()
}

func TestListsPageAndFilter(t *testing.T) {
	each(t, func(w *world) {
		var ids []string
		for i := range 5 {
			ids = append(ids, w.queue(Mail{ContactID: "ct_ana", To: fmt.Sprintf("p%d@example.com", i)}))
		}
		w.queue(Mail{ContactID: "ct_jonas", To: "jonas_w@example.com"})
		var seen []string
		q := Query{ContactID: "ct_ana", Limit: 2}
		for {
			list, next, err := w.s.Messages(ctx, staff, q)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, m := range list {
				seen = append([]string{m.ID}, seen...)
				if m.Subject != "Corner Shop has opened a client portal for you" {
					w.t.Errorf("subject %q", m.Subject)
				}
			}
			if next == "" {
				break
			}
			q.Before = next
		}
		if strings.Join(seen, " ") != strings.Join(ids, " ") {
			w.t.Errorf("paged %v", seen)
		}
		w.send()
		if err := w.d.Write(ctx, func(tx *db.Tx) error {
			err := found.Put(ctx, tx, "ct_ana", "ana", "Ana Petrović", "Petrović Design", "ana@example.com")
			return errors.Join(err, found.Put(ctx, tx, "ct_jonas", "jonas", "Jonas Weber", "jonas@example.com"))
		}); err != nil {
			w.t.Fatal(err)
		}
		for _, s := range []struct {
			search, state string
			limit, want   int
		}{
			{"JONAS", "accepted", 9, 1}, {"petrovic design", "accepted", 9, 5}, {"petrovic", "accepted", 2, 2}, {"petrovic", "failed", 9, 0}, {"example.com", "", 9, 6}, {"petrovik", "", 9, 5}, {"nobody", "", 9, 0}, {"p_@", "", 9, 0}, {" -- ", "", 9, 6},
		} {
			list, _, err := w.s.Messages(ctx, staff, Query{Search: s.search, State: s.state, Limit: s.limit})
			if err != nil || len(list) != s.want {
				w.t.Errorf("%q finds %d: %v", s.search, len(list), err)
			}
		}
		if _, _, err := w.s.Messages(ctx, staff, Query{State: "lost"}); fault.KindOf(err) != fault.Invalid {
			w.t.Errorf("an unknown state: %v", err)
		}
	})
}

// A common word is looked for in the order of the list, page by page.
func TestACommonWordIsFoundPageByPage(t *testing.T) {
	each(t, func(w *world) {
		const people = 100
		if err := w.d.Write(ctx, func(tx *db.Tx) error {
			for i := range people {
				id, name := fmt.Sprintf("ct_%03d", i), []string{"Rare", "Common"}[min(i, 1)]
				if err := found.Put(ctx, tx, id, id, name, fmt.Sprintf("p%d@example.com", i)); err != nil {
					return err
				}
				if _, err := w.s.Queue(ctx, tx, Mail{Kind: KindInvitation, ContactID: id, To: fmt.Sprintf("p%d@example.com", i)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			w.t.Fatal(err)
		}
		for word, want := range map[string]int{"common": people - 1, "rare": 1, "example": people, "e": people} {
			seen, q := map[string]bool{}, Query{Search: word, Limit: 30}
			for {
				list, next, err := w.s.Messages(ctx, staff, q)
				if err != nil {
					w.t.Fatal(err)
				}
				for _, m := range list {
					seen[m.ID] = true
				}
				if q.Before = next; next == "" {
					break
				}
			}
			if len(seen) != want {
				w.t.Errorf("%q finds %d, want %d", word, len(seen), want)
			}
		}
	})
}

func TestQueueingIsAllOrNothing(t *testing.T) {
	each(t, func(w *world) {
		err := w.d.Write(ctx, func(tx *db.Tx) error {
			if _, err := w.s.Queue(ctx, tx, Mail{Kind: KindInvitation, To: "ana@example.com"}); err != nil {
				return err
			}
			return fmt.Errorf("the caller changed its mind")
		})
		if err == nil || w.send() != 0 {
			w.t.Error("a mail without its reason")
		}
		for _, m := range []Mail{{Kind: "spam", To: "a@example.com"}, {To: "a@example.com, b@example.com"}, {To: "Ana <a@example.com>"}, {To: "a@example.com\r\nBcc: b@example.com"}, {ID: "x", To: "a@example.com"}} {
			if _, err := w.tryQueue(m); fault.KindOf(err) != fault.Invalid {
				w.t.Errorf("%+v: %v", m, err)
			}
		}
	})
}

// The API as a script uses it.
func TestStaffAPI(t *testing.T) {
	dbtestEach(t, func(w *world) {
		api := web.NewAPI("staff", "t", "t", func(l, k string, p map[string]any) (string, bool) { return w.s.words.catalogue.Text(l, k, p) }, slog.New(slog.DiscardHandler))
		RegisterStaff(api, w.s)
		actor := auth.Actor{Kind: auth.KindStaff, Name: "Mia", Via: "token", Language: "de"}
		h := web.WithIdentity(func(*http.Request) (auth.Actor, error) { return actor, nil }, func(*http.Request) string { return "de" }, api.Mux)
		call := func(method, path, body string, status int, contains ...string) map[string]any {
			w.t.Helper()
			r := httptest.NewRequest(method, "/api/staff/mail"+path, bytes.NewBufferString(body))
			r.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			if rec.Code != status {
				w.t.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
			}
			for _, c := range contains {
				if !strings.Contains(rec.Body.String(), c) {
					w.t.Errorf("%s %s lacks %s: %s", method, path, c, rec.Body)
				}
			}
			if strings.Contains(rec.Body.String(), password) {
				w.t.Errorf("%s %s answers the password", method, path)
			}
			out := map[string]any{}
			_ = json.Unmarshal(rec.Body.Bytes(), &out)
			return out
		}
		call("GET", "/account", "", 200, `"configured":false`, `"state":"unset"`, `Konto ein`)
		call("POST", "/account/resume", "", 409, `"code":"mail.account_unset"`)
		call("PUT", "/account", `{"host":"","port":587,"security":"starttls","from_address":"a@b.example"}`, 422, `"field":"host"`, "Der Name des Mailservers fehlt.")
		call("PUT", "/account", `{"host":"smtp.b.example","port":587,"security":"starttls","username":"u","password":"`+password+`","from_name":"B","from_address":"a@b.example","preset":"gmail"}`, 200, `"has_password":true`, `"per_day":500`, `"per_connection":50`, `"state":"ok"`)
		call("PUT", "/account", `{"host":"smtp.c.example","port":587,"security":"starttls","username":"u","from_address":"a@b.example"}`, 422, `"code":"mail.password_again"`)
		call("PUT", "/account", `{"host":"smtp.b.example","port":587,"security":"starttls","username":"u","from_address":"a@b.example","limits":{"per_minute":0}}`, 200, `"per_day":0`)
		call("GET", "/presets", "", 200, `"key":"gmail"`, "App-Passwort", `"next_cursor":null`)
		call("POST", "/test", `{"to":"me@example.com"}`, 200, `"ok":false`, `"step":"auth"`, "Passwort abgelehnt")
		call("GET", "/messages", "", 200, `"items":[]`)
		id := w.queue(Mail{ContactID: "ct_ana"})
		call("GET", "/messages?state=queued", "", 200, id, `"to":"ana@example.com"`)
		call("GET", "/messages?state=nonsense", "", 422)
		call("GET", "/messages/"+id, "", 200, `"html"`, "k/SAMPLE")
		call("GET", "/messages/ml_none", "", 404, "Diese E-Mail gibt es nicht.")
		call("POST", "/messages/"+id+"/cancel", "", 200, `"state":"cancelled"`, "abgebrochen")
		call("POST", "/messages/"+id+"/retry", "", 200, `"state":"queued"`)
		w.send()
		call("GET", "/counts", "", 200, `"accepted":1`)
		call("GET", "/templates", "", 200, `"key":"new_device"`, "Neues Gerät")
		call("PUT", "/templates/login/de", `{"subject":"{{contact.vorname}}","body":"x","button":"y"}`, 422, `"code":"mail.text_unknown_near"`, "Meinten Sie contact.name?")
		call("PUT", "/templates/login/de", `{"subject":"Hallo {{contact.first_name}}","body":"x","button":"y"}`, 200, `"custom":true`)
		call("DELETE", "/templates/login/de", "", 204)
		call("POST", "/templates/login/preview", `{"language":"de","subject":"S","body":"{{magic_link}} {{nix}}","button":"y","contact_id":"ct_ana"}`, 200, `"part":"body"`, "k/SAMPLE", `"start":15`)
		call("GET", "/values", "", 200, `"name":"contact.first_name"`, "Vorname")
		call("POST", "/suppressions", `{"email":"x@example.com","detail":"bat darum"}`, 201, `"reason":"manual"`)
		call("GET", "/suppressions?search=X@", "", 200, "bat darum")
		call("POST", "/suppressions/remove", `{"email":"x@example.com","reason":""}`, 422, `"field":"reason"`)
		call("POST", "/suppressions/remove", `{"email":"x@example.com","reason":"Irrtum"}`, 204)
		call("POST", "/suppressions/remove", `{"email":"x@example.com","reason":"Irrtum"}`, 404)
		actor = auth.Client("ct_ana", "se_1")
		call("GET", "/messages", "", 403)
	})
}
