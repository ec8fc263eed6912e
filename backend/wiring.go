package backend

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"portico/backend/access"
	"portico/backend/branding"
	"portico/backend/contacts"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/events"
	"portico/backend/kernel/fault"
	"portico/backend/outbox"
	"portico/backend/overview"
	"portico/backend/pages"
)

// This file is the only one that knows two rooms, with its parts wiring_*.go. Each type below answers one
// room's question with another room's service; wireFacts lists whose fact causes
// what. There are no rules here: it only translates and forwards.

// accessForContacts tells the address book how its people stand with the portal.
type accessForContacts struct{ *Backend }

func (a accessForContacts) PortalOf(ctx context.Context, q db.Q, ids []string) (map[string]contacts.Portal, error) {
	members, err := a.access.Members(ctx, q, ids)
	out := make(map[string]contacts.Portal, len(members))
	for id, m := range members {
		out[id] = contacts.Portal{State: m.State(), InvitedAt: m.Invited, JoinedAt: m.Joined, LastSeen: m.LastSeen}
	}
	return out, err
}

func (a accessForContacts) EndAccess(ctx context.Context, tx *db.Tx, actor auth.Actor, id, why string) error {
	return a.access.EndAccess(ctx, tx, actor, id, why)
}

// peopleForAccess tells the door who people are.
type peopleForAccess struct{ *Backend }

func person(c contacts.Contact) access.Person {
	_, key, err := contacts.NormalEmail(c.Login())
	if err != nil {
		key = "" // no address: nothing to compare with
	}
	p := access.Person{ID: c.ID, Name: c.Name, FirstName: c.FirstName(), Email: c.Login(), EmailKey: key, Language: c.Language, TimeZone: c.TimeZone}
	if c.Photo != "" {
		url := contacts.PhotoURL(c)
		p.PhotoURL = &url
	}
	return p
}

// known turns "not found" into false.
func known(c contacts.Contact, err error) (access.Person, bool, error) {
	if errors.Is(err, contacts.ErrNotFound) || fault.KindOf(err) == fault.Invalid {
		return access.Person{}, false, nil
	}
	if err != nil {
		return access.Person{}, false, err
	}
	return person(c), true, nil
}

func (p peopleForAccess) Person(ctx context.Context, q db.Q, id string) (access.Person, bool, error) {
	list, err := p.contacts.ManyByID(ctx, q, []string{id})
	c, ok := list[id]
	return person(c), ok, err
}

func (p peopleForAccess) PersonByEmail(ctx context.Context, q db.Q, typed string) (access.Person, bool, error) {
	return known(p.contacts.ByEmail(ctx, q, typed))
}

func (p peopleForAccess) Persons(ctx context.Context, q db.Q, ids []string) (map[string]access.Person, error) {
	list, err := p.contacts.ManyByID(ctx, q, ids)
	out := make(map[string]access.Person, len(list))
	for id, c := range list {
		out[id] = person(c)
	}
	return out, err
}

func (p peopleForAccess) FindOrCreate(ctx context.Context, tx *db.Tx, actor auth.Actor, typed string) (access.Person, error) {
	c, err := p.contacts.FindOrCreate(ctx, tx, actor, typed)
	return person(c), err
}

func (p peopleForAccess) Search(ctx context.Context, actor auth.Actor, typed string, limit int) ([]string, error) {
	return p.contacts.IDs(ctx, actor, contacts.Filter{Search: typed, State: "all"}, limit)
}

// mailForAccess queues the door's mail.
type mailForAccess struct{ *Backend }

func (m mailForAccess) Queue(ctx context.Context, tx *db.Tx, in access.Mail) (string, error) {
	priority := outbox.PriorityPersonal
	switch in.Kind {
	case "login":
		priority = outbox.PriorityLogin
	case "invitation":
		priority = outbox.PriorityInvitation
	}
	return m.outbox.Queue(ctx, tx, outbox.Mail{Kind: outbox.Kind(in.Kind), ContactID: in.ContactID, To: in.To, Language: in.Language,
		Link: in.Link, Note: in.Note, Details: in.Details, Priority: priority})
}

func (m mailForAccess) Deliveries(ctx context.Context, q db.Q, language string, mailIDs []string) (map[string]access.Delivery, error) {
	list, err := m.outbox.Deliveries(ctx, q, language, mailIDs)
	out := make(map[string]access.Delivery, len(list))
	for id, d := range list {
		out[id] = access.Delivery{State: string(d.State), What: d.What, Do: d.Do}
	}
	return out, err
}

func (m mailForAccess) Preview(ctx context.Context, actor auth.Actor, kind, contactID, email, note string) (access.Preview, error) {
	r, from, err := m.outbox.PreviewMail(ctx, actor, outbox.Mail{Kind: outbox.Kind(kind), ContactID: contactID, To: email, Note: note})
	return access.Preview{From: from, Subject: r.Subject, HTML: r.HTML, Text: r.Text}, err
}

func (m mailForAccess) Ready(ctx context.Context, _ db.Q) (bool, error) { return m.outbox.Ready(ctx) }

// recipientsForOutbox tells the outbox who it writes to.
type recipientsForOutbox struct{ *Backend }

func (r recipientsForOutbox) Recipients(ctx context.Context, ids []string) (map[string]outbox.Recipient, error) {
	list, err := r.contacts.ManyByID(ctx, r.db.Read(), ids)
	out := make(map[string]outbox.Recipient, len(list))
	for id, c := range list {
		out[id] = outbox.Recipient{ContactID: id, Name: c.Name, FirstName: c.FirstName(), Email: c.Login(), Company: c.Company, Language: c.Language, TimeZone: c.TimeZone}
	}
	return out, err
}

