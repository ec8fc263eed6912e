package domains

import (
	"context"
	"slices"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/settings"
	"portico/backend/kernel/zone"
)

// certOptions are how a name is proven: on our own ports, or by a TXT record that
// the owner enters by hand or that we enter ourselves. target is where the zone's
// alias of _acme-challenge leads, "" when there is none. A key that cannot be used
// stops no stored certificate from being served: only the proof fails, with its words.
func (s *Service) certOptions(name, target string, o Options) certs.Options {
	if o.Method == MethodHTTP {
		return certs.Options{}
	}
	d := &certs.DNS{Target: target, Poll: s.pace(lookOften), Seen: func(ctx context.Context, r certs.Record) (bool, error) {
		now, err := settings.Get(ctx, s.DB.Read(), optionsKey) // it may have taken days
		return err == nil && published(s.World.Survey(ctx, zone.Name(name), now.Outside).Challenge, r.Value), err
	}}
	if o.Method == MethodDNSUpdate {
		signed, err := s.signed(o)
		d.Publisher = publisher{signed, err}
	}
	return certs.Options{DNS: d}
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

// publisher enters the records that prove a name, or says why it cannot.
type publisher struct {
	zone *zone.Signed
	err  error
}

// Publish implements certs.Publisher.
func (p publisher) Publish(ctx context.Context, r certs.Record) error {
	if p.err != nil {
		return p.err
	}
	return p.zone.AddTXT(ctx, r.Name, r.Value)
}

// Withdraw implements certs.Publisher.
func (p publisher) Withdraw(ctx context.Context, r certs.Record) error {
	if p.err != nil {
		return nil // nothing was entered
	}
	return p.zone.RemoveTXT(ctx, r.Name, r.Value)
}
