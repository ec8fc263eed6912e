package contacts

// Facts of this room. They carry ids and names of fields, and the name at that
// moment for the timeline; nothing else about the person.
type (
	// Created says that a contact is new.
	Created struct {
		ContactID string `json:"contact_id"`
		Name      string `json:"name"`
	}
	// Updated names the fields that changed.
	Updated struct {
		ContactID string   `json:"contact_id"`
		Fields    []string `json:"fields"`
	}
	// Moved says that a contact was archived, unarchived, deleted or restored.
	Moved struct {
		ContactID string `json:"contact_id"`
		What      string `json:"what"`
	}
	// NoteAdded says that staff wrote a note.
	NoteAdded struct {
		ContactID string `json:"contact_id"`
		NoteID    string `json:"note_id"`
	}
	// Purged says that a contact was erased for good: other rooms forget it too.
	// It has no subject, for there is nobody left to whose timeline it belongs.
	Purged struct {
		ContactID string `json:"contact_id"`
	}
)

// FactName implements db.Fact.
func (Created) FactName() string { return "contacts.created" }

// Subject implements db.Fact.
func (f Created) Subject() string { return f.ContactID }

// FactName implements db.Fact.
func (Updated) FactName() string { return "contacts.updated" }

// Subject implements db.Fact.
func (f Updated) Subject() string { return f.ContactID }

// FactName implements db.Fact.
func (f Moved) FactName() string { return "contacts." + f.What }

// Subject implements db.Fact.
func (f Moved) Subject() string { return f.ContactID }

// FactName implements db.Fact.
func (NoteAdded) FactName() string { return "contacts.note_added" }

// Subject implements db.Fact.
func (f NoteAdded) Subject() string { return f.ContactID }

// FactName implements db.Fact.
func (Purged) FactName() string { return "contacts.purged" }

// Subject implements db.Fact.
func (Purged) Subject() string { return "" }
