package reachtest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// firewall is that part of a description.
const firewall = `<service><serviceType>urn:schemas-upnp-org:service:WANIPv6FirewallControl:1</serviceType><serviceId>fw</serviceId><SCPDURL>/fw.xml</SCPDURL><controlURL>/fw</controlURL><eventSubURL>/e</eventSubURL></service>`

// Sixth is where a router with PCP6 is: this computer has one such address, so that
// tests with one wait for each other.
func Sixth() netip.Addr { return netip.IPv6Loopback() }

func onlySixth(t testing.TB) *net.UDPConn {
	t.Helper()
	for range 1200 {
		conn, err := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(netip.AddrPortFrom(Sixth(), 5351)))
		switch {
		case err == nil:
			t.Cleanup(func() { _ = conn.Close() })
			return conn
		case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
			t.Skip("this system has no IPv6")
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("somebody else is the router of ::1")
	return nil
}

// Holes are the machines and ports that IPv6 reaches now.
func (r *Router) Holes() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	var all []Entry
	for _, e := range r.holes {
		all = append(all, e)
	}
	return all
}

// hole opens or renews one and answers its number: the same for the same hole.
func (r *Router) hole(e Entry) uint16 {
	for number, old := range r.holes {
		if old.Internal == e.Internal && old.Method == e.Method && old.Nonce == e.Nonce {
			e.Number = number
		}
	}
	if e.Number == 0 {
		r.holed++
		e.Number = r.holed
	}
	if !r.o.Forgetful {
		r.holes[e.Number] = e
	}
	return e.Number
}

// mappedFor is how PCP is answered: over IPv6 nothing is translated.
func (r *Router) mappedFor(from netip.AddrPort) func(method string, internal netip.AddrPort, external uint16, lease uint32, nonce string, exactly bool) (uint16, byte) {
	if from.Addr().Is4() {
		return r.mapped
	}
	return func(_ string, internal netip.AddrPort, _ uint16, lease uint32, nonce string, _ bool) (uint16, byte) {
		switch {
		case r.o.Disabled:
			return 0, 2
		case lease == 0:
			for number, e := range r.holes {
				if e.Internal == internal && e.Nonce == nonce {
					delete(r.holes, number)
				}
			}
			return 0, 0
		}
		r.hole(Entry{External: internal.Port(), Internal: internal, Method: "pcp6", Nonce: nonce, Expires: r.until(lease)})
		return internal.Port(), 0
	}
}

// guard does what an action of WANIPv6FirewallControl:1 asks for.
func (r *Router) guard(_ string, a arguments) (fields string, code int, words string) {
	_, there := r.holes[a.UniqueID]
	switch a.XMLName.Local {
	case "GetFirewallStatus":
		return fmt.Sprintf("<FirewallEnabled>%d</FirewallEnabled><InboundPinholeAllowed>%d</InboundPinholeAllowed>", number(!r.o.Unguarded), number(!r.o.Disabled)), 0, ""
	case "AddPinhole":
		client, err := netip.ParseAddr(a.InternalClient)
		switch {
		case r.o.Disabled:
			return "", 703, "InboundPinholeNotAllowed"
		case r.o.Full:
			return "", 701, "PinholeSpaceExhausted"
		case err != nil || !client.Is6() || a.LeaseTime == 0:
			return "", 402, "Invalid Args"
		}
		id := r.hole(Entry{External: a.InternalPort, Internal: netip.AddrPortFrom(client, a.InternalPort), Method: "upnp6", Expires: r.until(a.LeaseTime)})
		return fmt.Sprintf("<UniqueID>%d</UniqueID>", id), 0, ""
	case "DeletePinhole":
		if !there {
			return "", 704, "NoSuchEntry"
		}
		delete(r.holes, a.UniqueID)
		return "", 0, ""
	case "GetPinholePackets":
		if !there {
			return "", 704, "NoSuchEntry"
		}
		return "<PinholePackets>0</PinholePackets>", 0, ""
	}
	return "", 401, "Invalid Action"
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
