package outbox

import (
	"time"

	"portico/backend/kernel/mail"
)

// schedule is how long to wait after the first, second … refused try; after the
// last entry every four hours, until maxAttempts tries have taken five days.
var schedule = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

const (
	maxAttempts = 36
	// unknownWait: greylisting and slow queues are over by then, and a person who
	// waits for a link has not given up yet.
	unknownWait = 15 * time.Minute
	firstProbe  = 30 * time.Second
	lastProbe   = 5 * time.Minute
	firstHold   = time.Minute
	lastHold    = 15 * time.Minute
)

// outcome is what becomes of a mail, and of the account, after a try.
type outcome struct {
	state    State
	attempts int
	unknowns int
	next     time.Time // when the mail is due again; zero: never by itself
	code     int
	enhanced string
	reply    string
	problem  string
	suppress bool // the address does not exist
	account  verdict
	trouble  *mail.Problem // what the account met
	wait     time.Duration // of a hold
}

// verdict is what a try says about the account.
type verdict int

const (
	accountFine verdict = iota
	accountPause
	accountOffline
	accountHold
)

// backoff is the pause after the given number of refused tries; dice in [0,1)
// spreads it by a fifth both ways, so that mails refused together do not return together.
func backoff(attempts int, dice float64) time.Duration {
	step := schedule[min(max(attempts, 1), len(schedule))-1]
	return time.Duration(float64(step) * (0.8 + 0.4*dice))
}

// probePause and holdPause double from try to try.
func probePause(probes int) time.Duration { return min(firstProbe<<min(probes, 8), lastProbe) }
func holdPause(holds int) time.Duration   { return min(firstHold<<min(holds, 8), lastHold) }

// judge says whether trouble is about the account or the network, so that every
// other mail would meet it too. Such trouble costs the mail nothing.
func judge(p *mail.Problem) verdict {
	early := before(p.Step, mail.StepSender)
	switch p.Class {
	case mail.Auth:
		return accountPause
	case mail.Limit:
		return accountHold
	case mail.Offline, mail.Certificate, mail.InsecureRefused:
		// A wrong certificate or missing encryption is what a public network's login
		// page looks like: nothing was sent, and it heals when the network does.
		return accountOffline
	case mail.Temporary:
		if early || p.Step == mail.StepStore {
			return accountOffline
		}
	case mail.Permanent, mail.Policy:
		if early || (p.Step == mail.StepSender && p.Key != "mail.too_large") {
			return accountPause
		}
	case mail.Invalid:
		switch p.Field {
		case "host", "port", "security", "username", "password", "from", "helo_name":
			return accountPause
		}
	}
	return accountFine
}

var order = []mail.Step{mail.StepCheck, mail.StepConnect, mail.StepTLS, mail.StepGreeting, mail.StepHello, mail.StepStartTLS, mail.StepAuth}

// before reports whether a step comes before the one at which a mail begins.
// Our own checks are no step of the connection.
func before(step, sender mail.Step) bool {
	for _, s := range order[1:] {
		if s == step {
			return step != sender
		}
	}
	return false
}

// decide is the state machine: m as it was before the try, p what went wrong.
func decide(m Message, p *mail.Problem, now time.Time, dice float64) outcome {
	o := outcome{state: m.State, attempts: m.Attempts, unknowns: m.Unknowns, next: due(m, now),
		code: p.Code, enhanced: p.Enhanced, reply: p.Reply, problem: p.Key}
	if p.Class == mail.Unknown {
		return lost(m, now)
	}
	if o.account = judge(p); o.account != accountFine || p.Class == mail.Cancelled {
		o.wait, o.trouble = p.Wait, p
		o.code, o.enhanced, o.reply, o.problem = m.Code, m.Enhanced, m.Reply, m.Problem
		return o
	}
	o.attempts++
	if p.Class == mail.Temporary && o.attempts < maxAttempts {
		o.state = StateRetry
		o.next = now.Add(max(backoff(o.attempts, dice), p.Wait))
		return o
	}
	o.state, o.next = StateFailed, time.Time{}
	o.suppress = p.Class == mail.BadRecipient
	return o
}

// lost is a mail whose content left without an answer coming back: a dropped
// connection after the final dot, or a crash. The first time it is tried once
// more, with the same Message-ID so that a double can be recognised.
func lost(m Message, now time.Time) outcome {
	o := outcome{state: StateUnknown, attempts: m.Attempts, unknowns: m.Unknowns + 1, problem: "mail.unknown"}
	switch {
	case m.Kind.triedOnce():
		o.problem = "mail.unknown_login"
	case o.unknowns == 1:
		o.next = now.Add(unknownWait)
	}
	return o
}

// due is when a mail that lost nothing is due again: when it was.
func due(m Message, now time.Time) time.Time {
	if m.NextAt.IsZero() {
		return now
	}
	return m.NextAt
}

// ended is a mail that is not sent at all.
func ended(m Message, state State, key string) outcome {
	if m.State == StateUnknown {
		// It may have arrived; that its link was used since rather says so.
		state, key = StateUnknown, m.Problem
	}
	return outcome{state: state, attempts: m.Attempts, unknowns: m.Unknowns, code: m.Code, enhanced: m.Enhanced, reply: m.Reply, problem: key}
}

// delivered is a mail that the server took.
func delivered(m Message, r mail.Receipt) outcome {
	return outcome{state: StateAccepted, attempts: m.Attempts + 1, unknowns: m.Unknowns, code: r.Code, reply: r.Text}
}