// linksForOutbox makes the links of mails while they are sent.
type linksForOutbox struct{ *Backend }

func (l linksForOutbox) Materialise(ctx context.Context, selectors []string) (map[string]outbox.Link, error) {
	list, err := l.access.Materialise(ctx, selectors)
	out := make(map[string]outbox.Link, len(list))
	for selector, m := range list {
		out[selector] = outbox.Link{URL: m.URL, Code: m.Code, ExpiresAt: m.Expires, Target: m.Target, Over: outbox.Over(m.Over)}
	}
	return out, err
}

// inviterForOutbox tells the door what became of its invitations.
type inviterForOutbox struct{ *Backend }

func (i inviterForOutbox) Settled(ctx context.Context, tx *db.Tx, list []outbox.Settled) error {
	told := make([]access.Delivered, len(list))
	for n, m := range list {
		told[n] = access.Delivered(m)
	}
	return i.access.Settle(ctx, tx, told)
}

// ownerForOutbox tells what the owner reads.
type ownerForOutbox struct{ *Backend }

func (o ownerForOutbox) Language(ctx context.Context) (string, error) {
	p, err := o.overview.StaffPreferences(ctx, auth.Staff("", "outbox"))
	return p.Language, err
}

// brandForOutbox gives mails the business's face.
type brandForOutbox struct{ *Backend }

func (b brandForOutbox) Business(ctx context.Context) (outbox.Business, error) {
	brand, err := b.branding.Current(ctx, b.db.Read())
	if err != nil {
		return outbox.Business{}, err
	}
	out := outbox.Business{Name: brand.Name, SupportEmail: brand.SupportEmail, Copyright: brand.Copyright, BaseURL: b.address.Portal(),
		Accent: brand.Light.Accent.Color.Hex(), AccentText: brand.Light.Accent.Text.Hex()}
	if !brand.Has(branding.Logo) {
		return out, nil
	}
	logo, err := b.branding.Picture(ctx, branding.Logo)
	out.Logo, out.LogoType = logo.Bytes, logo.Type
	return out, err
}

// brandForPages gives the sign-in pages the business's face.
type brandForPages struct{ *Backend }

func (b brandForPages) Brand(ctx context.Context) (pages.Brand, error) {
	brand, err := b.branding.Current(ctx, b.db.Read())
	return pages.Brand{Name: brand.Name, LogoURL: brand.LogoURL, CoverURL: brand.CoverURL, SupportEmail: brand.SupportEmail, Copyright: brand.Copyright, CSSURL: brand.CSSURL}, err
}

// mailForOverview tells how mail stands.
type mailForOverview struct{ *Backend }

func (m mailForOverview) MailStatus(ctx context.Context, actor auth.Actor) (overview.MailStatus, error) {
	state, what, do, err := m.outbox.Standing(ctx, actor)
	return overview.MailStatus{State: string(state), What: what, Do: do}, err
}

// brandForOverview gives the first pages the business's face.
type brandForOverview struct{ *Backend }

func (b brandForOverview) Business(ctx context.Context) (overview.Business, error) {
	brand, err := b.branding.Current(ctx, b.db.Read())
	return overview.Business{Name: brand.Name, Description: brand.Description, SupportEmail: brand.SupportEmail, Copyright: brand.Copyright,
		LogoURL: brand.LogoURL, CoverURL: brand.CoverURL, Chosen: brand.Chosen()}, err
}

// clientsForOverview says who is greeted.
type clientsForOverview struct{ *Backend }

func (c clientsForOverview) Me(ctx context.Context, actor auth.Actor) (overview.Me, error) {
	if err := actor.MustBeClient(); err != nil {
		return overview.Me{}, err
	}
	// Without tags, which no client sees.
	list, err := c.contacts.ManyByID(ctx, c.db.Read(), []string{actor.ContactID})
	contact, ok := list[actor.ContactID]
	if err == nil && !ok {
		err = contacts.ErrNotFound
	}
	me := contacts.MeOf(contact)
	out := overview.Me{ContactID: me.ContactID, Name: me.Name, FirstName: me.FirstName, Email: me.Email, Language: me.Language, TimeZone: me.TimeZone, Theme: me.Theme}
	if me.PhotoURL != nil {
		out.PhotoURL = *me.PhotoURL
	}
	return out, err
}

// wireFacts lists whose fact causes what. The names of handlers stand in waiting
// deliveries and must not change between releases.
func (b *Backend) wireFacts(log *events.Log) {
	log.On("contacts.restored", "access.returned", func(ctx context.Context, e events.Event) error {
		return b.access.Returned(ctx, e.Subject)
	})
	events.Handle(log, "outbox.forget", func(ctx context.Context, _ events.Event, f contacts.Purged) error {
		return b.outbox.ForgetContact(ctx, f.ContactID)
	})
	log.Watch("contacts.updated", func(e events.Event) {
		b.pushes.ClientChanged(e.Subject, "me")
		b.pushes.ClientChanged(e.Subject, "home")
	})
	for _, fact := range overview.Facts() {
		log.Watch(fact, b.overview.Happened)
	}
}

// bearer is the token of an Authorization header (RFC 6750 §2.1), or "".
func bearer(r *http.Request) string {
	kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
