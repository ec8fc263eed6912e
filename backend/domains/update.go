package domains

import (
	"slices"
	"time"
)

// UpdateState is how far a press of Update Domain has come.
type UpdateState string

// The states. Waiting is for the certificate authority, or for the owner's DNS
// record; it goes on by itself.
const (
	Running   UpdateState = "running"
	Waiting   UpdateState = "waiting"
	Done      UpdateState = "done"
	Failed    UpdateState = "failed"
	Cancelled UpdateState = "cancelled"
)

// StepKey names a step of an update.
type StepKey string

// The steps in their order.
const (
	StepCheck       StepKey = "check"       // the doctor finds nothing that stands against it
	StepTrial       StepKey = "trial"       // the authority's rehearsal, from outside
	StepCertificate StepKey = "certificate" // the real one
	StepSwitch      StepKey = "switch"      // links are made of the new name
)

var stepKeys = []StepKey{StepCheck, StepTrial, StepCertificate, StepSwitch}

// StepState is how far a step has come.
type StepState string

// The states of a step.
const (
	StepTodo    StepState = "todo"
	StepRunning StepState = "running"
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
	StepSkipped StepState = "skipped"
)

// Step is one step of an update. Problem is what it met, told like a finding.
type Step struct {
	Key     StepKey        `json:"key"`
	State   StepState      `json:"state"`
	At      time.Time      `json:"at"` // when it came into that state
	Problem string         `json:"problem"`
	Params  map[string]any `json:"params"`
	Detail  string         `json:"detail"` // the authority's own words
	NextTry time.Time      `json:"next_try"`
}

// Update is one press of Update Domain.
type Update struct {
	ID      string
	Name    string
	State   UpdateState
	Steps   []Step
	Turn    int64 // grows with every change; who changes it names the turn it saw
	Started time.Time
	Ended   time.Time
}

func newUpdate(id, name string, now time.Time) Update {
	u := Update{ID: id, Name: name, State: Running, Started: now}
	for _, key := range stepKeys {
		u.Steps = append(u.Steps, Step{Key: key, State: StepTodo, At: now})
	}
	return u
}

// open reports an update that still goes on.
func (u Update) open() bool { return u.ID != "" && u.Ended.IsZero() }

// current is the step that is to be done; false when all are.
func (u Update) current() (Step, bool) {
	i := slices.IndexFunc(u.Steps, func(s Step) bool { return s.State != StepDone && s.State != StepSkipped })
	if i < 0 {
		return Step{}, false
	}
	return u.Steps[i], true
}

// with puts a step in and says what follows from it for the whole.
func (u Update) with(s Step, now time.Time) Update {
	u.Steps = slices.Clone(u.Steps)
	for i := range u.Steps {
		if u.Steps[i].Key != s.Key {
			continue
		}
		if u.Steps[i].State != s.State {
			s.At = now
		}
		u.Steps[i] = s
	}
	_, more := u.current()
	switch {
	case s.State == StepFailed:
		u.State, u.Ended = Failed, now
	case !more:
		u.State, u.Ended = Done, now
	case s.State == StepRunning && s.Problem != "":
		u.State = Waiting
	default:
		u.State = Running
	}
	return u
}

// cancelled ends it by the owner's wish.
func (u Update) cancelled(now time.Time) Update {
	u.State, u.Ended = Cancelled, now
	return u
}
