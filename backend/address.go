package backend

import (
	"net"
	"net/http"
	"net/netip"
	neturl "net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"portico/backend/kernel/web"
)

// address is where this program is reached: every absolute link is made of it and
// the doors of the listeners follow it. The listeners set the default when they
// are open, since it may be the listener's own address; the room domains sets the
// names of the owner's.
type address struct {
	mu            sync.RWMutex
	portal, staff base     // defaults
	active        string   // canonical name, "" for the default address
	former        []string // names that were canonical before
	hsts          bool
	trusted       []netip.Prefix // proxies in front
	tls           bool           // a listener of this program speaks https
}

// Portal is the canonical base URL of the portal without a slash at the end.
func (a *address) Portal() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.canonical()
}

// Default is the base URL that holds without a name of the owner's.
func (a *address) Default() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.portal.url
}

// Staff is the base URL of the staff listener, "" when there is none.
func (a *address) Staff() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.staff.url
}

// Use makes a name canonical, "" the default address, and answers under the former ones.
func (a *address) Use(active string, former []string, hsts bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.active, a.former, a.hsts = active, former, hsts
}

// base is a base URL with the Host values that mean it.
type base struct {
	url   string
	hosts []string
	clear bool // http: for networks that nobody outside reads
	here  bool // in clear, and on this computer only
}

func (a *address) set(to *base, url string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	to.url = strings.TrimRight(url, "/")
	to.hosts = hosts(to.url)
	u, err := neturl.Parse(to.url)
	to.clear = err == nil && u.Scheme == "http"
	to.here = to.clear && loopback(u.Hostname())
}

// encrypts notes whether a listener of this program speaks https.
func (a *address) encrypts(tls bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tls = tls
}

func (a *address) canonical() string {
	if a.active != "" {
		return "https://" + a.active
	}
	return a.portal.url
}

// ours is the name of the owner's that a Host value means, "" when it is none.
func (a *address) ours(host string, encrypted bool) string {
	name := strings.ToLower(host)
	if encrypted {
		name = strings.TrimSuffix(name, ":443")
	} else {
		name = strings.TrimSuffix(name, ":80")
	}
	if name != "" && (name == a.active || slices.Contains(a.former, name)) {
		return name
	}
	return ""
}

// door judges a request to the portal by the name it came for. Names of the
// owner's are served over https only. Pages under any other name than the
// canonical one lead there; what a page already open asks for is answered where
// it asks, so that nobody is thrown out in the middle of something.
func (a *address) door(r *http.Request, encrypted bool) (web.Entry, string) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	canonical := a.canonical()
	if name := a.ours(r.Host, encrypted); name != "" {
		switch {
		case !encrypted && mayMove(r) && a.active == "":
			return web.Elsewhere, "https://" + name + target(r)
		case !encrypted && mayMove(r):
			return web.Elsewhere, canonical + target(r)
		case !encrypted:
			return web.InClear, ""
		case name != a.active && isPage(r) && strings.HasPrefix(canonical, "https://"):
			return web.Elsewhere, canonical + target(r)
		}
		return web.Admitted, ""
	}
	if !listed(a.portal.hosts, r.Host) || a.portal.clear && (encrypted || !a.near(r)) {
		return web.Foreign, ""
	}
	switch {
	case !a.portal.clear && !encrypted && a.readable(r) && !mayMove(r):
		return web.InClear, ""
	case !a.portal.clear && !encrypted && a.readable(r), a.active != "" && isPage(r):
		return web.Elsewhere, canonical + target(r)
	}
	return web.Admitted, ""
}

// near reports a request out of the network that a default address in clear is meant
// for: this computer, or the local network. Others reach the listener in clear as
// well, because it answers certificate authorities, and may write any Host.
func (a *address) near(r *http.Request) bool {
	from, tcp := remote(r)
	switch {
	case !tcp, from.IsLoopback():
		return true
	case a.portal.here:
		return false
	}
	return from.IsPrivate() || from.IsLinkLocalUnicast() || a.proxied(from)
}

// readable reports a request in clear for a default address with https that came by a
// network. Who does https is known, this program or a proxy that is named, and it
// was neither. Where nobody is known, a proxy without a name is believed to.
func (a *address) readable(r *http.Request) bool {
	from, tcp := remote(r)
	return (a.tls || len(a.trusted) > 0) && tcp && !from.IsLoopback() && !a.proxied(from)
}

func (a *address) proxied(from netip.Addr) bool {
	return slices.ContainsFunc(a.trusted, func(network netip.Prefix) bool { return network.Contains(from) })
}

// remote is who is at the other end of the connection, if it is one over TCP.
func remote(r *http.Request) (from netip.Addr, tcp bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return at.Addr().Unmap(), err == nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// staffDoor admits requests for the staff listener's own address.
func (a *address) staffDoor(r *http.Request, _ bool) (web.Entry, string) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if listed(a.staff.hosts, r.Host) {
		return web.Admitted, ""
	}
	return web.Foreign, ""
}

// origin is what a page of ours sends as its Origin when it is open at the
// address that a request came for.
func (a *address) origin(r *http.Request) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if name := a.ours(r.Host, true); name != "" && web.Encrypted(r.Context()) {
		return "https://" + name
	}
	return a.portal.url
}

// secure reports whether cookies of the portal may demand https: the request came
// encrypted, or the default address says that a proxy in front is.
func (a *address) secure(encrypted bool) bool {
	return encrypted || strings.HasPrefix(a.Default(), "https://")
}

// strict is whether a request came for a name of the owner's, and whether browsers
// are told to come there by https only.
func (a *address) strict(r *http.Request) (ours, strict bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	name := a.ours(r.Host, true)
	return name != "", a.hsts && name != "" && name == a.active
}

// target is what to ask for at another address: never more than path and query.
func target(r *http.Request) string {
	t := r.URL.EscapedPath()
	if !strings.HasPrefix(t, "/") {
		t = "/" + t
	}
	if r.URL.RawQuery != "" {
		t += "?" + r.URL.RawQuery
	}
	return t
}

// mayMove reports a request that can be repeated elsewhere without harm.
func mayMove(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.HasPrefix(r.URL.Path, "/api/")
}

// isPage reports that a person opens an address, as opposed to a page fetching a
// part of itself.
func isPage(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "", "document":
		return mayMove(r) && path.Ext(r.URL.Path) == "" && r.URL.Path != "/healthz" && r.URL.Path != "/readyz"
	}
	return false
}

func listed(hosts []string, host string) bool {
	return slices.ContainsFunc(hosts, func(ours string) bool { return strings.EqualFold(host, ours) })
}

// hosts is the allow-list of Host values for a base URL: its host, with and
// without the port when it is the scheme's own.
func hosts(base string) []string {
	u, err := neturl.Parse(base)
	if err != nil || u.Host == "" {
		return nil
	}
	own := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	switch u.Port() {
	case "":
		return []string{u.Host, net.JoinHostPort(u.Hostname(), own)}
	case own:
		return []string{u.Host, strings.TrimSuffix(u.Host, ":"+own)}
	}
	return []string{u.Host}
}
