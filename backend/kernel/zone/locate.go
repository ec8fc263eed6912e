package zone

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"
)

// place is where a name's records are kept.
type place struct {
	apex     string   // the zone; "" when it was not found
	servers  []Server // its servers, one per address
	parent   []string // their names as the zone above gives them; nil when it was not heard
	nameless []string // those of them without an address
	dead     bool     // none of the servers replied to the first question
	rcode    string   // NXDOMAIN when the zone above knows no such domain
}

const (
	mostServers = 8  // names of servers of one zone that are asked
	mostAddress = 16 // and addresses
	mostCuts    = 10 // zones on the way down
	mostStart   = 4  // servers of a registry that are asked, at once
)

// lookups is what one survey shares while it runs.
type lookups struct {
	*Client
	resolvers []Server
	deaf      atomic.Bool // the registry's servers do not reply: this network lets nobody ask whom he wants
	mute      atomic.Bool // no resolver replies
	mu        sync.Mutex
	starts    map[string]place // where descents begin, by public suffix
	places    map[string]place // where they ended, by name
}

func (c *Client) lookups() *lookups {
	return &lookups{Client: c, resolvers: append(c.system(), c.config.Public...), starts: map[string]place{}, places: map[string]place{}}
}

// resolve asks resolvers: two at a time, and over HTTPS when none replies. Nil
// means that nobody replied; the code may be a failure.
func (l *lookups) resolve(ctx context.Context, name string, kind uint16) *dns.Msg {
	q := query{name: name, kind: kind, recursive: true, once: true}
	var reply *dns.Msg
	if !l.mute.Load() {
		if reply, _ = l.first(ctx, l.resolvers, 2, q, good); reply == nil {
			l.mute.Store(true)
		}
	}
	for _, address := range l.config.HTTPS {
		if reply != nil || ctx.Err() != nil {
			break
		}
		reply, _ = l.askHTTPS(ctx, address, q)
	}
	return reply
}

