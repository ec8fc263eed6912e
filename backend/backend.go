// Package backend is everything of Portico that exists without a window. New puts
// it together, Run keeps it going, and the handlers serve it: the window, `serve`
// and the tests use it alike. Read this file first and wiring.go second.
package backend

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"
	_ "time/tzdata" // time zones on systems that have none

	"portico/backend/access"
	"portico/backend/branding"
	"portico/backend/chat"
	"portico/backend/contacts"
	"portico/backend/demo"
	"portico/backend/domains"
	"portico/backend/kernel/audit"
	"portico/backend/kernel/blob"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/events"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/limit"
	"portico/backend/kernel/live"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/search"
	"portico/backend/kernel/secret"
	"portico/backend/kernel/web"
	"portico/backend/outbox"
	"portico/backend/overview"
	"portico/backend/pages"
)

// Config says where everything is. Only Data is required.
type Config struct {
	Data      string         // the data directory, which must exist
	Database  string         // postgres://…; "" is SQLite in the data directory
	Secrets   string         // file with the keys; "" is the keychain, or a file in Data
	BaseURL   string         // of the portal; "" until a listener says
	Trusted   []netip.Prefix // proxies whose X-Forwarded-For is believed
	Version   string
	Log       *slog.Logger
	Clock     clock.Clock    // nil: the machine's
	MailRoots *x509.CertPool // certificate authorities for mail servers; nil: the system's
	Domain    DomainConfig
}

// DomainConfig says whom the portal's own address may ask. The zero value is for
// the internet at large; companies with their own, and tests, set theirs.
type DomainConfig struct {
	Directory  string                                                               // of the certificate authority (ACME); "" is Let's Encrypt's
	Staging    string                                                               // where an order is rehearsed; "" is Let's Encrypt's beside its own, else none
	Roots      *x509.CertPool                                                       // trusted when talking to the authority; nil: the system's
	Resolvers  []netip.AddrPort                                                     // asked instead of this computer's and the public ones; nil: those
	DNSPort    uint16                                                               // of the zones' own servers; 0: 53
	Sources    []string                                                             // who tells the public address: stun:host:port or an https address; nil: some well-known ones, empty: nobody
	Outer      domains.Ports                                                        // where clients connect to; zero: 80 and 443
	Gateways   func(context.Context) ([]reach.Gateway, error)                       // this computer's routers; nil: as its system says
	Routerless bool                                                                 // no router is asked, whatever this computer's system says
	Dial       func(ctx context.Context, network, address string) (net.Conn, error) // for questions to DNS; nil: net.Dialer
	Tick       time.Duration                                                        // how often what waits is looked at; 0: the usual
}

// Backend is a running Portico without its listeners.
type Backend struct {
	config  Config
	lock    *os.File
	db      *db.DB
	clock   *clock.Monotone
	blobs   *blob.Store
	secrets secret.Keeper
	hub     *live.Hub
	relay   *live.Relay
	pushes  pushes
	runner  *jobs.Runner
	words   *i18n.Catalogue
	address *address
	box     *secret.Box
	certs   *certs.Manager
	world   *world
	watcher *reach.Watcher
	pages   *pages.Pages

	contacts *contacts.Service
	access   *access.Service
	outbox   *outbox.Service
	branding *branding.Service
	domains  *domains.Service
	chat     *chat.Service
	overview *overview.Service
	demo     *demo.Service

	staffAPI, portalAPI *web.API
}

