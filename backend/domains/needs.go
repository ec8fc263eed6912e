package domains

import (
	"context"
	"net/netip"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/zone"
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
	// Notify queues a mail; without a mail account it waits for one.
	Notify(ctx context.Context, tx *db.Tx, l Letter) error
}

// Letter is a mail to the owner.
type Letter struct {
	To       string // "" is the business's own address
	Language string
	Subject  string
	Text     string
	Key      string // the same key again is the same mail
}

// Certificates are kept good by kernel/certs.
type Certificates interface {
	Manage(ctx context.Context, name string, o certs.Options) error
	Release(name string)
	Retry(ctx context.Context, name string) error
	Status(ctx context.Context, name string) (certs.Status, error)
	History(ctx context.Context, name string) ([]certs.Entry, error)
	// About is what the authority tells of itself.
	About(ctx context.Context) (certs.About, error)
}

// World is everything outside this program that a check asks: the DNS, this
// computer's ports, its router, the certificate authority (kernel/zone and
// kernel/reach, put together in the composition root).
type World interface {
	// Survey asks the DNS: the zone's servers and this computer's resolver, and public
	// resolvers when somebody outside may be asked.
	Survey(ctx context.Context, name zone.Name, outside bool) zone.Survey
	Diagnose(s zone.Survey, t zone.Target) []zone.Diagnosis
	// Find asks how the world sees this line.
	Find(ctx context.Context) reach.Public
	// Local are this computer's addresses.
	Local() []netip.Addr
	// Ports looks at the ports that the portal listens on, or should.
	Ports(ctx context.Context) []reach.Finding
	// Self fetches our own page under a name, the way that is named.
	Self(ctx context.Context, way reach.Way, name string, o Outside) []reach.Finding
	// Router says what stands between this computer and the world.
	Router(ctx context.Context, p Ports, public reach.Public, local []netip.Addr) []reach.Finding
	// Open sets the forwards that the router is to keep open; none closes all.
	Open(forwards ...reach.Forward)
	// Reached is what the router keeps open, as far as it was asked.
	Reached() reach.Reached
	// Authority says whether the certificate authority can be reached and is well.
	Authority(ctx context.Context) []reach.Finding
}

// DNS makes what changes records elsewhere (zone.Client). outside says whether
// public resolvers may be asked where a server is.
type DNS interface {
	Signed(d zone.Dynamic, outside bool) (*zone.Signed, error)
	ByURL(u zone.UpdateURL) (zone.Updater, error)
}

// Outside is how the world sees this computer.
type Outside struct {
	IPv4, IPv6 netip.Addr // invalid when not known
	Asked      time.Time  // when the world was last asked; zero for never
	Local      []netip.Addr
	Public     reach.Public
}

// Ports are where the portal's listeners are open on this computer; 0 for none.
type Ports struct{ HTTP, TLS int }
