package limit

// window is one counter: two windows of equal length, times in unix milliseconds.
type window struct {
	started     int64 // of the running window
	hits        int64 // in it
	lastHit     int64
	earlierHits int64 // in the window just before, which started one length earlier
	earlierLast int64
}

// at is the counter as it stands at now: windows that are over have moved on.
// Before the first hit, and after a pause of a whole window, it begins anew.
func (w window) at(now, per int64) window {
	switch {
	case w.hits+w.earlierHits == 0 || now-w.started >= 2*per:
		return window{started: now}
	case now-w.started >= per:
		return window{started: w.started + per, earlierHits: w.hits, earlierLast: w.lastHit}
	}
	return w
}

// faded is how many hits of the window before still lie within the last per
// milliseconds, rounded up. They are taken to be spread evenly from that
// window's start to its last hit.
func (w window) faded(now, per int64) int64 {
	cut, start := now-per, w.started-per
	switch {
	case w.earlierHits == 0 || w.earlierLast <= cut:
		return 0
	case cut <= start: // also when the clock was set back
		return w.earlierHits
	}
	span := w.earlierLast - start // > 0, as start < cut < earlierLast
	return (w.earlierHits*(w.earlierLast-cut) + span - 1) / span
}

// retryAt is the first time at which one more hit is allowed, if nobody else
// comes before; now when it is allowed now. max is at least 1.
func (w window) retryAt(now, per, max int64) int64 {
	w = w.at(now, per)
	if w.faded(now, per)+w.hits < max {
		return now
	}
	room := max - 1 - w.hits
	if room < 0 { // the running window is full: wait until it is the one before
		w = window{started: w.started + per, earlierHits: w.hits, earlierLast: w.lastHit}
		room = max - 1
	}
	// Solve faded(t) <= room for t.
	start := w.started - per
	t := w.earlierLast + per - room*(w.earlierLast-start)/w.earlierHits
	return maxOf(t, w.started, now+1)
}

// hit counts one.
func (w window) hit(now, per int64) window {
	w = w.at(now, per)
	w.hits++
	w.lastHit = maxOf(now, w.lastHit)
	return w
}

func maxOf(first int64, more ...int64) int64 {
	for _, n := range more {
		first = max(first, n)
	}
	return first
}
