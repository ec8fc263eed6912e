package reach

import "net/netip"

// Way is from where our own page is fetched.
type Way string

// The ways, nearest first.
const (
	Loopback Way = "loopback" // is the listener up at all
	LAN      Way = "lan"      // this machine's address in its network: a local firewall
	Outside  Way = "public"   // the public address, through the router and back (hairpin)
	ByName   Way = "name"     // the domain, as this machine resolves it
)

// Target is where to fetch our own page.
type Target struct {
	Way     Way
	TLS     bool
	Host    string         // the name to ask for (Host and SNI)
	Address netip.AddrPort // where to connect to; with ByName an invalid one means: resolve Host
}