// New takes the data directory for this process, opens the store, brings it up to
// date and builds the rooms. Nothing runs yet. db.ErrInUse says that another
// process has the directory.
func New(ctx context.Context, c Config) (*Backend, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	b := &Backend{config: c, address: &address{trusted: c.Trusted}, pages: pages.New(), clock: clock.NewMonotone(c.Clock, time.Time{})}
	b.SetBaseURL(c.BaseURL)
	if err := b.open(ctx); err != nil {
		_ = b.Close()
		return nil, err
	}
	if err := b.build(ctx); err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

// open takes everything that lies on the disk.
func (b *Backend) open(ctx context.Context) (err error) {
	if err := db.SafePlace(b.config.Data); err != nil {
		return err
	}
	if b.lock, err = db.Lock(b.config.Data); err != nil {
		return err
	}
	if b.config.Secrets != "" {
		b.secrets, err = secret.OpenFile(b.config.Secrets)
	} else {
		var place secret.Place
		b.secrets, place, err = secret.Open(b.config.Data, secret.Options{})
		b.config.Log.Info("keys are kept", "in", place.Kind, "why", place.Reason)
	}
	if err != nil {
		return err
	}
	if b.blobs, err = blob.Open(filepath.Join(b.config.Data, "files")); err != nil {
		return err
	}
	b.db, err = db.Open(ctx, db.Config{Path: filepath.Join(b.config.Data, "portico.db"), URL: b.config.Database, Clock: b.clock})
	if err != nil {
		return err
	}
	if err := b.db.Migrate(ctx, sources(), map[string]db.Directive{"search": search.Create, "search-text": search.CreateText}); err != nil {
		return err
	}
	if b.config.Database == "" { // ours alone: whoever held a job before is dead
		if err := jobs.Release(ctx, b.db); err != nil {
			return err
		}
	}
	return b.recallTime(ctx)
}

// build makes the kernel's services and the rooms, in the order in which they
// need each other; wiring.go answers where they need each other in circles.
func (b *Backend) build(ctx context.Context) error {
	var err error
	if b.words, err = i18n.New(messages()...); err != nil {
		return err
	}
	master, err := secret.Master(b.secrets)
	if err != nil {
		return err
	}
	if b.box, err = secret.NewBox(secret.Derive(master, "box")); err != nil {
		return err
	}
	b.hub = live.New(live.Deps{Log: b.config.Log})
	b.relay = live.NewRelay(b.db, b.config.Log)
	b.pushes = pushes{b.hub, b.relay}
	b.listenToNodes()
	b.runner = jobs.NewRunner(b.db, b.config.Log)
	log := events.New(b.db, b.runner)
	b.db.Attach(log, audit.Log{})
	pictures := blob.NewPictures()

	b.contacts = contacts.New(contacts.Deps{DB: b.db, Blobs: b.blobs, Pictures: pictures, Access: accessForContacts{b}, Live: b.pushes, Jobs: b.runner})
	b.branding = branding.New(branding.Deps{DB: b.db, Blobs: b.blobs, Pictures: pictures, Live: b.pushes, Words: b.words.Text})
	b.access = access.New(access.Deps{DB: b.db, Jobs: b.runner, Limits: limit.New(secret.Derive(master, "limit")), Box: b.box,
		Keys:   access.Keys{Token: secret.Derive(master, "link"), Code: secret.Derive(master, "code"), Email: secret.Derive(master, "email")},
		People: peopleForAccess{b}, Mail: mailForAccess{b}, Business: brandForPages{b}, Address: b.address, Reach: reachForAccess{b}, Live: b.pushes, Pages: b.pages, Log: b.config.Log})
	b.outbox, err = outbox.New(outbox.Deps{DB: b.db, Log: b.config.Log, Recipients: recipientsForOutbox{b}, People: contacts.Index(), Brand: brandForOutbox{b}, Links: linksForOutbox{b}, Inviter: inviterForOutbox{b},
		Owner: ownerForOutbox{b}, Jobs: b.runner,
		Secrets: b.secrets, Live: b.pushes, FilesDir: filepath.Join(b.config.Data, "mail"), Dial: b.dialMail})
	if err != nil {
		return err
	}
	b.overview = overview.New(overview.Deps{DB: b.db, Log: b.config.Log, Words: b.words.Text, Version: b.config.Version, DataDir: b.config.Data, Size: b.db.Size,
		Clock: b.clock, Mail: mailForOverview{b}, Domain: domainForOverview{b}, Brand: brandForOverview{b}, Clients: clientsForOverview{b}, Address: b.address, Live: b.pushes})
	if err := b.buildDomains(ctx, secret.Derive(master, "check")); err != nil {
		return err
	}
	b.chat = chat.New(chat.Deps{DB: b.db, Log: b.config.Log, Jobs: b.runner, Blobs: b.blobs, Pictures: pictures,
		Space: func() (free, total uint64, err error) { return db.Space(b.config.Data) }, People: peopleForChat{b}, Live: b.pushes,
		Owner: ownerForChat{b}, Mail: mailForChat{b}, Door: b.access, Texts: b.outbox, Words: b.words.Text,
		Secrets: b.secrets, ReplyKey: secret.Derive(master, "reply"), MailRoots: b.config.MailRoots})
	b.demo = demo.New(demo.Deps{DB: b.db, People: peopleForDemo{b}, Door: doorForDemo{b}, Look: lookForDemo{b}, Mail: mailForDemo{b}})
	b.wireFacts(log)
	b.wireChat(log)
	b.portalAPI, b.staffAPI = b.register()
	if err := b.outbox.Start(ctx); err != nil {
		return err
	}
	return b.access.Start(ctx)
}

func (b *Backend) dialMail(ctx context.Context, a mail.Account) (mail.Sender, error) {
	a.RootCAs = b.config.MailRoots
	return mail.Dial(ctx, a)
}

// Run keeps everything going until ctx ends and returns when it has come to rest:
// jobs and mails in hand are finished, sockets are closed.
func (b *Backend) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, part := range []func(context.Context){b.hub.Run, b.relay.Run, b.runner.Run, b.outbox.Run, b.access.Run, b.overview.Run, b.certs.Run, b.domains.Run, b.chat.Run, b.keepForwards, b.watchNetwork, b.housekeeping} {
		wg.Go(func() { part(ctx) })
	}
	wg.Wait()
	return nil
}

