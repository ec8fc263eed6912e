package backend

import (
	"context"
	"net/netip"
	"strings"
	"sync"

	"portico/backend/access"
	"portico/backend/domains"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/zone"
	"portico/backend/outbox"
	"portico/backend/overview"
)

// letsEncrypt is the certificate authority that is asked when no other is named.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// buildDomains makes the room of the portal's own address with everything that it
// asks outside. Nobody is asked before the owner has set a name up.
func (b *Backend) buildDomains(ctx context.Context, checkKey []byte) (err error) {
	c := b.config.Domain
	if b.certs, err = certs.New(ctx, b.certsConfig()); err != nil {
		return err
	}
	b.world = newWorld(c, b.config.Clock, checkKey)
	b.world.mapper = reach.NewMapper(reach.MapperConfig{Gateways: c.gateways(), Store: domains.Mappings(b.db), Clock: b.config.Clock, Log: b.config.Log,
		OnChange: func(reach.Reached) { b.pushes.Changed("domain") }})
	b.domains = domains.New(domains.Deps{DB: b.db, Log: b.config.Log, Box: b.box, Words: b.words.Text, Live: b.pushes, Address: b.address, Normal: b.normalName,
		Wall: b.config.Clock, Certs: b.certs, World: b.world, DNS: b.world, Mail: mailForDomains{b}, Outer: b.world.outer, Version: b.config.Version, Rehearses: c.Directory == "" || c.Staging != "", Authority: b.world.authority.Directory, Tick: c.Tick})
	b.watcher = reach.NewWatcher(reach.WatcherConfig{Clock: b.config.Clock, Find: func(ctx context.Context) reach.Public {
		if !b.domains.Asks(ctx) {
			return reach.Public{}
		}
		return b.world.Find(ctx)
	}})
	return b.domains.Start(ctx)
}

// gateways are the routers that are asked; nil: this computer's.
func (c DomainConfig) gateways() func(context.Context) ([]reach.Gateway, error) {
	if c.Routerless {
		return func(context.Context) ([]reach.Gateway, error) { return nil, nil }
	}
	return c.Gateways
}

// watchNetwork notices changes of the network, of the public address and of the
// clock until ctx ends.
func (b *Backend) watchNetwork(ctx context.Context) {
	_ = b.watcher.Run(ctx, func(c reach.Change) { // never fails
		if c.Event != reach.AddressChanged {
			b.world.mapper.Refresh()
			b.certs.Wake()
		}
		b.domains.Noticed(c)
	})
}

// keepForwards keeps the router's forwards until ctx ends, and closes them then.
func (b *Backend) keepForwards(ctx context.Context) { _ = b.world.mapper.Run(ctx) } // never fails

// certsConfig is what certificates are got with. The clock is the wall's: a clock
// that never runs back would keep a wrong date for ever.
func (b *Backend) certsConfig() certs.Config {
	c := b.config.Domain
	return certs.Config{DB: b.db, Box: b.box, Clock: b.config.Clock, Log: b.config.Log, Directory: c.Directory, Staging: c.Staging, Roots: c.Roots,
		Email: func(ctx context.Context) string { return b.domains.AccountEmail(ctx) }, Alone: b.config.Database == "",
		Notify: func(e certs.Entry) { b.domains.CertificateChanged(e) }, Tick: c.Tick}
}

// normalName puts a typed name into DNS's spelling. A company with a certificate
// authority of its own may use names that no public one gives out.
func (b *Backend) normalName(typed string) (string, error) {
	var own []string
	if b.config.Domain.Directory != "" {
		own = []string{"internal", "intranet", "private", "corp", "lan", "home.arpa", "test"}
	}
	name, err := zone.Normal(typed, own...)
	return string(name), err
}

