package overview

import (
	"slices"

	"portico/backend/kernel/events"
)

// Facts are the names of the facts after which a home page or a bell is stale;
// wiring.go subscribes Happened to each.
func Facts() []string {
	var names []string
	for name, known := range sentences {
		if known.home || known.bell || known.client != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Happened tells whoever looks at a page that shows the fact.
func (s *Service) Happened(e events.Event) {
	known := sentences[e.Name]
	if (known.home || known.bell) && (known.only == "" || known.only == string(e.Actor)) {
		s.Live.Changed("overview")
	}
	if e.Subject != "" && known.client != "" && (!known.own || e.Actor == "client") {
		s.Live.ClientChanged(e.Subject, "home")
	}
}
