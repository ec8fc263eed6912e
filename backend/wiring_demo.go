package backend

import (
	"context"

	"portico/backend/access"
	"portico/backend/contacts"
	"portico/backend/demo"
	"portico/backend/kernel/auth"
	"portico/backend/outbox"
)

// This file belongs to wiring.go: how the demo business uses the other rooms.

type peopleForDemo struct{ *Backend }

func (p peopleForDemo) Add(ctx context.Context, actor auth.Actor, in demo.Person) (string, error) {
	c, err := p.contacts.Create(ctx, actor, contacts.Contact{Name: in.Name, Emails: []string{in.Email}, Phones: []string{in.Phone}, Company: in.Company,
		Address: contacts.Address{City: in.City, Country: in.Country}, Language: in.Language, TimeZone: in.TimeZone, Tags: in.Tags})
	if err != nil || in.Note == "" {
		return c.ID, err
	}
	_, err = p.contacts.AddNote(ctx, actor, c.ID, in.Note)
	return c.ID, err
}

func (p peopleForDemo) Erase(ctx context.Context, actor auth.Actor, id string) error {
	return p.contacts.Erase(ctx, actor, id)
}

type doorForDemo struct{ *Backend }

func (d doorForDemo) Invite(ctx context.Context, actor auth.Actor, ids []string) error {
	_, err := d.access.Invite(ctx, actor, access.Invitation{ContactIDs: ids})
	return err
}

func (d doorForDemo) Join(ctx context.Context, actor auth.Actor, id, userAgent string) error {
	return d.access.EnterAs(ctx, actor, id, access.Browser{Address: "127.0.0.1", Agent: userAgent, Navigated: true})
}

type lookForDemo struct{ *Backend }

func (l lookForDemo) Name(ctx context.Context) (string, error) {
	b, err := l.branding.Current(ctx, l.db.Read())
	return b.Name, err
}

func (l lookForDemo) Unname(ctx context.Context, actor auth.Actor) error {
	return l.branding.Unname(ctx, actor)
}

func (l lookForDemo) Rename(ctx context.Context, actor auth.Actor, name string) error {
	b, err := l.branding.Current(ctx, l.db.Read())
	if err != nil {
		return err
	}
	b.Name = name
	_, err = l.branding.Save(ctx, actor, b.Input)
	return err
}

type mailForDemo struct{ *Backend }

func (m mailForDemo) UseFiles(ctx context.Context, actor auth.Actor) (bool, error) {
	ready, err := m.outbox.Ready(ctx)
	if err != nil || ready {
		return false, err
	}
	_, err = m.outbox.SaveAccount(ctx, actor, outbox.Account{Kind: outbox.AccountFiles, FromName: demo.BusinessName, FromAddress: "hello@example.com"}, "")
	return true, err
}

func (m mailForDemo) Forget(ctx context.Context, actor auth.Actor) error {
	return m.outbox.ForgetAccount(ctx, actor)
}
