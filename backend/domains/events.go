package domains

// Switched says that the portal has another address now.
type Switched struct {
	Name string `json:"name"` // "" is the default address
	From string `json:"from"`
}

// FactName implements db.Fact.
func (Switched) FactName() string { return "domains.switched" }

// Subject implements db.Fact: it is about no contact.
func (Switched) Subject() string { return "" }
