package access

import (
	"bytes"
	"fmt"
	"time"

	"rsc.io/qr"
)

// PortalBody is the head of the dashboard.
type PortalBody struct {
	URL          string           `json:"url"`
	Reachability ReachabilityBody `json:"reachability"`
	Invited      int64            `json:"invited" doc:"Contacts with at least one invitation sent"`
	Accepted     int64            `json:"accepted" doc:"Of those, the mail server took the latest invitation"`
	Opened       int64            `json:"opened" doc:"Of those, a browser opened the link"`
	Joined       int64            `json:"joined" doc:"Contacts who have signed in at least once, invited or not"`
	Funnel       int64            `json:"joined_invited" doc:"Of the invited, how many have signed in"`
	Suspended    int64            `json:"suspended"`
	MailReady    bool             `json:"mail_ready" doc:"A mail account is set up"`
}

// ReachabilityBody says whether clients can reach the portal.
type ReachabilityBody struct {
	State string `json:"state" enum:"default,waiting,ready,updating,active,trouble" doc:"As of the portal's own address; default: it has none"`
	Text  string `json:"text" doc:"The same in a sentence"`
	Do    string `json:"do" doc:"What to do next, or empty"`
}

// StandingBody is a line of the dashboard's lists.
type StandingBody struct {
	ContactID         string       `json:"contact_id"`
	Name              string       `json:"name"`
	Email             string       `json:"email"`
	PhotoURL          *string      `json:"photo_url"`
	State             string       `json:"state" enum:"none,invited,accepted,opened,joined,suspended,undelivered"`
	InvitedAt         *time.Time   `json:"invited_at"`
	AcceptedAt        *time.Time   `json:"accepted_at"`
	OpenedAt          *time.Time   `json:"opened_at"`
	JoinedAt          *time.Time   `json:"joined_at"`
	LastSeenAt        *time.Time   `json:"last_seen_at"`
	Delivery          DeliveryBody `json:"delivery"`
	InvitationExpires *time.Time   `json:"invitation_expires_at"`
}

// DeliveryBody is what became of the latest invitation's mail.
type DeliveryBody struct {
	State string `json:"state" enum:"none,queued,sending,accepted,retry,unknown,failed,cancelled"`
	What  string `json:"what"`
	Do    string `json:"do"`
}

// DetailBody is the access of one contact.
type DetailBody struct {
	State     string        `json:"state"`
	MaySignIn bool          `json:"may_sign_in"`
	Reason    string        `json:"reason" doc:"Why not"`
	Sessions  []SessionBody `json:"sessions"`
	Links     []LinkBody    `json:"links"`
}

// SessionBody is a device of a contact.
type SessionBody struct {
	ID         string    `json:"id"`
	Device     string    `json:"device"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

// LinkBody is a link as staff see it: never its address.
type LinkBody struct {
	ID        string     `json:"id"`
	Kind      Kind       `json:"kind" enum:"login,login_mail,staff_link,invite"`
	State     string     `json:"state" enum:"open,used,revoked,expired"`
	Target    string     `json:"target"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	OpenedAt  *time.Time `json:"opened_at"`
	Opens     int        `json:"opens"`
	UsedAt    *time.Time `json:"used_at"`
	UsedFrom  string     `json:"used_from" doc:"Browser and network that used it"`
	RevokedAt *time.Time `json:"revoked_at"`
}

// MadeBody is a link as it is shown once.
type MadeBody struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// TargetBody is a page that a link can lead to.
type TargetBody struct {
	Path  string `json:"path"`
	Label string `json:"label"`
}

// InvitationPreviewBody is a mail as it would look.
type InvitationPreviewBody struct {
	From    string `json:"from"`
	Subject string `json:"subject"`
	HTML    string `json:"html"`
	Text    string `json:"text"`
}

// PolicyBody is how clients sign in. Limits are told and not taken.
type PolicyBody struct {
	LoginMailTTL  int64             `json:"login_mail_ttl"`
	StaffLinkTTL  int64             `json:"staff_link_ttl"`
	InvitationTTL int64             `json:"invitation_ttl"`
	AskEmail      string            `json:"ask_email" enum:"when_suspicious,new_browser"`
	CodeSignIn    bool              `json:"code_sign_in"`
	OpenTo        string            `json:"open_to" enum:"invited,everyone"`
	Limits        *PolicyLimitsBody `json:"limits,omitempty"`
}

