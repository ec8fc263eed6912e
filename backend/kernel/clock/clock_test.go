package clock

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// Promise A20: what was over stays over, whatever the machine's clock says.
func TestMonotone(t *testing.T) {
	wall := NewFake(noon)
	m := NewMonotone(wall, time.Time{})
	now := func(want time.Time, behind time.Duration) {
		t.Helper()
		if got := m.Now(); !got.Equal(want) || m.Behind() != behind {
			t.Errorf("%v, behind %v; want %v, %v", got, m.Behind(), want, behind)
		}
	}
	now(noon, 0)
	wall.Advance(time.Hour)
	now(noon.Add(time.Hour), 0)
	wall.Advance(-30 * 24 * time.Hour) // somebody sets it back
	now(noon.Add(time.Hour), 30*24*time.Hour)
	wall.Advance(30*24*time.Hour - time.Minute)
	now(noon.Add(time.Hour), time.Minute)
	wall.Advance(2 * time.Minute)
	now(noon.Add(time.Hour+time.Minute), 0)
	m.Raise(noon) // what the store remembers is older
	now(noon.Add(time.Hour+time.Minute), 0)
	m.Raise(noon.Add(2 * time.Hour))
	now(noon.Add(2*time.Hour), 59*time.Minute)
	if again := NewMonotone(NewFake(noon), noon.Add(time.Hour)); !again.Now().Equal(noon.Add(time.Hour)) {
		t.Error("a restart forgets the high-water mark")
	}
}

func TestTimesAreAsTheStoreKeepsThem(t *testing.T) {
	now := System{}.Now()
	if now.Location() != time.UTC || now.Nanosecond()%int(time.Millisecond) != 0 {
		t.Errorf("the machine's: %v", now)
	}
	fake := NewFake(time.Date(2026, 3, 2, 12, 0, 0, 1_234_567, time.FixedZone("x", 3600))).Now()
	if fake.Location() != time.UTC || !fake.Equal(time.Date(2026, 3, 2, 11, 0, 0, 1_000_000, time.UTC)) {
		t.Errorf("a fake: %v", fake)
	}
}
