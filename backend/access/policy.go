package access

import (
	"time"

	"portico/backend/kernel/fault"
)

// Policy is how clients may sign in.
type Policy struct {
	LoginMailTTL  int64  `json:"login_mail_ttl"` // seconds
	StaffLinkTTL  int64  `json:"staff_link_ttl"` // seconds
	InvitationTTL int64  `json:"invitation_ttl"` // seconds
	AskEmail      string `json:"ask_email"`      // when_suspicious or new_browser
	CodeSignIn    bool   `json:"code_sign_in"`
	OpenTo        string `json:"open_to"` // invited or everyone
}

// The choices of AskEmail and OpenTo.
const (
	AskWhenSuspicious = "when_suspicious"
	AskNewBrowser     = "new_browser"
	OpenToInvited     = "invited"
	OpenToEveryone    = "everyone"
)

// Bounds are the shortest and longest life of a link in seconds.
type Bounds [2]int64

const (
	hour = 3600
	day  = 24 * hour
)

// The bounds of each life. An invitation may live longer than OWASP ASVS 6.5.5
// asks of mailed links, because people read it days later; each can be revoked.
var (
	loginMailBounds  = Bounds{900, 7 * day}
	staffLinkBounds  = Bounds{900, 14 * day}
	invitationBounds = Bounds{1 * day, 14 * day}
)

// defaultPolicy is what holds until staff change it.
var defaultPolicy = Policy{LoginMailTTL: day, StaffLinkTTL: day, InvitationTTL: 7 * day, AskEmail: AskWhenSuspicious, CodeSignIn: true, OpenTo: OpenToInvited}

// check answers a fault that names every wrong choice.
func (p Policy) check() error {
	var wrong fault.Collector
	for _, life := range []struct {
		field  string
		ttl    int64
		bounds Bounds
	}{{"login_mail_ttl", p.LoginMailTTL, loginMailBounds}, {"staff_link_ttl", p.StaffLinkTTL, staffLinkBounds}, {"invitation_ttl", p.InvitationTTL, invitationBounds}} {
		wrong.Add(life.field, life.bounds.check(life.ttl))
	}
	if p.AskEmail != AskWhenSuspicious && p.AskEmail != AskNewBrowser {
		wrong.Add("ask_email", fault.New(fault.Invalid, "access.choice", "Choose one of the possibilities offered."))
	}
	if p.OpenTo != OpenToInvited && p.OpenTo != OpenToEveryone {
		wrong.Add("open_to", fault.New(fault.Invalid, "access.choice", "Choose one of the possibilities offered."))
	}
	return wrong.Fault()
}

func (b Bounds) check(seconds int64) error {
	if seconds < b[0] || seconds > b[1] {
		return fault.New(fault.Invalid, "access.ttl", "Choose between {least} and {most}.", "least", words(b[0]), "most", words(b[1]))
	}
	return nil
}

// words tells a number of seconds in the largest unit that fits.
func words(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d%(24*time.Hour) == 0:
		return plural(int64(d/(24*time.Hour)), "day")
	case d%time.Hour == 0:
		return plural(int64(d/time.Hour), "hour")
	}
	return plural(int64(d/time.Minute), "minute")
}
