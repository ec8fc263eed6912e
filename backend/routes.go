package backend

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"portico/backend/access"
	"portico/backend/branding"
	"portico/backend/chat"
	"portico/backend/contacts"
	"portico/backend/demo"
	"portico/backend/domains"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/live"
	"portico/backend/kernel/web"
	"portico/backend/outbox"
	"portico/backend/overview"
	"portico/backend/pages"
	"portico/frontend"
)

// The policies for what a page may load. There is no inline script and no inline
// style on either side; the staff side shows mails in a sandboxed frame.
const (
	portalCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; " +
		"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	staffCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; " +
		"frame-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// register builds both APIs: every operation of every room, and what is no
// operation (pages, sockets, bundles), all in the one policy table.
func (b *Backend) register() (portal, staff *web.API) {
	portal = web.NewAPI("portal", "Portico portal", "What a client of the business may do.", b.words.Text, b.config.Log)
	staff = web.NewAPI("staff", "Portico staff", "What staff of the business may do. Send `Authorization: Bearer` with a token made by `portico token create`.", b.words.Text, b.config.Log)

	cookies := b.cookies
	contacts.RegisterPortal(portal, b.contacts)
	access.RegisterPages(portal, b.access, cookies)
	access.RegisterPortal(portal, b.access, cookies)
	branding.RegisterPortal(portal, b.branding)
	chat.RegisterPortal(portal, b.chat)
	overview.RegisterPortal(portal, b.overview)

	contacts.RegisterStaff(staff, b.contacts)
	access.RegisterStaff(staff, b.access)
	outbox.RegisterStaff(staff, b.outbox)
	branding.RegisterStaff(staff, b.branding)
	domains.RegisterStaff(staff, b.domains)
	chat.RegisterStaff(staff, b.chat)
	overview.RegisterStaff(staff, b.overview)
	demo.RegisterStaff(staff, b.demo)
	b.registerVerify(staff)

	portal.Handle(http.MethodGet, "/api/portal/live", auth.ClientOnly, "Live pushes to a client", b.portalLive)
	staff.Handle(http.MethodGet, "/api/staff/live", auth.StaffOnly, "Live pushes to staff in a browser", b.staffLive)
	portal.Handle(http.MethodGet, "/api/portal/live/poll", auth.ClientOnly, "Live pushes to a client that gets no socket", b.portalPoll)
	staff.Handle(http.MethodGet, "/api/staff/live/poll", auth.StaffOnly, "Live pushes to staff in a browser that gets no socket", b.staffPoll)
	staff.Handle(http.MethodGet, "/enter/{token}", auth.Public, "Use a one-time address of the dashboard", b.enterStaff)
	for _, api := range []*web.API{portal, staff} {
		api.Handle(http.MethodGet, "/healthz", auth.Public, "Is the program alive", func(w http.ResponseWriter, _ *http.Request, _ auth.Actor) { _, _ = w.Write([]byte("ok\n")) })
		api.Handle(http.MethodGet, "/readyz", auth.Public, "Can the program serve", b.ready)
	}
	portal.Handle(http.MethodGet, "/", auth.Public, "The portal app and its files", b.app(portal, "portal"))
	staff.Handle(http.MethodGet, "/", auth.Public, "The dashboard and its files", b.app(staff, "staff"))
	return portal, staff
}

// Description is what the program offers, told without a store.
type Description struct {
	Routes        []web.Route
	Staff, Portal []byte // OpenAPI documents
}

// Describe answers every route with its policy and both OpenAPI documents.
func Describe() (*Description, error) {
	words, err := i18n.New(messages()...)
	if err != nil {
		return nil, err
	}
	// Registering only takes the services' methods; none is called.
	b := &Backend{words: words, address: &address{}, config: Config{Log: slog.New(slog.DiscardHandler)}, pages: pages.New(),
		contacts: &contacts.Service{}, access: &access.Service{Deps: access.Deps{Pages: pages.New()}}, outbox: &outbox.Service{}, branding: &branding.Service{}, domains: &domains.Service{}, chat: &chat.Service{}, overview: &overview.Service{}, demo: &demo.Service{}}
	portal, staff := b.register()
	d := &Description{Routes: append(portal.Routes(), staff.Routes()...)}
	if d.Portal, err = portal.OpenAPI(); err != nil {
		return nil, err
	}
	d.Staff, err = staff.OpenAPI()
	return d, err
}

// Portal serves the public listeners. What a certificate authority and
// our own checks ask is answered before anything else, for names that are not in
// use yet too.
func (b *Backend) Portal() http.Handler {
	return b.certs.HTTPChallenge(b.world.checks.Handler(b.portal()))
}

func (b *Backend) portal() http.Handler {
	return b.layers(portalCSP, b.address.door, func(r *http.Request) (auth.Actor, error) {
		return b.access.Client(r.Context(), b.cookies(r.Context()).SessionToken(r))
	}).Wrap(b.strictHTTPS(b.portalAPI.Mux))
}

// cookies are those of the listener that a request came by.
func (b *Backend) cookies(ctx context.Context) access.Cookies {
	return access.Cookies{Secure: b.address.secure(web.Encrypted(ctx))}
}

// strictHTTPS tells browsers to come by https only for half a year, when the owner
// wants that, and otherwise takes back what they were told before.
func (b *Backend) strictHTTPS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ours, strict := b.address.strict(r); web.Encrypted(r.Context()) && strict {
			w.Header().Set("Strict-Transport-Security", "max-age=15768000")
		} else if web.Encrypted(r.Context()) && ours {
			w.Header().Set("Strict-Transport-Security", "max-age=0")
		}
		next.ServeHTTP(w, r)
	})
}