// world is what checks ask, put together from kernel/zone and kernel/reach.
type world struct {
	dns       *zone.Client
	quiet     *zone.Client // tells no public resolver which name is looked up
	finder    *reach.Finder
	ports     *reach.Ports
	checks    *reach.Checks
	mapper    *reach.Mapper
	authority reach.AuthorityConfig
	outer     domains.Ports // where clients connect to: 80 and 443
	alone     bool          // no router is asked

	mu            sync.Mutex
	plain, secure reach.Listen // the portal's listeners
}

func newWorld(c DomainConfig, wall clock.Clock, checkKey []byte) *world {
	w := &world{ports: reach.NewPorts(reach.PortsConfig{Args: []string{"serve"}}), checks: reach.NewChecks(reach.ChecksConfig{Key: checkKey}),
		outer: domains.Ports{HTTP: 80, TLS: 443}, alone: c.Routerless || c.Sources != nil && len(c.Sources) == 0,
		authority: reach.AuthorityConfig{Directory: c.Directory, Roots: c.Roots, Clock: wall}}
	if c.Outer.TLS > 0 {
		w.outer = c.Outer
	}
	if c.Directory == "" {
		w.authority.Directory, w.authority.StatusPage = letsEncrypt, reach.LetsEncryptStatus
	}
	dns := zone.Config{Port: c.DNSPort, Clock: wall, Dial: c.Dial}
	if c.Resolvers != nil {
		dns.System, dns.Public, dns.HTTPS = c.Resolvers, []zone.Server{}, []string{}
	}
	w.dns = zone.New(dns)
	dns.Public, dns.HTTPS = []zone.Server{}, []string{}
	w.quiet = zone.New(dns)
	address := reach.AddressConfig{Roots: c.Roots}
	if c.Sources == nil {
		address.STUN, address.Echo = reach.DefaultSources()
	}
	for _, source := range c.Sources {
		if server, ok := strings.CutPrefix(source, "stun:"); ok {
			address.STUN = append(address.STUN, server)
		} else {
			address.Echo = append(address.Echo, source)
		}
	}
	w.finder = reach.NewFinder(address)
	return w
}

// asker is the client that asks no more than the owner lets it.
func (w *world) asker(outside bool) *zone.Client {
	if outside {
		return w.dns
	}
	return w.quiet
}

func (w *world) Survey(ctx context.Context, name zone.Name, outside bool) zone.Survey {
	return w.asker(outside).Survey(ctx, name)
}

func (w *world) Signed(d zone.Dynamic, outside bool) (*zone.Signed, error) {
	return w.asker(outside).Signed(d)
}

func (w *world) ByURL(u zone.UpdateURL) (zone.Updater, error) { return w.dns.ByURL(u) }

func (w *world) Diagnose(s zone.Survey, t zone.Target) []zone.Diagnosis { return zone.Diagnose(s, t) }

func (w *world) Find(ctx context.Context) reach.Public { return w.finder.Find(ctx) }

func (w *world) Local() []netip.Addr {
	list, err := reach.DefaultInterfaces()
	if err != nil {
		return nil
	}
	return list
}

// listening notes where the portal's listeners are, or should be.
func (w *world) listening(plain, secure reach.Listen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plain, w.secure = plain, secure
}

func (w *world) listens() (plain, secure reach.Listen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plain, w.secure
}

func (w *world) Ports(ctx context.Context) (all []reach.Finding) {
	plain, secure := w.listens()
	var open []uint16
	for _, l := range []reach.Listen{plain, secure} {
		if !l.Address.IsValid() {
			continue
		}
		all = append(all, w.ports.Check(ctx, l).Finding)
		if l.Open {
			open = append(open, l.Address.Port())
		}
	}
	return append(all, w.ports.Firewall(ctx, open...)...)
}

func (w *world) Self(ctx context.Context, way reach.Way, name string, o domains.Outside) []reach.Finding {
	return w.checks.FetchAll(ctx, w.targets(way, name, o)...)
}

