package overview

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type homeMe struct {
	ContactID string  `json:"contact_id"`
	Name      string  `json:"name"`
	FirstName string  `json:"first_name"`
	Email     string  `json:"email"`
	Language  string  `json:"language" doc:"Empty: as in the browser"`
	TimeZone  string  `json:"time_zone" doc:"IANA; empty: as on the device"`
	Theme     string  `json:"theme" enum:"system,light,dark"`
	PhotoURL  *string `json:"photo_url"`
}

type homeBusiness struct {
	Name         string  `json:"name"`
	Description  string  `json:"description"`
	SupportEmail string  `json:"support_email"`
	Copyright    string  `json:"copyright"`
	LogoURL      *string `json:"logo_url"`
	CoverURL     *string `json:"cover_url"`
}

type homeCard struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	Href   string `json:"href"`
	Action string `json:"action" doc:"The word on the button"`
}

type homeActivity struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Text string    `json:"text"`
}

type homeApp struct {
	Key  string `json:"key"`
	Href string `json:"href"`
}

type homeOut struct {
	Body struct {
		Me       homeMe         `json:"me"`
		Business homeBusiness   `json:"business"`
		NeedsYou []homeCard     `json:"needs_you"`
		Recent   []homeActivity `json:"recent"`
		Unseen   int            `json:"unseen" doc:"How many of recent, from the first, are new"`
		Apps     []homeApp      `json:"apps"`
	}
}

// RegisterPortal adds what a client sees first.
func RegisterPortal(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/portal/home", ID: "get-home", Policy: auth.ClientOnly,
		Summary: "Everything the home page shows", Description: "Who you are, whose portal it is, what waits for you and what happened last."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*homeOut, error) {
			h, err := s.Home(ctx, actor)
			if err != nil {
				return nil, err
			}
			return toHome(h), nil
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/portal/home/seen", ID: "see-home", Policy: auth.ClientOnly, Status: http.StatusNoContent,
		Summary: "Take what happened for seen", Description: "Everything until now."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{}, error) {
			return nil, s.HomeSeen(ctx, actor)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/portal/home/dismiss", ID: "dismiss-card", Policy: auth.ClientOnly, Status: http.StatusNoContent,
		Summary: "Put a card away", Description: "It does not come back."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Key string `json:"key" maxLength:"64"`
			}
		}) (*struct{}, error) {
			return nil, s.DismissCard(ctx, actor, in.Body.Key)
		})
}

func toHome(h Home) *homeOut {
	out := &homeOut{}
	b := &out.Body
	b.Me = homeMe{h.Me.ContactID, h.Me.Name, h.Me.FirstName, h.Me.Email, h.Me.Language, h.Me.TimeZone, h.Me.Theme, orNull(h.Me.PhotoURL)}
	b.Business = homeBusiness{h.Business.Name, h.Business.Description, h.Business.SupportEmail, h.Business.Copyright, orNull(h.Business.LogoURL), orNull(h.Business.CoverURL)}
	for _, c := range h.Needs {
		b.NeedsYou = append(b.NeedsYou, homeCard(c))
	}
	for _, a := range h.Recent {
		b.Recent = append(b.Recent, homeActivity(a))
	}
	b.Unseen = h.Unseen
	b.Apps = []homeApp{{"home", "/"}, {"profile", "/profile"}, {"devices", "/devices"}}
	return out
}
