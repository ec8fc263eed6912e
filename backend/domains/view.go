package domains

import (
	"net/netip"
	"slices"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/reach"
)

// State is the whole in one word, for the head of the screen.
type State string

// The states.
const (
	StateDefault  State = "default"  // no name of the owner's
	StatePending  State = "waiting"  // a name is set up; its records are not right yet
	StateReady    State = "ready"    // time for Update Domain
	StateUpdating State = "updating" // an update goes on
	StateGood     State = "active"   // the portal answers at the owner's name
	StateTrouble  State = "trouble"  // it does, and something is wrong
)

// View is everything that the screen shows, as values.
type View struct {
	State       State
	Default     string // address without a name of the owner's
	Plan        Plan
	Names       []Hostname
	Check       *Check
	Update      *Update
	Options     Options
	Notices     []Notice
	Outside     Outside
	Ports       Ports
	Outer       Ports // where clients connect to
	Reached     reach.Reached
	Certificate *Certificate
	Authority   string
	About       certs.About
	Now         time.Time
	Provider    Provider
	HSTS        bool // may be switched on now
}

// hstsAfter is how long the address must have worked before strict HTTPS is offered.
const hstsAfter = 30 * 24 * time.Hour

// active is the canonical name, and whether there is one.
func (v View) active() (Hostname, bool) {
	i := slices.IndexFunc(v.Names, func(h Hostname) bool { return h.Role == Active })
	if i < 0 {
		return Hostname{}, false
	}
	return v.Names[i], true
}

// url is the canonical address.
func (v View) url() string {
	if h, ok := v.active(); ok {
		return URL(h.Name)
	}
	return v.Default
}

// state says the whole in one word.
func (v View) state() State {
	h, active := v.active()
	switch {
	case v.Update != nil && v.Update.open():
		return StateUpdating
	case v.Plan.Name != "" && (!active || v.Plan.Name != h.Name):
		if v.Check != nil && v.Check.timely(v.Now) {
			return StateReady
		}
		return StatePending
	case !active:
		return StateDefault
	case v.Certificate != nil && !good(v.Certificate.Status, v.Now), v.Check != nil && worst(v.Check.Findings) == Blocks:
		return StateTrouble
	}
	return StateGood
}

// six is this computer's IPv6 address where it is of use: no router changes ports
// for IPv6, so the portal has to listen at the very ones that clients connect to.
func (v View) six() netip.Addr {
	if v.Ports.TLS != 0 && v.Ports.TLS != v.Outer.TLS {
		return netip.Addr{}
	}
	return v.Outside.IPv6
}

func (v View) apex() string {
	if v.Check != nil {
		return zoneOf(v.Plan.Name, v.Check.Apex)
	}
	return zoneOf(v.Plan.Name, "")
}

// records are what the owner has to enter.
func (v View) records() []DNSRecord {
	list := v.Plan.records(v.apex(), v.Provider.Full, addresses{v.Outside.IPv4, v.six()})
	if v.Certificate == nil {
		return list
	}
	for _, t := range v.Certificate.Status.Records {
		r := DNSRecord{Type: "TXT", Short: hostIn(t.Name, v.apex()), Full: t.Name, Value: t.Value, Why: "domains.record.txt"}
		if t.Name != "_acme-challenge."+v.Plan.Name {
			r.Why = "domains.record.txt_delegated"
		}
		r.Host = r.Short
		if v.Provider.Full {
			r.Host = r.Full
		}
		list = append(list, r)
	}
	return list
}
