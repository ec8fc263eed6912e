package certs

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/caddyserver/certmagic"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/secret"
)

// Config is what a Manager needs. DB and Box are required.
type Config struct {
	DB  *db.DB
	Box *secret.Box
	// Clock is the wall clock. One that never runs backward would believe for ever
	// that it is next year when somebody set it so for a minute. nil: the machine's.
	Clock clock.Clock
	Log   *slog.Logger

	// Directory of the authority; "" is Let's Encrypt's. Staging is where an order
	// is rehearsed before the first one; "" is Let's Encrypt's when Directory is, and
	// otherwise none.
	Directory, Staging string
	// Roots are trusted when talking to the authority; nil: the system's.
	Roots *x509.CertPool
	// Profile of certificates at the authority; "" is its own choice.
	Profile string
	// Email is where the authority writes to; nil or "" for none. Changing it opens
	// another account.
	Email func(context.Context) string

	// HTTPPort and TLSPort are the local ports of our own listeners, to which ports
	// 80 and 443 of the name lead; 0: that challenge is not used. Listening changes
	// them. Whether the ports are ours is to be checked beforehand: with another
	// program on them an order fails with a misleading 404.
	HTTPPort, TLSPort int

	// Hosts are the names and addresses that the internal certificate is for, besides
	// this computer's own.
	Hosts []string

	// Alone: no other process works on the store, so locks found at start belong
	// to nobody.
	Alone bool

	// Notify is told every Entry after it was kept; it must only enqueue.
	Notify func(Entry)

	// Tick is how often the manager looks at what is due (0: 15 s). Grace is how long
	// Run lets a running order end when it is stopped (0: 5 s).
	Tick, Grace time.Duration
}

// Options of a managed name.
type Options struct {
	// DNS proves the name by a TXT record instead of by our ports; nil: by the ports.
	DNS *DNS
}

const (
	defaultTick  = 15 * time.Second
	defaultGrace = 5 * time.Second
)

// filled puts the defaults in.
func (c Config) filled() Config {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Directory == "" {
		c.Directory = certmagic.LetsEncryptProductionCA
	}
	if c.Staging == "" && c.Directory == certmagic.LetsEncryptProductionCA {
		c.Staging = certmagic.LetsEncryptStagingCA
	}
	if c.Email == nil {
		c.Email = func(context.Context) string { return "" }
	}
	if c.Notify == nil {
		c.Notify = func(Entry) {}
	}
	if c.Tick <= 0 {
		c.Tick = defaultTick
	}
	if c.Grace <= 0 {
		c.Grace = defaultGrace
	}
	return c
}
