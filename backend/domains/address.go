package domains

import (
	"net/netip"
	"slices"

	"portico/backend/kernel/reach"
	"portico/backend/kernel/zone"
)

// A computer with IPv6 mostly has several addresses in one network: one that lasts
// and, so that nobody is followed by it, others that change every day. The world
// sees one of the others; a record wants the one that lasts.

// siblings are this computer's own addresses in the network of the one that the
// world sees. With none of them being it, somebody else's was seen: a proxy's.
func siblings(seen netip.Addr, local []netip.Addr) (list []netip.Addr) {
	if !seen.Is6() || !slices.Contains(local, seen) {
		return nil
	}
	network := netip.PrefixFrom(seen, 64).Masked()
	for _, a := range local {
		if a = a.WithZone(""); a.Is6() && network.Contains(a) && reach.Routable(a) {
			list = append(list, a)
		}
	}
	return list
}

// lasting is the address for a record: the one made of the network card's number,
// else the one that was shown before, else the one that is not used for going out,
// else what the world sees.
func lasting(seen, before netip.Addr, local []netip.Addr) netip.Addr {
	list := siblings(seen, local)
	for _, fits := range []func(netip.Addr) bool{ofCard, func(a netip.Addr) bool { return a == before }, func(a netip.Addr) bool { return a != seen && len(list) == 2 }} {
		if i := slices.IndexFunc(list, fits); i >= 0 {
			return list[i]
		}
	}
	return seen
}

// ofCard reports an address that ends in a network card's number (EUI-64).
func ofCard(a netip.Addr) bool {
	b := a.As16()
	return b[11] == 0xff && b[12] == 0xfe
}

// answered are the IPv6 addresses that anybody who was asked gives for a name.
func answered(s zone.Survey) []netip.Addr {
	all := slices.Clone(s.Chain.AAAA)
	for _, v := range slices.Concat(s.Servers, s.Public, s.System, s.HTTPS) {
		all = append(all, v.AAAA...)
	}
	return all
}
