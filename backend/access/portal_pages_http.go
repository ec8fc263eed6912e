package access

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
	"portico/backend/pages"
)

// landingLife is how long the landing cookie waits for the button.
const landingLife = 10 * time.Minute

// door serves the script-free pages. Cookies are asked for at each request: the
// address of the portal, and with it http or https, can change while it runs.
type door struct {
	s       *Service
	api     *web.API
	cookies func(context.Context) Cookies
	plain   *keptPages
}

// keptPages holds the sign-in page as most people get it: the same bytes until
// the brand or the policy changes. It is emptied when it is full, since what it
// holds may show an earlier brand.
type keptPages struct {
	mu    sync.RWMutex
	pages map[plainKey][]byte
}

// plainKey is all that the plain sign-in page depends on.
type plainKey struct {
	frame pages.Frame
	view  pages.Login
}

// maxKept is more than there are languages and too few to matter.
const maxKept = 16

func (k *keptPages) get(key plainKey, render func() []byte) []byte {
	k.mu.RLock()
	page, ok := k.pages[key]
	k.mu.RUnlock()
	if ok {
		return page
	}
	page = render()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.pages) >= maxKept {
		clear(k.pages)
	}
	k.pages[key] = page
	return page
}

// RegisterPages adds the sign-in and link pages to the portal listener.
func RegisterPages(api *web.API, s *Service, cookies func(context.Context) Cookies) {
	d := door{s, api, cookies, &keptPages{pages: map[plainKey][]byte{}}}
	api.Handle("GET", "/login", auth.Public, "Sign-in page", d.login)
	api.Handle("POST", "/login", auth.Public, "Ask for a login mail", d.askLogin)
	api.Handle("POST", "/login/code", auth.Public, "Sign in with the code of a login mail", d.typeCode)
	// A pattern for GET also takes HEAD, which scanners send; it changes nothing.
	api.Handle("GET", "/k/{token}", auth.Public, "Open a link", d.land)
	api.Handle("GET", "/k", auth.Public, "Page of an opened link", d.look)
	api.Handle("POST", "/k", auth.Public, "Use the opened link and sign in", d.redeem)
	api.Handle("POST", "/k/renew", auth.Public, "Ask for a fresh mail in place of a link that is over", d.renew)
	style := s.Pages.StylePath()
	api.Handle("GET", style, auth.Public, "Stylesheet of the sign-in pages", func(w http.ResponseWriter, _ *http.Request, _ auth.Actor) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(s.Pages.Style())
	})
}

func (d door) frame(r *http.Request, language string) pages.Frame {
	brand, err := d.s.Business.Brand(r.Context())
	if err != nil {
		d.s.Log.Error("the brand cannot be read", "error", err)
	}
	return pages.Frame{Language: d.s.Pages.Language(language, r.Header.Get("Accept-Language")), Brand: brand}
}

func send(w http.ResponseWriter, status int, page []byte) {
	maps.Copy(w.Header(), pageHeaders)
	w.WriteHeader(status)
	_, _ = w.Write(page)
}

// pageHeaders are those of every page of this room.
var pageHeaders = http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-store"}, "X-Robots-Tag": {"noindex"}}

// fail shows a page for a fault that none of the others fits.
func (d door) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.As(err)
	if f.Kind == fault.Internal {
		d.s.Log.Error("a page failed", "route", r.Pattern, "error", err)
	}
	wait := time.Duration(f.RetryAfter) * time.Second
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	send(w, web.Status(f), d.s.Pages.Problem(d.frame(r, ""), pages.Problem{Status: web.Status(f), RetryAfter: wait}))
}

func (d door) withCode(r *http.Request) bool {
	p, err := d.s.Policy(r.Context(), auth.System())
	return err == nil && p.CodeSignIn
}

func (d door) login(w http.ResponseWriter, r *http.Request, _ auth.Actor) {
	next, query := "/", url.Values(nil)
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
		next = web.SafePath(query.Get("next"))
	}
	if actor, err := web.Who(r.Context()); err == nil && actor.Kind == auth.KindClient {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	notice := pages.Notice(query.Get("notice"))
	if notice == "" && query.Has("next") {
		notice = pages.NoticeSignInFirst
	}
	frame, view := d.frame(r, ""), pages.Login{Notice: notice, Next: next, WithCode: d.withCode(r)}
	if notice != "" || next != "/" { // as many pages as there are addresses: not kept
		send(w, http.StatusOK, d.s.Pages.Login(frame, view))
		return
	}
	send(w, http.StatusOK, d.plain.get(plainKey{frame, view}, func() []byte { return d.s.Pages.Login(frame, view) }))
}

// maxForm bounds the body of a form in bytes.
const maxForm = 16 << 10

func form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Malformed, "request.form", "The form could not be read. Go back and try again.").Because(err)
	}
	return nil
}

