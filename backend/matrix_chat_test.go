package backend_test

import (
	"net/http"
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

// onUpload is a right request about an upload, of whoever asks.
func onUpload(want int, audience string, part bool) sample {
	of := func(s *stage, contact string) call {
		path := "/api/" + audience + "/chat/uploads"
		data := picture(s.t)
		var id string
		if audience == "portal" {
			id = s.SignedIn(contact, "127.1.0.5").Must("POST", path, m{"name": "picture.png", "size": len(data)}, 201).Text("id")
		} else {
			id = s.made(path, m{"name": "picture.png", "size": len(data)})
		}
		c := call{ids: []string{id}}
		if part {
			c.query, c.image, c.extra = "?offset=0", data, http.Header{"Content-Type": {"application/octet-stream"}}
		}
		return c
	}
	return sample{want: want, make: func(s *stage) call { return of(s, s.ana) }, foreign: func(s *stage) call {
		if audience == "portal" {
			return of(s, s.bertha)
		}
		c := of(s, "")
		c.ids = []string{ident.New("up")}
		return c
	}}
}

// onFile is a right request for a file of a message.
func onFile(want int) sample {
	of := func(s *stage, contact string) call {
		data := picture(s.t)
		upload := s.made("/api/staff/chat/uploads", m{"name": "picture.png", "size": len(data)})
		r := s.send(s.Backend.Socket(), "PATCH", "/api/staff/chat/uploads/"+upload, call{query: "?offset=0", image: data, extra: http.Header{"Content-Type": {"application/octet-stream"}}}, nil)
		if r.Code != 200 {
			s.t.Fatalf("uploading: %d %s", r.Code, r.Body)
		}
		conversation := s.said(contact)[0]
		sent := s.Staff.Must("POST", "/api/staff/chat/conversations/"+conversation+"/messages", m{"client_msg_id": ident.New("x"), "attachments": []string{upload}}, 201)
		id, _ := sent.List("attachments")[0]["id"].(string)
		return call{ids: []string{conversation, id}}
	}
	return sample{want: want, make: func(s *stage) call { return of(s, s.ana) }, foreign: func(s *stage) call { return of(s, s.bertha) }}
}

// everyFile is the same for staff, to whom no file is foreign.
func everyFile(want int) sample {
	s := onFile(want)
	s.foreign = nil
	return s
}

var chatSamples = map[string]sample{
	"portal GET /api/portal/chat/conversations":                                        just(200, call{}),
	"portal GET /api/portal/chat/conversations/{id}":                                   inOwn(200, nothing),
	"portal GET /api/portal/chat/conversations/{id}/messages":                          inOwn(200, nothing),
	"portal POST /api/portal/chat/conversations/{id}/messages":                         inOwn(201, aMessage),
	"portal PATCH /api/portal/chat/conversations/{id}/messages/{message_id}":           onOwn(200, m{"text": "Hello again"}),
	"portal DELETE /api/portal/chat/conversations/{id}/messages/{message_id}":          onOwn(200, nil),
	"portal PUT /api/portal/chat/conversations/{id}/messages/{message_id}/reaction":    onOwn(200, m{"emoji": "👍"}),
	"portal POST /api/portal/chat/conversations/{id}/marks":                            inOwn(204, func() any { return m{"read": 1} }),
	"portal POST /api/portal/chat/conversations/{id}/typing":                           inOwn(204, nothing),
	"portal POST /api/portal/chat/uploads":                                             just(201, call{body: m{"name": "a.txt", "size": 5}}),
	"portal GET /api/portal/chat/uploads/{upload_id}":                                  onUpload(200, "portal", false),
	"portal PATCH /api/portal/chat/uploads/{upload_id}":                                onUpload(200, "portal", true),
	"portal DELETE /api/portal/chat/uploads/{upload_id}":                               onUpload(204, "portal", false),
	"portal GET /api/portal/chat/conversations/{id}/attachments/{attachment_id}":       onFile(200),
	"portal GET /api/portal/chat/conversations/{id}/attachments/{attachment_id}/thumb": onFile(200),
	"staff POST /api/staff/chat/uploads":                                               just(201, call{body: m{"name": "a.txt", "size": 5}}),
	"staff GET /api/staff/chat/uploads/{upload_id}":                                    onUpload(200, "staff", false),
	"staff PATCH /api/staff/chat/uploads/{upload_id}":                                  onUpload(200, "staff", true),
	"staff DELETE /api/staff/chat/uploads/{upload_id}":                                 onUpload(204, "staff", false),
	"staff GET /api/staff/chat/conversations/{id}/attachments/{attachment_id}":         everyFile(200),
	"staff GET /api/staff/chat/conversations/{id}/attachments/{attachment_id}/thumb":   everyFile(200),
	"staff GET /api/staff/chat/files":                                                  {want: 200, make: func(s *stage) call { return call{query: "?contact_id=" + s.ana} }},
	"staff GET /api/staff/chat/counts":                                                 just(200, call{}),
	"staff GET /api/staff/chat/conversations":                                          just(200, call{}),
	"staff POST /api/staff/chat/conversations":                                         {want: 201, make: func(s *stage) call { return call{body: m{"kind": "direct", "contact_ids": []string{s.ana}}} }},
	"staff GET /api/staff/chat/conversations/{id}":                                     byStaff(200, nothing),
	"staff PATCH /api/staff/chat/conversations/{id}":                                   byStaff(200, func() any { return m{"state": "done"} }),
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
	"staff GET /api/staff/chat/conversations/{id}/export":    onExport(200),
	"staff GET /api/staff/chat/mailbox":                      just(200, call{}),
	"staff PUT /api/staff/chat/mailbox":                      just(200, call{body: aMailbox}),
	"staff POST /api/staff/chat/mailbox/test":                just(200, call{body: aMailbox}),
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

// aMailbox is on a port where nobody listens.
var aMailbox = m{"enabled": false, "host": "127.0.0.1", "port": 1, "security": "tls", "username": "mia", "password": "secret", "address": "hello@bakery.example", "plus": true}

func onExport(want int) sample {
	return sample{want: want, make: func(s *stage) call { return call{ids: s.said(s.ana)[:1], query: "?format=html"} }}
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
