package backend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"portico/backend"
	"portico/backend/backendtest"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/web"
)

// This file walks every route of the program (promise A10). What must come back
// follows from the policy that the route declares; how a right request looks
// stands in samples, and a route without a sample fails the test, so that a new
// operation has to join.

// Words that staff wrote about a client and that no client may ever be sent.
const (
	canaryTag     = "canary-tag-7f3a"
	canaryNote    = "canary-note-7f3a"
	canaryCompany = "canary-company-7f3a"
	canaryStreet  = "canary-street-7f3a"
	canaryPhone   = "+4930901820"
	canaryView    = "canary-view-7f3a"
	otherName     = "Bertha Other-7f3a"
	otherEmail    = "bertha-7f3a@example.com"
)

var canaries = []string{"canary-", canaryPhone, otherName, otherEmail}

// call is a request for a route: path parameters in the order of the path, and a body.
type call struct {
	ids   []string
	query string
	body  any
	form  url.Values
	image []byte
	extra http.Header
}

// sample says how a route is asked rightly and what it answers then.
type sample struct {
	want int
	or   int  // what those who are signed in hear instead
	once bool // costly: one of those who may is enough
	make func(s *stage) call
	// foreign is somebody else's thing (of a client), or a deleted one (for staff).
	foreign func(s *stage) call
	after   func(s *stage)
}

// stage is a world with one actor of each kind.
type stage struct {
	*backendtest.World
	t                        *testing.T
	ana, bertha, suspended   string // contacts
	signedOut, expired, kept string // session cookies: two that are over, and the one of the suspended contact
	bearer, revoked, cookie  string // of staff
}

func newStage(t *testing.T, w *backendtest.World) *stage {
	s := &stage{World: w, t: t}
	s.expired = w.SignedIn(w.Contact("Expired", "expired@example.com"), "127.1.0.9").Cookie("portico")
	w.Clock.Advance(31 * 24 * time.Hour)
	s.ana = s.watched("Ana", "ana@example.com")
	s.bertha = s.watched(otherName, otherEmail)
	s.suspended = w.Contact("Sue", "sue@example.com")
	s.kept = w.SignedIn(s.suspended, "127.1.0.8").Cookie("portico")
	w.Staff.Must("POST", "/api/staff/portal/contacts/"+s.suspended+"/suspend", m{}, 200)
	left := w.SignedIn(s.ana, "127.1.0.7")
	s.signedOut = left.Cookie("portico")
	left.Must("POST", "/api/portal/logout", nil, 204)
	s.bearer = w.Staff.Must("POST", "/api/staff/tokens", m{"name": "matrix"}, 201).Text("token")
	gone := w.Staff.Must("POST", "/api/staff/tokens", m{"name": "gone"}, 201)
	s.revoked = gone.Text("token")
	w.Staff.Must("DELETE", "/api/staff/tokens/"+gone.Text("id"), nil, 204)
	s.cookie = s.staffCookie()
	for _, kind := range []string{"logo", "cover", "icon"} {
		if r := s.send(w.Backend.Socket(), "PUT", "/api/staff/branding/images/"+kind, call{image: picture(t)}, nil); r.Code != 200 {
			t.Fatalf("setting the %s: %d %s", kind, r.Code, r.Body)
		}
	}
	return s
}

// watched is a contact about whom staff wrote what clients must not see.
func (s *stage) watched(name, email string) string {
	s.t.Helper()
	id := s.Staff.Must("POST", "/api/staff/contacts", m{"name": name, "emails": []string{email}, "phones": []string{canaryPhone}, "company": canaryCompany,
		"address": m{"street": canaryStreet}, "tags": []string{canaryTag}}, 201).Text("id")
	s.Staff.Must("POST", "/api/staff/contacts/"+id+"/notes", m{"text": canaryNote}, 201)
	if r := s.send(s.Backend.Socket(), "PUT", "/api/staff/contacts/"+id+"/photo", call{image: picture(s.t)}, nil); r.Code != 200 {
		s.t.Fatalf("photo: %d %s", r.Code, r.Body)
	}
	return id
}

