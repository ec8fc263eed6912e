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
	Ready    bool // nothing stands against Update Domain
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
