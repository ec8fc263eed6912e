package backend

import (
	"net"
	"net/url"
	"strings"
	"sync"
)

// address is where this program is reached: every absolute link is made of it and
// the host allow-lists follow it. The listeners set it when they are open, since
// the default is the listener's own address.
type address struct {
	mu            sync.RWMutex
	portal, staff string
}

// Portal is the base URL of the portal without a slash at the end.
func (a *address) Portal() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.portal
}

// Staff is the base URL of the staff listener, "" when there is none.
func (a *address) Staff() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.staff
}

func (a *address) set(to *string, base string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*to = strings.TrimRight(base, "/")
}

// hosts is the allow-list of Host values for a base URL: its host, with and
// without the port when it is the scheme's own.
func hosts(base string) []string {
	u, err := url.Parse(base)
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

// secure reports whether cookies of the portal may demand https.
func (a *address) secure() bool { return strings.HasPrefix(a.Portal(), "https://") }