// locate finds the servers that keep name, by descending from those of its
// public suffix: that way it is also known what the zones above say, and nothing
// depends on what resolvers remember. Names that the public does not know, such
// as those of a company's own zone, are looked for through the resolvers.
func (l *lookups) locate(ctx context.Context, name string) place {
	l.mu.Lock()
	found, ok := l.places[name]
	l.mu.Unlock()
	if ok {
		return found
	}
	if !l.deaf.Load() {
		found, ok = l.descend(ctx, name)
	}
	if !ok {
		found = l.ascend(ctx, name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.places[name] = found
	return found
}

// descend is false when it did not come anywhere.
func (l *lookups) descend(ctx context.Context, name string) (place, bool) {
	suffix := registry(name)
	start := l.start(ctx, suffix)
	for ; start.apex == "" && parent(suffix) != ""; start = l.start(ctx, suffix) {
		suffix = parent(suffix) // com.br is a suffix and no zone
	}
	here := start
	for range mostCuts {
		atTop := here.apex == start.apex // a registry has many servers: one try each will do
		wave := 3
		if atTop {
			wave = mostStart
		}
		reply, _ := l.first(ctx, here.servers, wave, query{name: name, kind: dns.TypeSOA, once: atTop}, func(m *dns.Msg) bool {
			return good(m) && (m.Authoritative || soa(m, name) != nil || referral(m, name, here.apex) != "")
		})
		if !good(reply) {
			if atTop {
				if len(here.servers) > 0 && reply == nil {
					l.deaf.Store(true)
				}
				return place{}, false
			}
			here.dead = reply == nil
			return here, true // its servers are dead or know nothing: that is what there is to say
		}
		cut := referral(reply, name, here.apex)
		if cut == "" || reply.Authoritative {
			return l.settle(ctx, here, name, reply), true
		}
		names := servedBy(reply.Ns, cut)
		here = place{apex: cut, parent: names}
		here.servers, here.nameless = l.addresses(ctx, names, reply.Extra)
	}
	return place{}, false
}

// start are the servers of a public suffix.
func (l *lookups) start(ctx context.Context, suffix string) place {
	l.mu.Lock()
	known, ok := l.starts[suffix]
	l.mu.Unlock()
	if ok {
		return known
	}
	found := place{}
	if reply := l.resolve(ctx, suffix, dns.TypeNS); good(reply) {
		if names := servedBy(reply.Answer, suffix); len(names) > 0 {
			found.apex = suffix
			found.servers, _ = l.addresses(ctx, names[:min(len(names), mostStart)], reply.Extra)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.starts[suffix] = found
	return found
}

// settle reads the last reply of a descent. The zone may begin below the last
// cut, when the same servers keep both.
func (l *lookups) settle(ctx context.Context, here place, name string, reply *dns.Msg) place {
	if registrable := Name(name).Registrable(); reply.Rcode == dns.RcodeNameError && here.apex != registrable && below(registrable, here.apex) {
		return place{rcode: rcode(reply)}
	}
	top := name
	for one := soa(reply, top); ; one = soa(reply, top) {
		if one != nil {
			top = shown(one.Hdr.Name)
			break
		}
		if top = parent(top); top == "" || !below(top, here.apex) {
			return here
		}
		// An alias stands at the name: what is above it has no such excuse.
		if reply, _ = l.first(ctx, here.servers, 3, query{name: top, kind: dns.TypeSOA}, good); reply == nil {
			return here
		}
	}
	if top == here.apex || !below(top, here.apex) {
		return here
	}
	next := place{apex: top, servers: here.servers}
	reply, _ = l.first(ctx, here.servers, 3, query{name: top, kind: dns.TypeNS}, good)
	if reply != nil {
		if servers, nameless := l.addresses(ctx, servedBy(reply.Answer, top), reply.Extra); len(servers) > 0 {
			next.servers, next.nameless = servers, nameless
		}
	}
	return next
}

// ascend finds the zone as resolvers know it.
func (l *lookups) ascend(ctx context.Context, name string) place {
	reply := l.resolve(ctx, name, dns.TypeSOA)
	if reply == nil {
		return place{}
	}
	one := soa(reply, name)
	if one == nil || shown(one.Hdr.Name) == "" {
		if reply.Rcode == dns.RcodeNameError {
			return place{rcode: rcode(reply)}
		}
		return place{}
	}
	here := place{apex: shown(one.Hdr.Name)}
	if reply = l.resolve(ctx, here.apex, dns.TypeNS); good(reply) {
		here.servers, here.nameless = l.addresses(ctx, servedBy(reply.Answer, here.apex), reply.Extra)
	}
	return here
}

// addresses are where the named servers are, IPv4 before IPv6; glue saves
// questions. nameless are those that have no address at all.
func (l *lookups) addresses(ctx context.Context, names []string, glue []dns.RR) (servers []Server, nameless []string) {
	names = names[:min(len(names), mostServers)]
	found := make([][]Server, len(names))
	unknown := make([]bool, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		hints := &dns.Msg{Answer: glue}
		wait.Go(func() {
			answered := true
			for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
				ips, _ := addresses(hints, name, kind)
				if len(ips) == 0 && len(found[i]) == 0 {
					reply := l.resolve(ctx, name, kind)
					if answered = answered && good(reply); good(reply) {
						end, _, _ := follow(reply, name)
						ips, _ = addresses(reply, end, kind)
					}
				}
				for _, ip := range ips[:min(len(ips), 2)] {
					found[i] = append(found[i], Server{Name: name, Addr: l.at(ip)})
				}
			}
			unknown[i] = answered && len(found[i]) == 0
		})
	}
	wait.Wait()
	for i, name := range names {
		servers = append(servers, found[i]...)
		if unknown[i] {
			nameless = append(nameless, name)
		}
	}
	slices.SortStableFunc(servers, func(a, b Server) int {
		return boolOrder(a.Addr.Addr().Is6(), b.Addr.Addr().Is6())
	})
	return servers[:min(len(servers), mostAddress)], nameless
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
