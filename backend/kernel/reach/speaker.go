package reach

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// speaker asks one router in one language.
type speaker interface {
	method() Method
	// external is the address on the other side, invalid when the language has no
	// word for it, and how long the router has been running, 0 when it does not say.
	external(ctx context.Context) (netip.Addr, time.Duration, error)
	// open asks for m.Forward, or renews it, and answers the mapping as the router gave
	// it. It never takes a port that goes to another machine.
	open(ctx context.Context, m Mapping, lease time.Duration) (granted, error)
	// close takes m away; one that is gone, or is another machine's now, is no error.
	close(ctx context.Context, m Mapping) error
	// shows reports whether the router still has m; errCannotShow when it cannot tell.
	shows(ctx context.Context, m Mapping) (bool, error)
}

// granted is what a router gave.
type granted struct {
	external netip.AddrPort // the address may be invalid
	lease    time.Duration  // 0: it stays
	number   uint16         // UPnP over IPv6
}

var (
	errCannotShow = errors.New("this router cannot be asked what is open")
	errSilent     = errors.New("no answer")
	errOffline    = errors.New("the router is not connected")
)

// conflict: the port goes to another machine.
type conflict struct{ holder string }

func (c *conflict) Error() string { return "the port goes to " + c.holder + " already" }

// refused: the router said no.
type refused struct {
	answer   string // its words or number
	disabled bool   // because its owner switched this off
}

func (r *refused) Error() string { return "the router refused: " + r.answer }
