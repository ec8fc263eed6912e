package branding

import (
	"context"
	"net/http"
	"strconv"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type brandBody struct {
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Accent       string        `json:"accent" doc:"#rrggbb, as the owner gave it"`
	Accent2      string        `json:"accent_2" doc:"#rrggbb, or empty"`
	SupportEmail string        `json:"support_email"`
	Copyright    string        `json:"copyright"`
	Version      int64         `json:"version" doc:"Grows with every change"`
	LogoURL      *string       `json:"logo_url"`
	IconURL      *string       `json:"icon_url"`
	CoverURL     *string       `json:"cover_url"`
	Contrast     brandContrast `json:"contrast" doc:"How the first colour is shown"`
	Sentence     string        `json:"sentence" doc:"What became of the colours, for people"`
}

type brandContrast struct {
	Light brandShade `json:"light"`
	Dark  brandShade `json:"dark"`
}

type brandShade struct {
	Accent  string  `json:"accent" doc:"#rrggbb, as shown"`
	Ratio   float64 `json:"ratio" doc:"Contrast with the background (WCAG 2.2)"`
	Changed bool    `json:"changed"`
}

type brandOut struct{ Body brandBody }

type brandIn struct {
	Body struct {
		Name         string `json:"name" doc:"1 to 80 letters"`
		Description  string `json:"description,omitempty"`
		Accent       string `json:"accent" doc:"#rrggbb"`
		Accent2      string `json:"accent_2,omitempty" doc:"#rrggbb, or empty"`
		SupportEmail string `json:"support_email,omitempty"`
		Copyright    string `json:"copyright,omitempty"`
	}
}

type kindIn struct {
	Kind Kind `path:"kind" enum:"logo,icon,cover"`
}

type uploadIn struct {
	Kind    Kind   `path:"kind" enum:"logo,icon,cover"`
	RawBody []byte `contentType:"image/png" doc:"The picture itself: PNG, JPEG, WebP or GIF"`
}

// RegisterStaff adds what staff may do with the brand.
func RegisterStaff(api *web.API, s *Service) {
	const path = "/api/staff/branding"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-branding", Summary: "How the business looks",
		Description: "Texts, colours and pictures, and how the colours are shown so that they can be read.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*brandOut, error) {
			b, err := s.Get(ctx, actor)
			return s.toBody(b, actor), err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path, ID: "save-branding", Summary: "Change texts and colours",
		Description: "Colours that would be hard to read are kept as given and shown a little lighter or darker; `sentence` tells.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *brandIn) (*brandOut, error) {
			b, err := s.Save(ctx, actor, Input{in.Body.Name, in.Body.Description, in.Body.Accent, in.Body.Accent2, in.Body.SupportEmail, in.Body.Copyright})
			return s.toBody(b, actor), err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path + "/images/{kind}", ID: "set-branding-image", Summary: "Send a picture", MaxBody: MaxUpload,
		Description: "Any PNG, JPEG, WebP or GIF; it is resized and drawn anew. SVG is refused.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *uploadIn) (*brandOut, error) {
			b, err := s.SetPicture(ctx, actor, in.Kind, in.RawBody)
			return s.toBody(b, actor), err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/images/{kind}", ID: "remove-branding-image", Summary: "Take a picture away", Status: http.StatusOK,
		Description: "Without an icon, one made of the initials is shown.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *kindIn) (*brandOut, error) {
			b, err := s.RemovePicture(ctx, actor, in.Kind)
			return s.toBody(b, actor), err
		})
	api.Handle(http.MethodGet, path+"/images/{kind}", auth.StaffOnly, "A picture of the brand", func(w http.ResponseWriter, r *http.Request, _ auth.Actor) {
		f, err := s.Picture(r.Context(), Kind(r.PathValue("kind")))
		serve(api, w, r, f, err)
	})
}

func (s *Service) toBody(b Brand, actor auth.Actor) *brandOut {
	url := func(kind Kind) *string {
		if !b.Has(kind) {
			return nil
		}
		text := "/api/staff/branding/images/" + string(kind) + "?v=" + strconv.FormatInt(b.Version, 10)
		return &text
	}
	toShade := func(s Shade) brandShade { return brandShade{s.Color.Hex(), s.Ratio, s.Changed} }
	return &brandOut{brandBody{Name: b.Name, Description: b.Description, Accent: b.Accent, Accent2: b.Accent2, SupportEmail: b.SupportEmail,
		Copyright: b.Copyright, Version: b.Version, LogoURL: url(Logo), IconURL: url(Icon), CoverURL: url(Cover),
		Contrast: brandContrast{toShade(b.Light.Accent), toShade(b.Dark.Accent)}, Sentence: s.Tell(b, actor.Language)}}
}
