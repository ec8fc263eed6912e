package overview

import (
	"context"
	"time"
)

// checkEvery is how often the store is read through in the background.
const checkEvery = time.Hour

// check is the outcome of the last reading.
type check struct {
	at  time.Time
	err error
}

// Run checks the store now and every hour until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		s.CheckStore(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// CheckStore reads the store through and keeps the outcome for the health page.
// A check that was interrupted says nothing.
func (s *Service) CheckStore(ctx context.Context) {
	err := s.DB.Verify(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.Log.Error("the store did not pass its check", "error", err)
	}
	s.mu.Lock()
	before := s.checked.err
	s.checked = check{s.DB.Clock().Now(), err}
	s.mu.Unlock()
	if (before == nil) != (err == nil) {
		s.Live.Changed("overview")
	}
}

func (s *Service) databaseHealth(ctx context.Context, language string) HealthItem {
	params := map[string]any{"size": s.word(language, "health.size_unknown", nil)}
	if s.Size != nil {
		if bytes, err := s.Size(ctx); err == nil {
			params["size"] = s.size(language, uint64(max(bytes, 0)))
		}
	}
	s.mu.Lock()
	last := s.checked
	s.mu.Unlock()
	switch {
	case s.DB.Broken() != nil:
		return s.item(language, "database", "database_stopped", Error, params)
	case last.err != nil:
		return s.item(language, "database", "database_damaged", Error, params)
	case last.at.IsZero():
		return s.item(language, "database", "database_unchecked", OK, params)
	}
	return s.item(language, "database", "database_ok", OK, params)
}
