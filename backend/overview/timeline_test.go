package overview_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/i18n"
	"portico/backend/overview"
)

func TestMessages(t *testing.T) {
	if err := i18n.Check(overview.Messages); err != nil {
		t.Error(err)
	}
}

// everything is each fact that rooms emit today, as it is told.
var everything = []struct {
	by       auth.Actor
	name     string
	data     map[string]any
	kind     string
	en, de   string
	toClient string // what Ana reads herself, "" when it is not hers to read
}{
	{ada, "contacts.created", map[string]any{"name": "Ana"}, "contact.created", "Ana was added to the contacts", "Ana wurde zu den Kontakten hinzugefügt", ""},
	{ada, "contacts.updated", map[string]any{"fields": []string{"name", "emails", "shoe_size"}}, "contact.updated", "Details of Ana were changed: name, email addresses, shoe_size", "Angaben zu Ana wurden geändert: Name, E-Mail-Adressen, shoe_size", ""},
	{auth.Client("ct_ana", ""), "contacts.updated", map[string]any{"fields": []string{"language"}}, "contact.updated", "Ana changed their own details: language", "Ana hat die eigenen Angaben geändert: Sprache", "You changed your details"},
	{ada, "contacts.archived", nil, "contact.archived", "Ana was archived", "Ana wurde archiviert", ""},
	{ada, "contacts.unarchived", nil, "contact.unarchived", "Ana was taken back from the archive", "Ana wurde aus dem Archiv zurückgeholt", ""},
	{ada, "contacts.deleted", nil, "contact.deleted", "Ana was deleted", "Ana wurde gelöscht", ""},
	{ada, "contacts.restored", nil, "contact.restored", "Ana was restored", "Ana wurde wiederhergestellt", ""},
	{ada, "contacts.note_added", map[string]any{"note_id": "nt_1"}, "note.added", "A note about Ana was written", "Zu Ana wurde eine Notiz geschrieben", ""},
	{ada, "access.invited", map[string]any{"again": false}, "invitation.sent", "Ana was invited to the portal", "Ana wurde in das Portal eingeladen", "You were invited to this portal"},
	{ada, "access.invited", map[string]any{"again": true}, "invitation.sent", "Ana was invited to the portal again", "Ana wurde erneut in das Portal eingeladen", "You were invited to this portal"},
	{ada, "access.invitation_revoked", map[string]any{"kind": "invite"}, "invitation.revoked", "The invitation for Ana was withdrawn", "Die Einladung für Ana wurde zurückgezogen", ""},
	{ada, "access.link_made", map[string]any{"kind": "staff_link"}, "link.made", "A sign-in link was made for Ana", "Für Ana wurde ein Anmeldelink erstellt", ""},
	{ada, "access.link_made", map[string]any{"kind": "login_mail"}, "link.made", "A sign-in mail was prepared for Ana", "Für Ana wurde eine Anmelde-Mail erstellt", ""},
	{auth.Actor{Kind: auth.KindAnonymous}, "access.link_opened", map[string]any{"kind": "invite", "browser": "Firefox on Linux"}, "link.opened", "Ana opened the invitation in Firefox on Linux", "Ana hat die Einladung in Firefox unter Linux geöffnet", ""},
	{auth.Actor{Kind: auth.KindAnonymous}, "access.link_opened", map[string]any{"kind": "login", "browser": ""}, "link.opened", "Ana opened a sign-in link in an unknown browser", "Ana hat einen Anmeldelink in einem unbekannten Browser geöffnet", ""},
	{ada, "access.link_revoked", map[string]any{"kind": "staff_link"}, "link.revoked", "A sign-in link for Ana was withdrawn", "Ein Anmeldelink für Ana wurde zurückgezogen", ""},
	{auth.Actor{Kind: auth.KindAnonymous}, "access.login_requested", map[string]any{"browser": "Chrome"}, "portal.login_requested", "Ana asked for a sign-in mail from Chrome", "Ana hat in Chrome eine Anmelde-Mail angefordert", "A sign-in mail was asked for from Chrome"},
	{auth.Client("ct_ana", ""), "access.joined", map[string]any{"invited": true}, "portal.joined", "Ana joined the portal", "Ana ist dem Portal beigetreten", "You joined this portal. Welcome"},
	{auth.Client("ct_ana", ""), "access.signed_in", map[string]any{"browser": "Firefox"}, "portal.signed_in", "Ana signed in from Firefox", "Ana hat sich mit Firefox angemeldet", "You signed in from Firefox"},
	{auth.Client("ct_ana", ""), "access.signed_in", map[string]any{"browser": "Firefox", "new": true}, "portal.signed_in", "Ana signed in from Firefox for the first time", "Ana hat sich zum ersten Mal mit Firefox angemeldet", "You signed in from Firefox"},
	{auth.Client("ct_ana", ""), "access.signed_out", nil, "portal.signed_out", "Ana signed out", "Ana hat sich abgemeldet", "You signed out"},
	{ada, "access.signed_out_everywhere", nil, "portal.signed_out_everywhere", "Ana was signed out on every device", "Ana wurde auf allen Geräten abgemeldet", "You were signed out on all your devices"},
	{ada, "access.suspended", nil, "portal.suspended", "Ana was suspended from the portal", "Ana wurde für das Portal gesperrt", ""},
	{auth.System(), "access.suspended", nil, "portal.suspended", "Ana was suspended automatically, because a limit was reached", "Ana wurde automatisch gesperrt, weil eine Grenze erreicht war", ""},
	{ada, "access.restored", nil, "portal.restored", "Ana may use the portal again", "Ana darf das Portal wieder benutzen", "Your access was restored"},
	{auth.System(), "mail.accepted", map[string]any{"kind": "invitation"}, "mail.accepted", "The mail server accepted the invitation for Ana", "Der Mailserver hat die Einladung für Ana angenommen", ""},
	{auth.System(), "mail.failed", map[string]any{"kind": "login", "problem": "mail.unheard_of"}, "mail.failed", "Portico could not deliver the sign-in mail for Ana: mail.unheard_of", "Portico konnte die Anmelde-Mail für Ana nicht zustellen: mail.unheard_of", ""},
	{auth.System(), "mail.failed", map[string]any{"kind": "newsletter"}, "mail.failed", "Portico could not deliver a mail for Ana", "Portico konnte eine E-Mail für Ana nicht zustellen", ""},
	{ada, "chat.message_sent", map[string]any{"secret": "x"}, "chat.message_sent", "Chat: message sent (Ana)", "Chat: message sent (Ana)", ""},
}

func TestEveryFactIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		var en, de, own []string
		for _, f := range everything {
			w.emit(f.by, fact{f.name, "ct_ana", f.data})
			en, de = append([]string{f.en}, en...), append([]string{f.de}, de...)
			if f.toClient != "" {
				own = append([]string{f.toClient}, own...)
			}
		}
		items, next, err := w.Timeline(ctx, ada, "ct_ana", "", "", 200)
		if err != nil || next != "" || !reflect.DeepEqual(texts(items), en) {
			t.Fatalf("%v %q\n%s", err, next, strings.Join(texts(items), "\n"))
		}
		for i, item := range items {
			f := everything[len(everything)-1-i]
			if item.Kind != f.kind || item.ContactName != "Ana" || item.ContactID != "ct_ana" || item.Data == nil {
				t.Errorf("%s: %+v", f.name, item)
			}
		}
		german := ada
		german.Language = "de"
		if items, _, err = w.Timeline(ctx, german, "ct_ana", "", "", 200); err != nil || !reflect.DeepEqual(texts(items), de) {
			t.Errorf("%v\n%s", err, strings.Join(texts(items), "\n"))
		}
		h, err := w.Home(ctx, auth.Client("ct_ana", "se_1"))
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, a := range h.Recent {
			got = append(got, a.Text)
		}
		if !reflect.DeepEqual(got, own) {
			t.Errorf("to Ana:\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestFactsAboutNobodyAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.emit(auth.System(), fact{"mail.failed", "", map[string]any{"kind": "test"}}, fact{"mail.failed", "", map[string]any{"kind": "invitation"}}, fact{"mail.failed", "ct_gone", map[string]any{"kind": "invitation"}})
		items, unseen, err := w.Notifications(ctx, ada)
		want := []string{"Portico could not deliver the invitation for somebody", "Portico could not deliver the invitation for somebody", "A test mail could not be delivered"}
		if err != nil || unseen != 3 || !reflect.DeepEqual(texts(items), want) {
			t.Errorf("%v %d %v", err, unseen, texts(items))
		}
	})
}

