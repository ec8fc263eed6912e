package zonetest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// servers is how many addresses a Net has, from 127.0.0.1.
const servers = 8

// Net is the small Internet. It may be changed while it is asked.
type Net struct {
	t    testing.TB
	port uint16

	mu      sync.Mutex
	servers map[string]*Server
}

// Start opens the servers; they close when the test ends. Where a system has
// only 127.0.0.1 on loopback (macOS), that one server is all there is.
func Start(t testing.TB) *Net {
	t.Helper()
	n := &Net{t: t, servers: map[string]*Server{}}
	for range 20 { // another program may hold the port on one of the addresses
		if n.open() {
			break
		}
	}
	if n.port == 0 {
		t.Fatal("zonetest: no port is free on loopback")
	}
	n.Server("127.0.0.1").recursive = true
	for _, s := range n.servers {
		s.serve(t)
	}
	return n
}

// open takes one port, UDP and TCP, on all addresses.
func (n *Net) open() bool {
	first, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		n.t.Fatal(err)
	}
	n.port = uint16(first.Addr().(*net.TCPAddr).Port)
	for i := 1; i <= servers; i++ {
		s := &Server{net: n, ip: fmt.Sprintf("127.0.0.%d", i), zones: map[string]*content{}}
		s.tcp = first
		if i > 1 {
			if s.tcp, err = net.Listen("tcp4", n.Addr(s.ip).String()); err != nil {
				if i == 2 && !missing(s.ip) {
					return n.giveUp()
				}
				return i == 2 || n.giveUp()
			}
		}
		n.servers[s.ip] = s
		if s.udp, err = net.ListenPacket("udp4", n.Addr(s.ip).String()); err != nil {
			return n.giveUp()
		}
	}
	return true
}

// missing reports whether the system has no such address.
func missing(ip string) bool {
	l, err := net.Listen("tcp4", ip+":0")
	if err == nil {
		_ = l.Close()
	}
	return err != nil
}

func (n *Net) giveUp() bool {
	for ip, s := range n.servers {
		_ = s.tcp.Close()
		if s.udp != nil {
			_ = s.udp.Close()
		}
		delete(n.servers, ip)
	}
	n.port = 0
	return false
}

// Port is the one port of all servers, for clients that are told only that.
func (n *Net) Port() uint16 { return n.port }

// Addr is the server at ip, with the port.
func (n *Net) Addr(ip string) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(ip), n.port)
}

// Resolver is the server that resolves, for clients that need no more.
func (n *Net) Resolver() netip.AddrPort { return n.Addr("127.0.0.1") }

// Server is the server at ip. Where the system lacks that address, the test is
// skipped.
func (n *Net) Server(ip string) *Server {
	n.t.Helper()
	s := n.servers[ip]
	if s == nil {
		n.t.Skipf("this system has no address %s on loopback", ip)
	}
	return s
}

// Zone is the zone with that apex. The first call makes it, on the servers at
// ips (127.0.0.1 when none is given), with SOA and NS records, and delegates it
// from the zone above, which is made on 127.0.0.1 when there is none.
func (n *Net) Zone(apex string, ips ...string) *Zone {
	n.t.Helper()
	apex = dns.CanonicalName(apex)
	if z := n.find(apex); len(z.copies) > 0 {
		return z
	}
	if len(ips) == 0 {
		ips = []string{"127.0.0.1"}
	}
	z := &Zone{net: n, apex: apex}
	for _, ip := range ips {
		s, c := n.Server(ip), newContent(apex)
		n.mu.Lock()
		s.zones[apex] = c
		n.mu.Unlock()
		z.copies = append(z.copies, placed{s, c})
	}
	delegation := z.nameServers()
	z.Set(append(delegation, fmt.Sprintf("@ 300 SOA %s hostmaster 1 3600 600 86400 60", z.hostOf(ips[0])))...)
	if above := n.above(apex); above != nil {
		above.Set(delegation...)
	}
	return z
}

func (n *Net) find(apex string) *Zone {
	n.mu.Lock()
	defer n.mu.Unlock()
	z := &Zone{net: n, apex: apex}
	for i := 1; i <= servers; i++ {
		if s := n.servers[fmt.Sprintf("127.0.0.%d", i)]; s != nil && s.zones[apex] != nil {
			z.copies = append(z.copies, placed{s, s.zones[apex]})
		}
	}
	return z
}

// above is the nearest zone above apex; a top-level domain has none.
func (n *Net) above(apex string) *Zone {
	for off, end := dns.NextLabel(apex, 0); !end; off, end = dns.NextLabel(apex, off) {
		if z := n.find(apex[off:]); len(z.copies) > 0 {
			return z
		}
	}
	if labels := dns.SplitDomainName(apex); len(labels) > 1 {
		return n.Zone(labels[len(labels)-1])
	}
	return nil
}

// Dial connects within loopback; anything else fails the test. It fits whatever
// wants a dialler with a context.
func (n *Net) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return Loopback(n.t)(ctx, network, address)
}

// Loopback is a dialler that fails the test, and refuses, when it is asked to
// leave loopback.
func Loopback(t testing.TB) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !to.Addr().IsLoopback() {
			t.Errorf("a test wanted to leave the machine: %s %s", network, address)
			return nil, fmt.Errorf("%s is not loopback", address)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
}