func (s *stage) staffCookie() string {
	link := s.Staff.Must("POST", "/api/staff/staff-link", m{}, 201).Text("url")
	r := s.send(s.Backend.Staff(), "GET", strings.TrimPrefix(link, backendtest.StaffURL), call{}, nil)
	for _, c := range r.Result().Cookies() {
		if c.Name == "portico-staff" {
			return c.Value
		}
	}
	s.t.Fatalf("no dashboard session: %d", r.Code)
	return ""
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var parameterInPath = regexp.MustCompile(`\{[a-z_]+\}`)

// at puts ids in the place of a pattern's parameters.
func at(pattern string, ids []string) string {
	return parameterInPath.ReplaceAllStringFunc(pattern, func(name string) string {
		if len(ids) == 0 {
			return "none-for-" + strings.Trim(name, "{}")
		}
		id := ids[0]
		ids = ids[1:]
		return url.PathEscape(id)
	})
}

// send asks a handler and answers what it wrote.
func (s *stage) send(h http.Handler, method, pattern string, c call, header http.Header) *httptest.ResponseRecorder {
	s.t.Helper()
	var body io.Reader
	kind := ""
	switch {
	case c.image != nil:
		body, kind = bytes.NewReader(c.image), "image/png"
	case c.form != nil:
		body, kind = strings.NewReader(c.form.Encode()), "application/x-www-form-urlencoded"
	case c.body != nil:
		b, err := json.Marshal(c.body)
		if err != nil {
			s.t.Fatal(err)
		}
		body, kind = bytes.NewReader(b), "application/json"
	}
	r := httptest.NewRequest(method, at(pattern, c.ids)+c.query, body)
	r.Host = "portal.test"
	if strings.HasPrefix(header.Get("X-Listener"), "staff") || strings.HasPrefix(pattern, "/api/staff") || strings.HasPrefix(pattern, "/enter") {
		r.Host = "127.0.0.1:8081"
	}
	if on := header.Get("X-Listener"); on == "portal" {
		r.Host = "portal.test"
	}
	r.RemoteAddr = "127.5.0.1:4000"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, more := range []http.Header{c.extra, header} {
		for k, v := range more {
			r.Header[k] = v
		}
	}
	r.Header.Del("X-Listener")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// audited is how many deeds the audit log holds: a refused request adds none.
func (s *stage) audited() int {
	s.t.Helper()
	items := s.Staff.Must("GET", "/api/staff/audit?limit=1", nil, 200).List("items")
	if len(items) == 0 {
		return 0
	}
	n, _ := items[0]["seq"].(float64)
	return int(n)
}

func clientCookie(session string) http.Header {
	return http.Header{"Cookie": {"portico=" + session}, "X-Listener": {"portal"}}
}

func bearerOf(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}, "X-Listener": {"staff"}}
}

func dashboard(cookie string) http.Header {
	return http.Header{"Cookie": {"portico-staff=" + cookie}, "X-Listener": {"staff"}}
}

func with(base http.Header, more ...string) http.Header {
	out := base.Clone()
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = []string{more[i+1]}
	}
	return out
}

// visitor is somebody who asks; nobody is refused without a reason.
type visitor struct {
	who    string
	on     func(*backend.Backend) http.Handler
	header func(s *stage) http.Header
}

func portalOf(b *backend.Backend) http.Handler { return b.Portal() }
func staffOf(b *backend.Backend) http.Handler  { return b.Staff() }
func socketOf(b *backend.Backend) http.Handler { return b.Socket() }
func windowOf(b *backend.Backend) http.Handler { return b.Window() }

var (
	none = func(listener string) func(*stage) http.Header {
		return func(*stage) http.Header { return http.Header{"X-Listener": {listener}} }
	}
	onPortal      = visitor{"nobody on the portal", portalOf, none("portal")}
	onStaff       = visitor{"nobody on the staff listener", staffOf, none("staff")}
	signedIn      = visitor{"the client", portalOf, func(s *stage) http.Header { return clientCookie(s.SignedIn(s.ana, "127.1.0.1").Cookie("portico")) }}
	isSuspended   = visitor{"a suspended client", portalOf, func(s *stage) http.Header { return clientCookie(s.kept) }}
	hasLeft       = visitor{"a signed-out client", portalOf, func(s *stage) http.Header { return clientCookie(s.signedOut) }}
	isExpired     = visitor{"a client whose session is over", portalOf, func(s *stage) http.Header { return clientCookie(s.expired) }}
	forgedSession = visitor{"a forged session", portalOf, func(s *stage) http.Header { return clientCookie(s.signedOut[:20] + "AAAAAAAAAAAAAAAAAAAAAAA") }}
	byBearer      = visitor{"staff by bearer", staffOf, func(s *stage) http.Header { return bearerOf(s.bearer) }}
	byCookie      = visitor{"staff by browser", staffOf, func(s *stage) http.Header { return dashboard(s.cookie) }}
	byRevoked     = visitor{"a revoked token", staffOf, func(s *stage) http.Header { return bearerOf(s.revoked) }}
	strayClient   = visitor{"a client on the staff listener", staffOf, func(s *stage) http.Header {
		session := s.SignedIn(s.ana, "127.1.0.1").Cookie("portico")
		return http.Header{"Cookie": {"portico=" + session + "; portico-staff=" + session}, "Authorization": {"Bearer " + session}, "X-Listener": {"staff"}}
	}}
	strayBearer = visitor{"staff by bearer on the portal", portalOf, func(s *stage) http.Header {
		return http.Header{"Authorization": {"Bearer " + s.bearer}, "Cookie": {"portico=" + s.bearer + "; portico-staff=" + s.cookie}, "X-Listener": {"portal"}}
	}}
	byWindow = visitor{"the window", windowOf, none("staff")}
	bySocket = visitor{"the local socket", socketOf, none("staff")}
)

