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

// visit is what the layers know of a request, in one value of its context. Who
// sends it and in which language to answer is looked up at most once and only
// when somebody asks: public pages cost no query.
type visit struct {
	address, browser string
	encrypted        bool

	request  *http.Request
	identify Identify
	language func(*http.Request) string
	who      sync.Once
	actor    auth.Actor
	err      error
	reads    sync.Once
	speaks   string
}

type visitKey struct{}

// visitOf answers what is known of the request behind a context, never nil.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// WithIdentity lets later layers ask who sends the request.
func WithIdentity(identify Identify, language func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, (&visit{identify: identify, language: language}).begin(r))
	})
}

// begin is the request that knows the visit.
func (v *visit) begin(r *http.Request) *http.Request {
	v.request = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	return v.request
}

// Admit answers the actor when the policy lets them call at all. For Public it
// answers what is known of the peer without asking who they are.
func Admit(ctx context.Context, policy auth.Policy) (auth.Actor, error) {
	if policy == auth.Public {
		v := visitOf(ctx)
		return auth.Actor{Kind: auth.KindAnonymous, Via: "portal", Address: v.address, Browser: v.browser, Language: languageOf(ctx, auth.Actor{})}, nil
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
	v := visitOf(ctx)
	if v.identify == nil {
		return auth.Actor{Kind: auth.KindAnonymous}, nil
	}
	v.who.Do(func() { v.actor, v.err = v.identify(v.request) })
	actor, err := v.actor, v.err
	actor.Address, actor.Browser = v.address, v.browser
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
	v := visitOf(ctx)
	v.reads.Do(func() {
		if v.speaks = "en"; v.language != nil {
			v.speaks = v.language(v.request)
		}
	})
	return v.speaks
}
