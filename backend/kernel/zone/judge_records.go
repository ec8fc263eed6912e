package zone

import (
	"net/netip"
	"slices"
	"strconv"
)

// records judges what stands at the name and where it leads.
func (j *judge) records() {
	j.right = !slices.ContainsFunc(j.views, func(v View) bool { return !j.leadsHere(v) })
	if !j.right && j.differ() {
		some := slices.ContainsFunc(j.views, j.leadsHere)
		j.say(AnswersDiffer, Wait, "servers", list(names(j.views)), "found", j.everything())
		if some {
			return // the change is on its way, and in the right direction
		}
	}
	switch {
	case j.both():
	case j.apexAlias():
	case j.nothing(), j.wildcard():
	case j.deadEnd():
	default:
		j.addresses()
	}
	if top := j.target.CNAME; top != "" && j.IsApex() {
		switch {
		case !j.right:
			j.say(ApexNeedsAddress, Warning, "zone", j.Apex, "cname", top)
		case j.alias() == "":
			j.say(Flattened, Note, "cname", top)
		}
	}
}

// leadsHere reports whether what one server says leads to us and to nobody else.
func (j *judge) leadsHere(v View) bool {
	a, aaaa := v.A, v.AAAA
	if v.CNAME != "" {
		if j.Chain.End != "" || v.Both {
			return false
		}
		a, aaaa = j.Chain.A, j.Chain.AAAA
	}
	all := slices.Concat(a, aaaa)
	return len(all) > 0 && !slices.ContainsFunc(all, func(ip netip.Addr) bool { return !j.ours(ip) })
}

func (j *judge) ours(ip netip.Addr) bool {
	same := func(our netip.Addr) bool { return our.Unmap() == ip.Unmap() }
	return slices.ContainsFunc(j.target.IPv4, same) || slices.ContainsFunc(j.target.IPv6, same)
}

// alias is the CNAME at the name, as the first server with one has it.
func (j *judge) alias() string {
	for _, v := range j.views {
		if v.CNAME != "" {
			return v.CNAME
		}
	}
	return ""
}

// differ compares the zone's servers; resolvers differ for reasons of their own.
func (j *judge) differ() bool {
	good := authoritative(j.views)
	return slices.ContainsFunc(good, func(v View) bool { return !same(v.Records, good[0].Records) })
}

func same(a, b Records) bool {
	return a.CNAME == b.CNAME && slices.Equal(a.A, b.A) && slices.Equal(a.AAAA, b.AAAA)
}

