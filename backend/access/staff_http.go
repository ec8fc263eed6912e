package access

import (
	"context"
	"net/http"
	"time"

	"rsc.io/qr"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
)

// RegisterStaff adds the operations of this room for staff.
func RegisterStaff(api *web.API, s *Service) {
	registerDashboard(api, s)
	registerInvitations(api, s)
	registerLinks(api, s)
	registerMembers(api, s)
	registerPolicy(api, s)
	registerTokens(api, s)
	registerStaffSession(api, s)
}

func registerDashboard(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/portal", ID: "get-portal", Policy: auth.StaffOnly,
		Summary: "The client portal at a glance", Description: "Its address, whether clients can reach it, and how many were invited, accepted by the mail server, opened and joined."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{ Body PortalBody }, error) {
			sum, err := s.Summary(ctx, actor)
			if err != nil {
				return nil, err
			}
			reach, err := s.Reach.Reachability(ctx, actor)
			if err != nil {
				return nil, err
			}
			return &struct{ Body PortalBody }{portalBody(sum, reach)}, nil
		})
	api.Handle(http.MethodGet, "/api/staff/portal/qr", auth.StaffOnly, "QR code of the portal's address", func(w http.ResponseWriter, r *http.Request, _ auth.Actor) {
		code, err := qr.Encode(s.Address.Portal(), qr.M)
		if err != nil {
			web.WriteProblem(w, r, fault.New(fault.Invalid, "access.qr", "The portal's address is too long for a QR code.").Because(err), api.Words, api.Log)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(qrSVG(code))
	})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/portal/people", ID: "list-portal-people", Policy: auth.StaffOnly,
		Summary: "Who was invited, joined, and so on", Description: "One of the lists behind the dashboard's numbers, newest first, with what became of each invitation's mail."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			List   string `query:"list" enum:"invited,accepted,opened,joined,not_joined,undelivered,suspended" default:"invited"`
			Search string `query:"search" maxLength:"200"`
			Cursor string `query:"cursor" maxLength:"200"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*struct {
			Body struct {
				Items []StandingBody `json:"items"`
				Next  *string        `json:"next_cursor"`
			}
		}, error) {
			list, next, err := s.List(ctx, actor, in.List, in.Search, in.Cursor, in.Limit)
			out := &struct {
				Body struct {
					Items []StandingBody `json:"items"`
					Next  *string        `json:"next_cursor"`
				}
			}{}
			for _, st := range list {
				out.Body.Items = append(out.Body.Items, standingBody(st))
			}
			if next != "" {
				out.Body.Next = &next
			}
			return out, err
		})
}

type outcomesOut struct {
	Body struct {
		Results []Outcome `json:"results"`
	}
}

// outcomes tells what became of each, in the actor's language.
func outcomes(api *web.API, actor auth.Actor, list []Outcome, err error) (*outcomesOut, error) {
	for i, o := range list {
		if o.Why != nil {
			list[i].Reason = api.Tell(actor, o.Why)
		}
	}
	out := &outcomesOut{}
	out.Body.Results = list
	return out, err
}

func registerInvitations(api *web.API, s *Service) {
	const path = "/api/staff/portal/invitations"
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "invite", Policy: auth.StaffOnly,
		Summary: "Invite to the client portal", Description: "Contacts by id, or raw addresses, which find or make the contact. Answers for each recipient. An earlier open invitation ends."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				ContactIDs []string `json:"contact_ids,omitempty" maxItems:"10000"`
				Emails     []string `json:"emails,omitempty" maxItems:"1000"`
				Target     string   `json:"target,omitempty"`
				Note       string   `json:"note,omitempty" doc:"A personal note, plain text"`
			}
		}) (*outcomesOut, error) {
			list, err := s.Invite(ctx, actor, Invitation{in.Body.ContactIDs, in.Body.Emails, in.Body.Target, in.Body.Note})
			return outcomes(api, actor, list, err)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/preview", ID: "preview-invitation", Policy: auth.StaffOnly,
		Summary: "How an invitation looks", Description: "For a contact or an address, with sample links that open nothing."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				ContactID string `json:"contact_id,omitempty"`
				Email     string `json:"email,omitempty"`
				Note      string `json:"note,omitempty"`
			}
		}) (*struct{ Body InvitationPreviewBody }, error) {
			p, err := s.InvitationPreview(ctx, actor, in.Body.ContactID, in.Body.Email, in.Body.Note)
			return &struct{ Body InvitationPreviewBody }{InvitationPreviewBody(p)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/revoke", ID: "revoke-invitations", Policy: auth.StaffOnly,
		Summary: "Withdraw open invitations", Description: "Their links stop working at once."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				ContactIDs []string `json:"contact_ids" minItems:"1" maxItems:"10000"`
			}
		}) (*outcomesOut, error) {
			list, err := s.RevokeInvitations(ctx, actor, in.Body.ContactIDs)
			return outcomes(api, actor, list, err)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/portal/login-emails", ID: "send-login-emails", Policy: auth.StaffOnly,
		Summary: "Send login emails", Description: "A mail with a quick-login button to each contact; answers for each."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				ContactIDs []string `json:"contact_ids" minItems:"1" maxItems:"10000"`
				Target     string   `json:"target,omitempty"`
			}
		}) (*outcomesOut, error) {
			list, err := s.SendLoginEmails(ctx, actor, in.Body.ContactIDs, in.Body.Target)
			return outcomes(api, actor, list, err)
		})
}

func registerLinks(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/portal/magic-links", ID: "make-magic-link", Status: http.StatusCreated, Policy: auth.StaffOnly,
		Summary: "Generate a magic link", Description: "A link for one contact that signs in once, to be copied. It is shown once and not kept."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				ContactID string `json:"contact_id"`
				Target    string `json:"target,omitempty" doc:"Page to open after signing in"`
				ExpiresIn int64  `json:"expires_in,omitempty" doc:"Seconds"`
			}
		}) (*struct{ Body MadeBody }, error) {
			made, err := s.MakeLink(ctx, actor, in.Body.ContactID, in.Body.Target, time.Duration(in.Body.ExpiresIn)*time.Second)
			return &struct{ Body MadeBody }{MadeBody{made.Link.ID, made.URL, made.Link.Expires}}, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/portal/links/{id}/revoke", ID: "revoke-link", Policy: auth.StaffOnly,
		Summary: "Revoke a link", Description: "It stops working at once."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*struct{ Body LinkBody }, error) {
			l, err := s.RevokeLink(ctx, actor, in.ID)
			return &struct{ Body LinkBody }{s.linkBody(l)}, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/portal/targets", ID: "list-targets", Policy: auth.StaffOnly,
		Summary: "Pages that a link can lead to", Description: "The pages of the portal, with their names."},
		func(_ context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				Items []TargetBody `json:"items"`
				Next  *string      `json:"next_cursor"`
			}
		}, error) {
			out := &struct {
				Body struct {
					Items []TargetBody `json:"items"`
					Next  *string      `json:"next_cursor"`
				}
			}{}
			for _, t := range []struct{ path, key string }{{"/", "access.target_home"}, {"/profile", "access.target_profile"}, {"/devices", "access.target_devices"}} {
				label, _ := api.Words(actor.Language, t.key, nil)
				out.Body.Items = append(out.Body.Items, TargetBody{t.path, label})
			}
			return out, nil
		})
}

type detailOut struct{ Body DetailBody }

func registerMembers(api *web.API, s *Service) {
	const path = "/api/staff/portal/contacts/{id}"
	type in struct {
		ID string `path:"id" maxLength:"64" doc:"Contact id"`
	}
	show := func(ctx context.Context, actor auth.Actor, id string) (*detailOut, error) {
		d, err := s.Detail(ctx, actor, id)
		if err != nil {
			return nil, err
		}
		return &detailOut{s.detailBody(d, func(err error) string { return api.Tell(actor, err) })}, nil
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-portal-contact", Policy: auth.StaffOnly,
		Summary: "The access of one contact", Description: "Whether they may sign in and why not, their devices, and their latest links."},
		func(ctx context.Context, actor auth.Actor, i *in) (*detailOut, error) { return show(ctx, actor, i.ID) })
	for _, verb := range []struct {
		path, id, summary, description string
		do                             func(context.Context, auth.Actor, string) error
	}{
		{"suspend", "suspend-contact", "Suspend a contact", "Keeps them out at once: devices are signed out and links end.", s.Suspend},
		{"restore", "restore-access", "Restore a suspended contact", "They can sign in again; old links stay dead.", s.Restore},
		{"sign-out", "sign-out-contact", "Sign a contact out everywhere", "Ends all devices and links; they can ask for a new mail.", s.SignOutEverywhere},
	} {
		web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/" + verb.path, ID: verb.id, Policy: auth.StaffOnly, Summary: verb.summary, Description: verb.description},
			func(ctx context.Context, actor auth.Actor, i *in) (*detailOut, error) {
				if err := verb.do(ctx, actor, i.ID); err != nil {
					return nil, err
				}
				return show(ctx, actor, i.ID)
			})
	}
}

func registerPolicy(api *web.API, s *Service) {
	type out struct{ Body PolicyBody }
	const path = "/api/staff/portal/policy"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-policy", Policy: auth.StaffOnly,
		Summary: "How clients sign in", Description: "Lifetimes of links in seconds with their limits, and who may sign in."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*out, error) {
			p, err := s.Policy(ctx, actor)
			return &out{policyBody(p)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path, ID: "set-policy", Policy: auth.StaffOnly,
		Summary: "Change how clients sign in", Description: "Links that are out already keep their life."},
		func(ctx context.Context, actor auth.Actor, in *struct{ Body PolicyBody }) (*out, error) {
			p, err := s.SetPolicy(ctx, actor, in.Body.policy())
			return &out{policyBody(p)}, err
		})
}

func registerTokens(api *web.API, s *Service) {
	const path = "/api/staff/tokens"
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "create-token", Status: http.StatusCreated, Policy: auth.InProcess,
		Summary: "Make a token for the staff API", Description: "Shown once. Only in Portico's window or on its command line."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Name string `json:"name"`
			}
		}) (*struct{ Body NewTokenBody }, error) {
			t, value, err := s.CreateToken(ctx, actor, in.Body.Name)
			return &struct{ Body NewTokenBody }{NewTokenBody{tokenBody(t), value}}, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "list-tokens", Policy: auth.InProcess,
		Summary: "Tokens of the staff API", Description: "Those that work, without their values."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				Items []TokenBody `json:"items"`
				Next  *string     `json:"next_cursor"`
			}
		}, error) {
			tokens, err := s.Tokens(ctx, actor)
			out := &struct {
				Body struct {
					Items []TokenBody `json:"items"`
					Next  *string     `json:"next_cursor"`
				}
			}{}
			for _, t := range tokens {
				out.Body.Items = append(out.Body.Items, tokenBody(t))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/{id}", ID: "revoke-token", Policy: auth.InProcess,
		Summary: "Revoke a token", Description: "Programs that use it are refused at once."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*struct{}, error) {
			return nil, s.RevokeToken(ctx, actor, in.ID)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/staff-link", ID: "make-staff-link", Status: http.StatusCreated, Policy: auth.InProcess,
		Summary: "Make a one-time address of the dashboard", Description: "Opens the dashboard in a browser on this computer, once, within 15 minutes."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				URL       string    `json:"url"`
				ExpiresAt time.Time `json:"expires_at"`
			}
		}, error) {
			url, expires, err := s.StaffLink(ctx, actor)
			out := &struct {
				Body struct {
					URL       string    `json:"url"`
					ExpiresAt time.Time `json:"expires_at"`
				}
			}{}
			out.Body.URL, out.Body.ExpiresAt = url, expires
			return out, err
		})
}

func registerStaffSession(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/sign-out", ID: "sign-out-staff", Policy: auth.StaffOnly, Status: http.StatusNoContent,
		Summary: "Sign out of the dashboard", Description: "Ends the session of the browser that asks and takes its cookie away. The window and tokens have none to end."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*SetCookies, error) {
			gone := http.Cookie{Name: StaffCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode}
			return &SetCookies{SetCookie: []http.Cookie{gone}}, s.SignOutStaff(ctx, actor)
		})
}
