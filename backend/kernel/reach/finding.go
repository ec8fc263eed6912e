package reach

// Severity says how much a Finding matters. Values are stable.
type Severity string

// The severities, worst first.
const (
	Blocks Severity = "blocks" // clients cannot come in before this is mended
	Warns  Severity = "warns"  // it works for some, or not for long
	Tells  Severity = "tells"  // worth knowing, nothing to do
	Good   Severity = "good"   // looked at and in order
)

// Finding is one thing that was looked at.
type Finding struct {
	Code     Code           `json:"code"`
	Severity Severity       `json:"severity"`
	Subject  string         `json:"subject"`            // what it is about: "443", "192.168.1.1", "203.0.113.7:443"
	Params   map[string]any `json:"params,omitempty"`   // strings and ints for the sentence, as the code's comment names them
	Remedies []Remedy       `json:"remedies,omitempty"` // what helps, best first
}

// Code names a kind of finding. Values are stable: the room has words for each.
type Code string

// Ports of this machine. Every one has the parameter port (int).
const (
	PortReady             Code = "port.ready"              // this program listens there
	PortFree              Code = "port.free"               // nobody listens, and this program may
	PortHeld              Code = "port.held"               // another program listens there: program, pid, user ("" or 0 when the system does not tell)
	PortHeldBySystem      Code = "port.held_by_system"     // Windows itself holds it (http.sys, often IIS)
	PortForbidden         Code = "port.forbidden"          // the system lets this program not listen there: start (int, the first port that is free for all; 0 on systems without such a line)
	PortCapabilityLost    Code = "port.capability_lost"    // it was allowed before: the capability went with the old file (update, copy): program
	PortCapabilityIgnored Code = "port.capability_ignored" // the file has the capability and the system ignores it: reason nosuid, appimage or no_new_privs, program
	PortRestart           Code = "port.restart_needed"     // what was needed is done; it counts from the next start on
	PortExcluded          Code = "port.excluded"           // Windows has set the port aside: from, to (int)
	PortAddressMissing    Code = "port.address_missing"    // the address to listen on is none of this machine: address
	PortUnknown           Code = "port.unknown"            // the system gave another reason: answer
	FirewallPresent       Code = "firewall.present"        // a firewall is on and may need a rule: name, ports ("80,443")
)

// The router in front of this machine. gateway is its address on our side.
const (
	RouterNone    Code = "router.none"            // no default route: this machine is not connected
	RouterSilent  Code = "router.silent"          // it answers to none of the three protocols: gateway, local
	RouterFound   Code = "router.found"           // it opens ports on request: gateway, name, method, external
	RouterOffline Code = "router.offline"         // it has no address on its other side: gateway
	RouterDouble  Code = "router.double_nat"      // its other side is a private network: another router follows: gateway, external
	RouterCGNAT   Code = "router.cgnat"           // its other side is the provider's shared network: gateway, external ("" when only seen from outside)
	RouterPinhole Code = "router.pinhole"         // it lets IPv6 in on request: gateway, method, address
	RouterClosed  Code = "router.no_pinhole"      // it does not: gateway, address
	RouterDiffers Code = "router.address_differs" // its other side is not the address the world sees: a VPN or proxy of this machine, or carrier-grade NAT: gateway, external, public
)

// Forwards in the router. port is the outer one (int), method upnp, natpmp or pcp.
const (
	MappingActive     Code = "mapping.active"      // open and verified: port, internal ("192.168.1.5:8443"), method, until (RFC 3339, "" for no end)
	MappingUnproven   Code = "mapping.unproven"    // the router said yes and cannot be asked again: port, method
	MappingConflict   Code = "mapping.conflict"    // the port goes to another machine already: port, holder ("" when the router does not say)
	MappingRefused    Code = "mapping.refused"     // the router said no: port, method, answer (its own words or number)
	MappingDisabled   Code = "mapping.disabled"    // the router knows the protocol and its owner switched it off: port, method
	MappingOtherPort  Code = "mapping.other_port"  // the router opened another port than asked: port (asked), got (int), method
	MappingUnanswered Code = "mapping.unanswered"  // the router answered before and does not now; it is asked again: port, method
	MappingLost       Code = "mapping.lost"        // it was there and is gone; it is asked for again: port, method
	MappingPermanent  Code = "mapping.permanent"   // this router knows no leases: it stays until we remove it: port
	MappingLeft       Code = "mapping.left_behind" // it could not be removed; it ends at until: port, method, until
)

// IPv6 let in by the router, with the parameters of the forwards; method is upnp6 or
// pcp6, internal this machine's address.
const (
	PinholeActive     Code = "pinhole.active"
	PinholeUnproven   Code = "pinhole.unproven"
	PinholeRefused    Code = "pinhole.refused"
	PinholeDisabled   Code = "pinhole.disabled"
	PinholeUnanswered Code = "pinhole.unanswered"
	PinholeLost       Code = "pinhole.lost"
	PinholeLeft       Code = "pinhole.left_behind"
)

