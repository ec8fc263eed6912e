package chat

import (
	"context"
	"sync"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

// tide gathers marks that come over sockets, which are many and worth little each,
// and keeps them together. A crash loses those of a moment; the device sends its
// mark again when it is back.
type tide struct {
	s    *Service
	mu   sync.Mutex
	wait map[tideKey]Mark
	wake chan struct{}
}

type tideKey struct {
	conversationID string
	actor          auth.Actor
}

// ebb is how long marks may wait for each other.
const ebb = 150 * time.Millisecond

func newTide(s *Service) *tide {
	return &tide{s: s, wait: map[tideKey]Mark{}, wake: make(chan struct{}, 1)}
}

// MarkSoon is Mark for sockets: it returns before anything is kept.
func (s *Service) MarkSoon(ctx context.Context, actor auth.Actor, conversationID string, read, delivered int64) error {
	if _, err := s.reader(ctx, s.DB.Read(), actor, conversationID); err != nil {
		return err
	}
	t, k := s.tide, tideKey{conversationID, actor}
	t.mu.Lock()
	old := t.wait[k]
	t.wait[k] = Mark{Read: max(old.Read, read), Delivered: max(old.Delivered, delivered)}
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
	return nil
}

func (t *tide) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(ebb):
		}
		t.keep(ctx)
	}
}

func (t *tide) keep(ctx context.Context) {
	t.mu.Lock()
	list := t.wait
	t.wait = map[tideKey]Mark{}
	t.mu.Unlock()
	err := t.s.DB.Write(ctx, func(tx *db.Tx) error {
		for k, m := range list {
			// Whoever was removed meanwhile has nothing to mark.
			if err := t.s.mark(ctx, tx, k.actor, k.conversationID, m.Read, m.Delivered); err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		t.s.Log.Warn("marks could not be kept", "count", len(list), "error", err)
	}
}