// expected is who may do what, by audience and policy; everybody else is refused
// with the status that stands beside them.
func expected(r web.Route) (allowed []visitor, refused map[int][]visitor) {
	switch {
	case r.Audience == "portal" && r.Policy == auth.Public:
		return []visitor{onPortal, signedIn, isSuspended, hasLeft, strayBearer}, nil
	case r.Audience == "portal" && r.Policy == auth.ClientOnly:
		return []visitor{signedIn}, map[int][]visitor{401: {onPortal, isSuspended, hasLeft, isExpired, forgedSession, strayBearer}}
	case r.Audience == "staff" && r.Policy == auth.Public:
		return []visitor{onStaff, byBearer, byCookie, byRevoked, strayClient, byWindow}, nil
	case r.Audience == "staff" && r.Policy == auth.StaffOnly:
		return []visitor{byBearer, byCookie, byWindow, bySocket}, map[int][]visitor{401: {onStaff, byRevoked, strayClient}}
	case r.Audience == "staff" && r.Policy == auth.InProcess:
		return []visitor{byWindow, bySocket}, map[int][]visitor{403: {onStaff, byRevoked, strayClient, byBearer, byCookie}}
	}
	return nil, nil
}

var hashedName = regexp.MustCompile(`\.[0-9a-f]{8,}\.css$`)

// name is the key of a route in samples; a file's hash is not part of it.
func name(r web.Route) string {
	return r.Audience + " " + r.Method + " " + hashedName.ReplaceAllString(r.Path, ".css")
}

func TestEveryRouteAdmitsExactlyWhomItsPolicyNames(t *testing.T) {
	t.Parallel()
	d, err := backend.Describe()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range d.Routes {
		known[name(r)] = true
		if _, ok := samples[name(r)]; !ok {
			t.Errorf("%s has no sample request in matrix_test.go: a route that nobody walks is a route that nobody guards", name(r))
		}
	}
	for n := range samples {
		if !known[n] {
			t.Errorf("the sample %q belongs to no route any more", n)
		}
	}
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		s := newStage(t, w)
		for _, r := range d.Routes {
			if sample, ok := samples[name(r)]; ok {
				s.walk(r, sample)
			}
		}
	})
}

// walk asks one route as everybody.
func (s *stage) walk(r web.Route, sample sample) {
	s.t.Helper()
	allowed, refused := expected(r)
	if allowed == nil {
		s.t.Errorf("%s: nobody decided who may call %s operations", name(r), r.Policy)
		return
	}
	target := sample.make(s)
	before := map[string]int{}
	for status, visitors := range refused {
		for _, v := range visitors {
			header := v.header(s)
			before[v.who] = s.audited()
			got := s.send(v.on(s.Backend), r.Method, r.Path, target, header)
			if got.Code != status {
				s.t.Errorf("%s by %s: %d, want %d: %.300s", name(r), v.who, got.Code, status, got.Body)
			}
			if s.audited() != before[v.who] {
				s.t.Errorf("%s by %s was refused and did something", name(r), v.who)
			}
			s.noCanary(name(r)+" by "+v.who, got)
		}
	}
	s.acrossSites(r, target)
	s.wrongListener(r, target)
	if sample.once {
		allowed = allowed[:1]
	}
	for _, v := range allowed {
		target := sample.make(s)
		got := s.send(v.on(s.Backend), r.Method, r.Path, target, v.header(s))
		if got.Code != sample.want && (sample.or == 0 || got.Code != sample.or) {
			s.t.Errorf("%s by %s: %d, want %d: %.400s", name(r), v.who, got.Code, sample.want, got.Body)
		}
		if r.Audience == "portal" {
			s.noCanary(name(r)+" by "+v.who, got)
		}
		if sample.after != nil {
			sample.after(s)
		}
	}
	s.foreignIsMissing(r, sample)
}

func (s *stage) noCanary(what string, got *httptest.ResponseRecorder) {
	s.t.Helper()
	all := got.Body.String() + fmt.Sprint(got.Header())
	for _, word := range canaries {
		if strings.Contains(all, word) {
			s.t.Errorf("%s was sent %q: %.300s", what, word, all)
		}
	}
}

