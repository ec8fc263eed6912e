package certs

import "time"

// State is what the screen shows about a name.
type State string

// The states.
const (
	StateNone       State = "none"        // not managed, or nothing has been tried
	StateWaitingDNS State = "waiting_dns" // an order waits for the TXT records in Status.Records
	StateChecking   State = "checking"    // the order is being rehearsed at the staging area
	StateObtaining  State = "obtaining"   // the first certificate is being ordered
	StateActive     State = "active"
	StateRenewing   State = "renewing"
	StateFailing    State = "failing" // the last try did not work; NextTry says when the next one is
	StateExpired    State = "expired" // the certificate that is served has ended
)

// Why is the reason for which NextTry lies where it lies.
type Why string

// The reasons.
const (
	WhyBackoff     Why = "backoff"     // the pause after a failure
	WhyFailures    Why = "failures"    // our own limit of failed validations an hour
	WhyOrders      Why = "orders"      // our own limit of orders a day
	WhyAuthority   Why = "authority"   // the authority said when (Retry-After, "retry after")
	WhyInterrupted Why = "interrupted" // Portico stopped in the middle of an order
)

// Challenge is a way to prove that a name is ours.
type Challenge string

// The challenges.
const (
	HTTP01    Challenge = "http-01"
	TLSALPN01 Challenge = "tls-alpn-01"
	DNS01     Challenge = "dns-01"
)

// Status is what is known about a name, from the store: every node answers the same.
type Status struct {
	Name    string
	Managed bool // by this process
	State   State

	// Of the certificate that is served; zero while it is the internal one.
	Directory string
	NotBefore time.Time
	NotAfter  time.Time
	// NextRenewal is when it will be renewed: the authority's wish (ARI) or two
	// thirds of its life.
	NextRenewal time.Time

	// NextTry is when the next attempt may begin, zero when nothing waits; Why says
	// what it waits for.
	NextTry time.Time
	Why     Why

	// Problem is why the last attempt failed, nil while all is well. Problems are
	// those of every challenge that was tried since the last success, newest first.
	Problem  *Problem
	Problems []Problem

	// Records must be published while the state is StateWaitingDNS.
	Records []Record

	// Rehearsed is when the staging area last said yes.
	Rehearsed time.Time
	Left      Left
}

// Expired reports that the served certificate has ended.
func (s Status) Expired(now time.Time) bool { return !s.NotAfter.IsZero() && now.After(s.NotAfter) }

// Left is what our own limiter still allows now.
type Left struct {
	Failures int // failed validations this hour
	Orders   int // orders this day
}

// Record is a TXT record that proves a name. Name has no trailing dot.
type Record struct {
	Name  string
	Value string
}

// Kind says what an Entry is about.
type Kind string

// The kinds of entries.
const (
	KindState       Kind = "state"       // State changed
	KindLine        Kind = "line"        // Text: what happens with the authority, in the library's words
	KindProblem     Kind = "problem"     // Problem: an attempt failed; Until is the next try
	KindWait        Kind = "wait"        // the next attempt must wait Until, Why
	KindRehearsed   Kind = "rehearsed"   // the staging area said yes
	KindIssued      Kind = "issued"      // a new certificate, good Until
	KindInterrupted Kind = "interrupted" // an attempt was found that nobody ended
	KindResumed     Kind = "resumed"     // the computer slept or its clock was set
	KindDamaged     Kind = "damaged"     // a stored certificate cannot be read and is ordered anew
	KindAlarm       Kind = "alarm"       // Days (14, 7, 3) until the certificate ends; 0: it has ended
)

// Entry is a line of the history of a name, and what Config.Notify is told.
type Entry struct {
	ID      string
	Name    string
	At      time.Time
	Kind    Kind
	State   State     `json:",omitempty"`
	Why     Why       `json:",omitempty"`
	Until   time.Time `json:",omitzero"`
	Days    int       `json:",omitempty"`
	Text    string    `json:",omitempty"`
	Problem *Problem  `json:",omitempty"`
}

// TooSoon is the error of Retry while a limit holds.
type TooSoon struct {
	Until time.Time
	Why   Why
}

// Error is for logs.
func (e *TooSoon) Error() string {
	return "certs: not before " + e.Until.Format(time.RFC3339) + " (" + string(e.Why) + ")"
}
