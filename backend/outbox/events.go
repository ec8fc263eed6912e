package outbox

// Accepted: a mail server took responsibility for a mail.
type Accepted struct {
	MailID    string `json:"mail_id"`
	ContactID string `json:"contact_id"`
	Kind      Kind   `json:"kind"`
	Link      string `json:"link"` // selector
}

// FactName implements db.Fact.
func (Accepted) FactName() string { return "mail.accepted" }

// Subject implements db.Fact.
func (a Accepted) Subject() string { return a.ContactID }

// Failed: a mail was given up.
type Failed struct {
	MailID    string `json:"mail_id"`
	ContactID string `json:"contact_id"`
	Kind      Kind   `json:"kind"`
	Link      string `json:"link"`    // selector
	Problem   string `json:"problem"` // key of the meaning: `mail.recipient_unknown`
}

// FactName implements db.Fact.
func (Failed) FactName() string { return "mail.failed" }

// Subject implements db.Fact.
func (f Failed) Subject() string { return f.ContactID }
