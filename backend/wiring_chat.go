package backend

import (
	"context"
	"encoding/json"
	"strconv"

	"portico/backend/chat"
	"portico/backend/contacts"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/events"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/live"
	"portico/backend/outbox"
)

// peopleForChat tells the chat who people are.
type peopleForChat struct{ *Backend }

func (p peopleForChat) Persons(ctx context.Context, q db.Q, ids []string) (map[string]chat.Person, error) {
	list, err := p.contacts.ManyByID(ctx, q, ids)
	out := make(map[string]chat.Person, len(list))
	for id, c := range list {
		out[id] = chat.Person{ID: id, Name: c.Name, Email: c.Login(), Language: c.Language, TimeZone: c.TimeZone, PhotoURL: person(c).PhotoURL}
	}
	return out, err
}

func (p peopleForChat) HasEmail(ctx context.Context, q db.Q, contactID, address string) (bool, error) {
	c, ok, err := known(p.contacts.ByEmail(ctx, q, address))
	return ok && c.ID == contactID, err
}

func (p peopleForChat) Tagged(ctx context.Context, actor auth.Actor, tag string, limit int) ([]string, error) {
	return p.contacts.IDs(ctx, actor, contacts.Filter{Tags: []string{tag}}, limit)
}

func (p pushes) ToStaff(frame any)                 { p.hub.Publish(live.Staff, "", frame) }
func (p pushes) ToClients(ids []string, frame any) { p.hub.PublishTo(live.Portal, ids, frame) }
func (p pushes) Tell(conversationID string, rev int64) {
	p.relay.Tell(relayChat, conversationID, rev)
}
func (p pushes) TellMarks(conversationID string) { p.relay.Tell(relayMarks, conversationID, 0) }
func (p pushes) Online(ctx context.Context, ids []string) map[string]bool {
	return p.hub.Online(ctx, live.Portal, ids)
}

func (p pushes) StaffOnline(ctx context.Context) bool {
	return p.hub.Online(ctx, live.Staff, []string{"staff"})["staff"]
}

// ownerForChat tells where the business is.
type ownerForChat struct{ *Backend }

func (o ownerForChat) TimeZone(ctx context.Context) (string, error) {
	p, err := o.overview.StaffPreferences(ctx, auth.Staff("", "chat"))
	return p.TimeZone, err
}

func (o ownerForChat) Language(ctx context.Context) (string, error) {
	p, err := o.overview.StaffPreferences(ctx, auth.Staff("", "chat"))
	return p.Language, err
}

// mailForChat queues the chat's mail.
type mailForChat struct{ *Backend }

func (m mailForChat) Queue(ctx context.Context, tx *db.Tx, in chat.Mail) (string, error) {
	out := outbox.Mail{Kind: outbox.KindChat, ContactID: in.ContactID, To: in.To, Language: in.Language, Link: in.Link,
		ReplyTo: in.ReplyTo, Thread: in.Thread, Details: map[string]string{"author": in.Author, "title": in.Title}, Priority: outbox.PriorityPersonal}
	if in.Bulk {
		out.Priority = outbox.PriorityBulk
	}
	if in.More > 0 {
		out.Details["more"] = strconv.Itoa(in.More)
	}
	for _, one := range in.Said {
		out.Said = append(out.Said, outbox.Said(one))
	}
	return m.outbox.Queue(ctx, tx, out)
}

func (m mailForChat) Withdraw(ctx context.Context, tx *db.Tx, mailID string) (bool, error) {
	return m.outbox.Withdraw(ctx, tx, mailID)
}

// What nodes tell each other of chats; the key is the conversation.
const (
	relayChat  = "chat"
	relayMarks = "chat_marks"
)

// presence is told to staff about clients, and to clients about the business.
type presence struct {
	Topic  string `json:"topic"`
	Who    string `json:"who"`
	Online bool   `json:"online"`
}

// wireChat lets frames in, and tells who comes and goes.
func (b *Backend) wireChat(log *events.Log) {
	b.hub.OnFrame(b.chatFrame)
	b.hub.OnPresence(func(audience live.Audience, person string, online bool) {
		if audience == live.Staff {
			b.hub.Publish(live.Portal, "", presence{"chat.presence", "staff", online})
			return
		}
		b.hub.Publish(live.Staff, "", presence{"chat.presence", person, online})
	})
	b.relay.On(relayChat, b.chat.Told)
	b.relay.On(relayMarks, func(id string, _ int64) { b.chat.MarksTold(id) })
	events.Handle(log, "chat.forget", func(ctx context.Context, _ events.Event, f contacts.Purged) error {
		return b.chat.ForgetContact(ctx, f.ContactID)
	})
}

var errFrame = fault.New(fault.Malformed, "live.frame", "This frame is not understood here.")

// chatFrame takes what browsers say over their sockets: that they type, and how
// far they have come.
func (b *Backend) chatFrame(ctx context.Context, id live.Identity, data []byte) error {
	var f struct {
		Topic          string `json:"topic"`
		ConversationID string `json:"conversation_id"`
		Read           int64  `json:"read"`
		Delivered      int64  `json:"delivered"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return errFrame.Because(err)
	}
	actor := auth.Client(id.Person, id.Session)
	if id.Audience == live.Staff {
		actor = auth.Staff("", "browser")
	}
	var err error
	switch f.Topic {
	case "chat.typing":
		err = b.chat.Type(ctx, actor, f.ConversationID)
	case "chat.marks":
		err = b.chat.MarkSoon(ctx, actor, f.ConversationID, f.Read, f.Delivered)
	default:
		return errFrame
	}
	if kind := fault.KindOf(err); kind == fault.NotFound || kind == fault.Forbidden {
		return nil // somebody was removed a moment ago; that is no reason to cut them off
	}
	return err
}
