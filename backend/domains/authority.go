package domains

import (
	"context"
	"fmt"
	"reflect"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/settings"
)

// aboutKey keeps what the certificate authority told of itself when it was last
// asked, for screens, which ask nobody.
var aboutKey = settings.Key[certs.About]{Name: "domains.authority"}

// ask asks the authority about itself. While it does not answer, what it said before
// holds; that it does not is a finding of its own.
func (s *Service) ask(ctx context.Context) certs.About {
	before, err := s.about(ctx, s.DB.Read())
	if err != nil {
		s.Log.Error("what the authority told could not be read", "error", err)
	}
	now, err := s.Certs.About(ctx)
	if err != nil {
		return before
	}
	if !reflect.DeepEqual(before, now) {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return settings.Set(ctx, tx, aboutKey, now) }); err != nil && ctx.Err() == nil {
			s.Log.Error("what the authority told is not kept", "error", err)
		}
	}
	return now
}

// about is what the authority that is asked now told last; another one's is not its.
func (s *Service) about(ctx context.Context, q db.Q) (certs.About, error) {
	about, err := settings.Get(ctx, q, aboutKey)
	if err != nil {
		return about, fmt.Errorf("reading what the authority told: %w", err)
	}
	if about.Directory != s.Authority {
		return certs.About{Directory: s.Authority}, nil
	}
	return about, nil
}
