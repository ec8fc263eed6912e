package app

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"

	"portico/backend/kernel/reach"
)

// outsideTLS is where the window listens for https once the owner sets a name up: a
// port that needs no privilege, to which the router forwards 443.
const outsideTLS = 8443

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
	share    int         // of them, for one address; 0: half
}

// portalConnections shares four fifths of the files that the system lets this
// program open between the portal's listeners: most to the one for https where there
// is one, since the one in clear then only leads there. What is left is for the
// store, mails and the staff's own doors, which therefore answer while strangers hold
// all that they can get.
func portalConnections(files int, https bool) (clear, secure int) {
	if !https {
		return max(files*4/5, 1), 0
	}
	return max(files/5, 1), max(files*3/5, 1)
}

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

// outside is what the window has opened to the world.
type outside struct {
	mu    sync.Mutex
	plain reach.Listen // the listener in clear; its zero value: the world was never wanted
	open  bool         // https is
}

// openOutside makes the portal reachable from elsewhere: until the owner wants
// that, the window listens on this computer only, and no firewall asks anybody
// anything. The listener in clear answers the certificate authority and leads to
// https; the local preview goes on at the same port. What cannot be opened is told
// by the checks of the owner's name, with what helps, and tried again each time
// that this is called.
func (h *house) openOutside(o plan) {
	h.outside.mu.Lock()
	defer h.outside.mu.Unlock()
	if h.outside.open {
		return
	}
	first := !h.outside.plain.Address.IsValid()
	secure := everywhere(o.outside)
	encrypted, err := listenNear(secure.Address.String())
	switch {
	case err == nil:
		h.serve(door{listener: encrypted, handler: h.Portal(), tls: h.TLSConfig(), most: h.secure, share: h.share})
		h.outside.open, secure = true, listenAt(encrypted)
	case first:
		h.log.Error("the portal cannot listen for https", "error", err)
	default:
		return // as it was
	}
	if first {
		h.outside.plain = h.widen()
	}
	h.Listening(h.outside.plain, secure)
}

// widen moves the listener in clear from this computer's own address to all of
// them, at the same port.
func (h *house) widen() reach.Listen {
	narrow := h.front.Addr().String()
	wide := everywhere(listenAt(h.front).Address.Port())
	h.front.move()
	l, err := listenTCP("listen", wide.Address.String())
	if err == nil {
		wide = listenAt(l)
	} else { // another program has the port on another address
		h.log.Warn("the portal listens in clear on this computer only", "error", err)
		if l, err = net.Listen("tcp", narrow); err != nil {
			h.failed <- err
			return wide
		}
	}
	h.serve(door{listener: l, handler: h.Portal(), most: h.clear, share: h.share})
	return wide
}

// everywhere is a listener that is wanted on all of this computer's addresses.
func everywhere(port uint16) reach.Listen {
	return reach.Listen{Address: netip.AddrPortFrom(netip.IPv6Unspecified(), port)}
}

// listenAt is where a listener is open.
func listenAt(l net.Listener) reach.Listen {
	at, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return reach.Listen{}
	}
	return reach.Listen{Address: netip.AddrPortFrom(at.AddrPort().Addr().Unmap(), at.AddrPort().Port()), Open: true}
}
