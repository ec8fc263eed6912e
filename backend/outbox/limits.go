package outbox

import "time"

// usage is what was handed to the provider lately.
type usage struct {
	thisMinute int
	lastMinute int
	day        int       // in the last 24 hours
	oldest     time.Time // the oldest minute that still counts
}

// allowance says how many of want mails the limits allow now, and until when
// none is when the answer is 0.
//
// The minute is a sliding window: the last minute counts as far as it still
// overlaps. The day is counted by the minute, so it is never exceeded.
func (l Limits) allowance(u usage, want int, now time.Time) (int, time.Time) {
	minute := now.Truncate(time.Minute)
	if l.PerMinute > 0 {
		overlap := 1 - float64(now.Sub(minute))/float64(time.Minute)
		left := l.PerMinute - u.thisMinute - int(float64(u.lastMinute)*overlap)
		if left <= 0 {
			pause := max(time.Minute/time.Duration(l.PerMinute), 100*time.Millisecond)
			if u.thisMinute >= l.PerMinute {
				pause = minute.Add(time.Minute).Sub(now)
			}
			return 0, now.Add(pause)
		}
		want = min(want, left)
	}
	if l.PerDay > 0 {
		left := l.PerDay - u.day
		if left <= 0 {
			return 0, u.oldest.Add(24*time.Hour + time.Minute)
		}
		want = min(want, left)
	}
	return want, time.Time{}
}

// leaving is what mail of a priority may use of the limits: all but login mail
// leaves a tenth, and at least one, so that whoever wants to sign in gets their
// mail while thousands of invitations wait for tomorrow.
func (l Limits) leaving(priority int) Limits {
	if priority <= PriorityLogin {
		return l
	}
	share := func(limit int) int {
		if limit < 2 {
			return limit // too small to share
		}
		return limit - max(1, limit/10)
	}
	l.PerMinute, l.PerDay = share(l.PerMinute), share(l.PerDay)
	return l
}

// limited reports whether anything needs to be counted before sending.
func (l Limits) limited() bool { return l.PerMinute > 0 || l.PerDay > 0 }