// everything is what any server gives, in one line.
func (j *judge) everything() string {
	var all []string
	for _, v := range j.views {
		text := v.CNAME
		if text == "" {
			text = addressesOf(v)
		}
		if text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return list(all)
}

func (j *judge) both() bool {
	plain := slices.ContainsFunc(authoritative(j.views), func(v View) bool { return v.CNAME == "" && !v.Empty() })
	mixed := plain && slices.ContainsFunc(authoritative(j.views), func(v View) bool { return v.CNAME != "" })
	if !mixed && !slices.ContainsFunc(j.views, func(v View) bool { return v.Both }) {
		return false
	}
	var ips []netip.Addr
	for _, v := range j.views {
		ips = append(ips, slices.Concat(v.A, v.AAAA)...)
	}
	slices.SortFunc(ips, netip.Addr.Compare)
	j.say(BothRecords, Error, "cname", j.alias(), "found", joined(slices.Compact(ips)))
	return true
}

func (j *judge) apexAlias() bool {
	if !j.IsApex() || j.alias() == "" || len(authoritative(j.views)) == 0 {
		return false
	}
	j.right = false
	j.say(CNAMEAtApex, Error, "zone", j.Apex, "cname", j.alias())
	return true
}

func (j *judge) nothing() bool {
	if slices.ContainsFunc(j.views, func(v View) bool { return !v.Empty() }) {
		return false
	}
	if !j.doubled() {
		j.say(NoRecord, Error, "host", j.Host(), "zone", j.zone())
	}
	return true
}

func (j *judge) zone() string {
	if j.Apex != "" {
		return j.Apex
	}
	return j.Registrable
}

// doubled finds the record that a form has put at portal.shop.com.shop.com.
func (j *judge) doubled() bool {
	if j.Doubled.Empty() || same(j.Doubled, j.Wildcard) {
		return false
	}
	j.say(DoubledName, Error, "host", j.Host(), "found", string(j.Name)+"."+j.Apex)
	return true
}

// wildcard finds answers that are not the name's own.
func (j *judge) wildcard() bool {
	if j.right || j.Wildcard.Empty() || !same(j.Wildcard, j.views[0].Records) {
		return false
	}
	if !j.doubled() {
		j.say(WildcardHides, Error, "host", j.Host(), "zone", j.zone(), "found", j.everything())
	}
	return true
}

// deadEnd judges a chain of aliases that leads to no address.
func (j *judge) deadEnd() bool {
	if len(j.Chain.Names) == 0 || j.Chain.End == "" {
		return false
	}
	first, last := j.Chain.Names[0], j.Chain.Names[len(j.Chain.Names)-1]
	switch j.Chain.End {
	case Loop:
		j.say(CNAMELoop, Error, "chain", list(append([]string{string(j.Name)}, j.Chain.Names...)))
	case TooLong:
		j.say(CNAMETooLong, Error, "count", len(j.Chain.Names))
	case Dangling:
		j.say(CNAMEDangling, Error, "cname", first, "last", last)
	case Unanswered:
		j.say(CNAMEUnanswered, Error, "cname", first, "last", last)
	}
	return true
}

// addresses judges where the name leads in the end.
func (j *judge) addresses() {
	a, aaaa := j.A(), j.AAAA()
	want := joined(j.target.IPv4, j.target.IPv6)
	if want == "" {
		j.unknown(a, aaaa)
		return
	}
	wrong, wrong6 := j.foreign(a), j.foreign(aaaa)
	switch {
	case j.alias() != "" && len(wrong)+len(wrong6) > 0:
		j.wrongAlias(append(wrong, wrong6...), want)
		return
	case len(wrong) > 0 && len(wrong) < len(a):
		j.say(SeveralAddresses, Error, "others", joined(wrong), "want", want)
	case len(wrong) > 0:
		j.wrongAddress(wrong, want)
	case len(a) == 0 && len(wrong6) == 0:
		j.say(IPv6Only, Warning)
	}
	if len(wrong6) > 0 && !j.proxied(wrong6) {
		j.say(StaleIPv6, Error, "found", joined(wrong6))
	}
}

// unknown judges without knowing our own address: only what nobody can reach is
// certainly wrong.
func (j *judge) unknown(a, aaaa []netip.Addr) {
	all := slices.Concat(a, aaaa)
	if j.unreachable(all, "") || j.proxy(all) {
		return
	}
	if j.target.CNAME != "" && slices.Contains(j.Chain.Names, j.target.CNAME) {
		j.right = true
		return
	}
	j.say(TargetUnknown, Warning, "found", joined(all))
}

func (j *judge) foreign(all []netip.Addr) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(all), j.ours)
}

func (j *judge) proxied(all []netip.Addr) bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(ip netip.Addr) bool { return !within(ip, cloudflare) || ownerOf(ip) != "" })
}

// proxy tells of Cloudflare's proxy, which hides who is behind it.
func (j *judge) proxy(all []netip.Addr) bool {
	if !j.proxied(all) {
		return false
	}
	severity := Error
	if len(j.target.Challenges) == 1 && j.target.Challenges[0] == dns01 {
		severity = Warning
	}
	j.say(CloudflareProxy, severity, "found", joined(all))
	return true
}

// unreachable tells of addresses that nobody outside can reach.
func (j *judge) unreachable(all []netip.Addr, want string) bool {
	for _, kind := range []struct {
		code Code
		is   func(netip.Addr) bool
	}{
		{PrivateAddress, isPrivate},
		{SharedAddress, func(ip netip.Addr) bool { return within(ip, shared) }},
		{ReservedAddress, func(ip netip.Addr) bool { return within(ip, unusable) }},
	} {
		var found []netip.Addr
		for _, ip := range all {
			if kind.is(ip) {
				found = append(found, ip)
			}
		}
		if len(found) > 0 {
			j.say(kind.code, Error, "found", joined(found), "want", want)
			return true
		}
	}
	return false
}

func (j *judge) wrongAddress(wrong []netip.Addr, want string) {
	if j.proxy(wrong) || j.unreachable(wrong, want) {
		return
	}
	if owner := ownerOf(wrong[0]); owner != "" {
		j.say(AddressElsewhere, Error, "found", joined(wrong), "want", want, "owner", owner)
		return
	}
	j.say(WrongAddress, Error, "found", joined(wrong), "want", want)
}

func (j *judge) wrongAlias(wrong []netip.Addr, want string) {
	cname := j.alias()
	if j.target.CNAME != "" {
		if slices.Contains(j.Chain.Names, j.target.CNAME) {
			j.say(DynamicStale, Error, "cname", j.target.CNAME, "found", joined(wrong), "want", want)
			return
		}
		want = j.target.CNAME
	}
	if j.proxy(wrong) {
		return
	}
	for _, name := range j.Chain.Names {
		if owner := platformOf(name); owner != "" {
			j.say(CNAMEElsewhere, Error, "cname", cname, "owner", owner, "want", want)
			return
		}
	}
	j.say(WrongCNAME, Error, "cname", cname, "want", want)
}

func fmtUint(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
