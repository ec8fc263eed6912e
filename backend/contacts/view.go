package contacts

// View is a way of looking at the list that staff keep by name.
type View struct {
	ID      string
	Name    string
	Query   Filter
	Columns []string
}

// Filter says which contacts a list shows and in which order.
type Filter struct {
	Search string   `json:"search"`
	Tags   []string `json:"tags"`
	State  State    `json:"state"` // "" is Active
	Sort   string   `json:"sort"`  // name, created, updated, with a - for descending
}
