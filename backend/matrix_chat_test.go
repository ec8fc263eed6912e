package backend_test

import (
	"strings"
	"time"

	"portico/backend/kernel/ident"
)

// said writes a message in a contact's conversation with the business and answers
// the ids of both.
func (s *stage) said(contact string) []string {
	s.t.Helper()
	id := "cv_" + strings.TrimPrefix(contact, "ct_")
	s.made("/api/staff/chat/conversations", m{"kind": "direct", "contact_ids": []string{contact}})
	return []string{id, s.made("/api/staff/chat/conversations/"+id+"/messages", says(ident.New("x"), "We are open."))}
}

// own is a message of the client's own.
func (s *stage) own(contact string) []string {
	s.t.Helper()
	id := "cv_" + strings.TrimPrefix(contact, "ct_")
	client := s.SignedIn(contact, "127.1.0.4")
	return []string{id, client.Must("POST", "/api/portal/chat/conversations/"+id+"/messages", says(ident.New("x"), "Hello"), 201).Text("id")}
}

// inOwn is a right request of the client in their own conversation; foreign is
// another client's.
func inOwn(want int, body func() any) sample {
	return sample{want: want,
		make:    func(s *stage) call { return call{ids: s.said(s.ana)[:1], body: body()} },
		foreign: func(s *stage) call { return call{ids: s.said(s.bertha)[:1], body: body()} }}
}

func onOwn(want int, body any) sample {
	return sample{want: want,
		make:    func(s *stage) call { return call{ids: s.own(s.ana), body: body} },
		foreign: func(s *stage) call { return call{ids: s.own(s.bertha), body: body} }}
}

func nothing() any { return nil }
func aMessage() any {
	return says(ident.New("x"), "Hello")
}

// byStaff is a right request of staff about a conversation.
func byStaff(want int, body func() any) sample {
	return sample{want: want, make: func(s *stage) call { return call{ids: s.said(s.ana)[:1], body: body()} }}
}

func byStaffOn(want int, body any) sample {
	return sample{want: want, make: func(s *stage) call { return call{ids: s.said(s.ana), body: body} }}
}

// inGroup is a right request about a group of the contact's.
func inGroup(want int, make func(s *stage, group string) call) sample {
	return sample{want: want, make: func(s *stage) call {
		return make(s, s.made("/api/staff/chat/conversations", m{"kind": "group", "title": "Garden", "contact_ids": []string{s.ana}}))
	}}
}

func onChatNote(want int, body any) sample {
	return sample{want: want, make: func(s *stage) call {
		ids := s.said(s.ana)
		return call{ids: []string{ids[0], s.made("/api/staff/chat/conversations/"+ids[0]+"/notes", m{"text": canaryNote})}, body: body}
	}}
}

