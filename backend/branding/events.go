package branding

// Changed says that the business looks different now.
type Changed struct {
	Version int64    `json:"version"`
	Fields  []string `json:"fields"` // as the API names them; pictures by their kind
}

// FactName implements db.Fact.
func (Changed) FactName() string { return "branding.changed" }

// Subject implements db.Fact: it is about no contact.
func (Changed) Subject() string { return "" }
