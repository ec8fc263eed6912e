package domains

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"

	"portico/backend/kernel/auth"
)

// Reachability is how the address at which clients find the portal now stands, for
// screens that show it beside other things.
type Reachability struct {
	State State
	What  string // in the reader's language
	Do    string // "" when there is nothing to do
}

// Reachable tells whether clients reach the portal, as far as that is known. A name
// that is being set up does not hide how the one in use stands. It asks nobody
// outside. Staff only.
func (s *Service) Reachable(ctx context.Context, actor auth.Actor) (Reachability, error) {
	v, err := s.View(ctx, actor)
	if err != nil {
		return Reachability{}, err
	}
	if h, active := v.active(); active && h.Name != v.Plan.Name {
		v.Plan, v.Update = Plan{Name: h.Name, Record: ByAddress}, nil
		if v.Check, err = optional(checkOf(ctx, s.DB.Read(), h.Name)); err != nil {
			return Reachability{}, fmt.Errorf("reading how the address stands: %w", err)
		}
		if v.Certificate, err = s.certificate(ctx, h.Name); err != nil {
			return Reachability{}, fmt.Errorf("reading how the address stands: %w", err)
		}
		v.State = v.state()
	}
	return s.teller(actor).reachability(v), nil
}

func (t teller) reachability(v View) Reachability {
	b := t.body(v)
	out := Reachability{v.State, b.What, b.Do}
	switch {
	case v.State == StateDefault:
		key := "domains.reachable.default"
		if onlyHere(v.Default) {
			key = "domains.reachable.here"
		}
		params := map[string]any{"url": v.Default}
		out.What, out.Do = t.say(key+".what", params), t.maybe(key+".do", params)
	case v.State == StateGood && b.Certificate != nil:
		out.What += " " + b.Certificate.What
	case v.State == StateTrouble:
		if b.Certificate != nil && !good(v.Certificate.Status, v.Now) {
			out.What, out.Do = b.Certificate.What, b.Certificate.Do
		} else if b.Check != nil && len(b.Check.Findings) > 0 {
			out.What, out.Do = b.Check.Findings[0].What, b.Check.Findings[0].Do
		}
	}
	return out
}

// onlyHere reports an address that leads nowhere but to the computer it is opened on.
func onlyHere(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
