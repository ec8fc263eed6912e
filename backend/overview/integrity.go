package overview

import (
	"context"
	"time"
)

// The store is read through a while after the start, when nobody waits for it,
// and then every hour.
const (
	checkAfter = 20 * time.Second
	checkEvery = time.Hour
)

// check is the outcome of the last reading.
type check struct {
	at  time.Time
	err error
}

// Run checks the store soon and every hour until ctx ends.
func (s *Service) Run(ctx context.Context) {
	next := time.NewTimer(checkAfter)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			s.CheckStore(ctx)
			next.Reset(checkEvery)
		}
	}
}

// CheckStore reads the store through and keeps the outcome for the health page.
// A check that was interrupted says nothing.
func (s *Service) CheckStore(ctx context.Context) {
	err := s.DB.QuickVerify(ctx)
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
