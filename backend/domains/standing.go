package domains

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"

	"portico/backend/kernel/auth"
)

// Standing is how the address stands at which clients find the portal now, for
// screens that show it beside other things.
type Standing struct {
	State State
	Level Severity // Fine, or Blocks when clients do not get in
	What  string   // in the reader's language
	Do    string   // "" when there is nothing to do
	Ahead Trouble  // what keeps a name that is being set up from its place
}

// Trouble is what stands against a name; the zero value is nothing.
type Trouble struct{ What, Do string }

// Standing tells whether clients reach the portal, as far as that is known. A name
// that is being set up does not hide how the one in use stands. It asks nobody
// outside. Staff only.
func (s *Service) Standing(ctx context.Context, actor auth.Actor) (Standing, error) {
	v, err := s.View(ctx, actor)
	if err != nil {
		return Standing{}, err
	}
	t := s.teller(actor)
	var ahead Trouble
	if h, active := v.active(); h.Name != v.Plan.Name {
		ahead = t.trouble(v)
		if active {
			if v, err = s.inUse(ctx, v, h.Name); err != nil {
				return Standing{}, fmt.Errorf("reading how the address stands: %w", err)
			}
		}
	}
	out := t.standing(v)
	out.Ahead = ahead
	return out, nil
}

// inUse is the view as it is when nothing is being set up beside the name in use.
func (s *Service) inUse(ctx context.Context, v View, name string) (_ View, err error) {
	v.Plan, v.Update = Plan{Name: name, Record: ByAddress}, nil
	if v.Check, err = optional(checkOf(ctx, s.DB.Read(), name)); err != nil {
		return v, err
	}
	if v.Certificate, err = s.certificate(ctx, name); err != nil {
		return v, err
	}
	v.State = v.state()
	return v, nil
}

func (t teller) standing(v View) Standing {
	b := t.body(v)
	out := Standing{State: v.State, Level: Fine, What: b.What, Do: b.Do}
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
		out.Level = Blocks
		if b.Certificate != nil && !good(v.Certificate.Status, v.Now) {
			out.What, out.Do = b.Certificate.What, b.Certificate.Do
		} else if b.Check != nil && len(b.Check.Findings) > 0 {
			out.What, out.Do = b.Check.Findings[0].What, b.Check.Findings[0].Do
		}
	}
	return out
}

// trouble tells what stands against the name that is being set up.
func (t teller) trouble(v View) (out Trouble) {
	if v.Update != nil && v.Update.open() {
		if step, _ := v.Update.current(); step.Problem != "" && step.Problem != "settling" {
			out.What, out.Do = t.sentences(step.Problem, step.Params)
			return out
		}
	}
	if v.Check != nil && worst(v.Check.Findings) == Blocks {
		out.What, out.Do = t.sentences(v.Check.Findings[0].Code, v.Check.Findings[0].Params) // they are sorted
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
