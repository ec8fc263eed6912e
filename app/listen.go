package app

import (
	"errors"
	"net"
	"strconv"
	"syscall"

	"portico/backend/kernel/fault"
)

// portsToTry is how many ports after the wanted one the window looks at.
const portsToTry = 20

// listenTCP opens a listener, or says in a sentence why not.
func listenTCP(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	switch {
	case taken(err):
		return nil, fault.New(fault.Conflict, "app.port_taken",
			"Another program on this computer already listens on {address}. Stop it, or choose another address with --{flag}.",
			"address", address, "flag", flag).Because(err)
	case errors.Is(err, syscall.EACCES):
		return nil, fault.New(fault.Forbidden, "app.port_forbidden",
			"This account may not listen on {address}; ports below 1024 are kept for administrators. Choose a higher port with --{flag}.",
			"address", address, "flag", flag).Because(err)
	}
	return nil, fault.New(fault.Unavailable, "app.listen",
		"It is not possible to listen on {address}: this computer does not have that address. Choose another one with --{flag}.",
		"address", address, "flag", flag).Because(err)
}

// listenNear takes the next free port when the wanted one is taken, because the
// window has no command line to choose another one on.
func listenNear(address string) (net.Listener, error) {
	l, err := listenTCP("listen", address)
	if err == nil || !taken(err) {
		return l, err
	}
	host, port, _ := net.SplitHostPort(address) // it was listened on a moment ago
	first, _ := strconv.Atoi(port)
	for next := first + 1; next <= min(first+portsToTry, 65535); next++ {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(next))); err == nil {
			return l, nil
		}
	}
	return nil, err
}

// taken reports that somebody else has the port; Windows has its own number for it.
func taken(err error) bool {
	const wsaeaddrinuse = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaeaddrinuse)
}
