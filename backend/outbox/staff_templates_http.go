package outbox

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// TemplatePath names a template; it is exported because huma skips embedded
// types that are not.
type TemplatePath struct {
	Key      string `path:"key" maxLength:"50" doc:"invitation, login, login_mail, new_device or chat"`
	Language string `path:"language" maxLength:"10"`
}

type (
	templatesOut struct {
		Body struct {
			Items []TemplateBody `json:"items"`
			Next  *string        `json:"next_cursor"`
		}
	}
	templateOut struct{ Body TemplateBody }
	previewIn   struct {
		Key  string `path:"key" maxLength:"50"`
		Body struct {
			TextsBody
			Language  string `json:"language" maxLength:"10"`
			ContactID string `json:"contact_id,omitempty" maxLength:"64" doc:"Whose values to show; empty takes samples"`
		}
	}
	previewOut struct{ Body PreviewBody }
	valuesOut  struct {
		Body struct {
			Items []ValueBody `json:"items"`
			Next  *string     `json:"next_cursor"`
		}
	}
)

func registerTemplates(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/templates", ID: "list-mail-templates", Policy: auth.StaffOnly,
		Summary: "The texts of mails", Description: "Every kind of mail in every language, as it is sent now."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*templatesOut, error) {
			list, err := s.Templates(ctx, actor)
			out := &templatesOut{}
			for _, t := range list {
				out.Body.Items = append(out.Body.Items, s.templateBody(actor.Language, t))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: "/api/staff/mail/templates/{key}/{language}", ID: "save-mail-template", Policy: auth.StaffOnly,
		Summary: "Change the text of a mail", Description: "Refused with 422 while it mentions custom values that do not exist; the preview says where."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			TemplatePath
			Body TextsBody
		}) (*templateOut, error) {
			t, err := s.SaveTemplate(ctx, actor, in.Body.template(in.Key, in.Language))
			return &templateOut{s.templateBody(actor.Language, t)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: "/api/staff/mail/templates/{key}/{language}", ID: "reset-mail-template", Policy: auth.StaffOnly,
		Summary: "Back to the original text", Description: "Mails that were sent keep the text they were sent with."},
		func(ctx context.Context, actor auth.Actor, in *TemplatePath) (*struct{}, error) {
			return nil, s.ResetTemplate(ctx, actor, in.Key, in.Language)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/mail/templates/{key}/preview", ID: "preview-mail-template", Policy: auth.StaffOnly,
		Summary: "A text as a contact would read it", Description: "Nothing is saved or sent; links and codes are samples. Problems say where a custom value cannot stand, and what was probably meant."},
		func(ctx context.Context, actor auth.Actor, in *previewIn) (*previewOut, error) {
			r, problems, err := s.Preview(ctx, actor, in.Body.template(in.Key, in.Body.Language), in.Body.ContactID)
			out := &previewOut{PreviewBody{Subject: r.Subject, HTML: r.HTML, Text: r.Text}}
			for _, p := range problems {
				out.Body.Problems = append(out.Body.Problems, TextProblemBody{p.Part, p.Start, p.End, p.Name, p.Message, p.Suggestion})
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/values", ID: "list-mail-values", Policy: auth.StaffOnly,
		Summary: "Custom values", Description: "What texts of mails may mention, written {{name}} or {{name | default: \"…\"}}."},
		func(_ context.Context, actor auth.Actor, _ *struct{}) (*valuesOut, error) {
			out := &valuesOut{}
			for _, v := range Values() {
				b := ValueBody{Name: v.Name, Description: s.words.say(actor.Language, "mail.value."+v.Name), Sample: v.Sample, BodyOnly: v.Body}
				for _, kind := range editable {
					if v.in(kind) {
						b.Templates = append(b.Templates, string(kind))
					}
				}
				out.Body.Items = append(out.Body.Items, b)
			}
			return out, nil
		})
}
