package contacts

import (
	"context"
	"io"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// Me is what clients see of themselves: nothing that staff wrote about them.
type Me struct {
	ContactID string  `json:"contact_id"`
	Name      string  `json:"name"`
	FirstName string  `json:"first_name"`
	Email     string  `json:"email"`
	Language  string  `json:"language" doc:"BCP 47; empty: as the browser has it"`
	TimeZone  string  `json:"time_zone" doc:"IANA; empty: as the device has it"`
	Theme     string  `json:"theme" enum:"system,light,dark"`
	PhotoURL  *string `json:"photo_url"`
}

// MePatch is what clients may change of themselves.
type MePatch struct {
	Name     *string `json:"name,omitempty"`
	Language *string `json:"language,omitempty"`
	TimeZone *string `json:"time_zone,omitempty"`
	Theme    *string `json:"theme,omitempty" enum:"system,light,dark"`
}

type meOut struct{ Body Me }

// RegisterPortal adds the operations of this room for clients.
func RegisterPortal(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/portal/me", ID: "get-me", Policy: auth.ClientOnly,
		Summary: "The signed-in client", Description: "Name, address, language, time zone and theme."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*meOut, error) {
			c, err := s.Own(ctx, actor)
			return &meOut{MeOf(c)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: "/api/portal/me", ID: "update-me", Policy: auth.ClientOnly,
		Summary: "Change the own profile", Description: "Changes the fields that are sent. The address is changed by the business."},
		func(ctx context.Context, actor auth.Actor, in *struct{ Body MePatch }) (*meOut, error) {
			c, err := s.UpdateOwn(ctx, actor, Patch{Name: in.Body.Name, Language: in.Body.Language, TimeZone: in.Body.TimeZone, Theme: in.Body.Theme})
			return &meOut{MeOf(c)}, err
		})
	api.Handle(http.MethodGet, "/api/portal/me/photo", auth.ClientOnly, "The own photo", func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
		f, err := s.OwnPhoto(r.Context(), actor)
		servePhoto(api, w, r, f, err)
	})
}

// MeOf is a contact as they see themselves.
func MeOf(c Contact) Me {
	m := Me{ContactID: c.ID, Name: c.Name, FirstName: c.FirstName(), Email: c.Login(), Language: c.Language, TimeZone: c.TimeZone, Theme: c.Theme}
	if m.Theme == "" {
		m.Theme = "system"
	}
	if c.Photo != "" {
		url := "/api/portal/me/photo?v=" + c.Photo
		m.PhotoURL = &url
	}
	return m
}

// servePhoto sends a photo, which its address names by content.
func servePhoto(api *web.API, w http.ResponseWriter, r *http.Request, f io.ReadSeekCloser, err error) {
	if err != nil {
		web.WriteProblem(w, r, err, api.Words, api.Log)
		return
	}
	defer func() { _ = f.Close() }()
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	http.ServeContent(w, r, "", time.Time{}, f) // sniffs png or jpeg: both were encoded by us
}
