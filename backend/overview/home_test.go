package overview_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/overview"
)

// needKeys are the keys of what waits for staff.
func needKeys(o overview.Overview) []string {
	keys := []string{}
	for _, n := range o.Needs {
		keys = append(keys, n.Key)
	}
	return keys
}

// done are the keys of the steps that are done.
func done(o overview.Overview) []string {
	keys := []string{}
	for _, step := range o.Setup.Steps {
		if step.Done {
			keys = append(keys, step.Key)
		}
	}
	return keys
}

func (w *world) member(id string, invited, failed, opened, joined any, gone bool) {
	w.run(`INSERT INTO portal_members (contact_id, epoch, invited_at, invite_link, invite_mail, failed_at, opened_at, joined_at, gone)
		VALUES ($1, 1, $2, '', '', $3, $4, $5, $6)`, id, invited, failed, opened, joined, gone)
}

func (w *world) mailIn(id, state string, updated time.Time) {
	w.run(`INSERT INTO mails (id, kind, contact_id, to_address, language, template, link, data, subject, message_id, priority, state,
		attempts, unknowns, code, enhanced, reply, problem, created, updated) VALUES ($1, 'login', '', '', '', '', '', '', '', $1, 0, $2, 0, 0, 0, '', '', '', 0, $3)`, id, state, updated.UnixMilli())
}

func TestHomeOfAnEmptyShop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mail = overview.MailStatus{State: "unset", What: "No mail account yet.", Do: "Set one up."}
		o, err := w.Overview(ctx, ada)
		if err != nil || (o.Numbers != overview.Numbers{}) || len(done(o)) != 0 || len(o.Setup.Steps) != 6 || len(o.Needs) != 0 || len(o.Recent) != 0 {
			t.Errorf("%v %+v", err, o)
		}
		holds(t, "as JSON", as(w.staff, "staff", "GET", "/api/staff/overview", ""), 200, []string{`"needs_you":[]`, `"recent":[]`, `"finished":false`, `{"key":"business","done":false,"skipped":false}`})
		holds(t, "nobody", as(w.staff, "", "GET", "/api/staff/overview", ""), 401, nil, "setup")
		holds(t, "a client", as(w.staff, "client", "GET", "/api/staff/overview", ""), 403, nil, "setup")
		if err := w.FinishSetup(ctx, ada, true); err != nil {
			t.Fatal(err)
		}
		if o, _ = w.Overview(ctx, ada); !reflect.DeepEqual(needKeys(o), []string{"mail"}) {
			t.Errorf("after the first start: %v", o.Needs)
		}
	})
}

func TestHomeOfABusyShop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for id, name := range map[string]string{"ct_a": "A", "ct_b": "B", "ct_c": "C", "ct_d": "D", "ct_e": "E"} {
			w.contact(id, name)
		}
		w.run(`UPDATE contacts SET state = 'archived' WHERE id = 'ct_d'`)
		w.run(`UPDATE contacts SET state = 'deleted' WHERE id = 'ct_e'`)
		w.member("ct_a", 1, nil, 2, 3, false)
		w.member("ct_b", 1, 5, nil, nil, false) // undelivered
		w.member("ct_c", 1, 5, 6, nil, false)   // failed once, then opened another
		w.member("ct_d", nil, nil, nil, 4, false)
		w.member("ct_e", 1, 5, nil, 3, true) // deleted
		for id, state := range map[string]string{"ml_1": "queued", "ml_2": "sending", "ml_3": "retry", "ml_4": "failed", "ml_5": "unknown", "ml_6": "accepted", "ml_7": "cancelled"} {
			w.mailIn(id, state, dbtest.Noon)
		}
		w.mailIn("ml_8", "failed", dbtest.Noon.AddDate(0, -2, 0)) // long ago
		w.business, w.address = overview.Business{Name: "Shop", Chosen: true}, "https://portal.shop.example"
		w.mail = overview.MailStatus{State: "paused", What: "The password is wrong.", Do: "Type it again."}
		w.behind = 3 * time.Hour
		o, err := w.Overview(ctx, ada)
		want := overview.Numbers{Contacts: 3, Invited: 3, Joined: 2, Undelivered: 1, MailWaiting: 3, MailProblems: 2}
		if err != nil || o.Numbers != want || !reflect.DeepEqual(done(o), []string{"business", "look", "contact", "mail", "address", "invite"}) {
			t.Errorf("%v %+v", err, o)
		}
		if keys := needKeys(o); !reflect.DeepEqual(keys, []string{"mail", "clock", "mail_problems", "undelivered"}) {
			t.Errorf("needs %v", keys)
		}
		holds(t, "as JSON", as(w.staff, "staff", "GET", "/api/staff/overview", "", "Accept-Language", "de"), 200,
			[]string{`"mail_waiting":3`, `"mail_problems":2`, "The password is wrong.", "um 3 Stunden zurückgestellt", "2 E-Mails ließen sich nicht zustellen.", "Eine Einladung ist nicht angekommen."})
	})
}

