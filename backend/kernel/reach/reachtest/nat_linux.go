package reachtest

import (
	"encoding/binary"
	"net/netip"
	"os"
	"sync"
)

// NAT translates between the machines behind an inner device and one public address,
// packet by packet, as a router does: what leaves gets the public address and a port,
// and only answers come back in, or what a forward lets in. TCP and UDP over IPv4.
type NAT struct {
	public netip.Addr
	tun    *os.File

	mu       sync.Mutex
	hairpin  bool
	next     uint16
	out      map[flow]uint16         // who inside, by which outer port; far is not set
	in       map[flow]netip.AddrPort // which outer port (of near), to whom inside
	forwards map[uint16]netip.AddrPort
	answers  map[flow]uint16 // connections that came in by a forward: near inside, far outside
}

// flow is one end, or both, of a connection.
type flow struct {
	protocol  byte
	near, far netip.AddrPort
}

const (
	tcp = 6
	udp = 17
)

// NewNAT starts translating in n for what comes in by the inner device. Hairpin lets
// machines behind it reach its forwards by the public address.
func NewNAT(n *Net, inner string, public netip.Addr, hairpin bool) *NAT {
	n.t.Helper()
	nat := &NAT{public: public, hairpin: hairpin, next: 40000, out: map[flow]uint16{}, in: map[flow]netip.AddrPort{}, forwards: map[uint16]netip.AddrPort{}, answers: map[flow]uint16{}}
	const device = "nat0"
	nat.tun = n.tunnel(device)
	n.Run("ip", "link", "set", device, "up")
	n.Run("ip", "route", "add", public.String()+"/32", "dev", device)
	n.Run("ip", "route", "add", "default", "dev", device, "table", "100")
	n.Run("ip", "rule", "add", "iif", inner, "lookup", "100")
	go nat.translate()
	return nat
}

// Forward lets connections to a port in, to a machine behind; an invalid one closes
// the port again.
func (n *NAT) Forward(port uint16, to netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.forwards[port] = to; !to.IsValid() {
		delete(n.forwards, port)
	}
}

func (n *NAT) translate() {
	packet := make([]byte, 65536)
	for {
		size, err := n.tun.Read(packet)
		if err != nil {
			return
		}
		if n.rewrite(packet[:size]) {
			_, _ = n.tun.Write(packet[:size])
		}
	}
}

// rewrite changes a packet's ends; false drops it.
func (n *NAT) rewrite(p []byte) bool {
	if len(p) < 20 || p[0]>>4 != 4 {
		return false
	}
	header := int(p[0]&15) * 4
	protocol := p[9]
	if protocol != tcp && protocol != udp || len(p) < header+8 {
		return false
	}
	ends := func(at, port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[at:at+4])), binary.BigEndian.Uint16(p[header+port:]))
	}
	from, to := ends(12, 0), ends(16, 2)
	n.mu.Lock()
	newFrom, newTo, ok := n.ends(protocol, from, to)
	n.mu.Unlock()
	if !ok {
		return false
	}
	set := func(at, port int, end netip.AddrPort) {
		addr := end.Addr().As4()
		copy(p[at:], addr[:])
		binary.BigEndian.PutUint16(p[header+port:], end.Port())
	}
	set(12, 0, newFrom)
	set(16, 2, newTo)
	checksums(p, header, protocol)
	return true
}

func (n *NAT) ends(protocol byte, from, to netip.AddrPort) (newFrom, newTo netip.AddrPort, ok bool) {
	if to.Addr() != n.public { // from inside to the world
		return n.outer(protocol, from, to), to, true
	}
	if inside, ok := n.in[flow{protocol: protocol, near: to}]; ok { // an answer
		if n.hairpinned(from) {
			from = n.outer(protocol, from, to)
		}
		return from, inside, true
	}
	inside, forwarded := n.forwards[to.Port()]
	if protocol != tcp || !forwarded {
		return from, to, false
	}
	if n.hairpinned(from) {
		if !n.hairpin {
			return from, to, false
		}
		from = n.outer(protocol, from, to)
	}
	n.answers[flow{protocol, inside, from}] = to.Port()
	return from, inside, true
}

// hairpinned: the sender is behind us itself. What comes from the world has crossed
// the outer device; only private senders are behind.
func (n *NAT) hairpinned(from netip.AddrPort) bool { return from.Addr().IsPrivate() }

// outer is how an end inside appears outside.
func (n *NAT) outer(protocol byte, inside, to netip.AddrPort) netip.AddrPort {
	if port, ok := n.answers[flow{protocol, inside, to}]; ok {
		return netip.AddrPortFrom(n.public, port)
	}
	key := flow{protocol: protocol, near: inside}
	port, ok := n.out[key]
	if !ok {
		n.next++
		port = n.next
		n.out[key] = port
		n.in[flow{protocol: protocol, near: netip.AddrPortFrom(n.public, port)}] = inside
	}
	return netip.AddrPortFrom(n.public, port)
}

// checksums writes those of the IP header and of TCP or UDP anew.
func checksums(p []byte, header int, protocol byte) {
	p[10], p[11] = 0, 0
	binary.BigEndian.PutUint16(p[10:], fold(sum(0, p[:header])))
	body := p[header:]
	at := map[byte]int{tcp: 16, udp: 6}[protocol]
	body[at], body[at+1] = 0, 0
	pseudo := sum(uint32(protocol)+uint32(len(body)), p[12:20])
	binary.BigEndian.PutUint16(body[at:], fold(sum(pseudo, body)))
}

func sum(s uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s>>16 != 0 {
		s = s&0xffff + s>>16
	}
	return ^uint16(s)
}
