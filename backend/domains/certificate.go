package domains

import (
	"time"

	"portico/backend/kernel/certs"
)

// Certificate is how the certificate of a name stands.
type Certificate struct {
	Status  certs.Status
	History []certs.Entry
}

// alarms are the days before the end at which the owner is told, of a certificate
// that lives 90 days, and 0 for after it. One that lives for less has as much less.
var alarms = []int{14, 7, 3, 0}

const longLife, day = 90, 24 * time.Hour

// alarm is the narrowest of the alarms that a certificate has reached; false when
// there is none to raise.
func alarm(s certs.Status, now time.Time) (stage int, due bool) {
	if s.NotAfter.IsZero() {
		return 0, false
	}
	life := min(s.NotAfter.Sub(s.NotBefore), longLife*day)
	for _, d := range alarms {
		if now.Before(s.NotAfter.Add(-life / longLife * time.Duration(d))) {
			break
		}
		stage, due = d, true
	}
	return stage, due
}

// left is within how many days a certificate ends, at least one.
func left(s certs.Status, now time.Time) int {
	return max(int((s.NotAfter.Sub(now)+day-1)/day), 1)
}

// good reports a certificate that browsers take now.
func good(s certs.Status, now time.Time) bool {
	return now.Before(s.NotAfter) && !now.Before(s.NotBefore.Add(-time.Minute))
}

// progress is what the status of a certificate means for the two steps that get it.
// rehearses says that the authority has a place for that.
func progress(s certs.Status, step Step, rehearses bool, now time.Time) Step {
	trial := step.Key == StepTrial
	switch {
	case trial && !s.Rehearsed.IsZero(), !trial && good(s, now):
		step.State = StepDone
	case trial && (good(s, now) || !rehearses):
		step.State = StepSkipped // not needed, or the authority has no place for it
	default:
		step.State = StepRunning
	}
	step.Problem, step.Params, step.Detail, step.NextTry = "", nil, "", time.Time{}
	if step.State != StepRunning {
		return step
	}
	switch {
	case s.State == certs.StateWaitingDNS:
		step.Problem = "certificate.waiting_dns"
	case s.Problem != nil:
		step.Problem, step.Params, step.Detail, step.NextTry = "certificate."+string(s.Problem.Code), problemParams(s), s.Problem.Detail, s.NextTry
	case s.NextTry.After(now):
		step.Problem, step.Params, step.NextTry = "certificate.wait_"+string(s.Why), problemParams(s), s.NextTry
	}
	return step
}

// problemParams are what the words of a problem may name.
func problemParams(s certs.Status) map[string]any {
	p := map[string]any{"name": display(s.Name)}
	if s.Problem != nil {
		p["challenge"] = string(s.Problem.Challenge)
	}
	return p
}