// acrossSites asks as another site's page makes a signed-in browser ask.
func (s *stage) acrossSites(r web.Route, target call) {
	s.t.Helper()
	v, own := signedIn, backendtest.PortalURL
	if r.Audience == "staff" {
		v, own = byCookie, backendtest.StaffURL
	}
	base := v.header(s)
	before := s.audited()
	for _, header := range []http.Header{
		with(base, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"),
		with(base, "Origin", "https://evil.example"),
		with(base, "Origin", "null"),
		with(base, "Sec-Fetch-Site", "cross-site"),
		with(base, "Origin", own+".evil.example", "Sec-Fetch-Site", "same-site"),
	} {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/live") {
			target.extra = nil // its Origin is what is tried here
		} else if r.Method == http.MethodGet {
			continue // may be asked, but not read: checked below
		}
		got := s.send(v.on(s.Backend), r.Method, r.Path, target, header)
		if got.Code != http.StatusForbidden {
			s.t.Errorf("%s from another site (%v): %d", name(r), header, got.Code)
		}
		if len(got.Result().Cookies()) > 0 {
			s.t.Errorf("%s from another site sets a cookie", name(r))
		}
	}
	if s.audited() != before {
		s.t.Errorf("%s from another site did something", name(r))
	}
	got := s.send(v.on(s.Backend), http.MethodOptions, r.Path, target, with(base, "Origin", "https://evil.example", "Access-Control-Request-Method", r.Method))
	for name := range got.Header() {
		if strings.HasPrefix(name, "Access-Control-") {
			s.t.Errorf("%s lets other sites read it: %s", r.Path, name)
		}
	}
}

// wrongListener asks an operation on the listener where it is not mounted, as
// somebody who may do everything on their own.
func (s *stage) wrongListener(r web.Route, target call) {
	s.t.Helper()
	if !strings.HasPrefix(r.Path, "/api/") && !strings.HasPrefix(r.Path, "/enter") && !strings.HasPrefix(r.Path, "/k") && !strings.HasPrefix(r.Path, "/login") {
		return
	}
	visitors := []visitor{strayBearer, signedIn, onPortal}
	if r.Audience == "portal" {
		visitors = []visitor{byBearer, byCookie, strayClient, byWindow}
	}
	for _, v := range visitors {
		header := v.header(s)
		before := s.audited()
		got := s.send(v.on(s.Backend), r.Method, r.Path, target, header)
		// GET falls to the app of that listener: a page or a redirect to sign in, never the operation.
		shell := got.Code == http.StatusOK && strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") && len(got.Result().Cookies()) == 0 &&
			got.Header().Get("ETag") != "" // a file of the bundle; no page of ours that is made for somebody has one
		page := !strings.HasPrefix(r.Path, "/api/") && (got.Code == http.StatusSeeOther || shell)
		if got.Code != http.StatusNotFound && got.Code != http.StatusMethodNotAllowed && !page {
			s.t.Errorf("%s by %s, who is on the other listener: %d", name(r), v.who, got.Code)
		}
		if s.audited() != before {
			s.t.Errorf("%s by %s on the other listener did something", name(r), v.who)
		}
	}
}

// foreignIsMissing asks for things that are not there, or not theirs: whichever
// it is, the bytes of the answer are the same.
func (s *stage) foreignIsMissing(r web.Route, sample sample) {
	s.t.Helper()
	if !strings.Contains(r.Path, "id}") {
		return
	}
	v := bySocket
	if r.Audience == "portal" {
		v = signedIn
		if sample.foreign == nil {
			s.t.Errorf("%s takes an id and its sample has no foreign one", name(r))
		}
	}
	target := sample.make(s)
	var calls []call
	prefix, _, _ := strings.Cut(target.ids[len(target.ids)-1], "_")
	for _, unknown := range []string{ident.New(prefix), ident.New("zz"), strings.Repeat("z", 64), "..", "x' OR '1'='1", "a\x00b", "\xff\xfe"} {
		c := target
		c.ids = append([]string(nil), target.ids...)
		c.ids[len(c.ids)-1] = unknown
		calls = append(calls, c)
	}
	if len(target.ids) == 2 { // a thing of somebody else under this parent, and of nobody
		c := target
		c.ids = []string{s.bertha, target.ids[1]}
		calls = append(calls, c)
	}
	if sample.foreign != nil {
		calls = append(calls, sample.foreign(s))
	}
	header := v.header(s)
	first := ""
	for i, c := range calls {
		before := s.audited()
		got := s.send(v.on(s.Backend), r.Method, r.Path, c, header)
		if id := c.ids[len(c.ids)-1]; !utf8.ValidString(id) || strings.ContainsRune(id, 0) || id == ".." {
			if got.Code < 300 || got.Code >= 500 {
				s.t.Errorf("%s with the id %q: %d %.300s", name(r), c.ids, got.Code, got.Body)
			}
			continue // no id at all
		}
		answer := fmt.Sprint(got.Code, " ", got.Body)
		if i == 0 {
			if first = answer; got.Code != http.StatusNotFound {
				s.t.Errorf("%s with an unknown id: %s", name(r), answer)
			}
		}
		if answer != first {
			s.t.Errorf("%s tells %q from an unknown id:\n%s\n%s", name(r), c.ids, answer, first)
		}
		if s.audited() != before {
			s.t.Errorf("%s with the id %q did something", name(r), c.ids)
		}
	}
}

