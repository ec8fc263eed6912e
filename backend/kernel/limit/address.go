package limit

import "net/netip"

// AddressKey is what a peer is counted by: an IPv4 address as it is (also when
// mapped into IPv6), an IPv6 address as its /64, because a home has that many and
// changes within it at will. Zones are dropped. Whatever is no address counts as
// one and the same peer.
func AddressKey(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
