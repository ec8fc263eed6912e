package zone

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// mostAliases is how many aliases in a row resolvers put up with, more or less.
const mostAliases = 8

// chain follows the alias at the name to its end, asking the servers of every
// name on the way: a resolver would tell what was there an hour ago.
func (l *lookups) chain(ctx context.Context, s *Survey) {
	next := ""
	for _, v := range s.Sources() {
		if next = v.CNAME; next != "" {
			break
		}
	}
	for next != "" {
		if next == string(s.Name) || slices.Contains(s.Chain.Names, next) {
			s.Chain.Names, s.Chain.End = append(s.Chain.Names, next), Loop
			return
		}
		s.Chain.Names = append(s.Chain.Names, next)
		if len(s.Chain.Names) > mostAliases {
			s.Chain.End = TooLong
			return
		}
		records, end := l.hop(ctx, s, next)
		if next = records.CNAME; next == "" {
			s.Chain.Records, s.Chain.End = records, end
		}
	}
}

// hop is what stands at one name of the chain.
func (l *lookups) hop(ctx context.Context, s *Survey, name string) (Records, End) {
	p := l.locate(ctx, name)
	if p.rcode == "NXDOMAIN" {
		return Records{}, Dangling
	}
	var records Records
	var ttl time.Duration
	ok := false
	if !l.deaf.Load() {
		records, ttl, ok = l.records(ctx, p, name)
	}
	if !ok { // its servers cannot be asked from here: what a resolver knows is better than nothing
		v := resolved(Server{}, name, func(q query) (*dns.Msg, Failure) { return l.resolve(ctx, q.name, q.kind), Silent })
		if !v.Answers() {
			return Records{}, Unanswered
		}
		records, ttl = v.Records, v.TTL
		if len(records.A)+len(records.AAAA) > 0 {
			records.CNAME = "" // it went to the end already
		}
	}
	s.Chain.TTL = ttl
	if records.Empty() {
		return records, Dangling
	}
	return records, ""
}

// caa finds the records that rule over the name (RFC 8659 §3): at the name, or
// at the nearest one above it that has any.
func (l *lookups) caa(ctx context.Context, name string, p place) CAA {
	var found []*CAA
	var wait sync.WaitGroup
	for ; name != ""; name = parent(name) {
		one := &CAA{At: name}
		found = append(found, one)
		wait.Go(func() { l.caaAt(ctx, one, p) })
	}
	wait.Wait()
	for _, one := range found {
		if one.Failed != "" || len(one.Records) > 0 {
			return *one
		}
	}
	return CAA{}
}

// caaAt fills in the records at one.At, or at the name that is an alias for.
func (l *lookups) caaAt(ctx context.Context, one *CAA, p place) {
	name := one.At
	if !below(name, p.apex) {
		// The registry's. Old routers do not know the type: their failure says nothing.
		if reply := l.resolve(ctx, name, dns.TypeCAA); good(reply) {
			one.Records = caaRecords(reply, name)
		}
		return
	}
	for range mostAliases {
		reply := l.caaReply(ctx, name, p)
		if !good(reply) {
			if one.At = ""; ctx.Err() == nil && (reply != nil || !l.deaf.Load()) {
				one.Failed = name
			}
			return
		}
		if one.Records = caaRecords(reply, name); len(one.Records) > 0 {
			return
		}
		target, _ := alias(reply, name)
		if target == "" {
			return
		}
		name, one.At, p = target, target, l.locate(ctx, target)
	}
}

// caaReply is what the servers at p say, or a resolver where they cannot be asked.
func (l *lookups) caaReply(ctx context.Context, name string, p place) *dns.Msg {
	switch {
	case l.deaf.Load():
		return l.resolve(ctx, name, dns.TypeCAA)
	case p.dead:
		return nil
	}
	reply, _ := l.first(ctx, p.servers, 3, query{name: name, kind: dns.TypeCAA}, good)
	return reply
}

// holding is what one server has at a challenge's name.
func (l *lookups) holding(ctx context.Context, server Server, name string) View {
	reply, failure := l.ask(ctx, server.Addr, query{name: name, kind: dns.TypeTXT, once: l.deaf.Load()})
	if failure != "" {
		return View{Server: server, Failure: failure}
	}
	v := View{Server: server, Rcode: rcode(reply), AA: reply.Authoritative}
	v.CNAME, _ = alias(reply, name)
	end, _, _ := follow(reply, name)
	v.TXT = texts(reply, end)
	return v
}

// challenge goes where _acme-challenge is delegated to, and gathers the values.
func (l *lookups) challenge(ctx context.Context, s *Survey) {
	for _, v := range s.Challenge.Servers {
		if v.CNAME != "" {
			s.Challenge.CNAME = v.CNAME
		}
	}
	if target := s.Challenge.CNAME; target != "" {
		away := l.locate(ctx, target)
		s.Challenge.Servers = make([]View, len(away.servers))
		var wait sync.WaitGroup
		for i, server := range away.servers {
			wait.Go(func() { s.Challenge.Servers[i] = l.holding(ctx, server, target) })
		}
		wait.Wait()
	}
	for _, v := range s.Challenge.Servers {
		s.Challenge.TXT = append(s.Challenge.TXT, v.TXT...)
	}
	slices.Sort(s.Challenge.TXT)
	s.Challenge.TXT = slices.Compact(s.Challenge.TXT)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