func just(want int, c call) sample { return sample{want: want, make: func(*stage) call { return c }} }

// onContact is a right request about a fresh contact; foreign is a deleted one.
func onContact(want int, body any) sample {
	return sample{want: want,
		make:    func(s *stage) call { return call{ids: []string{s.fresh()}, body: body} },
		foreign: func(s *stage) call { return call{ids: []string{s.deleted()}, body: body} }}
}

func (s *stage) fresh() string {
	s.t.Helper()
	id := ident.New("n")
	return s.Contact("Fresh "+id, id+"@example.com")
}

func (s *stage) deleted() string {
	s.t.Helper()
	id := s.fresh()
	s.Staff.Must("DELETE", "/api/staff/contacts/"+id, nil, 204)
	return id
}

// made posts something and answers its id.
func (s *stage) made(path string, body any) string {
	s.t.Helper()
	return s.Staff.Must("POST", path, body, 201).Text("id")
}

func onNote(want int, body any, then func(s *stage, path string)) sample {
	return sample{want: want, make: func(s *stage) call {
		contact := s.fresh()
		note := s.made("/api/staff/contacts/"+contact+"/notes", m{"text": "a note"})
		if then != nil {
			then(s, "/api/staff/contacts/"+contact+"/notes/"+note)
		}
		return call{ids: []string{contact, note}, body: body}
	}}
}

func onMail(want int) sample {
	return sample{want: want, make: func(s *stage) call {
		contact := s.fresh()
		s.Staff.Must("POST", "/api/staff/portal/invitations", m{"contact_ids": []string{contact}}, 200)
		mails := s.Staff.Must("GET", "/api/staff/mail/messages?contact_id="+contact, nil, 200).List("items")
		id, _ := mails[0]["id"].(string)
		return call{ids: []string{id}}
	}}
}

func onTag(want int, body any) sample {
	return sample{want: want, make: func(s *stage) call {
		tag := ident.New("x")
		s.Staff.Must("POST", "/api/staff/contacts", m{"name": "Tagged", "tags": []string{tag}}, 201)
		for _, t := range s.Staff.Must("GET", "/api/staff/tags", nil, 200).List("items") {
			if t["name"] == tag {
				id, _ := t["id"].(string)
				return call{ids: []string{id}, body: body}
			}
		}
		s.t.Fatal("the tag is not listed")
		return call{}
	}}
}

func onView(want int, body any) sample {
	return sample{want: want, make: func(s *stage) call {
		return call{ids: []string{s.made("/api/staff/views", m{"name": canaryView, "query": m{}})}, body: body}
	}}
}

func upgrade(origin string) call {
	return call{extra: http.Header{"Origin": {origin}}} // without the rest of a handshake: admitted, and then told so
}

var (
	undone   = func(s *stage) { s.Staff.Do("DELETE", "/api/staff/demo", nil) }
	dayLong  = 24 * 3600
	policy   = m{"login_mail_ttl": dayLong, "staff_link_ttl": dayLong, "invitation_ttl": 7 * dayLong, "ask_email": "when_suspicious", "code_sign_in": true, "open_to": "invited"}
	wording  = m{"subject": "Hello", "heading": "Hello", "body": "Come in: {{magic_link}}", "button": "Open"}
	template = []string{"invitation", "en"}
	oneImage = func(want int) sample {
		return sample{want: want, make: func(s *stage) call { return call{ids: []string{"logo"}, image: picture(s.t)} }}
	}
	// named is a call that needs a name to be set up.
	named = func(want int, c call) sample {
		return sample{want: want, make: func(s *stage) call {
			s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.shop-of-the-test.com"}, 200)
			return c
		}}
	}
)

// samples are those of all rooms; a room with many has a file of its own.
var samples = together(houseSamples, chatSamples)

func together(all ...map[string]sample) map[string]sample {
	out := map[string]sample{}
	for _, some := range all {
		maps.Copy(out, some)
	}
	return out
}