var chatSamples = map[string]sample{
	"portal GET /api/portal/chat/conversations":                                     just(200, call{}),
	"portal GET /api/portal/chat/conversations/{id}":                                inOwn(200, nothing),
	"portal GET /api/portal/chat/conversations/{id}/messages":                       inOwn(200, nothing),
	"portal POST /api/portal/chat/conversations/{id}/messages":                      inOwn(201, aMessage),
	"portal PATCH /api/portal/chat/conversations/{id}/messages/{message_id}":        onOwn(200, m{"text": "Hello again"}),
	"portal DELETE /api/portal/chat/conversations/{id}/messages/{message_id}":       onOwn(200, nil),
	"portal PUT /api/portal/chat/conversations/{id}/messages/{message_id}/reaction": onOwn(200, m{"emoji": "👍"}),
	"portal POST /api/portal/chat/conversations/{id}/marks":                         inOwn(204, func() any { return m{"read": 1} }),
	"portal POST /api/portal/chat/conversations/{id}/typing":                        inOwn(204, nothing),
	"staff GET /api/staff/chat/counts":                                              just(200, call{}),
	"staff GET /api/staff/chat/conversations":                                       just(200, call{}),
	"staff POST /api/staff/chat/conversations":                                      {want: 201, make: func(s *stage) call { return call{body: m{"kind": "direct", "contact_ids": []string{s.ana}}} }},
	"staff GET /api/staff/chat/conversations/{id}":                                  byStaff(200, nothing),
	"staff PATCH /api/staff/chat/conversations/{id}":                                byStaff(200, func() any { return m{"state": "done"} }),
	"staff POST /api/staff/chat/conversations/{id}/members": inGroup(200, func(s *stage, group string) call {
		return call{ids: []string{group}, body: m{"contact_ids": []string{s.fresh()}}}
	}),
	"staff DELETE /api/staff/chat/conversations/{id}/members/{contact_id}":        inGroup(200, func(s *stage, group string) call { return call{ids: []string{group, s.ana}} }),
	"staff GET /api/staff/chat/conversations/{id}/messages":                       byStaff(200, nothing),
	"staff POST /api/staff/chat/conversations/{id}/messages":                      byStaff(201, aMessage),
	"staff PATCH /api/staff/chat/conversations/{id}/messages/{message_id}":        byStaffOn(200, m{"text": "We are closed."}),
	"staff DELETE /api/staff/chat/conversations/{id}/messages/{message_id}":       byStaffOn(200, nil),
	"staff GET /api/staff/chat/conversations/{id}/messages/{message_id}/edits":    byStaffOn(200, nil),
	"staff PUT /api/staff/chat/conversations/{id}/messages/{message_id}/reaction": byStaffOn(200, m{"emoji": "👍"}),
	"staff POST /api/staff/chat/conversations/{id}/marks":                         byStaff(204, func() any { return m{"read": 1} }),
	"staff POST /api/staff/chat/conversations/{id}/typing":                        byStaff(204, nothing),
	"staff POST /api/staff/chat/conversations/{id}/notes":                         byStaff(201, func() any { return m{"text": canaryNote} }),
	"staff PATCH /api/staff/chat/conversations/{id}/notes/{note_id}":              onChatNote(200, m{"text": canaryNote}),
	"staff DELETE /api/staff/chat/conversations/{id}/notes/{note_id}":             onChatNote(204, nil),
	"portal GET /api/portal/chat/availability":                                    just(200, call{}),
	"portal GET /api/portal/chat/preferences":                                     just(200, call{}),
	"portal PUT /api/portal/chat/preferences":                                     just(200, call{body: m{"mail": "soon", "quiet_from": "", "quiet_to": ""}}),
	"staff GET /api/staff/chat/settings":                                          just(200, call{}),
	"staff PUT /api/staff/chat/settings": just(200, call{body: m{"away_message": "We are asleep.", "answer_time": "", "time_zone": "Europe/Berlin", "hours": []m{},
		"follow_up_minutes": 5, "quiet_from": "", "quiet_to": ""}}),
	"staff GET /api/staff/chat/search":                       just(200, call{query: "?q=canary"}),
	"staff GET /api/staff/chat/replies":                      just(200, call{}),
	"staff POST /api/staff/chat/replies":                     just(201, call{body: m{"title": "Hello", "text": "Hello {{contact.first_name}}"}}),
	"staff PATCH /api/staff/chat/replies/{id}":               onReply(200, func(*stage) any { return m{"title": "Hi"} }),
	"staff DELETE /api/staff/chat/replies/{id}":              onReply(204, func(*stage) any { return nil }),
	"staff POST /api/staff/chat/replies/{id}/render":         onReply(200, func(s *stage) any { return m{"conversation_id": s.said(s.ana)[0]} }),
	"staff GET /api/staff/chat/conversations/{id}/scheduled": byStaff(200, nothing),
	"staff POST /api/staff/chat/conversations/{id}/scheduled": {want: 201, make: func(s *stage) call {
		return call{ids: s.said(s.ana)[:1], body: s.aLaterMessage()}
	}},
	"staff PATCH /api/staff/chat/conversations/{id}/scheduled/{scheduled_id}":  onScheduled(200, m{"text": "Later"}),
	"staff DELETE /api/staff/chat/conversations/{id}/scheduled/{scheduled_id}": onScheduled(204, nil),
}

func (s *stage) aLaterMessage() any {
	return m{"client_msg_id": ident.New("x"), "text": "Later", "at": s.Clock.Now().Add(time.Hour)}
}

func onReply(want int, body func(s *stage) any) sample {
	return sample{want: want, make: func(s *stage) call {
		return call{ids: []string{s.made("/api/staff/chat/replies", m{"title": "Hello", "text": "Hello"})}, body: body(s)}
	}}
}

func onScheduled(want int, body any) sample {
	return sample{want: want, make: func(s *stage) call {
		id := s.said(s.ana)[0]
		return call{ids: []string{id, s.made("/api/staff/chat/conversations/"+id+"/scheduled", s.aLaterMessage())}, body: body}
	}}
}
