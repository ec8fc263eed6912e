package overview

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type staffMe struct {
	Name     string `json:"name"`
	Via      string `json:"via" doc:"window, browser, token or cli"`
	Version  string `json:"version" doc:"Of the program"`
	Language string `json:"language"`
	TimeZone string `json:"time_zone" doc:"IANA; empty: as on the device"`
	Theme    string `json:"theme" enum:"system,light,dark"`
}

type staffMeOut struct{ Body staffMe }

type healthItem struct {
	Key   string `json:"key"`
	State State  `json:"state" enum:"ok,warn,error"`
	What  string `json:"what"`
	Do    string `json:"do"`
	Href  string `json:"href"`
}

type healthOut struct {
	Body struct {
		Light State        `json:"light" enum:"ok,warn,error"`
		Items []healthItem `json:"items"`
	}
}

type auditLine struct {
	ID          string         `json:"id"`
	Seq         int64          `json:"seq"`
	At          time.Time      `json:"at"`
	Actor       string         `json:"actor"`
	Action      string         `json:"action"`
	Subject     string         `json:"subject"`
	SubjectName string         `json:"subject_name" doc:"Of a contact that still exists"`
	Detail      map[string]any `json:"detail"`
}

func registerMe(api *web.API, s *Service) {
	told := func(actor auth.Actor, p Preferences) *staffMeOut {
		return &staffMeOut{staffMe{p.Name, actor.Via, s.Version, p.Language, p.TimeZone, p.Theme}}
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/me", ID: "get-staff-me", Policy: auth.StaffOnly,
		Summary: "Who is asking, and how they like the dashboard", Description: "Name, way in, language, time zone and theme."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*staffMeOut, error) {
			p, err := s.StaffPreferences(ctx, actor)
			return told(actor, p), err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: "/api/staff/me", ID: "change-staff-me", Policy: auth.StaffOnly,
		Summary: "Change name, language, time zone or theme", Description: "What is absent stays as it is.",
	}, func(ctx context.Context, actor auth.Actor, in *struct {
		Body struct {
			Name     *string `json:"name,omitempty"`
			Language *string `json:"language,omitempty"`
			TimeZone *string `json:"time_zone,omitempty"`
			Theme    *string `json:"theme,omitempty"`
		}
	}) (*staffMeOut, error) {
		p, err := s.SetStaffPreferences(ctx, actor, PreferencesPatch{in.Body.Name, in.Body.Language, in.Body.TimeZone, in.Body.Theme})
		return told(actor, p), err
	})
}

func registerHealth(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/overview/health", ID: "get-health", Policy: auth.StaffOnly,
		Summary: "How the program stands", Description: "Mail, disk, database, clock and reachability; the light is the worst of them."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*healthOut, error) {
			h, err := s.Health(ctx, actor)
			out := &healthOut{}
			out.Body.Light = h.Light
			for _, item := range h.Items {
				out.Body.Items = append(out.Body.Items, healthItem{item.Key, item.State, item.What, item.Do, item.Href})
			}
			return out, err
		})
}

func registerAudit(api *web.API, s *Service) {
	type auditOut struct {
		Body struct {
			Items []auditLine `json:"items"`
			Next  *string     `json:"next_cursor"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/audit", ID: "list-audit", Policy: auth.StaffOnly,
		Summary: "Who did what", Description: "Newest first. `action` is one action, or all of a room with a dot at its end. While searching, a page may be short and still name a next one."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Search string `query:"search" maxLength:"200"`
			Action string `query:"action" maxLength:"100"`
			Cursor string `query:"cursor" maxLength:"64"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*auditOut, error) {
			entries, next, err := s.AuditLog(ctx, actor, in.Search, in.Action, in.Cursor, in.Limit)
			out := &auditOut{}
			out.Body.Next = orNull(next)
			for _, e := range entries {
				line := auditLine{e.ID, e.Seq, e.At, e.Who, e.Action, e.Subject, e.SubjectName, map[string]any{}}
				_ = json.Unmarshal(e.Detail, &line.Detail) // the log writes objects only
				out.Body.Items = append(out.Body.Items, line)
			}
			return out, err
		})
	api.Handle(http.MethodGet, "/api/staff/audit/export", auth.StaffOnly, "The audit log as CSV", func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
		begun := false
		err := s.ExportAudit(r.Context(), actor, r.URL.Query().Get("search"), r.URL.Query().Get("action"), func() io.Writer {
			begun = true
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="audit-log.csv"`)
			return w
		})
		switch {
		case err != nil && !begun:
			web.WriteProblem(w, r, err, api.Words, api.Log)
		case err != nil:
			api.Log.Error("an export broke off", "error", err)
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	})
}
