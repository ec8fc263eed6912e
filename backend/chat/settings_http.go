package chat

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// SettingsBody is how the business keeps its chat.
type SettingsBody struct {
	AwayMessage     string      `json:"away_message" doc:"What clients read while nobody is there"`
	AnswerTime      string      `json:"answer_time" doc:"When they may expect an answer, in your own words"`
	TimeZone        string      `json:"time_zone" doc:"Of the hours (IANA); empty takes the owner's"`
	Hours           []HoursBody `json:"hours" maxItems:"100" doc:"When somebody is there; none is always"`
	FollowUpMinutes int64       `json:"follow_up_minutes" doc:"After how long unread messages are mailed to the client; 0 is never"`
	QuietFrom       string      `json:"quiet_from" doc:"From when staff are shown no notifications, such as 20:00; empty is never"`
	QuietTo         string      `json:"quiet_to"`
}

// HoursBody is a stretch of a weekday.
type HoursBody struct {
	Day  int64  `json:"day" doc:"1 is Monday, 7 is Sunday"`
	From string `json:"from" doc:"Such as 09:00"`
	To   string `json:"to" doc:"Such as 17:00; 24:00 is the end of the day"`
}

func settingsBody(s Settings) SettingsBody {
	out := SettingsBody{AwayMessage: s.AwayMessage, AnswerTime: s.AnswerTime, TimeZone: s.TimeZone, FollowUpMinutes: s.FollowUpMinutes, QuietFrom: s.QuietFrom, QuietTo: s.QuietTo}
	for _, h := range s.Hours {
		out.Hours = append(out.Hours, HoursBody(h))
	}
	return out
}

func (b SettingsBody) settings() Settings {
	out := Settings{AwayMessage: b.AwayMessage, AnswerTime: b.AnswerTime, TimeZone: b.TimeZone, FollowUpMinutes: b.FollowUpMinutes, QuietFrom: b.QuietFrom, QuietTo: b.QuietTo}
	for _, h := range b.Hours {
		out.Hours = append(out.Hours, Hours(h))
	}
	return out
}

func registerSettings(api *web.API, s *Service) {
	type body struct{ Body SettingsBody }
	const path = "/api/staff/chat/settings"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "get-chat-settings", Policy: auth.StaffOnly,
		Summary: "How the chat is kept", Description: "Hours, what clients read outside them, when unread messages are mailed, and quiet hours of staff."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*body, error) {
			out, err := s.Settings(ctx, actor)
			return &body{settingsBody(out)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path, ID: "set-chat-settings", Policy: auth.StaffOnly,
		Summary: "Change how the chat is kept", Description: "All of it at once."},
		func(ctx context.Context, actor auth.Actor, in *body) (*body, error) {
			out, err := s.SetSettings(ctx, actor, in.Body.settings())
			return &body{settingsBody(out)}, err
		})
}

// AvailabilityBody is what a client is told before they write.
type AvailabilityBody struct {
	Open        bool       `json:"open" doc:"It is within the hours of the business"`
	Online      bool       `json:"online" doc:"Somebody of the business is here now"`
	AwayMessage string     `json:"away_message" doc:"Empty while it is open"`
	AnswerTime  string     `json:"answer_time"`
	OpensAt     *time.Time `json:"opens_at" doc:"When it is closed now"`
}

// PreferencesBody is how a client wants to be told of messages.
type PreferencesBody struct {
	Mail      string `json:"mail" enum:"soon,daily,never"`
	QuietFrom string `json:"quiet_from" doc:"No mail from then, such as 21:00; empty is never"`
	QuietTo   string `json:"quiet_to"`
}

func registerPreferences(api *web.API, s *Service) {
	type body struct{ Body PreferencesBody }
	told := func(p Preferences) *body {
		return &body{PreferencesBody{string(p.Mail), p.Quiet.From, p.Quiet.To}}
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/portal/chat/availability", ID: "get-availability", Policy: auth.ClientOnly,
		Summary: "Is somebody there", Description: "Whether the business is open, and what it says otherwise."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{ Body AvailabilityBody }, error) {
			a, err := s.Availability(ctx, actor)
			return &struct{ Body AvailabilityBody }{AvailabilityBody{a.Open, a.Online, a.AwayMessage, a.AnswerTime, orNull(a.OpensAt)}}, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/portal/chat/preferences", ID: "get-chat-preferences", Policy: auth.ClientOnly,
		Summary: "How you are told of messages", Description: "Whether unread messages come by mail, and when not."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*body, error) {
			p, err := s.Preferences(ctx, actor)
			return told(p), err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: "/api/portal/chat/preferences", ID: "set-chat-preferences", Policy: auth.ClientOnly,
		Summary: "Change how you are told of messages", Description: "Soon, once a day or never; in quiet hours mail waits."},
		func(ctx context.Context, actor auth.Actor, in *body) (*body, error) {
			p, err := s.SetPreferences(ctx, actor, Preferences{MailChoice(in.Body.Mail), Quiet{in.Body.QuietFrom, in.Body.QuietTo}})
			return told(p), err
		})
}
