package chat

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/jobs"
)

// maxMembers bounds a group or a broadcast.
const maxMembers = 5000

// Own answers what a client takes part in, the newest first; their own
// conversation with the business is always among it. Clients only.
func (s *Service) Own(ctx context.Context, actor auth.Actor) ([]Conversation, error) {
	if err := actor.MustBeClient(); err != nil {
		return nil, err
	}
	list, err := conversationsOf(ctx, s.DB.Read(), actor.ContactID)
	if err != nil {
		return nil, fmt.Errorf("conversations of %s: %w", actor.ContactID, err)
	}
	for _, c := range list {
		if c.Kind == Direct {
			return list, nil
		}
	}
	return append(list, s.unwritten(actor.ContactID)), nil
}

// unwritten is the direct conversation of a contact before its first message.
func (s *Service) unwritten(contactID string) Conversation {
	now := s.DB.Clock().Now()
	return Conversation{ID: DirectID(contactID), Kind: Direct, ContactID: contactID, State: Done, Members: 1, Created: now, LastAt: now, Mark: Mark{ContactID: contactID}}
}

// Get answers a conversation: for a client one that they take part in, with their
// own mark.
func (s *Service) Get(ctx context.Context, actor auth.Actor, id string) (Conversation, error) {
	if actor.Kind == auth.KindClient {
		c, err := conversationForClient(ctx, s.DB.Read(), actor.ContactID, id)
		if errors.Is(err, db.ErrNoRows) && id == DirectID(actor.ContactID) {
			return s.unwritten(actor.ContactID), nil
		}
		return c, missing(err, ErrNotFound)
	}
	if err := actor.MustBeStaff(); err != nil {
		return Conversation{}, err
	}
	return s.byID(ctx, s.DB.Read(), id)
}

// byID answers a conversation; that of a contact is there before its first message.
func (s *Service) byID(ctx context.Context, q db.Q, id string) (Conversation, error) {
	c, err := conversationByID(ctx, q, id)
	if !errors.Is(err, db.ErrNoRows) {
		return c, err
	}
	p, err := s.person(ctx, q, contactOf(id))
	if fault.KindOf(err) == fault.NotFound {
		return c, ErrNotFound
	}
	return s.unwritten(p.ID), err
}

// written is byID for whoever is about to write: it makes the row.
func (s *Service) written(ctx context.Context, tx *db.Tx, id string) (Conversation, error) {
	c, err := s.byID(ctx, tx, id)
	if err == nil && c.Kind == Direct && c.LastSeq == 0 {
		err = s.ensureDirect(ctx, tx, c.ContactID)
	}
	return c, err
}

// Filter chooses conversations for the list of staff.
type Filter struct {
	State     State
	Kind      Kind
	ContactID string
	Cursor    string
	Limit     int
}

// List answers conversations, the newest first, and where to go on. Staff only.
func (s *Service) List(ctx context.Context, actor auth.Actor, f Filter) (list []Conversation, next string, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	p := page{state: f.State, kind: f.Kind, contactID: f.ContactID, limit: f.Limit + 1}
	if f.Cursor != "" {
		if p.before, p.beforeID, err = readCursor(f.Cursor, prefix); err != nil {
			return nil, "", err
		}
	}
	if list, err = listConversations(ctx, s.DB.Read(), p); err != nil {
		return nil, "", fmt.Errorf("listing conversations: %w", err)
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		last := list[f.Limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.LastAt.UnixMilli(), 10) + " " + last.ID))
	}
	return list, next, nil
}

// readCursor reads a place in a list: a time, and an id with one of the prefixes.
func readCursor(cursor string, prefixes ...string) (time.Time, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, _ := strings.Cut(string(raw), " ")
	ms, perr := strconv.ParseInt(at, 10, 64)
	if err != nil || perr != nil || !slices.ContainsFunc(prefixes, func(p string) bool { return ident.Valid(p, id) }) {
		return time.Time{}, "", fault.InvalidField("cursor", "chat.cursor", "This place in the list is not valid; start from the top again.")
	}
	return db.At(ms), id, nil
}

