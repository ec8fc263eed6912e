package backend

import (
	"embed"
	"io/fs"

	"portico/backend/access"
	"portico/backend/branding"
	"portico/backend/chat"
	"portico/backend/contacts"
	"portico/backend/demo"
	"portico/backend/domains"
	"portico/backend/kernel/audit"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/events"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/limit"
	"portico/backend/kernel/settings"
	"portico/backend/outbox"
	"portico/backend/overview"
)

// sources are the migrations in the order in which they run: the kernel first,
// then the rooms. Foreign keys point only upwards in this list. A new room adds
// one line here, one in messages, and its wiring in wiring.go.
func sources() []db.Source {
	return []db.Source{
		{Room: "jobs", Files: jobs.Migrations},
		{Room: "events", Files: events.Migrations},
		{Room: "audit", Files: audit.Migrations},
		{Room: "settings", Files: settings.Migrations},
		{Room: "limit", Files: limit.Migrations},
		{Room: "certs", Files: certs.Migrations},
		{Room: "contacts", Files: contacts.Migrations},
		{Room: "outbox", Files: outbox.Migrations},
		{Room: "access", Files: access.Migrations},
		{Room: "branding", Files: branding.Migrations},
		{Room: "domains", Files: domains.Migrations},
		{Room: "chat", Files: chat.Migrations},
		{Room: "overview", Files: overview.Migrations},
	}
}

//go:embed messages/*.json
var ownMessages embed.FS

// messages are the words of the rooms for the one catalogue.
func messages() []fs.FS {
	return []fs.FS{ownMessages, contacts.Messages, access.Messages, outbox.Messages, branding.Messages, domains.Messages, chat.Messages, overview.Messages, demo.Messages}
}