func TestRecentIsWhatClientsDo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		ana := auth.Client("ct_ana", "")
		w.emit(ada, fact{"contacts.created", "ct_ana", nil}, fact{"contacts.updated", "ct_ana", map[string]any{"fields": []string{"tags"}}}, fact{"contacts.note_added", "ct_ana", nil})
		w.emit(ana, fact{"access.joined", "ct_ana", nil}, fact{"contacts.updated", "ct_ana", map[string]any{"fields": []string{"name"}}})
		w.emit(ada, times(20, fact{"contacts.note_added", "ct_ana", nil})...)
		o, err := w.Overview(ctx, ada)
		if want := []string{"Ana changed their own details: name", "Ana joined the portal", "Ana was added to the contacts"}; err != nil || !reflect.DeepEqual(texts(o.Recent), want) {
			t.Errorf("%v %v", err, texts(o.Recent))
		}
		w.emit(ana, times(20, fact{"access.signed_in", "ct_ana", nil})...)
		if o, _ = w.Overview(ctx, ada); len(o.Recent) != 12 {
			t.Errorf("%d recent", len(o.Recent))
		}
	})
}

func TestAddressCountsOnlyWhenOthersCanReachIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for address, want := range map[string]bool{
			"http://127.0.0.1:8080": false, "http://localhost:8080": false, "http://[::1]:80": false, "http://192.168.1.5": false, "http://shop.local": false, "http://shop": false, "": false,
			"https://portal.shop.example": true, "https://203.0.113.5": true, "https://[2001:db8::1]": true,
		} {
			w.address = address
			o, err := w.Overview(ctx, ada)
			if err != nil || o.Setup.Steps[4].Key != "address" || o.Setup.Steps[4].Done != want {
				t.Errorf("%s: %+v %v", address, o.Setup.Steps, err)
			}
		}
	})
}

func TestSetupRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const path = "/api/staff/overview/setup"
		for _, s := range []struct {
			story, who, body string
			status           int
			after            string // "" leaves it unread
		}{
			{"nobody", "", `{"finished":true}`, 401, `"finished":false`},
			{"a client", "client", `{"finished":true}`, 403, `"finished":false`},
			{"skip", "staff", `{"key":"mail","skipped":true}`, 204, `{"key":"mail","done":true,"skipped":true}`},
			{"skip twice", "staff", `{"key":"mail","skipped":true}`, 204, `{"key":"mail","done":true,"skipped":true}`},
			{"take up again", "staff", `{"key":"mail","skipped":false}`, 204, `{"key":"mail","done":true,"skipped":false}`},
			{"no such step", "staff", `{"key":"party","skipped":true}`, 422, `"finished":false`},
			{"finish", "staff", `{"finished":true}`, 204, `"finished":true`},
			{"bring back", "staff", `{"finished":false}`, 204, `"finished":false`},
		} {
			if a := as(w.staff, s.who, "POST", path, s.body); a.status != s.status {
				t.Errorf("%s: %d %s", s.story, a.status, a.body)
			}
			holds(t, s.story+", afterwards", as(w.staff, "staff", "GET", "/api/staff/overview", ""), 200, []string{s.after})
		}
		if len(w.pushes) != 5 {
			t.Errorf("pushes %v", w.pushes)
		}
	})
}

