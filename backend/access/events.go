package access

// Facts of this room; Subject is always the contact.
type (
	// Invited says that an invitation was queued. Again is true for a resend.
	Invited struct {
		ContactID string `json:"contact_id"`
		LinkID    string `json:"link_id"`
		Again     bool   `json:"again"`
	}
	// LinkMade says that staff made a link or sent a login mail.
	LinkMade struct {
		ContactID string `json:"contact_id"`
		LinkID    string `json:"link_id"`
		Kind      Kind   `json:"kind"`
		Target    string `json:"target"`
	}
	// LinkOpened says that a browser navigated to a link for the first time.
	LinkOpened struct {
		ContactID string `json:"contact_id"`
		LinkID    string `json:"link_id"`
		Kind      Kind   `json:"kind"`
		Browser   string `json:"browser"`
	}
	// LinkRevoked says that staff ended a link; an invitation has a word of its own.
	LinkRevoked struct {
		ContactID string `json:"contact_id"`
		LinkID    string `json:"link_id"`
		Kind      Kind   `json:"kind"`
	}
	// LoginRequested says that a client asked for a login mail and gets one.
	LoginRequested struct {
		ContactID string `json:"contact_id"`
		Browser   string `json:"browser"`
	}
	// Joined says that a contact signed in for the first time.
	Joined struct {
		ContactID string `json:"contact_id"`
		Invited   bool   `json:"invited"`
	}
	// SignedIn says that a session began. New is true in a kind of browser not
	// seen before; it is false for the first of all.
	SignedIn struct {
		ContactID string `json:"contact_id"`
		SessionID string `json:"session_id"`
		Browser   string `json:"browser"`
		New       bool   `json:"new"`
	}
	// SignedOut says that a client ended one session.
	SignedOut struct {
		ContactID string `json:"contact_id"`
		SessionID string `json:"session_id"`
	}
	// Changed says what staff decided: suspended, restored or signed_out_everywhere.
	Changed struct {
		ContactID string `json:"contact_id"`
		What      string `json:"what"`
	}
)

// FactName implements db.Fact.
func (Invited) FactName() string { return "access.invited" }

// FactName implements db.Fact.
func (LinkMade) FactName() string { return "access.link_made" }

// FactName implements db.Fact.
func (LinkOpened) FactName() string { return "access.link_opened" }

// FactName implements db.Fact.
func (f LinkRevoked) FactName() string {
	if f.Kind == Invite {
		return "access.invitation_revoked"
	}
	return "access.link_revoked"
}

// FactName implements db.Fact.
func (LoginRequested) FactName() string { return "access.login_requested" }

// FactName implements db.Fact.
func (Joined) FactName() string { return "access.joined" }

// FactName implements db.Fact.
func (SignedIn) FactName() string { return "access.signed_in" }

// FactName implements db.Fact.
func (SignedOut) FactName() string { return "access.signed_out" }

// FactName implements db.Fact.
func (f Changed) FactName() string { return "access." + f.What }

// Subject implements db.Fact.
func (f Invited) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f LinkMade) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f LinkOpened) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f LinkRevoked) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f LoginRequested) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f Joined) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f SignedIn) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f SignedOut) Subject() string { return f.ContactID }

// Subject implements db.Fact.
func (f Changed) Subject() string { return f.ContactID }
