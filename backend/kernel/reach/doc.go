// Package reach finds out whether clients can come in to this machine, and opens
// the way where it may: ports on this machine, the router in front of it, the
// public address, and a page of our own fetched the way a client would. It knows
// no room and no words: what it finds are values (Finding) with a Code and
// parameters, and what helps are values too (Remedy) with the exact commands. The
// room that shows them has the sentences; Codes lists every code it needs.
//
// The parts, each of use alone:
//   - Ports: may this program listen there, who else does, what helps.
//   - Mapper: the router's address and name; forwards by UPnP-IGD, NAT-PMP or PCP,
//     holes for IPv6 by UPnP (WANIPv6FirewallControl) or PCP, leased, renewed at half their time, verified, and removed when Run ends.
//     A Store of the caller remembers them, so that those of a crash are removed
//     at the next start.
//   - Finder: this line's public addresses by STUN and by echo pages.
//   - Judge: pure rules over a Router and a Public: carrier-grade NAT, two routers
//     in a row, a line without NAT.
//   - Watcher: tells when the network, the public address or the day changed and
//     when the machine woke up.
//   - Checks: a page that proves it is ours, and its reader.
//   - CheckAuthority: the certificate authority, its status page, and our clock
//     against its.
//
// Nothing is asked that a Config does not name. A router is believed only when it
// is a default gateway of this machine, and only about itself: whoever else in the
// network claims to be one is not heard.
//
// Sources: RFC 6886 (NAT-PMP), 6887 (PCP), 6888 and 6598 (carrier-grade NAT,
// 100.64.0.0/10), 8489 (STUN), UPnP IGD 1.0 and 2.0.
package reach
