package domains

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

const path = "/api/staff/domain"

type chooseIn struct {
	Body struct {
		Name   string `json:"name" doc:"As typed or pasted"`
		Record Record `json:"record,omitempty" enum:"address,alias" doc:"address when left out"`
		Alias  string `json:"alias,omitempty" doc:"For an alias: the name that it points to"`
	}
}

type formerIn struct {
	Name string `path:"name"`
}

type optionsIn struct {
	Body struct {
		Email     *string  `json:"email,omitempty"`
		Method    *Method  `json:"method,omitempty" enum:"http,dns_manual,dns_update"`
		Server    *string  `json:"server,omitempty"`
		Zone      *string  `json:"zone,omitempty"`
		KeyName   *string  `json:"key_name,omitempty"`
		Algorithm *string  `json:"algorithm,omitempty"`
		Secret    *string  `json:"secret,omitempty" doc:"Never shown again; empty keeps the one that is there"`
		Dynamic   *Dynamic `json:"dynamic,omitempty" enum:"off,url,dns_update"`
		UpdateURL *string  `json:"update_url,omitempty" doc:"Never shown again; empty keeps the one that is there"`
		Mapping   *bool    `json:"mapping,omitempty"`
		HSTS      *bool    `json:"hsts,omitempty"`
		Outside   *bool    `json:"outside,omitempty"`
	}
}

type guidesOut struct {
	Body struct {
		Items []guideHead `json:"items"`
	}
}

type guideHead struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type guideIn struct {
	ID string `path:"id"`
}

type guideOut struct{ Body guideBody }

type guideBody struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Title  string       `json:"title"`
	URL    string       `json:"url" doc:"Where it begins, or empty"`
	Full   bool         `json:"full" doc:"The form wants whole names"`
	Steps  []string     `json:"steps"`
	Form   string       `json:"form" doc:"What the form looks like"`
	Fields []guideField `json:"fields" doc:"Its fields, with what belongs there"`
	Notes  []string     `json:"notes"`
}

type guideField struct {
	Key   string `json:"key" enum:"type,host,value,ttl"`
	Label string `json:"label" doc:"As the form names it"`
	Value string `json:"value" doc:"Empty: leave it as it is"`
}

type instructionsOut struct {
	Body struct {
		Subject string `json:"subject"`
		Text    string `json:"text"`
	}
}

type reportOut struct {
	Body struct {
		Text string `json:"text"`
	}
}

// RegisterStaff adds what staff may do with the portal's address.
func RegisterStaff(api *web.API, s *Service) {
	answer := func(ctx context.Context, actor auth.Actor, err error) (*domainOut, error) {
		if err != nil {
			return nil, err
		}
		v, err := s.View(ctx, actor)
		return &domainOut{s.teller(actor).body(v)}, err
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-domain", Summary: "How the portal's address stands",
		Description: "Name, records to enter, the newest check and update, certificate and options. Nobody outside is asked.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*domainOut, error) {
			return answer(ctx, actor, nil)
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path, ID: "choose-domain", Summary: "Set a name up",
		Description: "Its records are shown and watched from now on. The address of the portal changes only with Update Domain.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *chooseIn) (*domainOut, error) {
			if in.Body.Record == "" {
				in.Body.Record = ByAddress
			}
			return answer(ctx, actor, s.Choose(ctx, actor, in.Body.Name, in.Body.Record, in.Body.Alias))
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path, ID: "default-domain", Summary: "Go back to the default address", Status: http.StatusOK,
		Description: "The name goes on answering and leads to the default address, so that links in old mails work.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*domainOut, error) {
			return answer(ctx, actor, s.BackToDefault(ctx, actor))
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/name", ID: "drop-domain", Summary: "Stop setting a name up", Status: http.StatusOK,
		Description: "The address in use stays as it is.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*domainOut, error) {
			return answer(ctx, actor, s.Drop(ctx, actor))
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/former/{name}", ID: "forget-domain", Summary: "Stop answering under a former name", Status: http.StatusOK,
		Description: "Links to it are dead from then on.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *formerIn) (*domainOut, error) {
			return answer(ctx, actor, s.Forget(ctx, actor, in.Name))
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/options", ID: "set-domain-options", Summary: "Change what belongs to the address",
		Description: "Fields that are left out stay. Strict HTTPS (hsts) is offered after a month only.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *optionsIn) (*domainOut, error) {
			b := in.Body
			return answer(ctx, actor, s.SetOptions(ctx, actor, Change{b.Email, b.Method, b.Server, b.Zone, b.KeyName, b.Algorithm, b.Secret, b.Dynamic, b.UpdateURL, b.Mapping, b.HSTS, b.Outside}))
		})
	registerActions(api, s, answer)
	registerGuides(api, s)
}

func registerGuides(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/guides", ID: "list-domain-guides", Summary: "The guides to providers",
		Description: "For whoever knows their provider although the name servers do not tell.", Policy: auth.StaffOnly},
		func(_ context.Context, actor auth.Actor, _ *struct{}) (*guidesOut, error) {
			var out guidesOut
			for _, p := range Providers() {
				out.Body.Items = append(out.Body.Items, guideHead{p.ID, s.teller(actor).provider(p)})
			}
			return &out, nil
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/guides/{id}", ID: "get-domain-guide", Summary: "A guide, written for the name that is set up",
		Description: "Numbered steps, what the form looks like and what belongs in its fields.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, in *guideIn) (*guideOut, error) {
			v, err := s.View(ctx, actor)
			if err != nil {
				return nil, err
			}
			p, err := guideOf(in.ID)
			if err != nil {
				return nil, err
			}
			g := s.teller(actor).guide(p, v)
			b := guideBody{ID: g.Provider.ID, Name: s.teller(actor).provider(g.Provider), Title: g.Title, URL: g.Provider.URL, Full: g.Provider.Full, Steps: g.Steps, Form: g.Form, Notes: g.Notes}
			for _, f := range g.Fields {
				b.Fields = append(b.Fields, guideField(f))
			}
			return &guideOut{b}, nil
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/instructions", ID: "get-domain-instructions", Summary: "A mail to whoever runs the domain",
		Description: "Subject and text with every record that is needed, to be sent from the owner's own mail program.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*instructionsOut, error) {
			v, err := s.View(ctx, actor)
			if err != nil {
				return nil, err
			}
			var out instructionsOut
			mail, err := s.Instructions(actor, v)
			out.Body.Subject, out.Body.Text = mail.Subject, mail.Text
			return &out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/report", ID: "get-domain-report", Summary: "Everything known about how the portal is reached, as text",
		Description: "For whoever helps the owner: the newest check with its codes, the line, the router and the certificate. It holds no secret; nobody is asked.", Policy: auth.StaffOnly},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*reportOut, error) {
			v, err := s.View(ctx, actor)
			if err != nil {
				return nil, err
			}
			var out reportOut
			out.Body.Text, err = s.Report(actor, v)
			return &out, err
		})
}