var houseSamples = map[string]sample{
	"portal GET /":                                     just(404, call{query: "nothing.txt"}),
	"portal GET /api/portal/home":                      just(200, call{query: "?contact_id=other"}),
	"portal POST /api/portal/home/dismiss":             just(204, call{body: m{"key": "app.install"}}),
	"portal POST /api/portal/home/seen":                just(204, call{}),
	"portal GET /api/portal/live":                      just(400, upgrade(backendtest.PortalURL)),
	"portal GET /api/portal/live/poll":                 just(400, call{query: "?id=short"}),
	"portal POST /api/portal/login":                    just(202, call{body: m{"email": otherEmail}}),
	"portal POST /api/portal/login/code":               just(401, call{body: m{"email": otherEmail, "code": "ABCD1234"}}),
	"portal POST /api/portal/logout":                   just(204, call{}),
	"portal GET /api/portal/me":                        just(200, call{}),
	"portal PATCH /api/portal/me":                      just(200, call{body: m{"theme": "dark"}}),
	"portal GET /api/portal/me/photo":                  just(200, call{}),
	"portal GET /api/portal/sessions":                  just(200, call{}),
	"portal DELETE /api/portal/sessions/{id}":          {want: 204, make: func(s *stage) call { return call{ids: []string{s.session(s.ana)}} }, foreign: func(s *stage) call { return call{ids: []string{s.session(s.bertha)}} }},
	"portal POST /api/portal/sessions/sign-out-others": just(204, call{}),
	"portal GET /brand.css":                            just(200, call{}),
	"portal GET /brand/cover":                          just(200, call{}),
	"portal GET /brand/icon-192.png":                   just(200, call{}),
	"portal GET /brand/icon-512.png":                   just(200, call{}),
	"portal GET /brand/icon-maskable-512.png":          just(200, call{}),
	"portal GET /brand/logo":                           just(200, call{}),
	"portal GET /favicon.ico":                          just(200, call{}),
	"portal GET /healthz":                              just(200, call{}),
	"portal GET /readyz":                               just(200, call{}),
	"portal GET /k":                                    just(200, call{}),
	"portal POST /k":                                   just(410, call{form: url.Values{}}),
	"portal POST /k/renew":                             just(202, call{form: url.Values{}}),
	"portal GET /k/{token}":                            just(303, call{}),
	"portal GET /login":                                {want: 200, or: 303, make: func(*stage) call { return call{} }},
	"portal POST /login":                               just(202, call{form: url.Values{"email": {"nobody@example.com"}}}),
	"portal POST /login/code":                          just(401, call{form: url.Values{"email": {"nobody@example.com"}, "code": {"ABCD1234"}}}),
	"portal GET /manifest.webmanifest":                 just(200, call{}),
	"portal GET /pages.css":                            just(200, call{}),

	"staff GET /":                                    just(404, call{query: "nothing.txt"}),
	"staff GET /api/staff/audit":                     just(200, call{}),
	"staff GET /api/staff/audit/export":              just(200, call{}),
	"staff GET /api/staff/branding":                  just(200, call{}),
	"staff PUT /api/staff/branding":                  just(200, call{body: m{"name": "Bakery", "accent": "#0f766e"}}),
	"staff GET /api/staff/branding/images/{kind}":    just(200, call{ids: []string{"cover"}}),
	"staff PUT /api/staff/branding/images/{kind}":    oneImage(200),
	"staff DELETE /api/staff/branding/images/{kind}": just(200, call{ids: []string{"logo"}}),
	"staff GET /api/staff/contacts":                  just(200, call{query: "?search=canary&limit=3"}),
	"staff POST /api/staff/contacts":                 just(201, call{body: m{"name": "Somebody"}}),
	"staff POST /api/staff/contacts/bulk":            just(200, call{body: m{"contact_ids": []string{"ct_none"}, "action": "archive"}}),
	"staff GET /api/staff/contacts/count":            just(200, call{}),
	"staff GET /api/staff/contacts/ids":              just(200, call{}),
	"staff GET /api/staff/contacts/{id}":             onContact(200, nil),
	"staff PATCH /api/staff/contacts/{id}":           onContact(200, m{"company": "Bakery"}),
	"staff DELETE /api/staff/contacts/{id}":          onContact(204, nil),
	"staff POST /api/staff/contacts/{id}/archive":    onContact(200, nil),
	"staff POST /api/staff/contacts/{id}/restore":    {want: 200, make: func(s *stage) call { return call{ids: []string{s.deleted()}} }},
	"staff POST /api/staff/contacts/{id}/unarchive": {want: 200, make: func(s *stage) call {
		id := s.fresh()
		s.Staff.Must("POST", "/api/staff/contacts/"+id+"/archive", nil, 200)
		return call{ids: []string{id}}
	}},
	"staff GET /api/staff/contacts/{id}/notes":                    onContact(200, nil),
	"staff POST /api/staff/contacts/{id}/notes":                   onContact(201, m{"text": "a note"}),
	"staff PATCH /api/staff/contacts/{id}/notes/{note_id}":        onNote(200, m{"text": "another"}, nil),
	"staff DELETE /api/staff/contacts/{id}/notes/{note_id}":       onNote(204, nil, nil),
	"staff POST /api/staff/contacts/{id}/notes/{note_id}/restore": onNote(200, nil, func(s *stage, path string) { s.Staff.Must("DELETE", path, nil, 204) }),
	"staff GET /api/staff/contacts/{id}/photo":                    {want: 200, make: func(s *stage) call { return call{ids: []string{s.ana}} }, foreign: func(s *stage) call { return call{ids: []string{s.deleted()}} }},
	"staff PUT /api/staff/contacts/{id}/photo":                    {want: 200, make: func(s *stage) call { return call{ids: []string{s.fresh()}, image: picture(s.t)} }, foreign: func(s *stage) call { return call{ids: []string{s.deleted()}, image: picture(s.t)} }},
	"staff DELETE /api/staff/contacts/{id}/photo":                 onContact(200, nil),
	"staff POST /api/staff/demo":                                  {want: 201, once: true, make: func(*stage) call { return call{} }, after: undone},
	"staff GET /api/staff/demo":                                   just(200, call{}),
	"staff GET /api/staff/domain":                                 just(200, call{}),
	"staff PUT /api/staff/domain":                                 just(200, call{body: m{"name": "portal.shop-of-the-test.com"}}),
	"staff DELETE /api/staff/domain":                              just(200, call{}),
	"staff DELETE /api/staff/domain/name":                         just(200, call{}),
	"staff DELETE /api/staff/domain/former/{name}":                just(404, call{ids: []string{"old.shop-of-the-test.com"}}),
	"staff PATCH /api/staff/domain/options":                       just(200, call{body: m{"email": "owner@bakery.example"}}),
	"staff POST /api/staff/domain/check":                          {want: 200, once: true, make: named(200, call{body: m{}}).make},
	"staff POST /api/staff/domain/update":                         {want: 202, once: true, make: named(202, call{}).make},
	"staff DELETE /api/staff/domain/update":                       {want: 409, make: func(*stage) call { return call{} }},
	"staff POST /api/staff/domain/retry":                          named(200, call{}),
	"staff GET /api/staff/domain/guides":                          just(200, call{}),
	"staff GET /api/staff/domain/guides/{id}":                     just(200, call{ids: []string{"godaddy"}}),
	"staff GET /api/staff/domain/instructions":                    named(200, call{}),
	"staff GET /api/staff/domain/report":                          named(200, call{}),
	"staff DELETE /api/staff/demo":                                just(204, call{}),
	"staff GET /api/staff/live":                                   just(400, upgrade(backendtest.StaffURL)),
	"staff GET /api/staff/live/poll":                              just(400, call{query: "?id=short"}),
	"staff GET /api/staff/mail/account":                           just(200, call{}),
	"staff PUT /api/staff/mail/account":                           just(422, call{body: m{"kind": "smtp"}}), // an account would begin to send
	"staff POST /api/staff/mail/account/resume":                   just(409, call{}),                        // none is set up
	"staff GET /api/staff/mail/counts":                            just(200, call{}),
	"staff GET /api/staff/mail/messages":                          just(200, call{}),
	"staff GET /api/staff/mail/messages/{id}":                     onMail(200),
	"staff POST /api/staff/mail/messages/{id}/retry":              onMail(200),
	"staff POST /api/staff/mail/messages/{id}/cancel":             onMail(200),
	"staff GET /api/staff/mail/presets":                           just(200, call{}),
	"staff GET /api/staff/mail/suppressions":                      just(200, call{}),
	"staff POST /api/staff/mail/suppressions":                     just(201, call{body: m{"email": "blocked@example.com"}}),
	"staff POST /api/staff/mail/suppressions/remove": {want: 204, make: func(s *stage) call {
		s.Staff.Do("POST", "/api/staff/mail/suppressions", m{"email": "again@example.com"})
		return call{body: m{"email": "again@example.com", "reason": "asked"}}
	}},
	"staff GET /api/staff/mail/templates":                     just(200, call{}),
	"staff PUT /api/staff/mail/templates/{key}/{language}":    just(200, call{ids: template, body: wording}),
	"staff DELETE /api/staff/mail/templates/{key}/{language}": just(204, call{ids: template}),
	"staff POST /api/staff/mail/templates/{key}/preview":      just(200, call{ids: template[:1], body: m{"language": "en", "subject": "Hello", "heading": "Hello", "body": "{{magic_link}}", "button": "Open"}}),
	"staff POST /api/staff/mail/test":                         just(200, call{body: m{"to": "me@example.com", "account": m{"kind": "files", "from_address": "me@example.com"}}}),
	"staff GET /api/staff/mail/values":                        just(200, call{}),
	"staff GET /api/staff/me":                                 just(200, call{}),
	"staff PATCH /api/staff/me":                               just(200, call{body: m{"theme": "dark"}}),
	"staff GET /api/staff/overview":                           just(200, call{}),
	"staff GET /api/staff/overview/contacts/{id}/timeline":    {want: 200, make: func(s *stage) call { return call{ids: []string{s.fresh()}} }}, // stays readable while a deleted contact can be restored
	"staff GET /api/staff/overview/health":                    just(200, call{}),
	"staff GET /api/staff/overview/notifications":             just(200, call{}),
	"staff POST /api/staff/overview/notifications/seen":       just(204, call{}),
	"staff POST /api/staff/overview/setup":                    just(204, call{body: m{"finished": true}}),
	"staff GET /api/staff/portal":                             just(200, call{}),
	"staff GET /api/staff/portal/contacts/{id}":               onContact(200, nil),
	"staff POST /api/staff/portal/contacts/{id}/restore":      onContact(200, nil),
	"staff POST /api/staff/portal/contacts/{id}/sign-out":     onContact(200, nil),
	"staff POST /api/staff/portal/contacts/{id}/suspend":      onContact(200, nil),
	"staff POST /api/staff/portal/invitations":                just(200, call{body: m{"emails": []string{"matrix@example.com"}}}),
	"staff POST /api/staff/portal/invitations/preview":        just(200, call{body: m{"email": "matrix@example.com"}}),
	"staff POST /api/staff/portal/invitations/revoke":         just(200, call{body: m{"contact_ids": []string{"ct_none"}}}),
	"staff POST /api/staff/portal/links/{id}/revoke": {want: 200, make: func(s *stage) call {
		return call{ids: []string{s.made("/api/staff/portal/magic-links", m{"contact_id": s.fresh()})}}
	}},
	"staff POST /api/staff/portal/login-emails": just(200, call{body: m{"contact_ids": []string{"ct_none"}}}),
	"staff POST /api/staff/portal/magic-links":  {want: 201, make: func(s *stage) call { return call{body: m{"contact_id": s.ana}} }},
	"staff GET /api/staff/portal/people":        just(200, call{}),
	"staff GET /api/staff/portal/policy":        just(200, call{}),
	"staff PUT /api/staff/portal/policy":        just(200, call{body: policy}),
	"staff GET /api/staff/portal/qr":            just(200, call{}),
	"staff GET /api/staff/portal/targets":       just(200, call{}),
	"staff POST /api/staff/sign-out":            {want: 204, or: 409, make: func(*stage) call { return call{} }, after: func(s *stage) { s.cookie = s.staffCookie() }}, // only a browser is signed in
	"staff POST /api/staff/staff-link":          just(201, call{}),
	"staff GET /api/staff/tags":                 just(200, call{}),
	"staff DELETE /api/staff/tags/{id}":         onTag(204, nil),
	"staff PATCH /api/staff/tags/{id}":          onTag(200, m{"color": "red"}),
	"staff GET /api/staff/tokens":               just(200, call{}),
	"staff POST /api/staff/tokens":              just(201, call{body: m{"name": "another"}}),
	"staff DELETE /api/staff/tokens/{id}":       {want: 204, make: func(s *stage) call { return call{ids: []string{s.made("/api/staff/tokens", m{"name": "short-lived"})}} }},
	"staff POST /api/staff/verify":              just(200, call{}),
	"staff GET /api/staff/views":                just(200, call{}),
	"staff POST /api/staff/views":               just(201, call{body: m{"name": "VIPs", "query": m{}}}),
	"staff DELETE /api/staff/views/{id}":        onView(204, nil),
	"staff PUT /api/staff/views/{id}":           onView(200, m{"name": "Renamed", "query": m{}}),
	"staff GET /enter/{token}":                  just(410, call{}),
	"staff GET /healthz":                        just(200, call{}),
	"staff GET /readyz":                         just(200, call{}),
}

// session is the id of a fresh session of a contact.
func (s *stage) session(contact string) string {
	s.t.Helper()
	for _, one := range s.SignedIn(contact, "127.1.0.2").Must("GET", "/api/portal/sessions", nil, 200).List("items") {
		if one["current"] == true {
			id, _ := one["id"].(string)
			return id
		}
	}
	s.t.Fatal("no session of one's own")
	return ""
}
