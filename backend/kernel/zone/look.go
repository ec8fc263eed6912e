package zone

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// challengeLabel stands before a name where authorities look for DNS-01.
const challengeLabel = "_acme-challenge."

// Survey asks what the DNS says about name. It judges nothing and never fails: a
// server that did not reply is part of the answer. It ends within five times
// Config.Patience, or at once when ctx does, and then says Cut.
func (c *Client) Survey(ctx context.Context, name Name) Survey {
	s := Survey{Name: name, At: c.config.Clock.Now(), Registrable: name.Registrable()}
	ctx, cancel := context.WithTimeout(ctx, 5*c.config.Patience)
	defer cancel()
	l := c.lookups()
	var wait sync.WaitGroup
	wait.Go(func() { s.Public = l.recursive(ctx, c.config.Public, name) })
	wait.Go(func() { s.System = l.recursive(ctx, c.system(), name) })
	wait.Go(func() { l.own(ctx, &s) })
	wait.Wait()
	if len(answering(authoritative(s.Servers))) == 0 && s.ParentRcode != "NXDOMAIN" {
		s.HTTPS = l.overHTTPS(ctx, name)
	}
	l.chain(ctx, &s)
	s.Filtered, s.Cut = l.deaf.Load(), ctx.Err() != nil
	return s
}

// own finds the zone and asks its servers everything.
func (l *lookups) own(ctx context.Context, s *Survey) {
	name := string(s.Name)
	p := l.locate(ctx, name)
	s.Apex, s.ParentNS, s.ParentRcode, s.Nameless = p.apex, p.parent, p.rcode, p.nameless
	if p.apex == "" {
		return
	}
	s.Servers = make([]View, len(p.servers))
	s.Challenge.Servers = make([]View, len(p.servers))
	var wait sync.WaitGroup
	for i, server := range p.servers {
		wait.Go(func() { s.Servers[i] = l.view(ctx, server, name, p.apex) })
		wait.Go(func() { s.Challenge.Servers[i] = l.holding(ctx, server, challengeLabel+name) })
	}
	wait.Go(func() { s.CAA = l.caa(ctx, name, p) })
	if name != p.apex {
		wait.Go(func() { s.Wildcard = l.stands(ctx, p, "portico-"+strings.ToLower(rand.Text()[:12])+"."+parent(name)) })
	}
	wait.Go(func() { s.Doubled = l.stands(ctx, p, name+"."+p.apex) })
	wait.Go(func() {
		doubled := challengeLabel + name + "." + p.apex
		if reply, _ := l.first(ctx, p.servers, 3, query{name: doubled, kind: dns.TypeTXT}, good); reply != nil {
			s.Challenge.Doubled = texts(reply, doubled)
		}
	})
	wait.Wait()
	for _, v := range authoritative(s.Servers) {
		s.ChildNS = append(s.ChildNS, v.NS...)
	}
	slices.Sort(s.ChildNS)
	s.ChildNS = slices.Compact(s.ChildNS)
	l.challenge(ctx, s)
}

// view is the name as one of the zone's servers sees it.
func (l *lookups) view(ctx context.Context, server Server, name, apex string) View {
	v := View{Server: server, TTL: mostTTL}
	var replies [4]*dns.Msg
	var failures [4]Failure
	questions := [4]query{{name: name, kind: dns.TypeA}, {name: name, kind: dns.TypeAAAA}, {name: apex, kind: dns.TypeSOA}, {name: apex, kind: dns.TypeNS}}
	var wait sync.WaitGroup
	for i, q := range questions {
		q.once = l.deaf.Load()
		wait.Go(func() { replies[i], failures[i] = l.ask(ctx, server.Addr, q) })
	}
	wait.Wait()
	for i, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if failures[i] != "" {
			v.Failure = failures[i]
			return v
		}
		v.add(replies[i], name, kind)
	}
	if reply := replies[2]; reply != nil {
		for _, one := range at[*dns.SOA](reply.Answer, apex) {
			v.Serial = one.Serial
		}
	}
	if reply := replies[3]; reply != nil {
		v.NS = servedBy(append(slices.Clone(reply.Answer), reply.Ns...), apex)
	}
	v.settle(replies[0], name)
	return v
}

