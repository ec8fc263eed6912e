package access

import "time"

// How long a client's session lives (NIST SP 800-63B AAL1 asks for at most 30
// days) and how many a contact can have.
const (
	sessionIdle     = 14 * 24 * time.Hour
	sessionAbsolute = 30 * 24 * time.Hour
	maxSessions     = 20
	// seenEvery is how often a running session is written down.
	seenEvery = time.Minute
)

// staffSessionLife is how long a browser stays signed in to the dashboard on the
// loopback listener.
const staffSessionLife = 12 * time.Hour

// staffLinkLife is how long a one-time address of the dashboard waits.
const staffLinkLife = 15 * time.Minute

// Session is a browser in which a client is signed in.
type Session struct {
	ID        string
	ContactID string
	Epoch     int64
	LinkID    string
	Browser   string // "Firefox on Linux"
	Created   time.Time
	LastSeen  time.Time
	Expires   time.Time
}

// Ended reports whether a session is over by age or idleness.
func (s Session) Ended(now time.Time) bool {
	return !now.Before(s.Expires) || now.Sub(s.LastSeen) >= sessionIdle
}