// ofPinholes says of IPv6 what a code says of a forward. Ports are not translated
// there and belong to one machine, so that another one's is a refusal.
func ofPinholes(code Code) Code {
	switch code {
	case MappingActive:
		return PinholeActive
	case MappingUnproven:
		return PinholeUnproven
	case MappingDisabled:
		return PinholeDisabled
	case MappingUnanswered:
		return PinholeUnanswered
	case MappingLost:
		return PinholeLost
	case MappingLeft:
		return PinholeLeft
	}
	return PinholeRefused
}

// The public address.
const (
	AddressKnown     Code = "address.known"     // ipv4, ipv6 ("" when there is none)
	AddressUnknown   Code = "address.unknown"   // nobody who was asked could tell: count (int, of those asked)
	AddressUnasked   Code = "address.unasked"   // nobody may be asked: no sources are set
	AddressDisagrees Code = "address.disagrees" // those who were asked say different things: one, other
	AddressDirect    Code = "address.direct"    // the public address is this machine's own: no router to set up: address
	AddressV6Only    Code = "address.ipv6_only" // only IPv6 comes in from outside: address
	AddressNoV6      Code = "address.no_ipv6"   // no IPv6 on this line, which is no harm: ipv4
)

// Our own page, fetched as a client would. way is loopback, lan, public or name;
// address is what was connected to.
const (
	SelfReached     Code = "self.reached"        // way, address
	SelfUnreachable Code = "self.unreachable"    // nobody answers: way, address, reason refused, timeout, no_route or broken
	SelfHairpin     Code = "self.no_hairpin"     // the router does not let machines behind it reach its own public address: address. Outside it may well work
	SelfOtherPage   Code = "self.other_page"     // another program's page answers (often the router's): way, address, status (int), server, title
	SelfOtherHouse  Code = "self.other_portico"  // another Portico answers: way, address
	SelfPlainOnTLS  Code = "self.plain_on_tls"   // plain HTTP where TLS is expected: way, address
	SelfTLSOnPlain  Code = "self.tls_on_plain"   // TLS where plain HTTP is expected: way, address
	SelfTLSFailed   Code = "self.tls_failed"     // the TLS handshake failed: way, address, reason
	SelfRedirected  Code = "self.redirected"     // something answers for us with a redirect: way, address, to
	SocketReached   Code = "self.socket_reached" // a WebSocket comes through: way, address
	SocketBlocked   Code = "self.socket_blocked" // pages come through, WebSockets do not: way, address, status (int, 0 when it was cut)
)

// The certificate authority and our clock.
const (
	AuthorityReached     Code = "authority.reached"     // host
	AuthorityUnreachable Code = "authority.unreachable" // host, reason dns, refused, timeout, no_route or broken
	AuthorityUntrusted   Code = "authority.untrusted"   // its certificate is not trusted: wrong clock or somebody in between: host, reason expired, name or issuer
	AuthorityOdd         Code = "authority.odd"         // something else answers in its place (a login page of a public network?): host, status (int)
	AuthorityDown        Code = "authority.down"        // it answers that it is not well: host, status (int)
	AuthorityIncident    Code = "authority.incident"    // its status page tells of trouble: status, page
	ClockRight           Code = "clock.right"           // host
	ClockWrong           Code = "clock.wrong"           // count (int, minutes, at least 1), direction fast or slow, host
)

// Codes lists every code, for the test that each has its words.
func Codes() []Code {
	return []Code{
		PortReady, PortFree, PortHeld, PortHeldBySystem, PortForbidden, PortCapabilityLost, PortCapabilityIgnored,
		PortRestart, PortExcluded, PortAddressMissing, PortUnknown, FirewallPresent,
		RouterNone, RouterSilent, RouterFound, RouterOffline, RouterDouble, RouterCGNAT, RouterDiffers, RouterPinhole, RouterClosed,
		MappingActive, MappingUnproven, MappingConflict, MappingRefused, MappingDisabled, MappingOtherPort, MappingUnanswered, MappingLost, MappingPermanent, MappingLeft,
		PinholeActive, PinholeUnproven, PinholeRefused, PinholeDisabled, PinholeUnanswered, PinholeLost, PinholeLeft,
		AddressKnown, AddressUnknown, AddressUnasked, AddressDisagrees, AddressDirect, AddressV6Only, AddressNoV6,
		SelfReached, SelfUnreachable, SelfHairpin, SelfOtherPage, SelfOtherHouse, SelfPlainOnTLS, SelfTLSOnPlain, SelfTLSFailed, SelfRedirected,
		SocketReached, SocketBlocked,
		AuthorityReached, AuthorityUnreachable, AuthorityUntrusted, AuthorityOdd, AuthorityDown, AuthorityIncident, ClockRight, ClockWrong,
	}
}
