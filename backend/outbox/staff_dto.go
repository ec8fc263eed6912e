package outbox

import (
	"time"

	"portico/backend/kernel/mail"
)

// LimitsBody are what the provider allows; 0 means no limit.
type LimitsBody struct {
	PerMinute     int `json:"per_minute,omitempty" doc:"Mails a minute; 0 for no limit"`
	PerDay        int `json:"per_day,omitempty" doc:"Mails in any 24 hours; 0 for no limit"`
	PerConnection int `json:"per_connection,omitempty" doc:"Mails before the connection is replaced; usually 50"`
	Connections   int `json:"connections,omitempty" doc:"Connections at the same time, 1 to 10; usually 1. If the program is cut off while it sends, as many mails can come twice. A sign-in mail that would have to wait may open one more"`
}

// AccountInput is the mail account as staff send it.
type AccountInput struct {
	Kind        string      `json:"kind,omitempty" enum:"smtp,files" doc:"smtp when left out; files keeps every mail as an .eml file"`
	Host        string      `json:"host,omitempty" maxLength:"255"`
	Port        int         `json:"port,omitempty"`
	Security    string      `json:"security,omitempty" doc:"tls, starttls or none"`
	Username    string      `json:"username,omitempty" maxLength:"1024"`
	Password    string      `json:"password,omitempty" maxLength:"1024" doc:"Write only. Left out or empty keeps the one there is, unless server or user name changed"`
	FromName    string      `json:"from_name,omitempty" maxLength:"1000" doc:"Empty takes the business's name"`
	FromAddress string      `json:"from_address,omitempty" maxLength:"1000"`
	Preset      string      `json:"preset,omitempty" maxLength:"50" doc:"Key of a preset; its limits apply unless limits are sent"`
	Limits      *LimitsBody `json:"limits,omitempty"`
}

func (in AccountInput) account() Account {
	a := Account{Kind: AccountKind(in.Kind), Host: in.Host, Port: in.Port, Security: mail.Security(in.Security), Username: in.Username,
		FromName: in.FromName, FromAddress: in.FromAddress, Preset: in.Preset}
	if in.Limits != nil {
		a.Limits = Limits(*in.Limits)
		if a.Limits.PerConnection == 0 {
			a.Limits.PerConnection = usualPerConnection
		}
	}
	return a
}

// StatusBody says whether mail goes out.
type StatusBody struct {
	State string     `json:"state" enum:"ok,unset,paused,offline"`
	What  string     `json:"what" doc:"What is the matter; empty when nothing is"`
	Do    string     `json:"do"`
	Since *time.Time `json:"since"`
	Until *time.Time `json:"until" doc:"When it is tried again by itself, where that is known"`
	Reply string     `json:"reply" doc:"The server's own words"`
}

// AccountBody is the mail account as staff see it; the password is never in it.
type AccountBody struct {
	Kind        string     `json:"kind"`
	Host        string     `json:"host"`
	Port        int        `json:"port"`
	Security    string     `json:"security"`
	Username    string     `json:"username"`
	FromName    string     `json:"from_name"`
	FromAddress string     `json:"from_address"`
	Preset      string     `json:"preset"`
	Configured  bool       `json:"configured"`
	HasPassword bool       `json:"has_password"`
	Status      StatusBody `json:"status"`
	Limits      struct {
		PerMinute     int `json:"per_minute"`
		PerDay        int `json:"per_day"`
		PerConnection int `json:"per_connection"`
		Connections   int `json:"connections"`
	} `json:"limits"`
	FilesDir string `json:"files_dir"`
}

