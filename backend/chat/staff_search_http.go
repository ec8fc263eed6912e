package chat

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// FoundBody is a message or a note that was found.
type FoundBody struct {
	ConversationID string        `json:"conversation_id"`
	Title          string        `json:"title" doc:"Of a direct conversation the name of the contact"`
	Message        *StaffMessage `json:"message"`
	Note           *NoteBody     `json:"note"`
	Excerpt        string        `json:"excerpt" doc:"The part of the text around the first word found"`
}

func registerSearch(api *web.API, s *Service) {
	type foundOut struct {
		Body struct {
			Items []FoundBody `json:"items"`
			Next  *string     `json:"next_cursor"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/chat/search", ID: "search-messages", Policy: auth.StaffOnly,
		Summary: "Find messages and internal notes", Description: "Those that hold every word, the newest first. Words of one or two letters match the beginning of a word, longer ones any part."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Q              string `query:"q" maxLength:"200"`
			ConversationID string `query:"conversation_id" maxLength:"64"`
			Cursor         string `query:"cursor" maxLength:"200"`
			Limit          int    `query:"limit" default:"30" minimum:"1" maximum:"100"`
		}) (*foundOut, error) {
			list, next, err := s.Search(ctx, actor, in.Q, in.ConversationID, in.Cursor, in.Limit)
			o := &foundOut{}
			for _, f := range list {
				b := FoundBody{ConversationID: f.ConversationID, Title: f.Title, Excerpt: f.Excerpt}
				if f.Message != nil {
					m := staffMessage(*f.Message)
					b.Message = &m
				}
				if f.Note != nil {
					n := noteBody(*f.Note)
					b.Note = &n
				}
				o.Body.Items = append(o.Body.Items, b)
			}
			if next != "" {
				o.Body.Next = &next
			}
			return o, err
		})
}
