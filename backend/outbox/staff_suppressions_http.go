package outbox

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type (
	suppressionsIn struct {
		Search string `query:"search" maxLength:"200" doc:"Part of the address"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" maxLength:"300" doc:"next_cursor of the page before"`
	}
	suppressionsOut struct {
		Body struct {
			Items []SuppressionBody `json:"items"`
			Next  *string           `json:"next_cursor"`
		}
	}
	suppressionOut struct{ Body SuppressionBody }
)

func registerSuppressions(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/suppressions", ID: "list-mail-suppressions", Policy: auth.StaffOnly,
		Summary: "Addresses that get no mail", Description: "Blocked because mail to them came back, or by staff. Newest first."},
		func(ctx context.Context, actor auth.Actor, in *suppressionsIn) (*suppressionsOut, error) {
			list, next, err := s.Suppressions(ctx, actor, in.Search, in.Cursor, in.Limit)
			out := &suppressionsOut{}
			out.Body.Next = cursor(next)
			for _, one := range list {
				out.Body.Items = append(out.Body.Items, SuppressionBody(one))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/mail/suppressions", ID: "suppress-mail", Status: http.StatusCreated, Policy: auth.StaffOnly,
		Summary: "Block an address", Description: "Nothing is sent to it any more, sign-in mail included."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Email  string `json:"email" maxLength:"1000"`
				Detail string `json:"detail,omitempty" maxLength:"2000" doc:"Why, for your colleagues"`
			}
		}) (*suppressionOut, error) {
			one, err := s.Suppress(ctx, actor, in.Body.Email, in.Body.Detail)
			return &suppressionOut{SuppressionBody(one)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/mail/suppressions/remove", ID: "unsuppress-mail", Policy: auth.StaffOnly,
		Summary: "Let an address get mail again", Description: "Needs a reason, which the audit log keeps."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Email  string `json:"email" maxLength:"1000"`
				Reason string `json:"reason" maxLength:"2000"`
			}
		}) (*struct{}, error) {
			return nil, s.Unsuppress(ctx, actor, in.Body.Email, in.Body.Reason)
		})
}
