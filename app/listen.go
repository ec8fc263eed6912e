package app

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/reach"
)

// portsToTry is how many ports after the wanted one the window looks at.
const portsToTry = 20

// barred is why the system lets this program not listen, with what helps.
type barred struct {
	error
	remedies []reach.Remedy
}

// Unwrap implements errors.Unwrap.
func (b *barred) Unwrap() error { return b.error }

// listenTCP opens a listener, or says in a sentence why not.
func listenTCP(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	return nil, whyShut(flag, address, err)
}

// whyShut puts into a sentence why there is no listener, and finds out what helps.
func whyShut(flag, address string, err error) error {
	switch {
	case taken(err):
		return fault.New(fault.Conflict, "app.port_taken",
			"Another program on this computer already listens on {address}. Stop it, or choose another address with --{flag}.",
			"address", address, "flag", flag).Because(&barred{err, remedies(address)})
	case errors.Is(err, syscall.EACCES):
		return fault.New(fault.Forbidden, "app.port_forbidden",
			"This account may not listen on {address}; ports below 1024 are kept for administrators. Choose a higher port with --{flag}.",
			"address", address, "flag", flag).Because(&barred{err, remedies(address)})
	}
	return fault.New(fault.Unavailable, "app.listen",
		"It is not possible to listen on {address}: this computer does not have that address. Choose another one with --{flag}.",
		"address", address, "flag", flag).Because(err)
}

// remedies are what helps against a port that is held or forbidden. A service's file
// is left out: it would have to repeat all flags, which may hold a password.
func remedies(address string) []reach.Remedy {
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil
	}
	ip := at.AddrPort().Addr().Unmap()
	if !ip.IsValid() {
		ip = netip.IPv6Unspecified()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found := reach.NewPorts(reach.PortsConfig{}).Check(ctx, reach.Listen{Address: netip.AddrPortFrom(ip, uint16(at.Port))})
	return slices.DeleteFunc(found.Finding.Remedies, func(r reach.Remedy) bool { return r.File != nil })
}

// listenNear takes the next free port when the wanted one is taken, because the
// window has no command line to choose another one on.
func listenNear(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	if !taken(err) {
		return nil, whyShut("listen", address, err)
	}
	host, port, _ := net.SplitHostPort(address) // it was listened on a moment ago
	first, _ := strconv.Atoi(port)
	for next := first + 1; next <= min(first+portsToTry, 65535); next++ {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(next))); err == nil {
			return l, nil
		}
	}
	return nil, whyShut("listen", address, err)
}

// taken reports that somebody else has the port; Windows has its own number for it.
func taken(err error) bool {
	const wsaeaddrinuse = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaeaddrinuse)
}
