package mail

import (
	"fmt"
	"log/slog"
	"time"
)

// Step is how far a connection or a mail had come. Values are stable: they are
// stored with a delivery attempt and shown by the test button.
type Step string

// The steps, in the order in which they happen. With SecurityTLS the TLS step
// comes before the greeting; with SecurityStartTLS it is part of StepStartTLS.
const (
	StepCheck     Step = "check"      // our own validation; nothing has left this machine
	StepConnect   Step = "connect"    // name lookup and TCP
	StepTLS       Step = "tls"        // implicit TLS handshake
	StepGreeting  Step = "greeting"   // waiting for the server's 220
	StepHello     Step = "hello"      // EHLO
	StepStartTLS  Step = "starttls"   // STARTTLS, its handshake and the second EHLO
	StepAuth      Step = "auth"       // AUTH PLAIN or LOGIN
	StepSender    Step = "sender"     // MAIL FROM
	StepRecipient Step = "recipient"  // RCPT TO
	StepData      Step = "data"       // DATA and the content, up to the final dot
	StepAfterData Step = "after_data" // the final dot is on its way; the verdict is open
	StepStore     Step = "store"      // mail as files: writing to the folder
)

// Class says what kind of trouble it is, and thereby what may be done about it.
// Values are stable: they are stored with a delivery attempt.
type Class string

// The classes. "Attempt" means one of the tries the outbox allows a mail.
const (
	Offline         Class = "offline"          // the server was not reached: no attempt is used up
	Temporary       Class = "temporary"        // 4xx or a broken connection: try again later
	Permanent       Class = "permanent"        // 5xx: the same mail will be refused again
	BadRecipient    Class = "bad_recipient"    // the address does not exist: mark it
	Auth            Class = "auth"             // login refused: pause the account, ask a person
	Certificate     Class = "certificate"      // the server cannot prove its name: pause the account
	InsecureRefused Class = "insecure_refused" // we refused to continue without encryption
	Policy          Class = "policy"           // 5.7.x: refused on suspicion or by a rule
	Limit           Class = "limit"            // sent too much or too fast: slow down, see Problem.Wait
	Unknown         Class = "unknown"          // reply lost after the final dot: accepted or not, nobody knows
	Invalid         Class = "invalid"          // our own validation refused the input
	Cancelled       Class = "cancelled"        // the caller stopped before the content was complete
)

// AboutAccount reports whether the trouble lies with the account or the network
// and not with this one mail: every other mail of the account would fail alike,
// so none of them should lose an attempt over it.
func (c Class) AboutAccount() bool {
	switch c {
	case Offline, Auth, Certificate, InsecureRefused, Limit, Cancelled:
		return true
	default:
		return false
	}
}

// Problem is the only kind of error this package returns. Its exported fields
// may be stored; Key alone is enough to rebuild the Meaning later.
type Problem struct {
	Step     Step
	Class    Class
	Code     int           // the server's reply code, 0 when it gave none
	Enhanced string        // RFC 3463 code such as "5.1.1", or ""
	Reply    string        // the server's own words after the code, lines joined by "\n"; personal data: keep out of logs
	Key      string        // catalogue key of the meaning, e.g. "mail.auth_refused"
	Field    string        // with Invalid: which input, e.g. "host", "to", "header"
	Wait     time.Duration // the least pause that makes sense before a retry, 0 for the caller's own backoff
	Stale    bool          // a kept-open connection had ended; nothing of this mail was handed over: dial again and send at once, no attempt is used
	Err      error         // the cause when it was not a reply: network, TLS, context, disk
}

// Error names step, class and codes, never the server's words: those often
// repeat the recipient's address, and errors end up in logs.
func (p *Problem) Error() string {
	s := fmt.Sprintf("mail: %s: %s (%s)", p.Step, p.Class, p.Key)
	if p.Code != 0 {
		s += fmt.Sprintf(" %d", p.Code)
	}
	if p.Enhanced != "" {
		s += " " + p.Enhanced
	}
	if p.Field != "" {
		s += " in " + p.Field
	}
	if p.Err != nil {
		s += ": " + p.Err.Error()
	}
	return s
}

// Unwrap gives the cause, so that errors.Is(err, context.Canceled) works.
func (p *Problem) Unwrap() error { return p.Err }

// LogValue logs the codes and leaves the server's words out.
func (p *Problem) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("step", string(p.Step)),
		slog.String("class", string(p.Class)),
		slog.String("key", p.Key),
		slog.Int("code", p.Code),
		slog.String("enhanced", p.Enhanced),
	)
}

// Meaning says what happened and what to do, in plain English. A key that this
// version no longer knows falls back to the sentence of the class.
func (p *Problem) Meaning() Meaning {
	if m, ok := MeaningOf(p.Key); ok {
		return m
	}
	m, _ := MeaningOf("mail." + string(p.Class))
	return m
}

// invalid is a refusal by our own validation: nothing has left this machine.
func invalid(field, key string) *Problem {
	return &Problem{Step: StepCheck, Class: Invalid, Field: field, Key: key}
}
