package overview

import (
	"slices"
	"strings"
)

// sentence is how a fact is told. Keys are looked up as `timeline.<key>` for staff
// and `client.<client>` for the client themself.
type sentence struct {
	kind    string             // as the API names it
	key     string             // what staff read
	variant func(event) string // a suffix to key, chosen by the data
	client  string             // what the client reads; "" when they do not
	own     bool               // the client sees it only when they did it
	home    bool               // worth the staff's home page
	bell    bool               // worth the bell
	only    string             // home and bell: only when this kind of actor did it
}

// sentences is open: a room that emits a new fact adds a line here and its words
// in messages/. Until then the fact is told by its name.
var sentences = map[string]sentence{
	"contacts.created":    {kind: "contact.created", key: "contact_created", home: true},
	"contacts.updated":    {kind: "contact.updated", key: "contact_updated", variant: byClient, client: "updated", own: true, home: true, only: "client"},
	"contacts.archived":   {kind: "contact.archived", key: "contact_archived"},
	"contacts.unarchived": {kind: "contact.unarchived", key: "contact_unarchived"},
	"contacts.deleted":    {kind: "contact.deleted", key: "contact_deleted"},
	"contacts.restored":   {kind: "contact.restored", key: "contact_restored"},
	"contacts.note_added": {kind: "note.added", key: "note_added"},

	"access.invited":               {kind: "invitation.sent", key: "invited", variant: again, client: "invited", home: true},
	"access.invitation_revoked":    {kind: "invitation.revoked", key: "invitation_revoked"},
	"access.link_made":             {kind: "link.made", key: "link_made", variant: mailedLink},
	"access.link_opened":           {kind: "link.opened", key: "link_opened", variant: invitationLink, home: true},
	"access.link_revoked":          {kind: "link.revoked", key: "link_revoked"},
	"access.login_requested":       {kind: "portal.login_requested", key: "login_requested", client: "login_requested"},
	"access.joined":                {kind: "portal.joined", key: "joined", client: "joined", home: true, bell: true},
	"access.signed_in":             {kind: "portal.signed_in", key: "signed_in", variant: newDevice, client: "signed_in", home: true},
	"access.signed_out":            {kind: "portal.signed_out", key: "signed_out", client: "signed_out"},
	"access.signed_out_everywhere": {kind: "portal.signed_out_everywhere", key: "signed_out_everywhere", client: "signed_out_everywhere"},
	"access.suspended":             {kind: "portal.suspended", key: "suspended", variant: bySystem, bell: true, only: "system"},
	"access.restored":              {kind: "portal.restored", key: "restored", client: "restored"},

	"mail.accepted": {kind: "mail.accepted", key: "mail_accepted", variant: testMail},
	"mail.failed":   {kind: "mail.failed", key: "mail_failed", variant: failedMail, home: true, bell: true},

	"chat.created":  {kind: "chat.created", key: "chat_created"},
	"chat.wrote":    {kind: "chat.wrote", key: "chat_wrote", home: true, bell: true},
	"chat.answered": {kind: "chat.answered", key: "chat_answered", client: "chat_answered", home: true},

	"branding.changed": {kind: "branding.changed", key: "branding_changed"},
}

// The names of what clients are told: always, and when they did it themselves.
var forClients, byThemselves = namesForClients()

func namesForClients() (always, own []string) {
	for name, known := range sentences {
		switch {
		case known.client != "" && known.own:
			own = append(own, name)
		case known.client != "":
			always = append(always, name)
		}
	}
	slices.Sort(always) // one text, so that the statement is prepared once
	slices.Sort(own)
	return always, own
}

func byClient(e event) string { return suffix(e.by() == "client", "_client") }
func bySystem(e event) string { return suffix(e.by() == "system", "_system") }
func again(e event) string    { return suffix(e.flag("again"), "_again") }
func newDevice(e event) string {
	return suffix(e.flag("new"), "_new")
}
func mailedLink(e event) string     { return suffix(e.text("kind") == "login_mail", "_mail") }
func invitationLink(e event) string { return suffix(e.text("kind") == "invite", "_invite") }
func testMail(e event) string       { return suffix(e.text("kind") == "test", "_test") }

func failedMail(e event) string {
	if e.text("kind") == "test" {
		return "_test"
	}
	return suffix(e.text("problem") != "", "_why")
}

func suffix(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// pick is a fact worth showing somewhere, perhaps only by one kind of actor.
type pick struct{ name, actor string }

// picks answers the facts that a place shows.
func picks(shows func(sentence) bool) []pick {
	var out []pick
	for name, s := range sentences {
		if shows(s) {
			out = append(out, pick{name, s.only})
		}
	}
	slices.SortFunc(out, func(a, b pick) int { return strings.Compare(a.name, b.name) }) // one text: prepared once
	return out
}

func onHome(s sentence) bool { return s.home }
func onBell(s sentence) bool { return s.bell }