// Members answers who takes part, in the order in which they came. A client sees
// the others of a group, and of a broadcast only themself.
func (s *Service) Members(ctx context.Context, actor auth.Actor, c Conversation) ([]Person, error) {
	list, err := membersOf(ctx, s.DB.Read(), c.ID)
	if err != nil {
		return nil, fmt.Errorf("members of %s: %w", c.ID, err)
	}
	if c.Kind == Direct {
		list = []Member{{ContactID: c.ContactID}}
	}
	ids := make([]string, 0, len(list))
	for _, m := range list {
		if actor.Kind != auth.KindClient || c.Kind == Group || m.ContactID == actor.ContactID {
			ids = append(ids, m.ContactID)
		}
	}
	people, err := s.People.Persons(ctx, s.DB.Read(), ids)
	if err != nil {
		return nil, fmt.Errorf("members of %s: %w", c.ID, err)
	}
	out := make([]Person, 0, len(ids))
	for _, id := range ids {
		if p, ok := people[id]; ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// Marks answers how far everybody has come; staff under "". A client is told
// about the others of a group and the business, in a broadcast about themself only.
func (s *Service) Marks(ctx context.Context, actor auth.Actor, c Conversation) ([]Mark, error) {
	list, err := marksOf(ctx, s.DB.Read(), c.ID)
	if err != nil {
		return nil, fmt.Errorf("marks of %s: %w", c.ID, err)
	}
	out := []Mark{{Read: c.StaffRead, Delivered: c.LastSeq}} // what is in the store has reached the business
	for _, m := range list {
		if actor.Kind != auth.KindClient || c.Kind != Broadcast || m.ContactID == actor.ContactID {
			out = append(out, m)
		}
	}
	return out, nil
}

// Readers counts who has read the last message of a conversation, and who has it
// on a device. Staff only.
func (s *Service) Readers(ctx context.Context, actor auth.Actor, c Conversation) (read, delivered int64, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return 0, 0, err
	}
	return readers(ctx, s.DB.Read(), c.ID, c.LastSeq)
}

// Open answers the direct conversation with a contact, made now when there is
// none. Staff only.
func (s *Service) Open(ctx context.Context, actor auth.Actor, contactID string) (Conversation, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Conversation{}, err
	}
	if _, err := s.person(ctx, s.DB.Read(), contactID); err != nil {
		return Conversation{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.ensureDirect(ctx, tx, contactID) })
	if err != nil {
		return Conversation{}, err
	}
	return s.byID(ctx, s.DB.Read(), DirectID(contactID))
}

// ensureDirect makes the conversation of a contact when there is none.
func (s *Service) ensureDirect(ctx context.Context, tx *db.Tx, contactID string) error {
	c := Conversation{ID: DirectID(contactID), Kind: Direct, ContactID: contactID, Created: tx.Now}
	if err := insertConversation(ctx, tx, c); err != nil {
		return fmt.Errorf("making the conversation with %s: %w", contactID, err)
	}
	if _, err := insertMember(ctx, tx, c.ID, Member{ContactID: contactID}); err != nil {
		return fmt.Errorf("making the conversation with %s: %w", contactID, err)
	}
	return nil
}

// Begin answers the direct conversation with a contact, or a new group or
// broadcast with contacts, or with those who carry a tag now. Staff only.
func (s *Service) Begin(ctx context.Context, actor auth.Actor, kind Kind, title string, contactIDs []string, tag string) (Conversation, error) {
	if kind == Direct {
		if len(contactIDs) == 0 {
			return Conversation{}, errNobody
		}
		return s.Open(ctx, actor, contactIDs[0])
	}
	if tag != "" {
		if err := actor.MustBeStaff(); err != nil {
			return Conversation{}, err
		}
		var err error
		if contactIDs, err = s.People.Tagged(ctx, actor, tag, maxMembers+1); err != nil {
			return Conversation{}, fmt.Errorf("asking who carries a tag: %w", err)
		}
		if len(contactIDs) == 0 {
			return Conversation{}, fault.InvalidField("tag", "chat.tag_nobody", "No contact carries this tag.")
		}
	}
	return s.Create(ctx, actor, kind, title, contactIDs)
}

