package domains

import (
	"context"
	"errors"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/settings"
)

// noticesShown is how many notices the screen gets.
const noticesShown = 20

// View answers everything that the screen shows. It asks nobody outside. Staff only.
func (s *Service) View(ctx context.Context, actor auth.Actor) (View, error) {
	if err := actor.MustBeStaff(); err != nil {
		return View{}, err
	}
	v, err := s.view(ctx, s.DB.Read())
	if err != nil {
		return View{}, fmt.Errorf("reading how the address stands: %w", err)
	}
	return v, nil
}

func (s *Service) view(ctx context.Context, q db.Q) (v View, err error) {
	v.Now, v.Default, v.Authority = s.DB.Clock().Now(), s.Address.Default(), s.Authority
	v.Outer = s.Outer
	if v.Plan, err = planOf(ctx, q); err != nil {
		return v, err
	}
	if v.Names, err = hostnames(ctx, q); err != nil {
		return v, err
	}
	if v.Options, err = settings.Get(ctx, q, optionsKey); err != nil {
		return v, err
	}
	if v.About, err = s.about(ctx, q); err != nil {
		return v, err
	}
	if v.Notices, err = notices(ctx, q, noticesShown); err != nil {
		return v, err
	}
	if v.Check, err = optional(checkOf(ctx, q, v.Plan.Name)); err != nil {
		return v, err
	}
	if v.Update, err = optional(lastUpdate(ctx, q, v.Plan.Name)); err != nil {
		return v, err
	}
	if v.Check != nil {
		v.Provider = providerByID(v.Check.Host)
	} else {
		v.Provider = providerByID("")
	}
	if h, ok := v.active(); ok {
		v.HSTS = !h.Since.Add(hstsAfter).After(v.Now)
	}
	if v.Certificate, err = s.certificate(ctx, v.Plan.Name); err != nil {
		return v, err
	}
	s.mu.Lock()
	v.Outside, v.Ports = s.outside, s.ports
	s.mu.Unlock()
	v.Reached = s.World.Reached()
	v.State = v.state()
	return v, nil
}

// optional turns "there is none" into nil.
func optional[T any](v T, err error) (*T, error) {
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return &v, err
}

// certificate answers how the certificate of a name stands; nil while nothing was
// ever tried for it.
func (s *Service) certificate(ctx context.Context, name string) (*Certificate, error) {
	if name == "" {
		return nil, nil
	}
	status, err := s.Certs.Status(ctx, name)
	if err != nil {
		return nil, err
	}
	history, err := s.Certs.History(ctx, name)
	if err != nil {
		return nil, err
	}
	if status.State == certs.StateNone && len(history) == 0 {
		return nil, nil
	}
	return &Certificate{status, history}, nil
}
