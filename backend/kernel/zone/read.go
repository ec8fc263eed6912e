package zone

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	mostRecords = 32                 // of one type at one name: no portal has more
	mostText    = 255                // characters of one TXT value that are kept
	mostTTL     = 7 * 24 * time.Hour // resolvers keep nothing longer (RFC 8767 §4)
)

// shown is a name out of a reply, fit for a screen: lower case, no dot at the
// end, printable ASCII, cut where no honest name would end.
func shown(name string) string {
	return printable(strings.TrimSuffix(strings.ToLower(name), "."), 253)
}

func printable(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	if len(text) > most {
		return text[:most-1] + "~"
	}
	return text
}

func seconds(ttl uint32) time.Duration {
	return min(time.Duration(ttl)*time.Second, mostTTL)
}

// at are the records of one type that stand at name in a section.
func at[T dns.RR](section []dns.RR, name string) []T {
	var all []T
	for _, rr := range section {
		if one, ok := rr.(T); ok && len(all) < mostRecords && shown(rr.Header().Name) == name && rr.Header().Class == dns.ClassINET {
			all = append(all, one)
		}
	}
	return all
}

// addresses are the A or AAAA records at name, sorted: servers shuffle them.
func addresses(reply *dns.Msg, name string, kind uint16) (all []netip.Addr, ttl time.Duration) {
	ttl = mostTTL
	keep := func(raw []byte, h *dns.RR_Header) {
		if ip, ok := netip.AddrFromSlice(raw); ok {
			if kind == dns.TypeA {
				ip = ip.Unmap()
			}
			all = append(all, ip)
			ttl = min(ttl, seconds(h.Ttl))
		}
	}
	if kind == dns.TypeA {
		for _, rr := range at[*dns.A](reply.Answer, name) {
			keep(rr.A, rr.Header())
		}
	} else {
		for _, rr := range at[*dns.AAAA](reply.Answer, name) {
			keep(rr.AAAA, rr.Header())
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all), ttl
}

// alias is the target of the CNAME at name, "" when there is none.
func alias(reply *dns.Msg, name string) (target string, ttl time.Duration) {
	for _, rr := range at[*dns.CNAME](reply.Answer, name) {
		return shown(rr.Target), seconds(rr.Hdr.Ttl)
	}
	return "", mostTTL
}

// follow goes along the aliases within one reply.
func follow(reply *dns.Msg, name string) (end string, aliases []string, ttl time.Duration) {
	ttl = mostTTL
	for range mostRecords {
		next, lives := alias(reply, name)
		if next == "" || slices.Contains(aliases, next) {
			break
		}
		aliases = append(aliases, next)
		name, ttl = next, min(ttl, lives)
	}
	return name, aliases, ttl
}

// soa is the SOA record of the zone around name, from the answer or, when there
// is none of what was asked, from beside it.
func soa(reply *dns.Msg, name string) *dns.SOA {
	for _, section := range [][]dns.RR{reply.Answer, reply.Ns} {
		for _, rr := range section {
			if one, ok := rr.(*dns.SOA); ok && below(name, shown(one.Hdr.Name)) {
				return one
			}
		}
	}
	return nil
}

// negative is for how long resolvers keep "there is nothing" (RFC 2308 §5).
func negative(reply *dns.Msg, name string) time.Duration {
	if one := soa(reply, name); one != nil {
		return seconds(min(one.Hdr.Ttl, one.Minttl))
	}
	return 0
}

// servedBy are the names of the servers that NS records give for apex, sorted.
func servedBy(section []dns.RR, apex string) []string {
	var all []string
	for _, rr := range at[*dns.NS](section, apex) {
		all = append(all, shown(rr.Ns))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// referral is the zone cut that a reply points to: strictly below the zone that
// was asked, and on the way to name.
func referral(reply *dns.Msg, name, from string) (cut string) {
	if reply.Rcode != dns.RcodeSuccess || len(reply.Answer) > 0 {
		return ""
	}
	for _, rr := range reply.Ns {
		owner := shown(rr.Header().Name)
		if _, ok := rr.(*dns.NS); ok && owner != from && below(owner, from) && below(name, owner) {
			return owner
		}
	}
	return ""
}

// texts are the TXT values at name, each as one string.
func texts(reply *dns.Msg, name string) []string {
	var all []string
	for _, rr := range at[*dns.TXT](reply.Answer, name) {
		all = append(all, printable(strings.Join(rr.Txt, ""), mostText))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func caaRecords(reply *dns.Msg, name string) []CAARecord {
	end, _, _ := follow(reply, name)
	var all []CAARecord
	for _, rr := range at[*dns.CAA](reply.Answer, end) {
		all = append(all, CAARecord{Critical: rr.Flag&128 != 0, Tag: printable(strings.ToLower(rr.Tag), 32), Value: printable(rr.Value, mostText)})
	}
	return all
}

// good reports whether a reply says what stands at the name, be it nothing.
func good(reply *dns.Msg) bool {
	return reply != nil && (reply.Rcode == dns.RcodeSuccess || reply.Rcode == dns.RcodeNameError)
}

// rcode is the code as people look it up.
func rcode(reply *dns.Msg) string {
	if text := dns.RcodeToString[reply.Rcode]; text != "" {
		return text
	}
	return "RCODE" + strconv.Itoa(reply.Rcode)
}
