package chat

// Facts of this room. None carries what was said.
type (
	// Created says that staff began a group or a broadcast.
	Created struct {
		ConversationID string `json:"conversation_id"`
		Kind           string `json:"kind"`
		Title          string `json:"title"`
	}
	// Wrote says that a client wrote and nobody had to answer before: the first of
	// what may be many messages.
	Wrote struct {
		ContactID      string `json:"contact_id"`
		ConversationID string `json:"conversation_id"`
	}
	// Answered says that staff answered a client who waited.
	Answered struct {
		ContactID      string `json:"contact_id"`
		ConversationID string `json:"conversation_id"`
	}
)

// FactName implements db.Fact.
func (Created) FactName() string { return "chat.created" }

// Subject implements db.Fact.
func (Created) Subject() string { return "" }

// FactName implements db.Fact.
func (Wrote) FactName() string { return "chat.wrote" }

// Subject implements db.Fact.
func (f Wrote) Subject() string { return f.ContactID }

// FactName implements db.Fact.
func (Answered) FactName() string { return "chat.answered" }

// Subject implements db.Fact.
func (f Answered) Subject() string { return f.ContactID }
