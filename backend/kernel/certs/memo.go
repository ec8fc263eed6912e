package certs

import (
	"slices"
	"time"
)

// memo is what is kept about a name.
type memo struct {
	Directory string
	Activity  State // what the holder of the name's lock is doing; "" when at rest

	Hash                string // of the certificate
	NotBefore, NotAfter time.Time
	Wish                wish

	NextTry  time.Time
	Why      Why
	Failures int // in a row
	Problems []Problem
	Records  []Record

	Rehearsed time.Time
	Worked    Challenge // last time
	Alarms    int       // how many thresholds were passed
}

// wish is when the authority wants the certificate to be renewed (RFC 9773).
type wish struct {
	Start, End, Selected time.Time
	Ask                  time.Time // when to ask again
}

// mostProblems bounds Problems.
const mostProblems = 8

// state is what people are shown.
func (mo memo) state(now time.Time) State {
	switch {
	case mo.Activity != "":
		return mo.Activity
	case !mo.NotAfter.IsZero() && now.After(mo.NotAfter):
		return StateExpired
	case !mo.NotAfter.IsZero() && now.Before(mo.nextRenewal()):
		return StateActive // whatever went wrong before, such as our clock
	case len(mo.Problems) > 0, mo.NextTry.After(now):
		return StateFailing
	case !mo.NotAfter.IsZero():
		return StateActive
	}
	return StateNone
}

// nextRenewal is the authority's wish, but not later than at two thirds of the
// certificate's life (at half of it when it lives less than ten days): what we
// were told may be wrong, what stands in the certificate is not.
func (mo memo) nextRenewal() time.Time {
	if mo.NotAfter.IsZero() {
		return time.Time{}
	}
	life := mo.NotAfter.Sub(mo.NotBefore)
	at := mo.NotBefore.Add(life / 3 * 2)
	if life < 10*24*time.Hour {
		at = mo.NotBefore.Add(life / 2)
	}
	if w := mo.Wish.Selected; !w.IsZero() && w.Before(at) {
		at = w
	}
	return at
}

// task is what should be done now.
type task int

const (
	nothing task = iota
	obtain
	renew
)

// furthest is how far away a next try can lie. One beyond was written when the
// clock was wrong.
const furthest = 8 * 24 * time.Hour

// due says what should be done now.
func (mo memo) due(now time.Time) task {
	switch {
	case mo.NextTry.After(now) && mo.NextTry.Before(now.Add(furthest)):
		return nothing
	case mo.NotAfter.IsZero():
		return obtain
	case !now.Before(mo.nextRenewal()):
		return renew
	}
	return nothing
}

// rehearse says whether an order must be rehearsed first: before the first one,
// unless that was done within a day.
func (mo memo) rehearse(now time.Time) bool {
	return mo.NotAfter.IsZero() && (mo.Rehearsed.IsZero() || now.Sub(mo.Rehearsed) > 24*time.Hour || mo.Rehearsed.After(now))
}

// failed notes a problem and when to try again. Being stopped is no problem, but
// the order that was placed may count; what was dropped need not be waited for.
func (mo *memo) failed(p Problem) {
	mo.Records = nil
	if p.Code == CodeInterrupted {
		if p.Ordered && !p.dropped {
			mo.wait(p.At.Add(interruption(1)), WhyInterrupted)
		}
		return
	}
	mo.Failures++
	mo.Problems = slices.Insert(mo.Problems, 0, p)
	mo.Problems = mo.Problems[:min(len(mo.Problems), mostProblems)]
	mo.wait(p.At.Add(pause(p, mo.Failures)), WhyBackoff)
	if !p.Until.IsZero() {
		mo.wait(p.Until, WhyAuthority)
	}
}

// wait moves the next try to at, unless it lies later already.
func (mo *memo) wait(at time.Time, why Why) {
	if at.After(mo.NextTry) {
		mo.NextTry, mo.Why = at, why
	}
}

// worked forgets what went wrong.
func (mo *memo) worked(c Challenge) {
	mo.Worked, mo.Failures, mo.Problems, mo.Records = c, 0, nil, nil
	mo.NextTry, mo.Why = time.Time{}, ""
}

// thresholds before the end of a certificate at which people are alarmed: 14, 7
// and 3 days, or as much sooner as its life is shorter than 90 days; and the end.
func (mo memo) thresholds() [4]time.Time {
	life := mo.NotAfter.Sub(mo.NotBefore)
	const day = 24 * time.Hour
	return [4]time.Time{
		mo.NotAfter.Add(-min(14*day, life*14/90)), mo.NotAfter.Add(-min(7*day, life*7/90)),
		mo.NotAfter.Add(-min(3*day, life*3/90)), mo.NotAfter,
	}
}

// passed counts the thresholds that lie behind us.
func (mo memo) passed(now time.Time) (n int) {
	if mo.NotAfter.IsZero() {
		return 0
	}
	for _, at := range mo.thresholds() {
		if !now.Before(at) {
			n++
		}
	}
	return n
}

// pause is how long to wait after the nth failure in a row. What goes away by
// itself is tried again soon, what counts against limits seldom, what needs a
// person once in a while.
func pause(p Problem, n int) time.Duration {
	steps := []time.Duration{20 * time.Minute, 40 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour}
	switch p.Code {
	case CodeUnreachable, CodeTimeout, CodeAuthorityFault, CodeStore, CodeRecord, CodeInterrupted, CodeUnknown:
		if !p.Ordered {
			steps = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}
		}
	case CodeRateLimited:
		steps = []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 24 * time.Hour}
	case CodeCAA, CodeRejected, CodeAccountRequired, CodeTerms, CodeContact, CodeRefused, CodeUntrusted, CodeClock, CodeNoChallenge:
		steps = []time.Duration{time.Hour, 3 * time.Hour, 6 * time.Hour}
	}
	return steps[min(max(n-1, 0), len(steps)-1)]
}

// interruption is how long to wait after the nth order of a day in the midst of
// which the program died.
func interruption(n int) time.Duration {
	return min(15*time.Minute<<min(max(n-1, 0), 8), 6*time.Hour)
}
