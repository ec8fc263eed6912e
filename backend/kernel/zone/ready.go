package zone

import "time"

// leastWait is how long a change rests at least before a certificate is ordered:
// an authority's resolver may have asked a moment before it.
const leastWait = time.Minute

// ReadyAt is when it is time to order, from the surveys so far, the oldest
// first: when all was right for the first time since it last was not, and then
// for as long as the caches of the world may keep what stood there before. It
// is false while the newest survey is not Green against t.
func ReadyAt(history []Survey, t Target) (at time.Time, ok bool) {
	wait := leastWait
	for _, s := range history {
		if !Green(Diagnose(s, t)) {
			ok = false
			wait = max(wait, oldest(s))
			continue
		}
		if !ok {
			at, ok = s.At, true
		}
	}
	return at.Add(wait), ok
}

// oldest is the longest that anybody may keep what a survey saw.
func oldest(s Survey) time.Duration {
	ttl := time.Duration(0)
	for _, v := range s.Sources() {
		ttl = max(ttl, v.TTL)
	}
	return max(ttl, s.Chain.TTL)
}
