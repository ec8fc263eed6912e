package app

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// shareListener refuses connections of an address that holds its share already, so
// that one stranger cannot take all there are. Proxies speak for many and have none.
type shareListener struct {
	net.Listener
	share   int
	trusted []netip.Prefix
	mu      sync.Mutex
	held    map[netip.Prefix]int
}

func newShareListener(l net.Listener, share int, trusted []netip.Prefix) *shareListener {
	return &shareListener{Listener: l, share: share, trusted: trusted, held: map[netip.Prefix]int{}}
}

// Accept implements net.Listener. What is refused does not end it.
func (l *shareListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, counts := l.from(conn)
		if !counts {
			return conn, nil
		}
		if l.take(from) {
			return &sharedConn{Conn: conn, free: sync.OnceFunc(func() { l.free(from) })}, nil
		}
		_ = conn.Close()
	}
}

// from is the network whose share a connection counts for: an IPv4 address, or the
// /64 that an IPv6 customer has.
func (l *shareListener) from(conn net.Conn) (netip.Prefix, bool) {
	at, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}, false
	}
	ip := at.AddrPort().Addr().Unmap().WithZone("")
	if slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return netip.Prefix{}, false
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	from, err := ip.Prefix(bits)
	return from, err == nil
}

func (l *shareListener) take(from netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[from] >= l.share {
		return false
	}
	l.held[from]++
	return true
}

func (l *shareListener) free(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[from]--; l.held[from] <= 0 {
		delete(l.held, from)
	}
}

// sharedConn gives its part of the share back when it closes.
type sharedConn struct {
	net.Conn
	free func()
}

// Close implements net.Conn.
func (c *sharedConn) Close() error {
	defer c.free()
	return c.Conn.Close()
}
