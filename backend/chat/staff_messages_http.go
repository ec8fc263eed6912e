package chat

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

func registerStaffMessages(api *web.API, s *Service, path string) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/messages", ID: "list-messages", Policy: auth.StaffOnly,
		Summary: "Messages of a conversation", Description: "The newest, or those after or before a seq, or those changed since a rev; with the internal notes between them."},
		func(ctx context.Context, actor auth.Actor, in *MessagesIn) (*staffMessagesOut, error) {
			list, err := s.Read(ctx, actor, in.ID, in.look())
			if err != nil {
				return nil, err
			}
			out := &staffMessagesOut{}
			for _, m := range list.Items {
				out.Body.Items = append(out.Body.Items, staffMessage(m))
			}
			out.Body.LastSeq, out.Body.Rev, out.Body.More = list.LastSeq, list.Rev, list.More
			first := int64(0)
			if len(list.Items) > 0 && in.Changes < 0 {
				first = list.Items[0].Seq
			}
			notes, err := s.Notes(ctx, actor, in.ID, first)
			for _, n := range notes {
				out.Body.Notes = append(out.Body.Notes, noteBody(n))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/messages", ID: "post-message", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Send a message", Description: "Answers 201 when the message is durable. The same client_msg_id again answers 200 with the message that it became."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body NewMessage
		}) (*staffMessageOut, error) {
			m, fresh, err := s.Post(ctx, actor, in.ID, in.Body.draft())
			return &staffMessageOut{status(fresh), staffMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/messages/{message_id}", ID: "edit-message", Policy: auth.StaffOnly,
		Summary: "Change a message of the business", Description: "Everybody sees that it was changed; what it said before is kept for staff."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			MessagePath
			Body struct {
				Text string `json:"text"`
			}
		}) (*staffMessageOut, error) {
			m, err := s.Edit(ctx, actor, in.ID, in.MessageID, in.Body.Text)
			return &staffMessageOut{http.StatusOK, staffMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/messages/{message_id}", ID: "delete-message", Policy: auth.StaffOnly, Status: http.StatusOK,
		Summary: "Delete a message", Description: "Its place stays, its text goes; what it said is kept for staff."},
		func(ctx context.Context, actor auth.Actor, in *MessagePath) (*staffMessageOut, error) {
			m, err := s.Delete(ctx, actor, in.ID, in.MessageID)
			return &staffMessageOut{http.StatusOK, staffMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/messages/{message_id}/edits", ID: "list-edits", Policy: auth.StaffOnly,
		Summary: "What a message said before", Description: "Oldest first; also of a deleted message."},
		func(ctx context.Context, actor auth.Actor, in *MessagePath) (*struct {
			Body struct {
				Items []PastBody `json:"items"`
			}
		}, error) {
			list, err := s.Edits(ctx, actor, in.ID, in.MessageID)
			out := &struct {
				Body struct {
					Items []PastBody `json:"items"`
				}
			}{}
			for _, p := range list {
				out.Body.Items = append(out.Body.Items, PastBody(p))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path + "/messages/{message_id}/reaction", ID: "react-to-message", Policy: auth.StaffOnly,
		Summary: "React to a message", Description: "One emoji of the business for each message; an empty one takes it back."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			MessagePath
			Body struct {
				Emoji string `json:"emoji" maxLength:"40"`
			}
		}) (*staffMessageOut, error) {
			m, err := s.React(ctx, actor, in.ID, in.MessageID, in.Body.Emoji)
			return &staffMessageOut{http.StatusOK, staffMessage(m)}, err
		})
	registerStaffMarks(api, s, path)
}

func registerStaffMarks(api *web.API, s *Service, path string) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/marks", ID: "mark-conversation", Policy: auth.StaffOnly, Status: http.StatusNoContent,
		Summary: "Say how far staff have read", Description: "Marks only move forward."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body MarksIn
		}) (*struct{}, error) {
			return nil, s.Mark(ctx, actor, in.ID, in.Body.Read, in.Body.Delivered)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/typing", ID: "type-in-conversation", Policy: auth.StaffOnly, Status: http.StatusNoContent,
		Summary: "Say that staff are writing", Description: "Nothing is kept."},
		func(ctx context.Context, actor auth.Actor, in *ConversationPath) (*struct{}, error) {
			return nil, s.Type(ctx, actor, in.ID)
		})
}

// PastBody is what a message said until a time.
type PastBody struct {
	Until time.Time `json:"until"`
	Text  string    `json:"text"`
}
