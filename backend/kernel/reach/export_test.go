package reach

import (
	"context"
	"time"
)

// Step is one turn of Run, for tests that move the clock themselves.
func (m *Mapper) Step(ctx context.Context) time.Time { return m.step(ctx) }

// Finish is the end of Run.
func (m *Mapper) Finish(ctx context.Context) { m.finish(ctx) }

// Step is one turn of Run.
func (w *Watcher) Step(ctx context.Context, tell func(Change)) { w.step(ctx, tell) }
