package access

import (
	"net/netip"
	"slices"
	"time"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
)

// Kind is what sort of link it is; it decides how long it lives and what it gives.
type Kind string

// The kinds of link.
const (
	LoginLink Kind = "login"      // asked for by the client: 10 minutes, with a code
	LoginMail Kind = "login_mail" // sent by staff
	StaffLink Kind = "staff_link" // copied by staff, sent by other means
	Invite    Kind = "invite"
)

// loginTTL is the longest that OWASP ASVS 6.5.5 allows for a mail asked for.
const loginTTL = 10 * time.Minute

// maxAttempts is how many wrong addresses or codes a link survives.
const maxAttempts = 5

// maxOpenLogins is how many login links of one contact are open at a time.
const maxOpenLogins = 3

// Link is a way in as it is kept.
type Link struct {
	ID          string
	Selector    string
	Kind        Kind
	ContactID   string
	EmailHash   string
	RequestID   string
	Created     time.Time
	Expires     time.Time
	Used        time.Time
	UsedSession string
	UsedBrowser string
	UsedNetwork string
	Revoked     time.Time
	Attempts    int
	Opens       int
	Opened      time.Time
	Openers     []string // up to three different browsers that opened it
	Target      string
}

// State is what has become of a link: open, used, revoked or expired.
func (l Link) State(now time.Time) string {
	switch {
	case !l.Used.IsZero():
		return "used"
	case !l.Revoked.IsZero() || l.Attempts >= maxAttempts:
		return "revoked"
	case !now.Before(l.Expires):
		return "expired"
	}
	return "open"
}

// Suspicious reports that a link was opened by different browsers before it was
// used: it was forwarded, or a scanner followed it.
func (l Link) Suspicious() bool { return len(l.Openers) > 1 }

// withOpener notes a browser; three are enough to know.
func (l Link) withOpener(browser, address string) []string {
	who := browser + " " + network(address)
	if slices.Contains(l.Openers, who) || len(l.Openers) >= 3 {
		return l.Openers
	}
	return append(slices.Clone(l.Openers), who)
}

// network is the /24 of an IPv4 and the /48 of an IPv6 address.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 48
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// normalTarget is the page a link leads to; "" is the first page.
func normalTarget(target string) (string, error) {
	if target == "" {
		return "/", nil
	}
	if web.SafePath(target) != target {
		return "", fault.InvalidField("target", "access.target", "A link can lead only to a page of this portal, such as / or /profile.")
	}
	return target, nil
}
