package outbox

import (
	"context"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/secret"
)

// Recipients knows the people that mails go to (room contacts).
type Recipients interface {
	// Recipients answers those of the ids that are contacts now; a deleted one is missing.
	Recipients(ctx context.Context, contactIDs []string) (map[string]Recipient, error)
}

// Recipient is a contact as texts may mention them. Every field may be empty.
type Recipient struct {
	ContactID string
	Name      string
	FirstName string
	Email     string
	Company   string
	Language  string
	TimeZone  string // IANA
}

// Brand knows who the mails come from (room branding).
type Brand interface {
	Business(ctx context.Context) (Business, error)
}

// Business is the sender as clients know it.
type Business struct {
	Name         string
	SupportEmail string
	Copyright    string
	BaseURL      string // of the portal, without a slash at the end
	Language     string // what contacts without a language of their own get
	TimeZone     string
	Accent       string // #rrggbb, for the button
	AccentText   string // #rrggbb readable on Accent; "" takes black or white
	Logo         []byte // PNG, JPEG or GIF, small: it travels with every mail
	LogoType     string
}

// Links makes the address that a mail carries (room access).
type Links interface {
	// Materialise answers the addresses for selectors, or why there is none any
	// more; a link that nobody knows is missing.
	Materialise(ctx context.Context, selectors []string) (map[string]Link, error)
}

// Inviter is told, in the commit that settles them, what became of invitations
// (room access), so that its lists never say otherwise than the outbox.
type Inviter interface {
	Settled(ctx context.Context, tx *db.Tx, list []Settled) error
}

// Owner knows whose business it is (room overview).
type Owner interface {
	// Language is what the owner reads; "" takes the business's.
	Language(ctx context.Context) (string, error)
}

// Settled is an invitation whose mail was accepted or failed for good.
type Settled struct {
	MailID    string
	ContactID string
	Accepted  bool
}

// Link is a sign-in link at the moment its mail is written. It is never stored,
// logged or shown to staff.
type Link struct {
	URL       string
	Code      string // for KindLogin, else ""
	ExpiresAt time.Time
	Target    string // path on the portal that the link leads to
	Over      Over   // why it is not valid any more; "" when it is
}

// Over says why a link is not valid any more.
type Over string

// The ends of a link.
const (
	OverRevoked    Over = "revoked"
	OverUsed       Over = "used"
	OverExpired    Over = "expired"
	OverSuperseded Over = "superseded" // a newer one took its place
	OverForbidden  Over = "forbidden"  // the contact may not sign in (suspended, removed)
)

// Secrets keeps the password of the account outside the store; a secret.Keeper is one.
type Secrets interface {
	Get(name string) (secret.Secret, error)
	Set(name string, s secret.Secret) error
	Delete(name string) error
}

// Live tells open windows that what they show may be stale (kernel/live).
type Live interface {
	Changed(topic string, ids ...string)
}
