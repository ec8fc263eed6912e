package outbox

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type (
	messagePath struct {
		ID string `path:"id" maxLength:"64" doc:"Mail id"`
	}
	messagesIn struct {
		State     string `query:"state" maxLength:"20" doc:"Only mails in this state"`
		ContactID string `query:"contact_id" maxLength:"64" doc:"Only mails to this contact"`
		Search    string `query:"search" maxLength:"200" doc:"Words of who it went to: name, address, company"`
		Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor    string `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
	}
	messagesOut struct {
		Body struct {
			Items []MessageBody `json:"items"`
			Next  *string       `json:"next_cursor"`
		}
	}
	detailOut struct{ Body MessageDetail }
	countsOut struct {
		Body struct {
			Queued    int `json:"queued"`
			Sending   int `json:"sending"`
			Retry     int `json:"retry"`
			Unknown   int `json:"unknown"`
			Failed    int `json:"failed"`
			Accepted  int `json:"accepted"`
			Cancelled int `json:"cancelled"`
		}
	}
)

func registerMessages(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/messages", ID: "list-mails", Policy: auth.StaffOnly,
		Summary: "The outbox", Description: "Mails, newest first, each with the server's own words and what they mean. Pages by cursor."},
		func(ctx context.Context, actor auth.Actor, in *messagesIn) (*messagesOut, error) {
			list, next, err := s.Messages(ctx, actor, Query{State: in.State, ContactID: in.ContactID, Search: in.Search, Before: in.Cursor, Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			account, err := s.Account(ctx, actor)
			out := &messagesOut{}
			out.Body.Next = cursor(next)
			for _, m := range list {
				out.Body.Items = append(out.Body.Items, s.messageBody(actor.Language, m, account.Status))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/messages/{id}", ID: "get-mail", Policy: auth.StaffOnly,
		Summary: "One mail", Description: "With its text as the reader sees it; links and codes are samples."},
		func(ctx context.Context, actor auth.Actor, in *messagePath) (*detailOut, error) {
			return s.detail(ctx, actor, in.ID)
		})
	for _, verb := range []struct {
		path, id, summary, description string
		do                             func(context.Context, auth.Actor, string) error
	}{
		{"retry", "retry-mail", "Send a mail again", "Tries it now, with the same Message-ID. Not for mails that were accepted.", s.Retry},
		{"cancel", "cancel-mail", "Cancel a mail", "Stops a mail that has not left yet.", s.Cancel},
	} {
		web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/mail/messages/{id}/" + verb.path, ID: verb.id, Policy: auth.StaffOnly, Summary: verb.summary, Description: verb.description},
			func(ctx context.Context, actor auth.Actor, in *messagePath) (*detailOut, error) {
				if err := verb.do(ctx, actor, in.ID); err != nil {
					return nil, err
				}
				return s.detail(ctx, actor, in.ID)
			})
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/counts", ID: "count-mails", Policy: auth.StaffOnly,
		Summary: "How many mails are in each state", Description: "Cheap enough to ask after every change."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*countsOut, error) {
			n, err := s.Counts(ctx, actor)
			out := &countsOut{}
			b := &out.Body
			b.Queued, b.Sending, b.Retry, b.Unknown = n[StateQueued], n[StateSending], n[StateRetry], n[StateUnknown]
			b.Failed, b.Accepted, b.Cancelled = n[StateFailed], n[StateAccepted], n[StateCancelled]
			return out, err
		})
}

func (s *Service) detail(ctx context.Context, actor auth.Actor, id string) (*detailOut, error) {
	m, r, err := s.Message(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	account, err := s.Account(ctx, actor)
	return &detailOut{MessageDetail{MessageBody: s.messageBody(actor.Language, m, account.Status), HTML: r.HTML, Text: r.Text}}, err
}

func cursor(next string) *string {
	if next == "" {
		return nil
	}
	return &next
}
