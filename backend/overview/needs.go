package overview

import (
	"context"
	"time"

	"portico/backend/kernel/auth"
)

// Words finds a sentence in a language (kernel/i18n).
type Words func(language, key string, params map[string]any) (string, bool)

// Mail answers for the mail account (room outbox).
type Mail interface {
	// MailStatus is how the account stands, told in the actor's language.
	MailStatus(ctx context.Context, actor auth.Actor) (MailStatus, error)
}

// MailStatus is how the mail account stands.
type MailStatus struct {
	State string // ok, unset, paused or offline
	What  string
	Do    string
}

// Domain answers for the portal's own address (room domains).
type Domain interface {
	// DomainStatus is how the address stands, told in the actor's language; no
	// sentence says that the owner has set no name up.
	DomainStatus(ctx context.Context, actor auth.Actor) (DomainStatus, error)
}

// DomainStatus is how the portal's own address stands.
type DomainStatus struct {
	State State
	What  string
	Do    string
}

// Brand answers for how the business looks (room branding).
type Brand interface {
	Business(ctx context.Context) (Business, error)
}

// Business is the business as clients know it.
type Business struct {
	Name         string
	Description  string
	SupportEmail string
	Copyright    string
	LogoURL      string // on the portal; "" without one
	CoverURL     string
	Chosen       bool // the owner gave it a look of its own
}

// Clients answers who a signed-in client is (rooms contacts and access).
type Clients interface {
	Me(ctx context.Context, actor auth.Actor) (Me, error)
}

// Me is a client as they see themselves.
type Me struct {
	ContactID string
	Name      string
	FirstName string
	Email     string
	Language  string // "" as in the browser
	TimeZone  string // IANA; "" as on the device
	Theme     string // system, light or dark
	PhotoURL  string // "" without one
}

// Address is where the portal is reached.
type Address interface {
	Portal() string // https://portal.example.com, without a slash at the end
}

// Clock knows whether the machine's clock was set back (clock.Monotone).
type Clock interface {
	Behind() time.Duration
}

// Live tells open windows that what they show of a topic may be stale (kernel/live).
type Live interface {
	Changed(topic string, ids ...string)
	ClientChanged(contactID, topic string)
}