// add takes over what a server of the zone says of one type.
func (v *View) add(reply *dns.Msg, name string, kind uint16) {
	v.AA = reply.Authoritative && (v.AA || v.Rcode == "")
	v.RA = v.RA || reply.RecursionAvailable
	if v.Rcode == "" || v.Answers() {
		v.Rcode = rcode(reply)
	}
	ips, ttl := addresses(reply, name, kind)
	target, lives := alias(reply, name)
	v.Both = v.Both || target != "" && len(ips) > 0
	if target != "" {
		v.CNAME = target
	}
	if kind == dns.TypeA {
		v.A = ips
	} else {
		v.AAAA = ips
	}
	v.TTL = min(v.TTL, ttl, lives)
}

// settle puts the TTL right where nothing stands.
func (v *View) settle(reply *dns.Msg, name string) {
	if v.Empty() {
		v.TTL = negative(reply, name)
	}
}

// recursive is the name as resolvers see it, each told to do the whole work.
func (l *lookups) recursive(ctx context.Context, servers []Server, name Name) []View {
	views := make([]View, len(servers))
	var wait sync.WaitGroup
	for i, server := range servers {
		wait.Go(func() {
			views[i] = resolved(server, string(name), func(q query) (*dns.Msg, Failure) { return l.ask(ctx, server.Addr, q) })
		})
	}
	wait.Wait()
	return views
}

// overHTTPS asks the first resolver over HTTPS that replies.
func (l *lookups) overHTTPS(ctx context.Context, name Name) []View {
	var views []View
	for _, address := range l.config.HTTPS {
		v := resolved(Server{Name: hostOf(address)}, string(name), func(q query) (*dns.Msg, Failure) { return l.askHTTPS(ctx, address, q) })
		views = append(views, v)
		if v.Failure == "" {
			break
		}
	}
	return views
}

// resolved puts a resolver's view together.
func resolved(server Server, name string, ask func(query) (*dns.Msg, Failure)) View {
	v := View{Server: server, TTL: mostTTL}
	var replies [2]*dns.Msg
	var failures [2]Failure
	kinds := [2]uint16{dns.TypeA, dns.TypeAAAA}
	var wait sync.WaitGroup
	for i, kind := range kinds {
		wait.Go(func() {
			q := query{name: name, kind: kind, recursive: true}
			replies[i], failures[i] = ask(q)
			if reply := replies[i]; reply != nil && reply.Rcode == dns.RcodeServerFailure {
				q.unchecked = true
				if again, _ := ask(q); good(again) {
					failures[i] = bogus
				}
			}
		})
	}
	wait.Wait()
	for i, kind := range kinds {
		reply := replies[i]
		if v.Bogus = v.Bogus || failures[i] == bogus; reply == nil {
			v.Failure = failures[i]
			return v
		}
		if v.RA = v.RA || reply.RecursionAvailable; v.Rcode == "" || v.Answers() {
			v.Rcode = rcode(reply)
		}
		end, aliases, lives := follow(reply, name)
		ips, ttl := addresses(reply, end, kind)
		if len(aliases) > 0 {
			v.CNAME = aliases[0]
		}
		if kind == dns.TypeA {
			v.A = ips
		} else {
			v.AAAA = ips
		}
		v.TTL = min(v.TTL, lives, ttl)
	}
	v.settle(replies[0], name)
	return v
}

// bogus marks, inside resolved only, a refusal over signatures.
const bogus Failure = "bogus"

// stands is what stands at a name of the zone at p, as the first of its servers says.
func (l *lookups) stands(ctx context.Context, p place, name string) Records {
	records, _, _ := l.records(ctx, p, name)
	return records
}

// records is stands with the TTL, and whether any server answered at all.
func (l *lookups) records(ctx context.Context, p place, name string) (Records, time.Duration, bool) {
	if p.dead {
		return Records{}, 0, false
	}
	var replies [2]*dns.Msg
	var wait sync.WaitGroup
	for i, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		wait.Go(func() { replies[i], _ = l.first(ctx, p.servers, 3, query{name: name, kind: kind}, good) })
	}
	wait.Wait()
	if !good(replies[0]) && !good(replies[1]) {
		return Records{}, 0, false
	}
	v := View{TTL: mostTTL}
	for i, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if good(replies[i]) {
			v.add(replies[i], name, kind)
		}
	}
	return v.Records, v.TTL, true
}