func (s *Service) accountBody(language string, v AccountView) AccountBody {
	b := AccountBody{Kind: string(v.Kind), Host: v.Host, Port: v.Port, Security: string(v.Security), Username: v.Username, FromName: v.FromName,
		FromAddress: v.FromAddress, Preset: v.Preset, Configured: v.Configured, HasPassword: v.HasPassword, FilesDir: v.FilesDir}
	b.Limits.PerMinute, b.Limits.PerDay = v.Limits.PerMinute, v.Limits.PerDay
	b.Limits.PerConnection, b.Limits.Connections = v.Limits.PerConnection, v.Limits.Connections
	key, until := v.Status.Waiting(s.deps.DB.Clock().Now())
	b.Status = StatusBody{State: string(v.Status.State), Since: at(v.Status.Since), Until: at(until), Reply: v.Status.Reply}
	b.Status.What, b.Status.Do = s.words.meaning(language, key)
	return b
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// MessageBody is a mail in the outbox.
type MessageBody struct {
	ID         string     `json:"id"`
	To         string     `json:"to"`
	ContactID  string     `json:"contact_id"`
	Kind       string     `json:"kind"`
	Subject    string     `json:"subject"`
	State      string     `json:"state" enum:"queued,sending,accepted,retry,unknown,failed,cancelled"`
	Attempts   int        `json:"attempts"`
	NextAt     *time.Time `json:"next_at"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	AcceptedAt *time.Time `json:"accepted_at"`
	Code       int        `json:"code" doc:"The server's last reply code; 0 when there was none"`
	Reply      string     `json:"reply" doc:"The server's own words"`
	What       string     `json:"what" doc:"What that means"`
	Do         string     `json:"do"`
}

// MessageDetail is a mail with its text; links and codes in it are samples.
type MessageDetail struct {
	MessageBody
	HTML string `json:"html"`
	Text string `json:"text"`
}

// messageBody says of a mail that waits why it does: its own trouble, or the account's.
func (s *Service) messageBody(language string, m Message, account Status) MessageBody {
	key := m.Problem
	if m.State == StateQueued || m.State == StateRetry {
		if waits, _ := account.Waiting(s.deps.DB.Clock().Now()); waits != "" {
			key = waits
		}
	}
	b := MessageBody{ID: m.ID, To: m.To, ContactID: m.ContactID, Kind: string(m.Kind), Subject: m.Subject, State: string(m.State), Attempts: m.Attempts,
		NextAt: at(m.NextAt), CreatedAt: m.Created, UpdatedAt: m.Updated, AcceptedAt: at(m.AcceptedAt), Code: m.Code, Reply: m.Reply}
	b.What, b.Do = s.words.meaning(language, key)
	return b
}

// StepBody is a line of the test button's answer.
type StepBody struct {
	Step  string `json:"step" doc:"connect, tls, greeting, hello, starttls, auth, sender, recipient, data, after_data or store"`
	State string `json:"state" enum:"ok,failed,skipped"`
	Ms    int64  `json:"ms"`
	Reply string `json:"reply" doc:"The server's own words"`
	What  string `json:"what" doc:"What went wrong"`
	Do    string `json:"do" doc:"What to change"`
}

// TestBody is what a test of an account found.
type TestBody struct {
	OK    bool       `json:"ok"`
	Steps []StepBody `json:"steps"`
}

func (s *Service) testBody(language string, results []mail.StepResult) TestBody {
	out := TestBody{OK: len(results) > 0}
	for _, r := range results {
		step := StepBody{Step: string(r.Step), State: "ok", Ms: r.Took.Milliseconds(), Reply: r.Reply}
		if r.Problem != nil {
			out.OK = false
			step.State = "failed"
			step.What, step.Do = s.words.meaning(language, r.Problem.Key)
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// TextsBody are the four texts of a template.
type TextsBody struct {
	Subject string `json:"subject" maxLength:"2000"`
	Heading string `json:"heading,omitempty" maxLength:"2000"`
	Body    string `json:"body" maxLength:"40000" doc:"Paragraphs parted by empty lines; custom values as {{name}}"`
	Button  string `json:"button" maxLength:"2000"`
}

func (b TextsBody) template(key, language string) Template {
	return Template{Key: Kind(key), Language: language, Subject: b.Subject, Heading: b.Heading, Body: b.Body, Button: b.Button}
}

// TemplateBody is a template as staff see it.
type TemplateBody struct {
	Key         string `json:"key"`
	Language    string `json:"language"`
	Subject     string `json:"subject"`
	Heading     string `json:"heading"`
	Body        string `json:"body"`
	Button      string `json:"button"`
	Custom      bool   `json:"custom" doc:"Written by staff; false for the text that comes with Portico"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

func (s *Service) templateBody(language string, t Template) TemplateBody {
	key := "mail.template." + string(t.Key)
	return TemplateBody{Key: string(t.Key), Language: t.Language, Subject: t.Subject, Heading: t.Heading, Body: t.Body, Button: t.Button, Custom: t.Custom(),
		Name: s.words.say(language, key+".name"), Description: s.words.say(language, key+".description")}
}

// TextProblemBody points at something wrong in a template.
type TextProblemBody struct {
	Part       string `json:"part" enum:"subject,heading,body,button"`
	Start      int    `json:"start" doc:"In UTF-16 units, as browsers count"`
	End        int    `json:"end"`
	Name       string `json:"name"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion" doc:"The value that was probably meant; empty when nothing is near"`
}

// PreviewBody is a template as a contact would read it.
type PreviewBody struct {
	Subject  string            `json:"subject"`
	HTML     string            `json:"html"`
	Text     string            `json:"text"`
	Problems []TextProblemBody `json:"problems"`
}

// ValueBody is a custom value that texts may mention.
type ValueBody struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Sample      string   `json:"sample"`
	BodyOnly    bool     `json:"body_only"`
	Templates   []string `json:"templates" doc:"Keys of the templates that have it"`
}

// SuppressionBody is an address that gets no mail.
type SuppressionBody struct {
	Email  string    `json:"email"`
	Reason string    `json:"reason" enum:"bounced,manual"`
	Detail string    `json:"detail"`
	Since  time.Time `json:"since"`
}