// Close gives everything back. It is called after Run has returned, or instead.
func (b *Backend) Close() error {
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	if b.certs != nil {
		b.certs.Close()
	}
	if b.db != nil {
		keep(b.db.Close())
	}
	if b.blobs != nil {
		keep(b.blobs.Close())
	}
	if b.lock != nil {
		keep(b.lock.Close())
	}
	if first != nil {
		return fmt.Errorf("closing: %w", first)
	}
	return nil
}

// SetBaseURL says where clients reach the portal; all links are made of it.
func (b *Backend) SetBaseURL(url string) { b.address.set(&b.address.portal, url) }

// SetStaffURL says where the dashboard is reached in a browser.
func (b *Backend) SetStaffURL(url string) { b.address.set(&b.address.staff, url) }

// TLSConfig is for the listener of the portal that speaks https.
func (b *Backend) TLSConfig() *tls.Config { return b.certs.TLSConfig() }

// Listening says where the portal's listeners in clear and for https are open, to
// which ports 80 and 443 of the owner's name lead, and where one is wanted that could
// not be opened; the zero Listen is none.
func (b *Backend) Listening(plain, secure reach.Listen) {
	b.address.encrypts(secure.Open)
	b.world.listening(plain, secure)
	b.certs.Listening(plain.Port(), secure.Port())
	b.domains.Listening(plain.Port(), secure.Port())
}

// OnDomain names who is told when the portal has to be reached from elsewhere
// because the owner set a name up. It is called at once when that is so already.
func (b *Backend) OnDomain(wanted func()) { b.domains.OnWanted(wanted) }

// Subscribe hands every live frame for staff to deliver, for the window.
func (b *Backend) Subscribe(deliver func(frame []byte)) { b.hub.Subscribe(live.Staff, "", deliver) }

// CloseSockets ends all live connections; http.Server.Shutdown does not know them.
func (b *Backend) CloseSockets(ctx context.Context) error { return b.hub.Close(ctx) }