func TestTimelinePagesAndSearches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		w.contact("ct_bob", "Bob")
		ana, note := auth.Client("ct_ana", ""), fact{"contacts.note_added", "ct_ana", nil}
		w.emit(ada, times(5, note)...)
		w.emit(ana, fact{"access.signed_in", "ct_ana", map[string]any{"browser": "Geckö 4"}})
		w.emit(ada, times(216, note)...)
		w.emit(ana, fact{"access.signed_in", "ct_ana", map[string]any{"browser": "Geckö 220"}})
		w.emit(ada, times(9, note)...)
		w.emit(ada, fact{"contacts.archived", "ct_bob", nil})
		seen, cursor := map[string]bool{}, ""
		for pages := 0; ; pages++ {
			items, next, err := w.Timeline(ctx, ada, "ct_ana", "", cursor, 50)
			if err != nil || pages > 5 {
				t.Fatal(pages, err)
			}
			for _, item := range items {
				if seen[item.ID] || item.ContactID != "ct_ana" {
					t.Fatalf("page %d: %+v", pages, item)
				}
				seen[item.ID] = true
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(seen) != 232 {
			t.Errorf("%d items", len(seen))
		}
		items, next, err := w.Timeline(ctx, ada, "ct_ana", "GECKO signed", "", 50)
		if want := []string{"Ana signed in from Geckö 220", "Ana signed in from Geckö 4"}; err != nil || next != "" || !reflect.DeepEqual(texts(items), want) {
			t.Errorf("%v %q %v", err, next, texts(items))
		}
		items, next, _ = w.Timeline(ctx, ada, "ct_ana", "gecko", "", 1)
		if len(items) != 1 || next == "" {
			t.Errorf("%v %q", texts(items), next)
		}
		items, next, _ = w.Timeline(ctx, ada, "ct_ana", "gecko", next, 1)
		if want := []string{"Ana signed in from Geckö 4"}; !reflect.DeepEqual(texts(items), want) {
			t.Errorf("%v %q", texts(items), next)
		}
	})
}

func TestTimelineRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", `<b>Ana</b>`)
		w.emit(ada, fact{"contacts.created", "ct_ana", map[string]any{"name": "x"}})
		path := "/api/staff/overview/contacts/ct_ana/timeline"
		holds(t, "nobody", as(w.staff, "", "GET", path, ""), 401, nil, "Ana")
		holds(t, "a client", as(w.staff, "client", "GET", path, ""), 403, nil, "Ana")
		holds(t, "staff", as(w.staff, "staff", "GET", path, ""), 200, []string{`"next_cursor":null`, `"kind":"contact.created"`, `"actor":"staff"`, `"contact_name":"<b>Ana</b>"`})
		holds(t, "nothing found", as(w.staff, "staff", "GET", path+"?search=zzz", ""), 200, []string{`"items":[]`})
		holds(t, "a cursor of somebody's own", as(w.staff, "staff", "GET", path+"?cursor=';--", "", "Accept-Language", "de"), 422, []string{"overview.cursor", "von vorn"})
		holds(t, "nobody's timeline", as(w.staff, "staff", "GET", "/api/staff/overview/contacts/ct_none/timeline", ""), 404, []string{"overview.no_contact"})
	})
}

func TestChangesInOneGoAreToldAsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("ct_ana", "Ana")
		w.contact("ct_ben", "Ben")
		client := auth.Client("ct_ana", "")
		change := func(by auth.Actor, id string, fields ...string) {
			w.emit(by, fact{"contacts.updated", id, map[string]any{"fields": fields}})
		}
		change(client, "ct_ana", "phones")
		w.clock.Advance(11 * time.Minute)
		change(client, "ct_ana", "name")
		change(client, "ct_ana", "language")
		change(client, "ct_ana", "name")
		change(ada, "ct_ana", "company")
		change(ada, "ct_ben", "company")
		change(ada, "ct_ana", "address")
		want := []string{
			"Details of Ana were changed: company, address",
			"Ana changed their own details: name, language",
			"Ana changed their own details: phone numbers",
		}
		items, next, err := w.Timeline(ctx, ada, "ct_ana", "", "", 200)
		if err != nil || next != "" || !reflect.DeepEqual(texts(items), want) {
			t.Fatalf("%v %q %s", err, next, strings.Join(texts(items), "\n"))
		}
		var paged []string
		for cursor := ""; ; {
			items, next, err := w.Timeline(ctx, ada, "ct_ana", "", cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			if paged = append(paged, texts(items)...); next == "" {
				break
			}
			cursor = next
		}
		if !reflect.DeepEqual(paged, want) {
			t.Errorf("page by page: %s", strings.Join(paged, "\n"))
		}
		home, err := w.Home(ctx, client)
		if err != nil || len(home.Recent) != 2 {
			t.Errorf("the client sees %d: %v", len(home.Recent), err)
		}
	})
}
