package zonetest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Zone is a zone with its copies on one or more servers. Changes go to all of
// them; On gives one.
type Zone struct {
	net    *Net
	apex   string
	copies []placed
}

type placed struct {
	server  *Server
	content *content
}

// content is one server's copy of a zone.
type content struct {
	apex    string
	records map[string]map[uint16][]dns.RR // by name and type, lower case
	bogus   bool
	updates bool
}

func newContent(apex string) *content {
	return &content{apex: apex, records: map[string]map[uint16][]dns.RR{}}
}

// On is the copy on one server alone, for servers that disagree.
func (z *Zone) On(ip string) *Zone {
	z.net.t.Helper()
	for _, p := range z.copies {
		if p.server.ip == ip {
			return &Zone{net: z.net, apex: z.apex, copies: []placed{p}}
		}
	}
	z.net.t.Fatalf("zonetest: %s is not on %s", z.apex, ip)
	return nil
}

// Set writes records as in a zone file; the TTL is 300 where none is given.
// What stood at the same names and types before is replaced, and the serial
// number goes up. An alias does not remove addresses: that fault is possible.
func (z *Zone) Set(lines ...string) {
	z.net.t.Helper()
	z.change(func(c *content) {
		replaced := map[string]bool{}
		for _, rr := range z.parse(lines) {
			name, kind := dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype
			if key := fmt.Sprint(name, kind); !replaced[key] {
				replaced[key] = true
				c.remove(name, kind)
			}
			c.add(rr)
		}
	})
}

// Remove takes away the records of the given types, such as "A", or all of a name.
func (z *Zone) Remove(name string, types ...string) {
	z.net.t.Helper()
	name = z.full(name)
	z.change(func(c *content) {
		if len(types) == 0 {
			delete(c.records, name)
		}
		for _, kind := range types {
			c.remove(name, dns.StringToType[kind])
		}
	})
}

// Texts are the values at a name, as a zone file writes them, of the first copy.
func (z *Zone) Texts(name, kind string) []string {
	z.net.mu.Lock()
	defer z.net.mu.Unlock()
	var texts []string
	for _, rr := range z.copies[0].content.records[z.full(name)][dns.StringToType[kind]] {
		texts = append(texts, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	slices.Sort(texts)
	return texts
}

// Bogus says whether the zone's signatures are broken: resolvers then answer
// SERVFAIL unless checking is switched off.
func (z *Zone) Bogus(broken bool) { z.each(func(c *content) { c.bogus = broken }) }

// AllowUpdates lets RFC 2136 updates in that are signed with KeyName and
// KeySecret, or shuts them out. They reach all copies at once.
func (z *Zone) AllowUpdates(allowed bool) { z.each(func(c *content) { c.updates = allowed }) }

func (z *Zone) each(do func(c *content)) {
	z.net.mu.Lock()
	defer z.net.mu.Unlock()
	for _, p := range z.copies {
		do(p.content)
	}
}

// change raises the serial number after the change, unless it was changed too.
func (z *Zone) change(do func(c *content)) {
	z.net.t.Helper()
	z.each(func(c *content) {
		before := c.serial()
		do(c)
		if soa := c.soa(); soa != nil && soa.Serial == before {
			next := *soa
			next.Serial++
			c.records[c.apex][dns.TypeSOA] = []dns.RR{&next}
		}
	})
}

func (z *Zone) parse(lines []string) []dns.RR {
	z.net.t.Helper()
	parser := dns.NewZoneParser(strings.NewReader(strings.Join(lines, "\n")+"\n"), z.apex, "")
	parser.SetDefaultTTL(300)
	var records []dns.RR
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		records = append(records, rr)
	}
	if err := parser.Err(); err != nil {
		z.net.t.Fatalf("zonetest: %v", err)
	}
	return records
}

// nameServers are the NS records with the addresses of the zone's servers, named
// ns1, ns2, … within the zone after the last number of their address.
func (z *Zone) nameServers() []string {
	var lines []string
	for _, p := range z.copies {
		host := z.hostOf(p.server.ip)
		lines = append(lines, fmt.Sprintf("%s 3600 NS %s", z.apex, host), fmt.Sprintf("%s 3600 A %s", host, p.server.ip))
	}
	return lines
}

func (z *Zone) hostOf(ip string) string {
	return fmt.Sprintf("ns%d.%s", netip.MustParseAddr(ip).As4()[3], z.apex)
}

func (z *Zone) full(name string) string {
	if name == "@" {
		return z.apex
	}
	if !dns.IsFqdn(name) {
		name += "." + z.apex
	}
	return dns.CanonicalName(name)
}

func (c *content) add(rr dns.RR) {
	name := dns.CanonicalName(rr.Header().Name)
	if c.records[name] == nil {
		c.records[name] = map[uint16][]dns.RR{}
	}
	kind := rr.Header().Rrtype
	if !slices.ContainsFunc(c.records[name][kind], func(old dns.RR) bool { return dns.IsDuplicate(old, rr) }) {
		c.records[name][kind] = append(c.records[name][kind], rr)
	}
}

func (c *content) remove(name string, kind uint16) {
	delete(c.records[name], kind)
	if len(c.records[name]) == 0 {
		delete(c.records, name)
	}
}

func (c *content) soa() *dns.SOA {
	if all := c.records[c.apex][dns.TypeSOA]; len(all) > 0 {
		return all[0].(*dns.SOA)
	}
	return nil
}

func (c *content) serial() uint32 {
	if soa := c.soa(); soa != nil {
		return soa.Serial
	}
	return 0
}

// exists also knows names that only have others below them.
func (c *content) exists(name string) bool {
	for have := range c.records {
		if dns.IsSubDomain(name, have) {
			return true
		}
	}
	return false
}

// at is what stands at a name, be it by a wildcard.
func (c *content) at(name string) (records map[uint16][]dns.RR, found bool) {
	if c.exists(name) {
		return c.records[name], true
	}
	for off, end := dns.NextLabel(name, 0); !end && dns.IsSubDomain(c.apex, name[off:]); off, end = dns.NextLabel(name, off) {
		if star := c.records["*."+name[off:]]; star != nil {
			made := map[uint16][]dns.RR{}
			for kind, all := range star {
				for _, rr := range all {
					own := dns.Copy(rr)
					own.Header().Name = name
					made[kind] = append(made[kind], own)
				}
			}
			return made, true
		}
		if c.exists(name[off:]) {
			break
		}
	}
	return nil, false
}

// cut is the delegation that hides name from this zone.
func (c *content) cut(name string) []dns.RR {
	var nearest []dns.RR // the one nearest to the apex counts
	for off, end := 0, false; !end && name[off:] != c.apex; off, end = dns.NextLabel(name, off) {
		if ns := c.records[name[off:]][dns.TypeNS]; len(ns) > 0 {
			nearest = ns
		}
	}
	return nearest
}
