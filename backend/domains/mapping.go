package domains

import (
	"context"
	"fmt"

	"portico/backend/kernel/db"
	"portico/backend/kernel/reach"
)

// remembered keeps forwards in routers.
type remembered struct{ db *db.DB }

// Mappings remembers forwards in routers for kernel/reach, so that those of a
// program that died are still removed.
func Mappings(d *db.DB) reach.Store { return &remembered{d} }

// Remember implements reach.Store.
func (m *remembered) Remember(ctx context.Context, one reach.Mapping) error {
	if err := m.db.Write(ctx, func(tx *db.Tx) error { return putMapping(ctx, tx, one) }); err != nil {
		return fmt.Errorf("remembering a forward in the router: %w", err)
	}
	return nil
}

// Forget implements reach.Store.
func (m *remembered) Forget(ctx context.Context, one reach.Mapping) error {
	if err := m.db.Write(ctx, func(tx *db.Tx) error { return removeMapping(ctx, tx, one) }); err != nil {
		return fmt.Errorf("forgetting a forward in the router: %w", err)
	}
	return nil
}

// Remembered implements reach.Store.
func (m *remembered) Remembered(ctx context.Context) ([]reach.Mapping, error) {
	list, err := mappings(ctx, m.db.Read())
	if err != nil {
		return nil, fmt.Errorf("reading the forwards in the router: %w", err)
	}
	return list, nil
}