func TestBell(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		ana := auth.Client("ct_ana", "")
		const path = "/api/staff/overview/notifications"
		holds(t, "quiet", as(w.staff, "staff", "GET", path, ""), 200, []string{`"items":[]`, `"unseen":0`})
		holds(t, "seen while quiet", as(w.staff, "staff", "POST", path+"/seen", ""), 204, nil)
		w.emit(ana, fact{"access.joined", "ct_ana", nil}, fact{"access.signed_in", "ct_ana", nil})
		w.emit(ada, fact{"access.suspended", "ct_ana", nil}) // staff know what they did
		w.emit(auth.System(), fact{"access.suspended", "ct_ana", nil}, fact{"mail.failed", "ct_ana", map[string]any{"kind": "invitation"}}, fact{"mail.accepted", "ct_ana", nil})
		items, unseen, err := w.Notifications(ctx, ada)
		if want := []string{"Portico could not deliver the invitation for Ana", "Ana was suspended automatically, because a limit was reached", "Ana joined the portal"}; err != nil || unseen != 3 || !reflect.DeepEqual(texts(items), want) {
			t.Errorf("%v %d %v", err, unseen, texts(items))
		}
		holds(t, "nobody sees", as(w.staff, "", "POST", path+"/seen", ""), 401, nil)
		holds(t, "a client sees", as(w.staff, "client", "POST", path+"/seen", ""), 403, nil)
		holds(t, "still unseen", as(w.staff, "staff", "GET", path, ""), 200, []string{`"unseen":3`})
		holds(t, "staff see", as(w.staff, "staff", "POST", path+"/seen", ""), 204, nil)
		w.emit(ana, fact{"access.joined", "ct_ana", nil})
		holds(t, "one more", as(w.staff, "staff", "GET", path, "", "Accept-Language", "de"), 200, []string{`"unseen":1`, "ist dem Portal beigetreten"})
		w.emit(ana, times(120, fact{"access.joined", "ct_ana", nil})...)
		if items, unseen, _ = w.Notifications(ctx, ada); len(items) != 30 || unseen != 100 {
			t.Errorf("%d items, %d unseen", len(items), unseen)
		}
	})
}

func TestPreferences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const path = "/api/staff/me"
		for _, s := range []struct {
			story, who, method, body string
			status                   int
			must                     []string
		}{
			{"nobody", "", "GET", "", 401, nil},
			{"a client", "client", "PATCH", `{"theme":"dark"}`, 403, nil},
			{"untouched", "staff", "GET", "", 200, []string{`"name":"Ada"`, `"via":"window"`, `"version":"1.2.3"`, `"language":"en"`, `"time_zone":""`, `"theme":"system"`}},
			{"one thing", "staff", "PATCH", `{"theme":"dark"}`, 200, []string{`"name":"Ada"`, `"theme":"dark"`}},
			{"all of it", "staff", "PATCH", `{"name":" Grace ","language":"de","time_zone":"Europe/Berlin","theme":"light"}`, 200, []string{`"name":"Grace"`, `"language":"de"`, `"time_zone":"Europe/Berlin"`, `"theme":"light"`}},
			{"everything wrong", "staff", "PATCH", `{"name":"` + strings.Repeat("x", 81) + `","language":"tlh","time_zone":"Mars/Olympus","theme":"pink"}`, 422, []string{`"field":"name"`, `"field":"language"`, `"field":"time_zone"`, `"field":"theme"`}},
			{"a path for a zone", "staff", "PATCH", `{"time_zone":"../../etc/passwd"}`, 422, []string{"overview.time_zone"}},
			{"the machine's own zone", "staff", "PATCH", `{"time_zone":"Local"}`, 422, []string{"overview.time_zone"}},
			{"nothing of that was kept", "staff", "GET", "", 200, []string{`"name":"Grace"`, `"time_zone":"Europe/Berlin"`, `"theme":"light"`}},
			{"back to what the request asks", "staff", "PATCH", `{"language":"","time_zone":"","name":""}`, 200, []string{`"name":"Ada"`, `"language":"en"`, `"time_zone":""`}},
		} {
			holds(t, s.story, as(w.staff, s.who, s.method, path, s.body), s.status, s.must)
		}
	})
}

func TestChosenLanguageIsTheLanguageOfTexts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		w.emit(ada, fact{"contacts.created", "ct_ana", nil})
		holds(t, "German chosen", as(w.staff, "staff", "PATCH", "/api/staff/me", `{"language":"de"}`), 200, nil)
		holds(t, "English asked for", as(w.staff, "staff", "GET", "/api/staff/overview", "", "Accept-Language", "en"), 200, []string{"wurde zu den Kontakten hinzugefügt"})
	})
}

