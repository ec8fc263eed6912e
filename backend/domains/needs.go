package domains

import (
	"context"
	"net/netip"
	"time"

	"portico/backend/kernel/db"
)

// Words finds a sentence in a language (kernel/i18n).
type Words func(language, key string, params map[string]any) (string, bool)

// Live tells open windows that what they show of a topic may be stale (kernel/live).
type Live interface {
	Changed(topic string, ids ...string)
}

// Address is where the program answers (the composition root).
type Address interface {
	// Default is the address without a domain of the owner's: --base-url, or the
	// listener's own.
	Default() string
	// Use makes a name canonical ("" is the default address) and answers under the
	// former ones too.
	Use(active string, former []string, hsts bool)
}

// Mailer writes to the owner.
type Mailer interface {
	// Notify queues a mail to the owner's own address; false when there is none or
	// no mail account is set up.
	Notify(ctx context.Context, tx *db.Tx, n Letter) (bool, error)
}

// Letter is a mail to the owner, or to whoever runs their domain.
type Letter struct {
	To       string // "" is the owner
	Language string
	Subject  string
	Text     string
	Key      string // the same key again is the same mail
}

// Outside is how this computer stands in its network, and how the world sees it.
type Outside struct {
	IPv4, IPv6 netip.Addr // invalid when not known
	Asked      time.Time  // when the world was last asked; zero for never
	Local      []netip.Addr
}

// Ports are where the program listens, and where the world comes in.
type Ports struct {
	HTTP, TLS int // listeners of ours; 0 for none
}
