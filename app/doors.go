package app

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
)

// outsideTLS is where the window listens for https once the owner sets a name up: a
// port that needs no privilege, to which the router forwards 443.
const outsideTLS = ":8443"

// usualFiles is what systems that do not tell allow at least, mostFiles what is used
// where they allow more.
const (
	usualFiles = 1024
	mostFiles  = 40_000
)

// door is a listener with what answers on it.
type door struct {
	listener net.Listener
	handler  http.Handler
	tls      *tls.Config // nil: in clear
	most     int         // connections at once; 0: any number, for doors of this computer only
}

// portalConnections shares four fifths of the files that the system lets this
// program open between the portal's two listeners. What is left is for the store,
// mails and the staff's own doors, which therefore answer while strangers hold all
// that they can get.
func portalConnections(files int) int { return max(files*2/5, 1) }

// movable is a listener that may be closed because another takes its place, which
// is no failure.
type movable struct {
	net.Listener
	gone atomic.Bool
}

func (m *movable) move() {
	m.gone.Store(true)
	_ = m.Close()
}

// moved reports that the door's listener was closed on purpose.
func (d door) moved() bool {
	m, ok := d.listener.(*movable)
	return ok && m.gone.Load()
}

// openOutside makes the portal reachable from elsewhere: until the owner wants
// that, the window listens on this computer only, and no firewall asks anybody
// anything. The listener in clear answers the certificate authority and leads to
// https; the local preview goes on at the same port.
func (h *house) openOutside(o plan) {
	encrypted, err := listenNear(outsideTLS)
	if err != nil {
		h.log.Error("the portal cannot listen for https", "error", err)
		return
	}
	h.serve(door{listener: encrypted, handler: h.Portal(), tls: h.TLSConfig(), most: h.most})
	_, port, _ := net.SplitHostPort(h.front.Addr().String()) // it is listening
	plain := h.front.Listener
	h.front.move()
	wide, err := listenTCP("listen", net.JoinHostPort("", port))
	if err != nil { // another program has the port on another address
		h.log.Warn("the portal listens in clear on this computer only", "error", err)
		if wide, err = net.Listen("tcp", plain.Addr().String()); err != nil {
			h.failed <- err
			return
		}
	}
	h.serve(door{listener: wide, handler: h.Portal(), most: h.most})
	h.Listening(portNumber(wide), portNumber(encrypted))
	h.log.Info("listening for the world", "http", portNumber(wide), "https", portNumber(encrypted))
}

func portNumber(l net.Listener) int {
	n, _ := strconv.Atoi(portOf(l)) // 0 for what has no port
	return n
}
