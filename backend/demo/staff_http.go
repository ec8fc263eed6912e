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
