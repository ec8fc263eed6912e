package web

import (
	"context"
	"net/http"
	"sync"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
)

// Identify finds out who sends a request: a cookie, a token, or nobody.
type Identify func(r *http.Request) (auth.Actor, error)

type contextKey int

const (
	whoKey contextKey = iota
	languageKey
)

// who answers the actor of a request, looked up at most once and only when a
// policy asks: public pages cost no query.
type who func() (auth.Actor, error)

// WithIdentity lets later layers ask who sends the request.
func WithIdentity(identify Identify, language func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), languageKey, language(r))
		ctx = context.WithValue(ctx, whoKey, who(sync.OnceValues(func() (auth.Actor, error) { return identify(r) })))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Admit answers the actor when the policy lets them call at all. For Public it
// answers what is known of the peer without asking who they are.
func Admit(ctx context.Context, policy auth.Policy) (auth.Actor, error) {
	if policy == auth.Public {
		return auth.Actor{Kind: auth.KindAnonymous, Via: "portal", Address: peerOf(ctx).address, Browser: peerOf(ctx).browser, Language: languageOf(ctx, auth.Actor{})}, nil
	}
	actor, err := Who(ctx)
	if err != nil {
		return actor, err
	}
	switch policy {
	case auth.ClientOnly:
		return actor, actor.MustBeClient()
	case auth.StaffOnly:
		if actor.Kind == auth.KindAnonymous {
			return actor, errStaffSignIn
		}
		return actor, actor.MustBeStaff()
	case auth.InProcess:
		if actor.Kind == auth.KindStaff && (actor.Via == "window" || actor.Via == "cli") {
			return actor, nil
		}
		return actor, fault.New(fault.Forbidden, "auth.in_process", "This can be done only in Portico's window or on its command line.")
	}
	return auth.Actor{}, fault.New(fault.Forbidden, "auth.no_policy", "This is not offered.")
}

var errStaffSignIn = fault.New(fault.Unauthenticated, "auth.staff_sign_in",
	"You are not signed in. Run `portico staff-link` and open the address it prints, or send a token made with `portico token create`.")

// Who answers the actor of the request, or an anonymous one.
func Who(ctx context.Context) (auth.Actor, error) {
	ask, ok := ctx.Value(whoKey).(who)
	if !ok {
		return auth.Actor{Kind: auth.KindAnonymous}, nil
	}
	actor, err := ask()
	actor.Address, actor.Browser = peerOf(ctx).address, peerOf(ctx).browser
	if actor.Language == "" {
		actor.Language = languageOf(ctx, actor)
	}
	if actor.Kind == "" {
		actor.Kind = auth.KindAnonymous
	}
	return actor, err
}

// Language is what faults and pages are told in.
func Language(r *http.Request) string { return languageOf(r.Context(), auth.Actor{}) }

func languageOf(ctx context.Context, actor auth.Actor) string {
	if actor.Language != "" {
		return actor.Language
	}
	if l, ok := ctx.Value(languageKey).(string); ok {
		return l
	}
	return "en"
}