// Staff serves the loopback listener for the dashboard in a browser and for the API.
func (b *Backend) Staff() http.Handler {
	return b.layers(staffCSP, b.address.staffDoor, func(r *http.Request) (auth.Actor, error) {
		if token := bearer(r); token != "" {
			return b.access.StaffByToken(r.Context(), token)
		}
		cookie, err := r.Cookie(access.StaffCookie)
		if err != nil {
			return auth.Actor{Kind: auth.KindAnonymous}, nil
		}
		actor, err := b.access.StaffByCookie(r.Context(), cookie.Value)
		return b.named(r.Context(), actor, err)
	}).Wrap(b.staffAPI.Mux)
}

// Window serves Portico's own window, in this process: whoever holds this handler
// is the person at this computer.
func (b *Backend) Window() http.Handler { return b.inProcess("window") }

// Socket serves the local socket, which only the owner of the data directory can open.
func (b *Backend) Socket() http.Handler { return b.inProcess("cli") }

func (b *Backend) inProcess(via string) http.Handler {
	return b.layers(staffCSP, nil, func(r *http.Request) (auth.Actor, error) {
		return b.named(r.Context(), auth.Staff("", via), nil)
	}).Wrap(b.staffAPI.Mux)
}

// named gives staff the name they chose, which notes and the audit log show.
func (b *Backend) named(ctx context.Context, actor auth.Actor, err error) (auth.Actor, error) {
	if err != nil || actor.Kind != auth.KindStaff {
		return actor, err
	}
	p, err := b.overview.StaffPreferences(ctx, actor)
	actor.Name = p.Name
	return actor, err
}

func (b *Backend) layers(csp string, door web.Door, identify web.Identify) web.Layers {
	return web.Layers{Door: door, Trusted: b.config.Trusted, CSP: csp, Identify: identify, Words: b.words.Text, Log: b.config.Log,
		Language: func(r *http.Request) string { return b.words.Match(r.Header.Get("Accept-Language")) },
		WrongHost: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusMisdirectedRequest)
			_, _ = w.Write(b.pages.Misdirected(b.words.Match(r.Header.Get("Accept-Language"))))
		}}
}