var errNobody = fault.InvalidField("contact_ids", "chat.nobody", "Choose at least one contact.")

// Create begins a group or a broadcast with contacts. Staff only.
func (s *Service) Create(ctx context.Context, actor auth.Actor, kind Kind, title string, contactIDs []string) (Conversation, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Conversation{}, err
	}
	if kind != Group && kind != Broadcast {
		return Conversation{}, fault.InvalidField("kind", "chat.kind", "Choose a group or a broadcast.")
	}
	title, err := normalTitle(title)
	if err != nil {
		return Conversation{}, err
	}
	var id string
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c := Conversation{ID: ident.New(prefix), Kind: kind, Title: title, Created: tx.Now}
		id = c.ID
		if err := insertConversation(ctx, tx, c); err != nil {
			return fmt.Errorf("creating a conversation: %w", err)
		}
		if err := s.addMembers(ctx, tx, c, contactIDs); err != nil {
			return err
		}
		if err := tx.Emit(actor, Created{c.ID, string(kind), title}); err != nil {
			return err
		}
		return s.audited(tx, actor, "chat.create", c.ID, map[string]any{"kind": kind, "members": len(contactIDs)})
	})
	if err != nil {
		return Conversation{}, err
	}
	return s.byID(ctx, s.DB.Read(), id)
}

// addMembers lets contacts take part from the next message on.
func (s *Service) addMembers(ctx context.Context, tx *db.Tx, c Conversation, contactIDs []string) error {
	if len(contactIDs) == 0 {
		return errNobody
	}
	if c.Members+int64(len(contactIDs)) > maxMembers {
		return fault.InvalidField("contact_ids", "chat.too_many", "At most {limit} contacts fit into one conversation.", "limit", maxMembers)
	}
	people, err := s.People.Persons(ctx, tx, contactIDs)
	if err != nil {
		return fmt.Errorf("adding members to %s: %w", c.ID, err)
	}
	for _, id := range contactIDs {
		if _, ok := people[id]; !ok {
			return fault.InvalidField("contact_ids", "chat.contact_not_found", "This contact is not here any more. It may have been deleted.")
		}
		if _, err := insertMember(ctx, tx, c.ID, Member{ContactID: id, Since: c.LastSeq}); err != nil {
			return fmt.Errorf("adding %s to %s: %w", id, c.ID, err)
		}
	}
	return nil
}

// AddMembers lets more contacts take part in a group or a broadcast, from the
// next message on. Staff only.
func (s *Service) AddMembers(ctx context.Context, actor auth.Actor, id string, contactIDs []string) (Conversation, error) {
	return s.change(ctx, actor, id, "chat.add_members", func(tx *db.Tx, c Conversation) error {
		if err := s.addMembers(ctx, tx, c, contactIDs); err != nil {
			return err
		}
		s.conversationChanged(tx, c.ID, contactIDs)
		return nil
	})
}

