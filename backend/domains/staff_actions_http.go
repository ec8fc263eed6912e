package domains

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type checkIn struct {
	Body struct {
		Name string `json:"name,omitempty" doc:"Another name than the one that is set up"`
	}
}

type checkOut struct{ Body checkBody }

// registerActions adds what makes the room do something.
func registerActions(api *web.API, s *Service, answer func(context.Context, auth.Actor, error) (*domainOut, error)) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/check", ID: "check-domain", Summary: "Look at everything now",
		Description: "Asks the name's DNS servers, public resolvers, the router, the certificate authority and our own ports; takes some seconds. The name that is set up is also kept in its view.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *checkIn) (*checkOut, error) {
			c, v, err := s.Check(ctx, actor, in.Body.Name)
			if err != nil {
				return nil, err
			}
			return &checkOut{s.teller(actor).check(c, v)}, nil
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/update", ID: "update-domain", Summary: "Update Domain", Status: http.StatusAccepted,
		Description: "Checks, rehearses, gets the certificate and makes the name the portal's address; goes on by itself. The old address serves until the last step, and answers after it.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*domainOut, error) {
			return answer(ctx, actor, s.Update(ctx, actor))
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/update", ID: "cancel-domain-update", Summary: "Cancel the update", Status: http.StatusOK,
		Description: "The portal stays at the address where it is.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*domainOut, error) {
			return answer(ctx, actor, s.CancelUpdate(ctx, actor))
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/retry", ID: "retry-domain", Summary: "Try the certificate again now", Status: http.StatusOK,
		Description: "Refused while our own limit or the authority's says to wait.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*domainOut, error) {
			return answer(ctx, actor, s.Retry(ctx, actor))
		})
}
