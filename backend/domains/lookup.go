package domains

import "time"

// Lookup is what one DNS server says about a name, for the live view.
type Lookup struct {
	Side    string    `json:"side"` // authoritative, public or system
	Server  string    `json:"server"`
	Address string    `json:"address"`
	Answers []string  `json:"answers"`
	TTL     int64     `json:"ttl"`   // seconds left
	Until   time.Time `json:"until"` // when that answer is forgotten
	Serial  uint32    `json:"serial"`
	Rcode   string    `json:"rcode"` // NOERROR, NXDOMAIN …; "" without an answer
	Right   bool      `json:"right"` // says what it has to say
	Silent  bool      `json:"silent"`
}

// The sides of a lookup.
const (
	SideAuthoritative = "authoritative"
	SidePublic        = "public"
	SideSystem        = "system"
)

// Check is what the doctor found at a time.
type Check struct {
	Name     string
	At       time.Time
	Ready    bool          // nothing stands against Update Domain
	Settled  time.Time     // when it is time for it; zero while something does
	Kept     time.Duration // the longest that anybody may keep what stood there before it was right
	Findings []Finding
	Lookups  []Lookup
	Host     string // id of the DNS host, "" when it is not known
	Apex     string // the zone, as DNS knows it; "" before it was found
}

// Notice is what the owner was told without having asked.
type Notice struct {
	ID     string
	At     time.Time
	Level  Severity
	Code   string
	About  string // the same code is told once about the same thing
	Params map[string]any
}

// mostKept bounds how long old answers are waited for: who set them to be kept for
// days has the authority's own word for it in the end.
const mostKept = time.Hour

// settle says when the world has forgotten what was wrong: as long after it is
// right as anybody may have kept the old answer, and a moment for those who asked
// just before. What was right from the beginning needs no waiting.
func (c Check) settle(before *Check, moment, most time.Duration) Check {
	if before != nil {
		c.Kept = before.Kept
	}
	if !c.Ready {
		c.Kept = max(c.Kept, moment)
		for _, l := range c.Lookups {
			if l.Side == SideAuthoritative {
				c.Kept = min(max(c.Kept, time.Duration(l.TTL)*time.Second), most)
			}
		}
		return c
	}
	if before != nil && before.Ready {
		c.Settled = before.Settled
		return c
	}
	c.Settled = c.At.Add(c.Kept)
	return c
}

// timely reports that Update Domain may be pressed.
func (c Check) timely(now time.Time) bool { return c.Ready && !now.Before(c.Settled) }