func TestHealth(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const path = "/api/staff/overview/health"
		holds(t, "nobody", as(w.staff, "", "GET", path, ""), 401, nil)
		holds(t, "a client", as(w.staff, "client", "GET", path, ""), 403, nil, "disk")
		holds(t, "before the first check", as(w.staff, "staff", "GET", path, ""), 200, []string{`"light":"ok"`, "has yet to be checked", "12 MB", "was not checked from outside"})
		w.CheckStore(ctx)
		holds(t, "all well", as(w.staff, "staff", "GET", path, "", "Accept-Language", "de"), 200, []string{`"light":"ok"`, "in Ordnung (12 MB)", "60 GB von 100 GB frei"})
		for _, s := range []struct {
			story  string
			mail   string
			free   uint64
			behind time.Duration
			light  overview.State
			item   string
			state  overview.State
		}{
			{"no account", "unset", 60e9, 0, overview.Warn, "mail", overview.Warn},
			{"offline", "offline", 60e9, 0, overview.Warn, "mail", overview.Warn},
			{"paused", "paused", 60e9, 0, overview.Error, "mail", overview.Error},
			{"disk low", "ok", 9e9, 0, overview.Warn, "disk", overview.Warn},
			{"disk full", "ok", 4e9, 0, overview.Error, "disk", overview.Error},
			{"a moment behind", "ok", 60e9, 59 * time.Second, overview.OK, "clock", overview.OK},
			{"minutes behind", "ok", 60e9, 61 * time.Second, overview.Warn, "clock", overview.Warn},
			{"hours behind", "ok", 60e9, time.Hour, overview.Error, "clock", overview.Error},
			{"a warning does not hide an error", "offline", 4e9, time.Minute, overview.Error, "disk", overview.Error},
		} {
			w.mail, w.free, w.behind = overview.MailStatus{State: s.mail, What: "What.", Do: "Do."}, s.free, s.behind
			h, err := w.Health(ctx, ada)
			if err != nil || h.Light != s.light {
				t.Errorf("%s: %v %v", s.story, h.Light, err)
			}
			for _, item := range h.Items {
				if item.Key == s.item && item.State != s.state || item.What == "" || item.State != overview.OK && item.Do == "" || item.State == overview.OK && item.Do != "" || strings.Contains(item.What+item.Do, "{") {
					t.Errorf("%s: %+v", s.story, item)
				}
			}
		}
		w.mail, w.free, w.behind = overview.MailStatus{State: "ok"}, 60e9, 0
		w.domain = overview.DomainStatus{State: overview.Error, What: "The certificate ended.", Do: "Look."}
		if h, err := w.Health(ctx, ada); err != nil || h.Light != overview.Error || h.Items[len(h.Items)-1].What != w.domain.What {
			t.Errorf("the address: %+v %v", h, err)
		}
	})
}

func TestABadStoreIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.run(`DELETE FROM schema_migrations`) // what Verify takes for an unfinished copy
		w.CheckStore(ctx)
		h, err := w.Health(ctx, ada)
		if w.db.Engine() == "postgres" {
			return // its server checks itself
		}
		if err != nil || h.Light != overview.Error || len(w.pushes) != 1 {
			t.Errorf("%v %+v %v", err, h, w.pushes)
		}
	})
}

