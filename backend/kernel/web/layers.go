package web

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// Layers are what every request of a listener passes, outermost first.
type Layers struct {
	Door      Door           // judges the name that a request came for; nil admits any (in-process)
	Trusted   []netip.Prefix // proxies whose X-Forwarded-For is believed
	CSP       string
	Identify  Identify
	Language  func(*http.Request) string
	Words     Words
	Log       *slog.Logger
	WrongHost func(http.ResponseWriter, *http.Request)
}

// Entry is what becomes of a request by the name that it came for.
type Entry int

// The entries.
const (
	Foreign   Entry = iota // not for us: 421
	Admitted               // served
	Elsewhere              // sent to another address of ours
	InClear                // for a name that is served over https only, and cannot be sent on
)

// Door judges a request by its Host. encrypted says that it came over https, here
// or at a trusted proxy. For Elsewhere it answers where to.
type Door func(r *http.Request, encrypted bool) (Entry, string)

// Wrap puts the layers around a handler. The order matters: the host is checked
// before anything is read or set, so that a foreign name meets no cookie.
func (l Layers) Wrap(next http.Handler) http.Handler {
	h := l.textOnly(next)
	h = l.sameOrigin(h)
	h = l.jsonOnly(h)
	h = l.visited(h)
	if l.Door != nil {
		h = l.host(h)
	}
	return l.rescue(l.headers(h))
}

// host refuses requests for a name that is not ours (421): mails, redirects and
// cookies are made for the configured addresses only. Redirects are never
// remembered by browsers: the owner may go back to another address at any time.
func (l Layers) host(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		switch entry, to := l.Door(r, encrypted(r, l.Trusted)); entry {
		case Admitted:
			next.ServeHTTP(w, r)
		case Elsewhere:
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Referrer-Policy", "no-referrer") // the path may hold a link's token
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		case InClear:
			WriteProblem(w, r, errInClear, l.Words, l.Log)
		default:
			l.WrongHost(w, r)
		}
	})
}

var errInClear = fault.New(fault.Forbidden, "request.in_clear", "This address answers over https only. Open it again with https:// in front.")

// encrypted reports that a request came over https: to this program, or to a
// proxy named with --trusted-proxy.
func encrypted(r *http.Request, trusted []netip.Prefix) bool {
	if r.TLS != nil || len(trusted) == 0 {
		return r.TLS != nil
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && within(host, trusted) && strings.EqualFold(strings.TrimSpace(r.Header.Get("X-Forwarded-Proto")), "https")
}

// sameOrigin refuses what another site's page makes a browser send
// (Sec-Fetch-Site and Origin, https://pkg.go.dev/net/http#CrossOriginProtection).
func (l Layers) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		WriteProblem(w, r, fault.New(fault.Forbidden, "request.cross_origin", "This request came from another website and was refused."), l.Words, l.Log)
	}))
	return guard.Handler(next)
}

// textOnly refuses addresses that hold what is no text: no id, word or page has
// it, and PostgreSQL would refuse the statement that it ends up in.
func (l Layers) textOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := "", error(nil)
		if r.URL.RawQuery != "" {
			query, err = url.QueryUnescape(r.URL.RawQuery)
		}
		if err == nil && isText(r.URL.Path) && isText(query) {
			next.ServeHTTP(w, r)
			return
		}
		WriteProblem(w, r, errNotText, l.Words, l.Log)
	})
}

var errNotText = fault.New(fault.Malformed, "request.not_text", "This request holds characters that are not text.")

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// jsonOnly refuses bodies on the API that are not what they claim: a form on a
// foreign page can send three content types, and JSON is none of them. Media
// types are written in any case (RFC 9110 section 8.3.1); behind it they are in
// lower case.
func (l Layers) jsonOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hasBody := r.ContentLength > 0 || len(r.TransferEncoding) > 0
		if hasBody && strings.HasPrefix(r.URL.Path, "/api/") {
			kind, parameters, more := strings.Cut(r.Header.Get("Content-Type"), ";")
			kind = strings.TrimSpace(strings.ToLower(kind))
			if kind != "application/json" && kind != "application/octet-stream" && !strings.HasPrefix(kind, "image/") {
				WriteProblem(w, r, fault.New(fault.UnsupportedMedia, "request.media_type", "Send the body as application/json (images as image/png, image/jpeg, image/gif or image/webp, parts of a file as application/octet-stream)."), l.Words, l.Log)
				return
			}
			if more {
				kind += ";" + parameters
			}
			r.Header.Set("Content-Type", kind)
		}
		next.ServeHTTP(w, r)
	})
}

// headers are the same for every answer, also to a foreign name; handlers may tighten them.
func (l Layers) headers(next http.Handler) http.Handler {
	same := map[string][]string{}
	for name, value := range map[string]string{
		"Content-Security-Policy":      l.CSP,
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
	} {
		same[name] = []string{value}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		maps.Copy(h, same)
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// rescue keeps one request's panic from taking the others down.
func (l Layers) rescue(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			l.Log.Error("a handler panicked", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
			WriteProblem(w, r, fmt.Errorf("panic: %v", p), l.Words, l.Log)
		}()
		next.ServeHTTP(w, r)
	})
}

// Encrypted reports whether the request behind a context came over https.
func Encrypted(ctx context.Context) bool { return visitOf(ctx).encrypted }

// forwarding are the headers by which a proxy says for whom it asks.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}

// visited notes where a request comes from and how to find out who sends it.
// Forwarding headers count only from the networks named with --trusted-proxy and
// are removed otherwise, so that nothing behind can believe them by accident.
func (l Layers) visited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{address: clientAddress(r, l.Trusted), browser: r.UserAgent(), encrypted: encrypted(r, l.Trusted), identify: l.Identify, language: l.Language}
		for _, name := range forwarding {
			delete(r.Header, name)
		}
		next.ServeHTTP(w, v.begin(r))
	})
}

// clientAddress walks X-Forwarded-For from the right past trusted proxies.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := host
	if !within(host, trusted) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			return address
		}
		address = hop
		if !within(hop, trusted) {
			return address
		}
	}
	return address
}

func within(address string, networks []netip.Prefix) bool {
	if len(networks) == 0 {
		return false
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, n := range networks {
		if n.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// NewServer is an HTTP server with limits against slow and large input.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      120 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
