package demo

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// RegisterStaff adds the operations of this room.
func RegisterStaff(api *web.API, s *Service) {
	const path = "/api/staff/demo"
	type there struct {
		Body struct {
			There    bool `json:"there"`
			Contacts int  `json:"contacts" doc:"How many of its contacts there are"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-demo", Policy: auth.StaffOnly,
		Summary: "Whether the demo business is there", Description: "And how many of its contacts: fewer than all when adding or removing it was cut off."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (out *there, err error) {
			out = &there{}
			out.Body.There, out.Body.Contacts, err = s.There(ctx, actor)
			return out, err
		})
	type added struct {
		Body struct {
			Contacts int `json:"contacts"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "add-demo", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Add the demo business", Description: "Sixty contacts, invitations and sign-ins, made as real ones are; mail is kept as files unless an account is set up."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*added, error) {
			n, err := s.Add(ctx, actor)
			out := &added{}
			out.Body.Contacts = n
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path, ID: "remove-demo", Policy: auth.StaffOnly,
		Summary: "Remove the demo business", Description: "Takes away exactly what was added, for good."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{}, error) {
			return nil, s.Remove(ctx, actor)
		})
}