// RemoveMember ends that a contact takes part; they see nothing of it any more. Staff only.
func (s *Service) RemoveMember(ctx context.Context, actor auth.Actor, id, contactID string) (Conversation, error) {
	c, err := s.change(ctx, actor, id, "chat.remove_member", func(tx *db.Tx, c Conversation) error {
		n, err := removeMember(ctx, tx, id, contactID)
		if err == nil && n == 0 {
			err = errNoMember
		}
		if err != nil {
			return fmt.Errorf("removing %s from %s: %w", contactID, id, err)
		}
		s.conversationChanged(tx, id, []string{contactID})
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		err = errNoMember
	}
	return c, err
}

// Rename gives a group or a broadcast another title. Staff only.
func (s *Service) Rename(ctx context.Context, actor auth.Actor, id, title string) (Conversation, error) {
	title, err := normalTitle(title)
	if err != nil {
		return Conversation{}, err
	}
	return s.change(ctx, actor, id, "chat.rename", func(tx *db.Tx, c Conversation) error {
		_, err := setTitle(ctx, tx, id, title)
		return err
	})
}

// change is what staff do to a group or a broadcast.
func (s *Service) change(ctx context.Context, actor auth.Actor, id, action string, do func(*db.Tx, Conversation) error) (Conversation, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Conversation{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.byID(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Kind == Direct {
			return fault.New(fault.Conflict, "chat.direct", "The conversation with a single client cannot be changed like this; begin a group instead.")
		}
		if err := do(tx, c); err != nil {
			return err
		}
		members, err := membersOf(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("members of %s: %w", id, err)
		}
		s.conversationChanged(tx, id, ids(members))
		return s.audited(tx, actor, action, id, nil)
	})
	if err != nil {
		return Conversation{}, err
	}
	return s.byID(ctx, s.DB.Read(), id)
}

func ids(members []Member) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = m.ContactID
	}
	return out
}

// wakeJob ends a snooze.
const wakeJob = "chat.wake"

// SetState says that a conversation waits, is done, or is put off until a time. Staff only.
func (s *Service) SetState(ctx context.Context, actor auth.Actor, id string, state State, until time.Time) (Conversation, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Conversation{}, err
	}
	switch {
	case state == Snoozed && !until.After(s.DB.Clock().Now()):
		return Conversation{}, fault.InvalidField("until", "chat.snooze_past", "Choose a time that is still to come.")
	case state != Waiting && state != Done && state != Snoozed:
		return Conversation{}, fault.InvalidField("state", "chat.state", "A conversation is waiting, done or snoozed.")
	case state != Snoozed:
		until = time.Time{}
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := setState(ctx, tx, id, state, until)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := jobs.Cancel(ctx, tx, wakeJob, id); err != nil {
			return err
		}
		s.conversationChanged(tx, id, nil)
		if state != Snoozed {
			return nil
		}
		tx.AfterCommit(func() { s.Jobs.Wake(wakeJob) })
		return jobs.Enqueue(ctx, tx, jobs.Job{Kind: wakeJob, Key: id, RunAt: until})
	})
	if err != nil {
		return Conversation{}, err
	}
	return s.byID(ctx, s.DB.Read(), id)
}

func (s *Service) wake(ctx context.Context, c jobs.Claimed) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := wake(ctx, tx, c.Key)
		if err == nil && n > 0 {
			s.conversationChanged(tx, c.Key, nil)
		}
		return err
	})
}

// Counts answers how many conversations wait, and how many of them are unread. Staff only.
func (s *Service) Counts(ctx context.Context, actor auth.Actor) (waiting, unread int64, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return 0, 0, err
	}
	return countStates(ctx, s.DB.Read())
}

// audited ends a deed of staff.
func (s *Service) audited(tx *db.Tx, actor auth.Actor, action, id string, detail map[string]any) error {
	s.conversationChanged(tx, id, nil)
	return tx.Audit(db.AuditEntry{Actor: actor, Action: action, Subject: id, Detail: detail})
}

// conversationChanged tells staff, and the contacts given, that what they see of a
// conversation is stale.
func (s *Service) conversationChanged(tx *db.Tx, id string, contactIDs []string) {
	tx.AfterCommit(func() {
		f := frame{Topic: "chat.conversation", ConversationID: id}
		s.Live.ToStaff(f)
		if len(contactIDs) > 0 {
			s.Live.ToClients(contactIDs, f)
		}
	})
}