func (d door) askLogin(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	if err := form(w, r); err != nil {
		d.fail(w, r, err)
		return
	}
	email, next := strings.TrimSpace(r.PostForm.Get("email")), web.SafePath(r.PostForm.Get("next"))
	if at := strings.LastIndexByte(email, '@'); at < 1 || at == len(email)-1 || len(email) > 320 {
		send(w, http.StatusUnprocessableEntity, d.s.Pages.Login(d.frame(r, ""), pages.Login{Email: email, Next: next, BadEmail: true, WithCode: d.withCode(r)}))
		return
	}
	cookie, err := d.s.RequestLogin(r.Context(), d.cookies(r.Context()).browser(r, actor), email, next)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.cookies(r.Context()).give(w, d.cookies(r.Context()).request(), cookie, loginTTL)
	send(w, http.StatusAccepted, d.s.Pages.LoginSent(d.frame(r, ""), pages.LoginSent{Email: email, Next: next, Minutes: int(loginTTL / time.Minute), WithCode: d.withCode(r)}))
}

func (d door) typeCode(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	if err := form(w, r); err != nil {
		d.fail(w, r, err)
		return
	}
	email, code, next := r.PostForm.Get("email"), r.PostForm.Get("code"), web.SafePath(r.PostForm.Get("next"))
	in, err := d.s.RedeemCode(r.Context(), d.cookies(r.Context()).browser(r, actor), email, code)
	if errors.Is(err, ErrBadCode) {
		send(w, http.StatusUnauthorized, d.s.Pages.LoginSent(d.frame(r, ""), pages.LoginSent{Email: email, Next: next, WithCode: true, BadCode: true, Code: code}))
		return
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.admit(w, r, in)
	http.Redirect(w, r, in.Target, http.StatusSeeOther)
}

// admit sets the session and takes the cookies of the way in away.
func (d door) admit(w http.ResponseWriter, r *http.Request, in Entered) {
	c := d.cookies(r.Context())
	c.give(w, c.session(), in.Token, sessionAbsolute)
	c.give(w, c.landing(), "", 0)
	c.give(w, c.request(), "", 0)
}

func (d door) land(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	cookie, err := d.s.Land(r.Context(), d.cookies(r.Context()).browser(r, actor), r.PathValue("token"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.cookies(r.Context()).give(w, d.cookies(r.Context()).landing(), cookie, landingLife)
	h.Set("Location", "/k")
	w.WriteHeader(http.StatusSeeOther) // no body: it would repeat the address
}

func (d door) look(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	behind, err := d.s.Look(r.Context(), d.cookies(r.Context()).browser(r, actor))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	frame := d.frame(r, behind.Language)
	switch behind.State {
	case "no_cookie":
		send(w, http.StatusOK, d.s.Pages.CookiesNeeded(frame))
	case "signed_in":
		http.Redirect(w, r, behind.Target, http.StatusSeeOther)
	case "over":
		send(w, http.StatusGone, d.s.Pages.LinkInvalid(frame, pages.LinkInvalid{}))
	default:
		send(w, http.StatusOK, d.s.Pages.Landing(frame, d.landing(behind, "", false)))
	}
}

func (d door) landing(behind Door, typed string, wrong bool) pages.Landing {
	view := pages.Landing{Welcome: behind.Welcome, Browser: behind.Browser, AskedAt: behind.AskedAt, Now: d.s.DB.Clock().Now(),
		AskEmail: behind.AskEmail, Email: typed, WrongEmail: wrong}
	if behind.Email != "" {
		view.Masked = pages.MaskEmail(behind.Email)
	}
	return view
}

func (d door) redeem(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	if err := form(w, r); err != nil {
		d.fail(w, r, err)
		return
	}
	browser, typed := d.cookies(r.Context()).browser(r, actor), r.PostForm.Get("email")
	in, err := d.s.Redeem(r.Context(), browser, typed)
	switch {
	case err == nil:
		d.admit(w, r, in)
		http.Redirect(w, r, in.Target, http.StatusSeeOther)
	case errors.Is(err, ErrWrongEmail):
		behind, err := d.s.Look(r.Context(), browser)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		if behind.State != "open" { // that was the last try
			send(w, http.StatusGone, d.s.Pages.LinkInvalid(d.frame(r, ""), pages.LinkInvalid{}))
			return
		}
		behind.AskEmail = true
		send(w, http.StatusUnprocessableEntity, d.s.Pages.Landing(d.frame(r, behind.Language), d.landing(behind, typed, typed != "")))
	case errors.Is(err, ErrLinkOver):
		send(w, http.StatusGone, d.s.Pages.LinkInvalid(d.frame(r, ""), pages.LinkInvalid{}))
	case errors.Is(err, errNoCookie):
		send(w, http.StatusGone, d.s.Pages.CookiesNeeded(d.frame(r, "")))
	default:
		d.fail(w, r, err)
	}
}

func (d door) renew(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	cookie, err := d.s.Renew(r.Context(), d.cookies(r.Context()).browser(r, actor))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.cookies(r.Context()).give(w, d.cookies(r.Context()).request(), cookie, loginTTL)
	send(w, http.StatusAccepted, d.s.Pages.LinkInvalid(d.frame(r, ""), pages.LinkInvalid{Sent: true, Minutes: int(loginTTL / time.Minute)}))
}
