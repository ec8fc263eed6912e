package domains

import (
	"context"
	"slices"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/zone"
)

// certOptions are how a name is proven: on our own ports, or by a TXT record that
// the owner enters by hand or that we enter ourselves. target is where the zone's
// alias of _acme-challenge leads, "" when there is none.
func (s *Service) certOptions(name, target string, o Options) (certs.Options, error) {
	if o.Method == MethodHTTP {
		return certs.Options{}, nil
	}
	d := &certs.DNS{Target: target, Poll: s.pace(lookOften), Seen: func(ctx context.Context, r certs.Record) (bool, error) {
		return published(s.World.Survey(ctx, zone.Name(name)).Challenge, r.Value), nil
	}}
	if o.Method == MethodDNSUpdate {
		signed, err := s.signed(o)
		if err != nil {
			return certs.Options{}, err
		}
		d.Publisher = publisher{signed}
	}
	return certs.Options{DNS: d}, nil
}

// published reports a TXT value that every server shows which answers at all.
func published(c zone.Challenge, value string) bool {
	shown := false
	for _, v := range c.Servers {
		if v.Failure != "" {
			continue
		}
		if !slices.Contains(v.TXT, value) {
			return false
		}
		shown = true
	}
	return shown
}

// publisher enters the records that prove a name.
type publisher struct{ zone *zone.Signed }

// Publish implements certs.Publisher.
func (p publisher) Publish(ctx context.Context, r certs.Record) error {
	return p.zone.AddTXT(ctx, r.Name, r.Value)
}

// Withdraw implements certs.Publisher.
func (p publisher) Withdraw(ctx context.Context, r certs.Record) error {
	return p.zone.RemoveTXT(ctx, r.Name, r.Value)
}
