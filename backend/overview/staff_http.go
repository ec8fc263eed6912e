package overview

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type timelineItem struct {
	ID          string         `json:"id"`
	At          time.Time      `json:"at"`
	Kind        string         `json:"kind" doc:"For example contact.created, portal.joined; new kinds appear"`
	ContactID   string         `json:"contact_id"`
	ContactName string         `json:"contact_name"`
	Actor       string         `json:"actor" enum:"staff,client,system"`
	Text        string         `json:"text" doc:"What happened, in the reader's language"`
	Data        map[string]any `json:"data"`
}

type overviewPage struct {
	Invited      int64          `json:"invited"`
	Joined       int64          `json:"joined"`
	Contacts     int64          `json:"contacts"`
	MailWaiting  int64          `json:"mail_waiting"`
	MailProblems int64          `json:"mail_problems"`
	Setup        setupProgress  `json:"setup"`
	NeedsYou     []staffNeed    `json:"needs_you"`
	Recent       []timelineItem `json:"recent"`
}

type setupProgress struct {
	Steps    []setupStep `json:"steps"`
	Finished bool        `json:"finished"`
}

type setupStep struct {
	Key     string `json:"key" enum:"business,look,contact,mail,address,invite"`
	Done    bool   `json:"done"`
	Skipped bool   `json:"skipped"`
}

type staffNeed struct {
	Key  string `json:"key"`
	What string `json:"what"`
	Do   string `json:"do"`
	Href string `json:"href" doc:"Where in the dashboard"`
}

type timelineOut struct {
	Body struct {
		Items []timelineItem `json:"items"`
		Next  *string        `json:"next_cursor"`
	}
}

// RegisterStaff adds what staff see of the whole.
func RegisterStaff(api *web.API, s *Service) {
	registerMe(api, s)
	registerHome(api, s)
	registerTimeline(api, s)
	registerBell(api, s)
	registerHealth(api, s)
	registerAudit(api, s)
}

func registerHome(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/overview", ID: "get-overview", Policy: auth.StaffOnly,
		Summary: "The home page", Description: "Figures, the steps of the first start, what waits for a person, and what happened last."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{ Body overviewPage }, error) {
			o, err := s.Overview(ctx, actor)
			if err != nil {
				return nil, err
			}
			n := o.Numbers
			body := overviewPage{Invited: n.Invited, Joined: n.Joined, Contacts: n.Contacts, MailWaiting: n.MailWaiting, MailProblems: n.MailProblems,
				Setup: setupProgress{Finished: o.Setup.Finished}, Recent: toItems(o.Recent)}
			for _, step := range o.Setup.Steps {
				body.Setup.Steps = append(body.Setup.Steps, setupStep(step))
			}
			for _, need := range o.Needs {
				body.NeedsYou = append(body.NeedsYou, staffNeed(need))
			}
			return &struct{ Body overviewPage }{body}, nil
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/overview/setup", ID: "change-setup", Policy: auth.StaffOnly, Status: http.StatusNoContent,
		Summary: "Skip a step of the first start, or finish it", Description: "Send `key` and `skipped`, or `finished`. Whether a step is done is read off the data."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Key      *string `json:"key,omitempty"`
				Skipped  bool    `json:"skipped,omitempty"`
				Finished *bool   `json:"finished,omitempty"`
			}
		}) (*struct{}, error) {
			if in.Body.Key != nil {
				if err := s.SkipStep(ctx, actor, *in.Body.Key, in.Body.Skipped); err != nil {
					return nil, err
				}
			}
			if in.Body.Finished != nil {
				return nil, s.FinishSetup(ctx, actor, *in.Body.Finished)
			}
			return nil, nil
		})
}

func registerTimeline(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/overview/contacts/{id}/timeline", ID: "get-timeline", Policy: auth.StaffOnly,
		Summary: "What happened with a contact", Description: "Newest first. While searching, a page may be short and still name a next one."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ID     string `path:"id" maxLength:"64"`
			Search string `query:"search" maxLength:"200"`
			Cursor string `query:"cursor" maxLength:"64"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*timelineOut, error) {
			items, next, err := s.Timeline(ctx, actor, in.ID, in.Search, in.Cursor, in.Limit)
			out := &timelineOut{}
			out.Body.Items, out.Body.Next = toItems(items), orNull(next)
			return out, err
		})
}

func registerBell(api *web.API, s *Service) {
	type bellOut struct {
		Body struct {
			Items  []timelineItem `json:"items"`
			Unseen int            `json:"unseen" doc:"At most 100"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/overview/notifications", ID: "list-notifications", Policy: auth.StaffOnly,
		Summary: "What staff should hear of", Description: "The newest first, and how many came since somebody looked."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*bellOut, error) {
			items, unseen, err := s.Notifications(ctx, actor)
			out := &bellOut{}
			out.Body.Items, out.Body.Unseen = toItems(items), unseen
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/overview/notifications/seen", ID: "see-notifications", Policy: auth.StaffOnly, Status: http.StatusNoContent,
		Summary: "Take the notifications for seen", Description: "Everything until now."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{}, error) {
			return nil, s.NotificationsSeen(ctx, actor)
		})
}

func toItems(items []Item) []timelineItem {
	out := make([]timelineItem, len(items))
	for i, item := range items {
		out[i] = timelineItem(item)
	}
	return out
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