func (b *Backend) ready(w http.ResponseWriter, r *http.Request, _ auth.Actor) {
	if b.db.Ping(r.Context()) != nil || b.db.Broken() != nil {
		http.Error(w, "the store is not available", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

func (b *Backend) portalLive(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	b.told(w, r, b.hub.Serve(w, r, b.clientListens(r, actor), []string{b.address.origin(r)}))
}

func (b *Backend) portalPoll(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	b.told(w, r, b.hub.Poll(w, r, b.clientListens(r, actor)))
}

func (b *Backend) staffLive(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	b.told(w, r, b.hub.Serve(w, r, b.staffListens(r, actor), []string{b.address.Staff()}))
}

func (b *Backend) staffPoll(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	b.told(w, r, b.hub.Poll(w, r, b.staffListens(r, actor)))
}

// told answers why there are no live pushes.
func (b *Backend) told(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		web.WriteProblem(w, r, err, b.words.Text, b.config.Log)
	}
}

// clientListens is who hears; whether the session still holds is asked again.
func (b *Backend) clientListens(r *http.Request, actor auth.Actor) live.Identity {
	token := b.cookies(r.Context()).SessionToken(r)
	return live.Identity{Audience: live.Portal, Person: actor.ContactID, Session: actor.SessionID, Still: func(ctx context.Context) (bool, error) {
		return b.access.Holds(ctx, token)
	}}
}

func (b *Backend) staffListens(r *http.Request, actor auth.Actor) live.Identity {
	id := live.Identity{Audience: live.Staff, Person: "staff", Session: actor.SessionID}
	if cookie, err := r.Cookie(access.StaffCookie); err == nil && actor.Via == "browser" {
		id.Still = func(ctx context.Context) (bool, error) {
			still, err := b.access.StaffByCookie(ctx, cookie.Value)
			return still.Kind == auth.KindStaff, err
		}
	}
	return id
}

func (b *Backend) enterStaff(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
	cookie, err := b.access.EnterStaff(r.Context(), access.Browser{Address: actor.Address, Agent: actor.Browser}, r.PathValue("token"))
	if err != nil {
		web.WriteProblem(w, r, err, b.words.Text, b.config.Log)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: access.StaffCookie, Value: cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// app serves a bundle: its files by name, the shell for the paths its router
// knows, and a problem for everything under /api/ that no operation answered.
func (b *Backend) app(api *web.API, name string) func(http.ResponseWriter, *http.Request, auth.Actor) {
	bundle, err := fs.Sub(frontend.Dist(), name)
	var assets *web.Assets
	if err == nil {
		assets, err = web.LoadAssets(bundle)
	}
	if err != nil || !assets.Has("index.html") {
		assets = nil // a build without a user interface
	}
	return func(w http.ResponseWriter, r *http.Request, _ auth.Actor) {
		file := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/"):
			web.WriteProblem(w, r, fault.New(fault.NotFound, "request.no_route", "There is nothing at this address."), api.Words, api.Log)
		case assets == nil:
			http.Error(w, "This build of Portico has no user interface. Build it with: go run ./build/task build", http.StatusNotFound)
		case assets.Has(file):
			assets.Serve(w, r, file)
		case path.Ext(file) != "":
			http.NotFound(w, r)
		case name == "portal" && b.nobody(r):
			http.Redirect(w, r, "/login?next="+oneValue.Replace(r.URL.EscapedPath()), http.StatusSeeOther)
		default:
			assets.Serve(w, r, "index.html")
		}
	}
}

// oneValue keeps a path one value of a query; the rest is escaped in any path.
var oneValue = strings.NewReplacer("&", "%26", "+", "%2B", ";", "%3B")

// nobody reports a browser without a session cookie, which is shown the sign-in
// page at once instead of an app that would only send it there.
func (b *Backend) nobody(r *http.Request) bool {
	return b.cookies(r.Context()).SessionToken(r) == ""
}
