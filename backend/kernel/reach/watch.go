package reach

import "net/netip"

// Event names what a Watcher noticed. Values are stable.
type Event string

// The events.
const (
	NetworkChanged Event = "network_changed" // addresses of this machine came or went
	AddressChanged Event = "address_changed" // the world sees another address
	Resumed        Event = "resumed"         // the machine slept, or its clock was set
	Daily          Event = "daily"           // a day has passed since the last look
)

// Change is what a Watcher tells.
type Change struct {
	Event    Event
	Local    []netip.Addr // this machine's addresses now
	Public   Public       // as last seen
	Previous Public       // before, with AddressChanged
}
