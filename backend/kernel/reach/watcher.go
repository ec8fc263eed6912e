package reach

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"portico/backend/kernel/clock"
)

// WatcherConfig says what is watched. Clock is needed.
type WatcherConfig struct {
	Clock      clock.Clock
	Interfaces func() ([]netip.Addr, error)     // nil: DefaultInterfaces
	Find       func(ctx context.Context) Public // nil: the public address is not watched
	Every      time.Duration                    // how often this machine is looked at; 0: 15 seconds
	FindEvery  time.Duration                    // how often the world is asked; 0: five minutes
}

// Watcher notices what changes about being reachable.
type Watcher struct {
	c        WatcherConfig
	started  bool
	local    []netip.Addr
	public   Public
	lastLook time.Time
	nextFind time.Time
	nextDay  time.Time
}

// NewWatcher looks at nothing yet.
func NewWatcher(c WatcherConfig) *Watcher {
	if c.Interfaces == nil {
		c.Interfaces = DefaultInterfaces
	}
	if c.Every == 0 {
		c.Every = 15 * time.Second
	}
	if c.FindEvery == 0 {
		c.FindEvery = 5 * time.Minute
	}
	return &Watcher{c: c}
}

// slept is how much longer than planned a nap must have been to call it a sleep.
const slept = time.Minute

const day = 24 * time.Hour

// Run tells every change until ctx ends. What this machine has at the beginning is
// no change; the first public address found is one, since it may have changed while
// nobody watched. tell is called by Run itself: while it works, nothing is watched.
func (w *Watcher) Run(ctx context.Context, tell func(Change)) error {
	for {
		w.step(ctx, tell)
		nap := time.NewTimer(w.c.Every)
		select {
		case <-ctx.Done():
			nap.Stop()
			return nil
		case <-nap.C:
		}
	}
}

// step looks once. A machine's timers stand still while it sleeps and its wall clock
// does not: a nap that took much longer than planned was a sleep.
func (w *Watcher) step(ctx context.Context, tell func(Change)) {
	now := w.c.Clock.Now()
	events, began := []Event(nil), !w.started
	if !began && (now.Sub(w.lastLook) > w.c.Every+slept || now.Before(w.lastLook)) {
		events = append(events, Resumed)
	}
	w.started, w.lastLook = true, now
	if local, err := w.c.Interfaces(); err == nil {
		if !began && !slices.Equal(local, w.local) {
			events = append(events, NetworkChanged)
		}
		w.local = local
	}
	if began {
		w.nextDay = now.Add(day)
	}
	if !now.Before(w.nextDay) {
		events, w.nextDay = append(events, Daily), now.Add(day)
	}
	previous := w.public
	if w.c.Find != nil && (began || len(events) > 0 || !now.Before(w.nextFind)) {
		w.nextFind = now.Add(w.c.FindEvery)
		if found := w.c.Find(ctx); ctx.Err() == nil && w.changed(found) {
			events = append(events, AddressChanged)
		}
	}
	for _, e := range events {
		tell(Change{Event: e, Local: slices.Clone(w.local), Public: w.public, Previous: previous})
	}
}

// changed takes over what was found. That nobody could tell is no change: the line
// may be down for a moment, and the name should not move for that.
func (w *Watcher) changed(found Public) bool {
	if !found.IPv4.IsValid() && !found.IPv6.IsValid() {
		return false
	}
	if !found.IPv4.IsValid() {
		found.IPv4 = w.public.IPv4
	}
	if !found.IPv6.IsValid() && slices.ContainsFunc(w.local, func(a netip.Addr) bool { return a.Is6() && Routable(a) }) {
		found.IPv6 = w.public.IPv6
	}
	before := w.public
	w.public = found
	return found.IPv4 != before.IPv4 || found.IPv6 != before.IPv6
}

// DefaultInterfaces are this machine's addresses but loopback and link-local ones,
// sorted, each once.
func DefaultInterfaces() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if addr, ok := netip.AddrFromSlice(n.IP); ok && !addr.Unmap().IsLoopback() && !addr.Unmap().IsLinkLocalUnicast() {
			addrs = append(addrs, addr.Unmap())
		}
	}
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs), nil
}
