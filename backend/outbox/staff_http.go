package outbox

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/web"
)

type (
	accountOut struct{ Body AccountBody }
	presetBody struct {
		Key          string     `json:"key"`
		Name         string     `json:"name"`
		Host         string     `json:"host"`
		Port         int        `json:"port"`
		Security     string     `json:"security"`
		UsernameHint string     `json:"username_hint"`
		Help         string     `json:"help"`
		Limits       LimitsBody `json:"limits"`
	}
	presetsOut struct {
		Body struct {
			Items []presetBody `json:"items"`
			Next  *string      `json:"next_cursor"`
		}
	}
	testIn struct {
		Body struct {
			To      string        `json:"to" maxLength:"1000" doc:"Where the test mail goes"`
			Account *AccountInput `json:"account,omitempty" doc:"To try settings out before saving them"`
		}
	}
	testOut struct{ Body TestBody }
)

// RegisterStaff adds the operations of this room for staff.
func RegisterStaff(api *web.API, s *Service) {
	registerAccount(api, s)
	registerTest(api, s)
	registerMessages(api, s)
	registerTemplates(api, s)
	registerSuppressions(api, s)
}

func registerAccount(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/account", ID: "get-mail-account", Policy: auth.StaffOnly,
		Summary: "The mail account", Description: "How mail leaves and what is the matter with it. The password is never answered."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*accountOut, error) {
			v, err := s.Account(ctx, actor)
			return &accountOut{s.accountBody(actor.Language, v)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: "/api/staff/mail/account", ID: "save-mail-account", Policy: auth.StaffOnly,
		Summary: "Set the mail account up", Description: "Replaces the settings; a pause ends and waiting mail goes out. An empty password keeps the one there is; with another server or user name it has to be sent again."},
		func(ctx context.Context, actor auth.Actor, in *struct{ Body AccountInput }) (*accountOut, error) {
			v, err := s.SaveAccount(ctx, actor, in.Body.account(), in.Body.Password)
			return &accountOut{s.accountBody(actor.Language, v)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/mail/account/resume", ID: "resume-mail-account", Policy: auth.StaffOnly,
		Summary: "Send again after a pause", Description: "Ends a pause, an outage or a wait, and tries waiting mail at once."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*accountOut, error) {
			v, err := s.Resume(ctx, actor)
			return &accountOut{s.accountBody(actor.Language, v)}, err
		})
}

func registerTest(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/mail/presets", ID: "list-mail-presets", Policy: auth.StaffOnly,
		Summary: "Known mail providers", Description: "Settings to start from; host and limits can be edited."},
		func(_ context.Context, actor auth.Actor, _ *struct{}) (*presetsOut, error) {
			out := &presetsOut{}
			for _, p := range mail.Presets() {
				hint := "you@" + map[string]string{"gmail": "gmail.com", "microsoft365": "company.com", "fastmail": "fastmail.com"}[p.ID]
				if hint == "you@" {
					hint = "you@example.com"
				}
				out.Body.Items = append(out.Body.Items, presetBody{Key: p.ID, Name: p.Name, Host: p.Host, Port: p.Port, Security: string(p.Security),
					UsernameHint: hint, Help: s.words.say(actor.Language, p.HelpKey),
					Limits: LimitsBody{PerMinute: p.Limits.PerMinute, PerDay: p.Limits.PerDay, PerConnection: p.Limits.PerConnection}})
			}
			return out, nil
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/mail/test", ID: "test-mail-account", Policy: auth.StaffOnly,
		Summary: "Try the mail account out", Description: "Connects, signs in and sends a test mail, and says of each step how it went and of the failing one what to change. Works with settings that are not saved yet."},
		func(ctx context.Context, actor auth.Actor, in *testIn) (*testOut, error) {
			var a *Account
			password := ""
			if in.Body.Account != nil {
				given := in.Body.Account.account()
				a, password = &given, in.Body.Account.Password
			}
			results, err := s.Test(ctx, actor, in.Body.To, a, password)
			return &testOut{s.testBody(actor.Language, results)}, err
		})
}
