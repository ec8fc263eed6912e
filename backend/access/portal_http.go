package access

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/web"
)

// OwnSession is one of a client's devices as they see it.
type OwnSession struct {
	ID         string    `json:"id"`
	Device     string    `json:"device" doc:"Firefox on Linux"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	Current    bool      `json:"current"`
}

// CookieHeaders hands the request's cookies to an operation.
type CookieHeaders struct {
	Cookie string `header:"Cookie" hidden:"true"`
}

// request makes the headers an http.Request, whose parser reads cookies.
func (c CookieHeaders) request() *http.Request {
	return &http.Request{Header: http.Header{"Cookie": {c.Cookie}}}
}

// SetCookies are the cookies that an answer sets.
type SetCookies struct {
	SetCookie []http.Cookie `header:"Set-Cookie" hidden:"true"`
}

// RegisterPortal adds the operations of this room for clients.
func RegisterPortal(api *web.API, s *Service, cookies func(context.Context) Cookies) {
	registerLogin(api, s, cookies)
	registerSessions(api, s, cookies)
}

func registerLogin(api *web.API, s *Service, cookies func(context.Context) Cookies) {
	type accepted struct {
		SetCookies
		Body struct {
			Message string `json:"message"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/portal/login", ID: "request-login", Status: http.StatusAccepted, Policy: auth.Public,
		Summary: "Ask for a login mail", Description: "Answers the same for every address. The cookie it sets lets this browser type the code of the mail."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			CookieHeaders
			Body struct {
				Email string `json:"email"`
				Next  string `json:"next,omitempty"`
			}
		}) (*accepted, error) {
			c := cookies(ctx)
			value, err := s.RequestLogin(ctx, c.browser(in.request(), actor), in.Body.Email, web.SafePath(in.Body.Next))
			if err != nil {
				return nil, err
			}
			out := &accepted{}
			out.SetCookie = []http.Cookie{c.cookie(c.request(), value, loginTTL)}
			out.Body.Message, _ = api.Words(actor.Language, "access.login_sent", nil)
			return out, nil
		})
	type entered struct {
		SetCookies
		Body struct {
			Next string `json:"next"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/portal/login/code", ID: "enter-code", Policy: auth.Public,
		Summary: "Sign in with the code of a login mail", Description: "Works in the browser that asked for the mail. Wrong, too late and from another browser are one answer; five tries."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			CookieHeaders
			Body struct {
				Email string `json:"email"`
				Code  string `json:"code"`
			}
		}) (*entered, error) {
			c := cookies(ctx)
			got, err := s.RedeemCode(ctx, c.browser(in.request(), actor), in.Body.Email, in.Body.Code)
			if err != nil {
				return nil, err
			}
			out := &entered{}
			out.SetCookie = []http.Cookie{c.cookie(c.session(), got.Token, sessionAbsolute), c.cookie(c.request(), "", 0)}
			out.Body.Next = got.Target
			return out, nil
		})
}

func registerSessions(api *web.API, s *Service, cookies func(context.Context) Cookies) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/portal/sessions", ID: "list-own-sessions", Policy: auth.ClientOnly,
		Summary: "Own devices", Description: "Where the client is signed in, last used first."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				Items []OwnSession `json:"items"`
				Next  *string      `json:"next_cursor"`
			}
		}, error) {
			sessions, err := s.Sessions(ctx, actor)
			out := &struct {
				Body struct {
					Items []OwnSession `json:"items"`
					Next  *string      `json:"next_cursor"`
				}
			}{}
			for _, se := range sessions {
				out.Body.Items = append(out.Body.Items, OwnSession{se.ID, i18n.Device(api.Words, actor.Language, se.Browser), se.Created, se.LastSeen, se.ID == actor.SessionID})
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: "/api/portal/sessions/{id}", ID: "end-own-session", Policy: auth.ClientOnly,
		Summary: "Sign a device out", Description: "Ends one of the client's own sessions at once."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*struct{}, error) {
			return nil, s.SignOut(ctx, actor, in.ID)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/portal/sessions/sign-out-others", ID: "end-other-sessions", Policy: auth.ClientOnly, Status: http.StatusNoContent,
		Summary: "Sign all other devices out", Description: "Ends every session but this one."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct{}, error) {
			return nil, s.SignOutOthers(ctx, actor)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/portal/logout", ID: "logout", Policy: auth.ClientOnly, Status: http.StatusNoContent,
		Summary: "Sign out", Description: "Ends this session and takes its cookie away."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*SetCookies, error) {
			c := cookies(ctx)
			return &SetCookies{SetCookie: []http.Cookie{c.cookie(c.session(), "", 0)}}, s.SignOut(ctx, actor, actor.SessionID)
		})
}
