package domains

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/settings"
	"portico/backend/kernel/zone"
)

// Check looks at everything that a name needs, now, and answers what it found. A
// name that is not the one set up is looked at without being kept; "" is the one
// set up. Staff only. Faults: those of the name (zone), domains.no_name.
func (s *Service) Check(ctx context.Context, actor auth.Actor, typed string) (Check, View, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Check{}, View{}, err
	}
	v, err := s.View(ctx, actor)
	if err != nil {
		return Check{}, View{}, err
	}
	name := v.Plan.Name
	if typed != "" {
		if name, err = s.Normal(typed); err != nil {
			f := fault.As(err)
			f.Fields = []fault.Field{{Name: "name", Code: f.Code, Message: f.Message, Params: f.Params}}
			return Check{}, View{}, f
		}
	}
	if name == "" {
		return Check{}, View{}, errNoName
	}
	if name == v.Plan.Name {
		c, err := s.look(ctx, name)
		return c, v, err
	}
	return s.examine(ctx, Plan{Name: name, Record: ByAddress}, v.Options), v, nil
}

// look checks a name that the portal has or is to have, and keeps what it found.
func (s *Service) look(ctx context.Context, name string) (Check, error) {
	p, err := planOf(ctx, s.DB.Read())
	if err != nil {
		return Check{}, fmt.Errorf("checking %s: %w", name, err)
	}
	if p.Name != name {
		p = Plan{Name: name, Record: ByAddress}
	}
	o, err := settings.Get(ctx, s.DB.Read(), optionsKey)
	if err != nil {
		return Check{}, err
	}
	before, err := optional(checkOf(ctx, s.DB.Read(), name))
	if err != nil {
		return Check{}, fmt.Errorf("checking %s: %w", name, err)
	}
	c := s.examine(ctx, p, o).settle(before, s.pace(time.Minute), s.pace(mostKept))
	if ctx.Err() != nil { // half a check says wrong things
		return Check{}, ctx.Err()
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(func() { s.Live.Changed("domain") })
		return saveCheck(ctx, tx, c)
	}); err != nil {
		return Check{}, fmt.Errorf("keeping the check of %s: %w", name, err)
	}
	return c, nil
}

// longestCheck bounds a check, whatever does not answer.
const longestCheck = 25 * time.Second

// examine is the doctor: it asks everybody at once and judges what came back.
func (s *Service) examine(ctx context.Context, p Plan, o Options) Check {
	ctx, cancel := context.WithTimeout(ctx, longestCheck)
	defer cancel()
	var network, names, authority []Finding
	var survey zone.Survey
	var all sync.WaitGroup
	all.Go(func() { survey = s.World.Survey(ctx, zone.Name(p.Name), o.Outside) })
	all.Go(func() { authority = findings(AreaComputer, s.World.Authority(ctx)) })
	outside := s.public(ctx, o)
	all.Go(func() { network = s.network(ctx, p, outside) })
	var about certs.About
	all.Go(func() { about = s.ask(ctx) })
	all.Wait()
	c := Check{Name: p.Name, At: s.DB.Clock().Now(), Host: zone.Host(survey), Apex: survey.Apex}
	target := s.target(ctx, p, o, outside, answered(survey), about)
	for _, d := range s.World.Diagnose(survey, target) {
		names = append(names, Finding{Code: string(d.Code), Severity: ofZone(d.Severity), Area: AreaDNS, Subject: p.Name, Params: d.Params})
	}
	if f, wrong := s.elsewhere(p.Name, outside, answered(survey), network); wrong {
		names = append(names, f)
	}
	c.Findings = sorted(slices.Concat(network, names, authority, s.certificateFindings(ctx, p.Name), s.optionFindings(p.Name, o)))
	c.Lookups = lookups(survey, target, c.At)
	w := worst(c.Findings)
	c.Ready = w != Blocks && w != Waits
	return c
}

// elsewhere finds a name that leads over IPv6 to this computer itself, at a port
// where the portal does not listen: authorities and browsers try that first.
func (s *Service) elsewhere(name string, outside Outside, there []netip.Addr, network []Finding) (Finding, bool) {
	s.mu.Lock()
	port := s.ports.TLS
	s.mu.Unlock()
	if port == 0 || port == s.Outer.TLS {
		return Finding{}, false
	}
	i := slices.IndexFunc(there, func(a netip.Addr) bool { return slices.Contains(outside.Local, a) && a.Is6() })
	if i < 0 || slices.ContainsFunc(network, func(f Finding) bool { // another program of this computer hands it on
		return f.Code == string(reach.SelfReached) && f.Subject == netip.AddrPortFrom(there[i], uint16(s.Outer.TLS)).String()
	}) {
		return Finding{}, false
	}
	return Finding{Code: "listen.ipv6_port", Severity: Blocks, Area: AreaDNS, Subject: name, Params: map[string]any{"port": port, "want": s.Outer.TLS}}, true
}

