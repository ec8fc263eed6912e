package reach

import "net/netip"

// Public is how the world sees this line.
type Public struct {
	IPv4, IPv6 netip.Addr // invalid: none, or nobody could tell
	Answers    []Answer   // who said what
}

// Answer is what one source said.
type Answer struct {
	Source string     // as configured: "stun.example.net:3478", "https://ip.example.net/"
	Family int        // 4 or 6
	Addr   netip.Addr // invalid when Err is set
	Err    error
}

// Routable reports an address that the world can connect to: not private, not
// behind carrier-grade NAT, not loopback, link-local or multicast. The ranges for
// documents pass: no real router has them, and tests need some.
func Routable(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared(a)
}

// shared is an address that the provider gives to many lines at once: carrier-grade
// NAT (RFC 6598), and the inner side of DS-Lite and 464XLAT (RFC 7335).
func shared(a netip.Addr) bool {
	cgnat := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)
	dslite := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 0, 0}), 29)
	return cgnat.Contains(a.Unmap()) || dslite.Contains(a.Unmap())
}
