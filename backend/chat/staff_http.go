package chat

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type staffConversationOut struct{ Body StaffConversationWhole }

type staffMessageOut struct {
	Status int
	Body   StaffMessage
}

type staffMessagesOut struct {
	Body struct {
		Items   []StaffMessage `json:"items"`
		Notes   []NoteBody     `json:"notes" doc:"Internal notes behind the first of these messages"`
		LastSeq int64          `json:"last_seq" doc:"Of the conversation"`
		Rev     int64          `json:"rev" doc:"What to ask changes since, next time"`
		More    bool           `json:"more"`
	}
}

type staffListOut struct {
	Body struct {
		Items []StaffConversation `json:"items"`
		Next  *string             `json:"next_cursor"`
	}
}

const staffConversations = "/api/staff/chat/conversations"

// RegisterStaff adds the operations of this room for staff.
func RegisterStaff(api *web.API, s *Service) {
	registerInbox(api, s)
	registerConversations(api, s)
	registerStaffMessages(api, s, staffConversations+"/{id}")
	registerNotes(api, s, staffConversations+"/{id}/notes")
	registerSettings(api, s)
	registerReplies(api, s)
	registerSearch(api, s)
	registerExport(api, s)
	registerMailbox(api, s)
	registerScheduled(api, s, staffConversations+"/{id}/scheduled")
	registerUploads(api, s, "/api/staff/chat/uploads", auth.StaffOnly)
	registerDownloads(api, s, staffConversations+"/{id}/attachments/{attachment_id}", auth.StaffOnly)
	registerFiles(api, s)
}

func registerInbox(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: staffConversations, ID: "list-conversations", Policy: auth.StaffOnly,
		Summary: "List conversations", Description: "The newest first, by state, kind or contact."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			State     string `query:"state" enum:"waiting,done,snoozed"`
			Kind      string `query:"kind" enum:"direct,group,broadcast"`
			ContactID string `query:"contact_id" maxLength:"64"`
			Cursor    string `query:"cursor" maxLength:"200"`
			Limit     int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
		}) (*staffListOut, error) {
			list, next, err := s.List(ctx, actor, Filter{State(in.State), Kind(in.Kind), in.ContactID, in.Cursor, in.Limit})
			if err != nil {
				return nil, err
			}
			out := &staffListOut{}
			out.Body.Items, err = s.staffConversations(ctx, list)
			if next != "" {
				out.Body.Next = &next
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/chat/counts", ID: "count-conversations", Policy: auth.StaffOnly,
		Summary: "How many conversations wait", Description: "And how many of them hold messages that staff have not read."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				Waiting int64 `json:"waiting"`
				Unread  int64 `json:"unread"`
			}
		}, error) {
			out := &struct {
				Body struct {
					Waiting int64 `json:"waiting"`
					Unread  int64 `json:"unread"`
				}
			}{}
			var err error
			out.Body.Waiting, out.Body.Unread, err = s.Counts(ctx, actor)
			return out, err
		})
}

func registerConversations(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: staffConversations, ID: "create-conversation", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Begin a conversation", Description: "A direct one with one contact answers the one that there is; a group or a broadcast is new and has a title."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Kind       string   `json:"kind" enum:"direct,group,broadcast"`
				Title      string   `json:"title,omitempty"`
				ContactIDs []string `json:"contact_ids,omitempty" maxItems:"5000"`
				Tag        string   `json:"tag,omitempty" doc:"Of a group or broadcast, in place of contact_ids: everybody who carries it now"`
			}
		}) (*staffConversationOut, error) {
			c, err := s.Begin(ctx, actor, Kind(in.Body.Kind), in.Body.Title, in.Body.ContactIDs, in.Body.Tag)
			if err != nil {
				return nil, err
			}
			return s.staffWhole(ctx, actor, c.ID)
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: staffConversations + "/{id}", ID: "get-conversation", Policy: auth.StaffOnly,
		Summary: "One conversation", Description: "With who takes part, how far they have read and who is here now."},
		func(ctx context.Context, actor auth.Actor, in *ConversationPath) (*staffConversationOut, error) {
			return s.staffWhole(ctx, actor, in.ID)
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: staffConversations + "/{id}", ID: "update-conversation", Policy: auth.StaffOnly,
		Summary: "Change a conversation", Description: "Its state (done, waiting, or snoozed until a time), or the title of a group or broadcast."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body struct {
				State        *string    `json:"state,omitempty" enum:"waiting,done,snoozed"`
				SnoozedUntil *time.Time `json:"snoozed_until,omitempty"`
				Title        *string    `json:"title,omitempty"`
			}
		}) (*staffConversationOut, error) {
			if in.Body.Title != nil {
				if _, err := s.Rename(ctx, actor, in.ID, *in.Body.Title); err != nil {
					return nil, err
				}
			}
			if in.Body.State != nil {
				var until time.Time
				if in.Body.SnoozedUntil != nil {
					until = *in.Body.SnoozedUntil
				}
				if _, err := s.SetState(ctx, actor, in.ID, State(*in.Body.State), until); err != nil {
					return nil, err
				}
			}
			return s.staffWhole(ctx, actor, in.ID)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: staffConversations + "/{id}/members", ID: "add-members", Policy: auth.StaffOnly,
		Summary: "Add contacts to a group or broadcast", Description: "They see what is written from now on."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body struct {
				ContactIDs []string `json:"contact_ids" minItems:"1" maxItems:"5000"`
			}
		}) (*staffConversationOut, error) {
			if _, err := s.AddMembers(ctx, actor, in.ID, in.Body.ContactIDs); err != nil {
				return nil, err
			}
			return s.staffWhole(ctx, actor, in.ID)
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: staffConversations + "/{id}/members/{contact_id}", ID: "remove-member", Policy: auth.StaffOnly, Status: http.StatusOK,
		Summary: "Remove a contact from a group or broadcast", Description: "They see nothing of it any more."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			ContactID string `path:"contact_id" maxLength:"64"`
		}) (*staffConversationOut, error) {
			if _, err := s.RemoveMember(ctx, actor, in.ID, in.ContactID); err != nil {
				return nil, err
			}
			return s.staffWhole(ctx, actor, in.ID)
		})
}

func registerNotes(api *web.API, s *Service, path string) {
	type noteOut struct{ Body NoteBody }
	type text struct {
		Text string `json:"text"`
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "add-chat-note", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Write an internal note", Description: "Staff see it between the messages; no client ever does."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body text
		}) (*noteOut, error) {
			n, err := s.AddNote(ctx, actor, in.ID, in.Body.Text)
			return &noteOut{noteBody(n)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/{note_id}", ID: "update-chat-note", Policy: auth.StaffOnly,
		Summary: "Change an internal note", Description: "Staff see that it was changed."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			NoteID string `path:"note_id" maxLength:"64"`
			Body   text
		}) (*noteOut, error) {
			n, err := s.ChangeNote(ctx, actor, in.ID, in.NoteID, in.Body.Text)
			return &noteOut{noteBody(n)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/{note_id}", ID: "delete-chat-note", Policy: auth.StaffOnly,
		Summary: "Delete an internal note", Description: "It cannot be brought back."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			NoteID string `path:"note_id" maxLength:"64"`
		}) (*struct{}, error) {
			return nil, s.DeleteNote(ctx, actor, in.ID, in.NoteID)
		})
}
