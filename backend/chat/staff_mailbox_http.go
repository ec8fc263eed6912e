package chat

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/mailbox"
	"portico/backend/kernel/web"
)

// MailboxIn is a mailbox as staff enter it.
type MailboxIn struct {
	Enabled  bool   `json:"enabled"`
	Host     string `json:"host"`
	Port     int64  `json:"port" doc:"With TLS mostly 993"`
	Security string `json:"security" enum:"tls,starttls,none" doc:"none works to this computer itself only"`
	Username string `json:"username"`
	Password string `json:"password,omitempty" doc:"Left out or empty: the one that is kept"`
	Folder   string `json:"folder,omitempty" doc:"INBOX when left out"`
	Address  string `json:"address" doc:"Mail to it lands in this mailbox"`
	Plus     bool   `json:"plus" doc:"Mail to name+anything lands in it too, as with most providers"`
}

func (in MailboxIn) mailbox() Mailbox {
	return Mailbox{Enabled: in.Enabled, Host: in.Host, Port: in.Port, Security: in.Security, Username: in.Username, Folder: in.Folder, Address: in.Address, Plus: in.Plus}
}

// MailboxBody is a mailbox as it is kept, and how it stands.
type MailboxBody struct {
	Enabled     bool   `json:"enabled"`
	Host        string `json:"host"`
	Port        int64  `json:"port"`
	Security    string `json:"security"`
	Username    string `json:"username"`
	HasPassword bool   `json:"has_password"`
	Folder      string `json:"folder"`
	Address     string `json:"address"`
	Plus        bool   `json:"plus"`
	State       string `json:"state" enum:"off,opening,ok,trouble"`
	Step        string `json:"step" doc:"At which there is trouble: connect, tls, login or folder"`
	What        string `json:"what" doc:"What is the matter, in your language"`
	Reply       string `json:"reply" doc:"The server's own words"`
}

// MailboxStepBody is the outcome of a step of a test.
type MailboxStepBody struct {
	Step  string `json:"step" enum:"connect,tls,login,folder"`
	OK    bool   `json:"ok"`
	What  string `json:"what" doc:"What to do when it failed"`
	Reply string `json:"reply" doc:"The server's own words"`
}

// stepWords tells what is the matter at a step.
func (s *Service) stepWords(language string, step mailbox.Step) string {
	text, _ := s.Words(language, "chat.mailbox_step_"+string(step), nil)
	return text
}

func (s *Service) mailboxBody(language string, v MailboxView) MailboxBody {
	out := MailboxBody{v.Enabled, v.Host, v.Port, v.Security, v.Username, v.PasswordRef != "", v.Folder, v.Address, v.Plus, string(v.State), string(v.Step), "", v.Reply}
	if v.Step != "" {
		out.What = s.stepWords(language, v.Step)
	}
	return out
}

func registerMailbox(api *web.API, s *Service) {
	type mailboxOut struct{ Body MailboxBody }
	type mailboxIn struct{ Body MailboxIn }
	const path = "/api/staff/chat/mailbox"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-mailbox", Policy: auth.StaffOnly,
		Summary: "Where clients answer by mail", Description: "The mailbox that is read, without its password, and how that goes."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*mailboxOut, error) {
			v, err := s.Mailbox(ctx, actor)
			return &mailboxOut{s.mailboxBody(actor.Language, v)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path, ID: "set-mailbox", Policy: auth.StaffOnly,
		Summary: "Have answers by mail read", Description: "Or not any more. Mail that was there before is left alone, and nothing is changed in the mailbox."},
		func(ctx context.Context, actor auth.Actor, in *mailboxIn) (*mailboxOut, error) {
			v, err := s.SetMailbox(ctx, actor, in.Body.mailbox(), in.Body.Password)
			return &mailboxOut{s.mailboxBody(actor.Language, v)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/test", ID: "test-mailbox", Policy: auth.StaffOnly, Status: http.StatusOK,
		Summary: "Try a mailbox out", Description: "Every step up to the first that failed. Nothing is kept."},
		func(ctx context.Context, actor auth.Actor, in *mailboxIn) (*struct {
			Body struct {
				Items []MailboxStepBody `json:"items"`
			}
		}, error) {
			list, err := s.TestMailbox(ctx, actor, in.Body.mailbox(), in.Body.Password)
			out := &struct {
				Body struct {
					Items []MailboxStepBody `json:"items"`
				}
			}{}
			for _, step := range list {
				b := MailboxStepBody{Step: string(step.Step), OK: step.OK, Reply: step.Reply}
				if !step.OK {
					b.What = s.stepWords(actor.Language, step.Step)
				}
				out.Body.Items = append(out.Body.Items, b)
			}
			return out, err
		})
}
