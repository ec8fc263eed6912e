package limit

import (
	"math/rand/v2"
	"testing"
)

func TestWindow(t *testing.T) {
	const per = 900 // "15 minutes"
	type hit struct {
		at   int64
		want int64 // when the hit is allowed
	}
	for _, s := range []struct {
		story string
		max   int64
		hits  []hit
	}{
		{"a burst, then a whole length of waiting", 3, []hit{{0, 0}, {0, 0}, {1, 1}, {1, 901}, {899, 901}, {901, 901}}},
		{"a burst in one moment", 3, []hit{{5, 5}, {5, 5}, {5, 5}, {5, 905}, {904, 905}, {905, 905}, {905, 905}, {905, 905}, {905, 1805}}},
		{"spread out: they fade one by one", 3, []hit{{0, 0}, {300, 300}, {600, 600}, {700, 1100}, {1099, 1100}, {1100, 1100}, {1100, 1300}, {1300, 1300}}},
		{"the first stays within its length", 1, []hit{{0, 0}, {1, 900}, {899, 900}, {900, 900}, {900, 1800}}},
		{"late in the window", 2, []hit{{0, 0}, {899, 899}, {899, 1350}, {1350, 1350}, {1350, 1799}, {1799, 1799}}},
		{"after a long pause all begins anew", 2, []hit{{0, 0}, {0, 0}, {100_000, 100_000}, {100_000, 100_000}, {100_000, 100_900}}},
		{"a clock set back forgives nothing", 1, []hit{{10_000, 10_000}, {5_000, 10_900}}},
	} {
		var w window
		for i, h := range s.hits {
			got := w.retryAt(h.at, per, s.max)
			if got != h.want {
				t.Errorf("%s: hit %d at %d is allowed at %d, want %d", s.story, i, h.at, got, h.want)
			}
			if got == h.at {
				w = w.hit(h.at, per)
			}
		}
	}
}

// TestWindowProperties drives counters with random hits and holds them against
// an exact log.
func TestWindowProperties(t *testing.T) {
	const per = 1000
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		limit, now := 1+random.Int64N(9), int64(1_000_000)
		var w window
		var log []int64
		pause := 1 + random.Int64N(2*per/limit)
		for range 200 {
			now += random.Int64N(pause)
			at := w.retryAt(now, per, limit)
			if at < now || at > now+per {
				t.Fatalf("retry in %d ms", at-now)
			}
			if at > now {
				if w.retryAt(at, per, limit) != at || w.retryAt(at-1, per, limit) != at {
					t.Fatalf("told to come at %d, but then at %d (and a moment before: %d)", at, w.retryAt(at, per, limit), w.retryAt(at-1, per, limit))
				}
				continue
			}
			w = w.hit(now, per)
			log = append(log, now)
			within := int64(0)
			for _, hit := range log {
				if hit > now-per {
					within++
				}
			}
			if first := now < log[0]+per; (first && within > limit) || within > 2*limit-1 {
				t.Fatalf("%d hits within one window, allowed are %d", within, limit)
			}
		}
	}
}
