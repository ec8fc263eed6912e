package reach

import (
	"context"
	"net/netip"
	"time"
)

// Gateway is a default route of this machine.
type Gateway struct {
	Address   netip.Addr `json:"address"`   // the router, on our side
	Local     netip.Addr `json:"local"`     // this machine, as the router sees it
	Interface string     `json:"interface"` // "eth0"
	Six       netip.Addr `json:"six"`       // the same router over IPv6; invalid: none
}

// Method is a way to ask a router for a forward.
type Method string

// The methods, in the order in which they are preferred: UPnP can be asked what is
// there, PCP is the newest, NAT-PMP the simplest.
const (
	UPnP   Method = "upnp"
	PCP    Method = "pcp"
	NATPMP Method = "natpmp"
)

// The methods by which a router is asked to let IPv6 in. Nothing is translated
// there, so what is opened is a hole in its firewall, for one machine and port.
const (
	UPnP6 Method = "upnp6"
	PCP6  Method = "pcp6"
)

// six reports a method for IPv6.
func (m Method) six() bool { return m == UPnP6 || m == PCP6 }

// Router is what answered at a default gateway.
type Router struct {
	Gateway  Gateway    `json:"gateway"`
	Methods  []Method   `json:"methods"`  // those it speaks, best first; none: it is silent
	Pinholes []Method   `json:"pinholes"` // those by which it lets IPv6 in, best first
	Open     bool       `json:"open"`     // it said that it keeps no IPv6 out
	Disabled []Method   `json:"disabled"` // those it knows and its owner switched off
	Name     string     `json:"name"`     // "FRITZ!Box 7590", when it told
	External netip.Addr `json:"external"` // its address on the other side; invalid when it did not tell
	Offline  bool       `json:"offline"`  // it said that it has none
}

// Forward is what somebody wants: connections from outside to port External go to
// port Internal of this machine. Always TCP.
type Forward struct {
	External uint16     `json:"external"`
	Internal uint16     `json:"internal"`
	To       netip.Addr `json:"to,omitzero"` // an IPv6 address of this machine to let in, at one port: both are the same; invalid: over IPv4
}

// six reports a hole for IPv6.
func (f Forward) six() bool { return f.To.IsValid() }

// Mapping is a forward in a router, as it is remembered.
type Mapping struct {
	Forward  Forward        `json:"forward"`          // what was asked for
	Method   Method         `json:"method"`           // how
	Gateway  netip.Addr     `json:"gateway"`          // where
	Internal netip.AddrPort `json:"internal"`         // this machine then
	External netip.AddrPort `json:"external"`         // what clients connect to; the address may be invalid when the router does not tell
	Device   string         `json:"device,omitempty"` // UPnP: the device's own name (UDN)
	Nonce    []byte         `json:"nonce,omitempty"`  // PCP: who may change it
	Number   uint16         `json:"number,omitempty"` // UPnP over IPv6: by which the router knows it
	Renew    time.Time      `json:"renew,omitzero"`   // when to ask again
	Expires  time.Time      `json:"expires,omitzero"` // zero: it stays until removed
	Verified bool           `json:"verified"`         // the router was asked again and showed it
}

// Store remembers mappings across restarts and crashes. A mapping is known by
// Gateway, Method and Forward.External: Remember replaces an equal one, Forget of
// an unknown one is no error. The caller keeps it in its table.
type Store interface {
	Remember(ctx context.Context, m Mapping) error
	Forget(ctx context.Context, m Mapping) error
	Remembered(ctx context.Context) ([]Mapping, error)
}

// Reached is what a Mapper knows: the router, the forwards that are there and
// what is to say about them.
type Reached struct {
	Router   Router
	Mappings []Mapping
	Findings []Finding
	Next     time.Time // when it will look again by itself
}