// target is where the name should lead and how its certificate is got; there are
// the IPv6 addresses to which it leads now.
func (s *Service) target(ctx context.Context, p Plan, o Options, outside Outside, there []netip.Addr, about certs.About) zone.Target {
	t := zone.Target{CNAME: p.Alias, CAIssuers: about.Issuers, Challenges: []string{"http-01", "tls-alpn-01"}}
	if outside.IPv4.IsValid() {
		t.IPv4 = []netip.Addr{outside.IPv4}
	}
	if outside.IPv6.IsValid() {
		t.IPv6 = []netip.Addr{outside.IPv6}
		for _, a := range siblings(outside.Public.IPv6, outside.Local) {
			if a != outside.IPv6 && slices.Contains(there, a) { // not the best one, but ours
				t.IPv6 = append(t.IPv6, a)
			}
		}
	}
	if o.Method != MethodHTTP {
		t.Challenges = []string{"dns-01"}
	}
	if status, err := s.Certs.Status(ctx, p.Name); err == nil {
		for _, r := range status.Records {
			t.TXT = append(t.TXT, r.Value)
		}
	}
	return t
}

// certificateFindings say how the certificate stands and what our own limits allow.
func (s *Service) certificateFindings(ctx context.Context, name string) []Finding {
	status, err := s.Certs.Status(ctx, name)
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		s.Log.Error("the certificate's state could not be read", "error", err)
		return nil
	}
	f := Finding{Area: AreaCertificate, Subject: name, Params: map[string]any{"name": display(name), "failures": status.Left.Failures, "orders": status.Left.Orders}}
	now := s.wall()
	switch _, due := alarm(status, now); {
	case status.Expired(now):
		f.Code, f.Severity = "certificate.expired", Warns
	case due:
		f.Code, f.Severity, f.Params["count"] = "certificate.expiring", Warns, left(status, now)
	case good(status, now):
		f.Code, f.Severity = "certificate.good", Fine
	case status.Left.Orders == 0 || status.Left.Failures == 0:
		f.Code, f.Severity = "certificate.limit", Waits
		f.Params["count"] = int((status.NextTry.Sub(now) + time.Minute - 1) / time.Minute)
	default:
		f.Code, f.Severity = "certificate.none", Tells
	}
	return []Finding{f}
}

// public answers how the world sees this computer, asking it at most now and then.
func (s *Service) public(ctx context.Context, o Options) Outside {
	s.mu.Lock()
	known := s.outside
	s.mu.Unlock()
	if !o.Outside {
		return Outside{Local: s.World.Local()}
	}
	if now := s.DB.Clock().Now(); known.Asked.IsZero() || now.Sub(known.Asked) >= askEvery {
		p := s.World.Find(ctx)
		known = Outside{IPv4: p.IPv4, IPv6: known.IPv6, Asked: now, Public: p}
	}
	known.Local = s.World.Local()
	known.IPv6 = lasting(known.Public.IPv6, known.IPv6, known.Local)
	s.mu.Lock()
	s.outside = known
	s.mu.Unlock()
	return known
}

// askEvery is how often the world is asked for the public address at most.
const askEvery = 2 * time.Minute

// network looks at this computer, its router and the way in from outside.
func (s *Service) network(ctx context.Context, p Plan, outside Outside) []Finding {
	s.knock()
	s.mu.Lock()
	ports, serves := s.ports, s.serves
	s.mu.Unlock()
	if !serves {
		return []Finding{{Code: "listen.stopped", Severity: Tells, Area: AreaComputer, Subject: p.Name, Params: map[string]any{}}}
	}
	list := findings(AreaComputer, s.World.Ports(ctx))
	if ports.TLS == 0 {
		return append(list, Finding{Code: "listen.no_tls", Severity: Blocks, Area: AreaComputer, Subject: p.Name, Params: map[string]any{}})
	}
	inside := findings(AreaComputer, s.World.Self(ctx, reach.Loopback, p.Name, outside))
	through := findings(AreaOutside, s.World.Self(ctx, reach.Outside, p.Name, outside))
	list = append(append(list, inside...), through...)
	router := findings(AreaRouter, s.World.Router(ctx, ports, outside.Public, outside.Local))
	if reached(through) { // what works needs no theory
		for i := range router {
			router[i].Severity = softened(router[i].Severity)
		}
	}
	return append(list, router...)
}

// reached reports that our own page came back through the public address.
func reached(list []Finding) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Code == string(reach.SelfReached) })
}

func softened(s Severity) Severity {
	if s == Fine {
		return Fine
	}
	return Tells
}

// findings takes over what kernel/reach found.
func findings(area Area, list []reach.Finding) (out []Finding) {
	for _, f := range list {
		one := Finding{Code: string(f.Code), Severity: ofReach(f.Severity), Area: area, Subject: f.Subject, Params: f.Params}
		for _, r := range f.Remedies {
			c := Remedy{Cure: string(r.Cure), Admin: r.Admin, Commands: r.Commands, Undo: r.Undo, Params: r.Params}
			if r.File != nil {
				c.Path, c.Mode, c.Text = r.File.Path, fmt.Sprintf("%04o", r.File.Mode.Perm()), r.File.Text
			}
			one.Remedies = append(one.Remedies, c)
		}
		out = append(out, one)
	}
	return out
}

func ofReach(s reach.Severity) Severity {
	switch s {
	case reach.Blocks:
		return Blocks
	case reach.Warns:
		return Warns
	case reach.Good:
		return Fine
	}
	return Tells
}

func ofZone(s zone.Severity) Severity {
	switch s {
	case zone.Error:
		return Blocks
	case zone.Wait:
		return Waits
	case zone.Warning:
		return Warns
	}
	return Tells
}
