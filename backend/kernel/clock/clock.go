// Package clock is where time comes from. Nothing else in the backend asks the
// operating system for the time: one transaction sees one instant, and tests
// set it.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time, in UTC, cut to milliseconds as the store keeps it.
type Clock interface{ Now() time.Time }

// System is the machine's clock.
type System struct{}

// Now is the wall clock.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Monotone is a clock that never runs backward: it answers the highest time it
// has seen or was told, so that a machine whose clock is set back cannot bring
// an expired link to life.
type Monotone struct {
	wall Clock
	mu   sync.Mutex
	high time.Time
}

// NewMonotone starts at the high-water mark that the store kept.
func NewMonotone(wall Clock, high time.Time) *Monotone { return &Monotone{wall: wall, high: high} }

// Now is max(wall, high-water).
func (m *Monotone) Now() time.Time {
	now := m.wall.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.After(m.high) {
		m.high = now
	}
	return m.high
}

// Behind is how far the wall clock lies behind the high-water mark; zero when it does not.
func (m *Monotone) Behind() time.Duration {
	now := m.wall.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Before(m.high) {
		return m.high.Sub(now)
	}
	return 0
}

// Raise lifts the high-water mark to what the store remembers.
func (m *Monotone) Raise(high time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if high.After(m.high) {
		m.high = high
	}
}

// Fake is a clock for tests; it moves only when told.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake starts at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC().Truncate(time.Millisecond)} }

// Now is the time last set.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock by d, which may be negative.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}
