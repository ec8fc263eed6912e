package chat

import (
	"context"
	"time"

	"portico/backend/kernel/auth"
)

// StaffConversation is a conversation as staff see it in the list.
type StaffConversation struct {
	ID           string        `json:"id"`
	Kind         string        `json:"kind" enum:"direct,group,broadcast"`
	Title        string        `json:"title" doc:"Of a direct one the name of the contact"`
	Contact      *StaffMember  `json:"contact" doc:"Of a direct one"`
	MemberCount  int64         `json:"member_count"`
	State        string        `json:"state" enum:"waiting,done,snoozed"`
	SnoozedUntil *time.Time    `json:"snoozed_until"`
	LastSeq      int64         `json:"last_seq"`
	Rev          int64         `json:"rev"`
	LastAt       time.Time     `json:"last_at"`
	Unread       int64         `json:"unread"`
	Read         int64         `json:"read" doc:"How far staff have read"`
	LastMessage  *StaffMessage `json:"last_message"`
	CreatedAt    time.Time     `json:"created_at"`
}

// StaffMember is a contact in a conversation.
type StaffMember struct {
	ContactID string  `json:"contact_id"`
	Name      string  `json:"name"`
	PhotoURL  *string `json:"photo_url"`
	TimeZone  string  `json:"time_zone"`
	Online    bool    `json:"online" doc:"Has the portal open now"`
}

// StaffConversationWhole is one with the people in it.
type StaffConversationWhole struct {
	StaffConversation
	Members     []StaffMember      `json:"members" doc:"At most the first two hundred"`
	Marks       []ConversationMark `json:"marks" doc:"At most the first two hundred"`
	ReadBy      int64              `json:"read_by" doc:"How many have read the last message"`
	DeliveredTo int64              `json:"delivered_to" doc:"How many have the last message on a device"`
}

// whole answers a conversation with its people and their marks.
func (s *Service) whole(ctx context.Context, actor auth.Actor, id string) (c Conversation, members []Person, marks []Mark, err error) {
	if c, err = s.Get(ctx, actor, id); err != nil {
		return c, nil, nil, err
	}
	if members, err = s.Members(ctx, actor, c); err != nil {
		return c, nil, nil, err
	}
	marks, err = s.Marks(ctx, actor, c)
	return c, members, marks, err
}

func (s *Service) staffConversations(ctx context.Context, list []Conversation) ([]StaffConversation, error) {
	var direct []string
	for _, c := range list {
		if c.Kind == Direct {
			direct = append(direct, c.ContactID)
		}
	}
	people := map[string]Person{}
	if len(direct) > 0 {
		var err error
		if people, err = s.People.Persons(ctx, s.DB.Read(), direct); err != nil {
			return nil, err
		}
	}
	online := s.Live.Online(ctx, direct)
	out := make([]StaffConversation, len(list))
	for i, c := range list {
		out[i] = StaffConversation{ID: c.ID, Kind: string(c.Kind), Title: c.Title, MemberCount: c.Members, State: string(c.State), SnoozedUntil: orNull(c.SnoozedUntil),
			LastSeq: c.LastSeq, Rev: c.Rev, LastAt: c.LastAt, Unread: c.unread(c.StaffRead), Read: c.StaffRead, CreatedAt: c.Created}
		if c.Last != nil {
			last := staffMessage(*c.Last)
			out[i].LastMessage = &last
		}
		if p, ok := people[c.ContactID]; ok {
			m := staffMember(p, online)
			out[i].Contact, out[i].Title = &m, p.Name
		}
	}
	return out, nil
}

func staffMember(p Person, online map[string]bool) StaffMember {
	return StaffMember{p.ID, p.Name, p.PhotoURL, p.TimeZone, online[p.ID]}
}

// shown bounds what a detail lists of a broadcast's many members.
const shown = 200

func (s *Service) staffWhole(ctx context.Context, actor auth.Actor, id string) (*staffConversationOut, error) {
	c, members, marks, err := s.whole(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	list, err := s.staffConversations(ctx, []Conversation{c})
	if err != nil {
		return nil, err
	}
	out := &staffConversationOut{Body: StaffConversationWhole{StaffConversation: list[0], Marks: markBodies(marks[:min(len(marks), shown)])}}
	if out.Body.ReadBy, out.Body.DeliveredTo, err = s.Readers(ctx, actor, c); err != nil {
		return nil, err
	}
	members = members[:min(len(members), shown)]
	ids := make([]string, len(members))
	for i, p := range members {
		ids[i] = p.ID
	}
	online := s.Live.Online(ctx, ids)
	for _, p := range members {
		out.Body.Members = append(out.Body.Members, staffMember(p, online))
	}
	return out, nil
}