// targets are the doors of ours that a way leads to: from inside the one for https,
// from outside both.
func (w *world) targets(way reach.Way, name string, o domains.Outside) (list []reach.Target) {
	plain, secure := w.listens()
	add := func(l reach.Listen, tls bool, public netip.Addr, outer int) {
		if !l.Open {
			return
		}
		if l.Address.Addr().IsUnspecified() { // of either family: it takes both
			l.Address = netip.AddrPortFrom(netip.IPv4Unspecified(), l.Address.Port())
		}
		for _, t := range reach.SelfTargets(name, l.Address, tls, netip.Addr{}, public, uint16(outer)) {
			if (t.Way == reach.Outside) == (way == reach.Outside) {
				list = append(list, t)
			}
		}
	}
	if way != reach.Outside {
		add(secure, true, netip.Addr{}, 0)
		return list
	}
	for _, public := range []netip.Addr{o.IPv4, o.IPv6} {
		add(secure, true, public, w.outer.TLS)
		add(plain, false, public, w.outer.HTTP)
	}
	return list
}

func (w *world) Router(ctx context.Context, p domains.Ports, public reach.Public, local []netip.Addr) []reach.Finding {
	if w.alone {
		return nil
	}
	forwards := []reach.Forward{{External: 443, Internal: uint16(p.TLS)}}
	if p.HTTP > 0 {
		forwards = append(forwards, reach.Forward{External: 80, Internal: uint16(p.HTTP)})
	}
	return append(reach.Judge(w.mapper.Explore(ctx), public, local, forwards...), w.mapper.State().Findings...)
}

func (w *world) Open(forwards ...reach.Forward) { w.mapper.Want(forwards...) }

func (w *world) Reached() reach.Reached { return w.mapper.State() }

func (w *world) Authority(ctx context.Context) []reach.Finding {
	return reach.CheckAuthority(ctx, w.authority)
}

// reachForAccess tells the dashboard how the portal's address stands.
type reachForAccess struct{ *Backend }

func (r reachForAccess) Reachability(ctx context.Context, actor auth.Actor) (access.Reachability, error) {
	s, err := r.domains.Standing(ctx, actor)
	return access.Reachability{State: string(s.State), What: s.What, Do: s.Do}, err
}

// mailForDomains writes to the owner.
type mailForDomains struct{ *Backend }

func (m mailForDomains) Notify(ctx context.Context, tx *db.Tx, l domains.Letter) error {
	if l.To == "" { // the mailbox that the portal writes from is somebody's
		a, err := m.outbox.Account(ctx, auth.Staff("", "domains"))
		if err != nil || a.FromAddress == "" {
			return err
		}
		l.To = a.FromAddress
	}
	_, err := m.outbox.Queue(ctx, tx, outbox.Mail{Kind: outbox.KindNotice, To: l.To, Language: l.Language, Priority: outbox.PriorityLogin, Key: l.Key,
		Note: l.Text, Details: map[string]string{"title": l.Subject}})
	if fault.KindOf(err) == fault.Invalid || fault.KindOf(err) == fault.Conflict {
		return nil // an address that gets no mail must not stop what it is told about
	}
	return err
}

// domainForOverview tells how the portal's own address stands, as far as there is
// one: trouble with the name in use is an error, with one that is being set up a
// warning.
type domainForOverview struct{ *Backend }

func (d domainForOverview) DomainStatus(ctx context.Context, actor auth.Actor) (overview.DomainStatus, error) {
	s, err := d.domains.Standing(ctx, actor)
	switch {
	case err != nil:
		return overview.DomainStatus{}, err
	case s.Level == domains.Blocks:
		return overview.DomainStatus{State: overview.Error, What: s.What, Do: s.Do}, nil
	case s.Ahead.What != "":
		return overview.DomainStatus{State: overview.Warn, What: s.Ahead.What, Do: s.Ahead.Do}, nil
	case s.State == domains.StateDefault:
		return overview.DomainStatus{State: overview.OK}, nil
	}
	return overview.DomainStatus{State: overview.OK, What: s.What}, nil
}
