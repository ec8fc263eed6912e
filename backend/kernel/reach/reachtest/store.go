package reachtest

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"portico/backend/kernel/reach"
)

// Store remembers mappings in memory, as JSON, the way a table would.
type Store struct {
	mu   sync.Mutex
	rows []string
}

func (s *Store) index(m reach.Mapping) int {
	return slices.IndexFunc(s.rows, func(row string) bool {
		var old reach.Mapping
		return json.Unmarshal([]byte(row), &old) == nil && old.Gateway == m.Gateway && old.Method == m.Method && old.Forward.External == m.Forward.External
	})
}

// Remember is of reach.Store.
func (s *Store) Remember(_ context.Context, m reach.Mapping) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.index(m); i >= 0 {
		s.rows[i] = string(raw)
		return nil
	}
	s.rows = append(s.rows, string(raw))
	return nil
}

// Forget is of reach.Store.
func (s *Store) Forget(_ context.Context, m reach.Mapping) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.index(m); i >= 0 {
		s.rows = slices.Delete(s.rows, i, i+1)
	}
	return nil
}

// Remembered is of reach.Store.
func (s *Store) Remembered(context.Context) ([]reach.Mapping, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []reach.Mapping
	for _, row := range s.rows {
		var m reach.Mapping
		if err := json.Unmarshal([]byte(row), &m); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