func TestClientHome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		w.contact("ct_bob", "Bob")
		w.business = overview.Business{Name: "Shop", LogoURL: "/brand/logo?v=2"}
		w.me = overview.Me{Name: "Ana Petrović", FirstName: "Ana", Theme: "system"}
		ana := auth.Client("ct_ana", "se_1")
		get := func(who string, headers ...string) answer {
			return as(w.portal, who, "GET", "/api/portal/home", "", headers...)
		}
		w.emit(ada, fact{"contacts.created", "ct_ana", nil}, fact{"contacts.note_added", "ct_ana", nil}, fact{"contacts.updated", "ct_ana", nil}, fact{"access.invited", "ct_ana", map[string]any{"link_id": "ln_secret"}}, fact{"access.link_made", "ct_ana", nil})
		w.emit(ana, fact{"access.joined", "ct_ana", nil}, fact{"access.signed_in", "ct_ana", map[string]any{"browser": "Firefox", "session_id": "se_secret"}})

		holds(t, "nobody", get(""), 401, nil, "Shop")
		holds(t, "staff are no client", get("staff"), 401, nil, "Shop")
		holds(t, "first sight", get("ana"), 200, []string{`"contact_id":"ct_ana"`, `"name":"Shop"`, `"logo_url":"/brand/logo?v=2"`, `"cover_url":null`, `"photo_url":null`,
			"profile.confirm", "app.install", `"unseen":3`, "You were invited to this portal", "You signed in from Firefox", `{"key":"home","href":"/"}`}, "secret", "note", "link was made", "changed", "added to the contacts")
		holds(t, "Bob sees nothing of Ana's", get("bob"), 200, []string{`"recent":[]`, `"unseen":0`}, "invited", "Firefox")
		holds(t, "in German", get("ana", "Accept-Language", "de"), 200, []string{"Sie wurden in dieses Portal eingeladen", "Stimmen Ihre Angaben?"})
		w.me.Language = "de"
		holds(t, "in the client's own language", get("ana", "Accept-Language", "en"), 200, []string{"Sie wurden in dieses Portal eingeladen"})
		w.me.Language = ""

		holds(t, "nobody sees", as(w.portal, "", "POST", "/api/portal/home/seen", ""), 401, nil)
		holds(t, "Bob sees", as(w.portal, "bob", "POST", "/api/portal/home/seen", ""), 204, nil)
		holds(t, "Ana has not", get("ana"), 200, []string{`"unseen":3`})
		holds(t, "Ana sees", as(w.portal, "ana", "POST", "/api/portal/home/seen", ""), 204, nil)
		holds(t, "and has", get("ana"), 200, []string{`"unseen":0`})
		w.emit(ana, fact{"access.signed_in", "ct_ana", nil})
		holds(t, "one's own doing is no news", get("ana"), 200, []string{`"unseen":0`})
		w.emit(ada, fact{"access.signed_out_everywhere", "ct_ana", nil})
		holds(t, "staff's is", get("ana"), 200, []string{`"unseen":2`})

		dismiss := func(who, key string) answer {
			body, _ := json.Marshal(map[string]string{"key": key})
			return as(w.portal, who, "POST", "/api/portal/home/dismiss", string(body))
		}
		holds(t, "nobody dismisses", dismiss("", "app.install"), 401, nil)
		holds(t, "no such card", dismiss("ana", "contract.sign"), 422, []string{"overview.card"})
		holds(t, "dismissed", dismiss("ana", "app.install"), 204, nil)
		holds(t, "dismissed twice", dismiss("ana", "app.install"), 204, nil)
		holds(t, "gone", get("ana"), 200, []string{"profile.confirm"}, "app.install")
		holds(t, "not for Bob", get("bob"), 200, []string{"app.install"})
		w.emit(ana, fact{"contacts.updated", "ct_ana", map[string]any{"fields": []string{"theme"}}})
		holds(t, "another theme confirms nothing", get("ana"), 200, []string{"profile.confirm"})
		w.emit(ana, fact{"contacts.updated", "ct_ana", map[string]any{"fields": []string{"language"}}})
		holds(t, "the profile is confirmed", get("ana"), 200, []string{`"needs_you":[]`, "You changed your details"})
		w.emit(ada, times(40, fact{"contacts.note_added", "ct_ana", nil})...)
		holds(t, "what is not for her eyes hides nothing", get("ana"), 200, []string{`"needs_you":[]`, "You changed your details", "You were invited to this portal"}, "note")
		holds(t, "Bob's is not", get("bob"), 200, []string{"profile.confirm"})
		if want := []string{"ct_bob/home", "ct_ana/home", "ct_ana/home", "ct_ana/home"}; !reflect.DeepEqual(w.pushes, want) {
			t.Errorf("pushes %v", w.pushes)
		}
		w.me.Language, w.me.TimeZone = "en", "Europe/Berlin"
		holds(t, "nothing left to choose", get("bob"), 200, []string{"app.install"}, "profile.confirm")
		w.run(`DELETE FROM contacts WHERE id = 'ct_ana'`)
		var marks int
		if err := w.db.Read().QueryRow(ctx, `SELECT COUNT(*) FROM client_marks WHERE contact_id = 'ct_ana'`).Scan(&marks); err != nil || marks != 0 {
			t.Errorf("an erased contact leaves %d marks, %v", marks, err)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		over, end := context.WithCancel(ctx)
		end()
		w.Run(over)
		w.CheckStore(over)
		holds(t, "an interrupted check says nothing", as(w.staff, "staff", "GET", "/api/staff/overview/health", ""), 200, []string{"has yet to be checked"})
	})
}