// PolicyLimitsBody holds the least and most seconds of each life.
type PolicyLimitsBody struct {
	LoginMailTTL  []int64 `json:"login_mail_ttl"`
	StaffLinkTTL  []int64 `json:"staff_link_ttl"`
	InvitationTTL []int64 `json:"invitation_ttl"`
}

// TokenBody is a token without its value.
type TokenBody struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

// NewTokenBody shows a token's value, once.
type NewTokenBody struct {
	TokenBody
	Token string `json:"token"`
}

func portalBody(s Summary, r Reachability) PortalBody {
	return PortalBody{URL: s.URL, Reachability: ReachabilityBody{r.State, r.What, r.Do}, Invited: s.Counts.Invited, Accepted: s.Counts.Accepted,
		Opened: s.Counts.Opened, Joined: s.Counts.Joined, Funnel: s.Counts.JoinedInvited, Suspended: s.Counts.Suspended, MailReady: s.MailReady}
}

func standingBody(s Standing) StandingBody {
	m := s.Member
	b := StandingBody{ContactID: m.ContactID, Name: s.Person.Name, Email: s.Person.Email, PhotoURL: s.Person.PhotoURL, State: m.State(),
		InvitedAt: dateTime(m.Invited), AcceptedAt: dateTime(m.Accepted), OpenedAt: dateTime(m.Opened), JoinedAt: dateTime(m.Joined),
		LastSeenAt: dateTime(m.LastSeen), InvitationExpires: dateTime(s.Expires), Delivery: DeliveryBody(s.Delivery)}
	if b.Delivery.State == "" {
		b.Delivery.State = "none"
	}
	return b
}

func (s *Service) linkBody(l Link) LinkBody {
	b := LinkBody{ID: l.ID, Kind: l.Kind, State: l.State(s.DB.Clock().Now()), Target: l.Target, CreatedAt: l.Created, ExpiresAt: l.Expires,
		OpenedAt: dateTime(l.Opened), Opens: l.Opens, UsedAt: dateTime(l.Used), RevokedAt: dateTime(l.Revoked)}
	if !l.Used.IsZero() {
		b.UsedFrom = l.UsedBrowser + ", " + l.UsedNetwork
	}
	return b
}

func (s *Service) detailBody(d Detail, tell func(error) string) DetailBody {
	b := DetailBody{State: d.Member.State(), MaySignIn: d.Refused == nil}
	if d.Refused != nil {
		b.Reason = tell(d.Refused)
	}
	for _, se := range d.Sessions {
		b.Sessions = append(b.Sessions, SessionBody{se.ID, se.Browser, se.Created, se.LastSeen, se.Expires})
	}
	for _, l := range d.Links {
		b.Links = append(b.Links, s.linkBody(l))
	}
	return b
}

func policyBody(p Policy) PolicyBody {
	return PolicyBody{p.LoginMailTTL, p.StaffLinkTTL, p.InvitationTTL, p.AskEmail, p.CodeSignIn, p.OpenTo,
		&PolicyLimitsBody{loginMailBounds[:], staffLinkBounds[:], invitationBounds[:]}}
}

func (b PolicyBody) policy() Policy {
	return Policy{b.LoginMailTTL, b.StaffLinkTTL, b.InvitationTTL, b.AskEmail, b.CodeSignIn, b.OpenTo}
}

func tokenBody(t APIToken) TokenBody {
	return TokenBody{t.ID, t.Name, t.Created, dateTime(t.LastUsed)}
}

// qrQuiet is the margin that readers need around a code, in modules (ISO/IEC 18004).
const qrQuiet = 4

// qrSVG draws a QR code as one path, black on white in light and dark alike,
// because readers need the contrast.
func qrSVG(code *qr.Code) []byte {
	var b bytes.Buffer
	size := code.Size + 2*qrQuiet
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, size, size, size, size)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+qrQuiet, y+qrQuiet)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes()
}
