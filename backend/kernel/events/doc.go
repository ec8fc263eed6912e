// Package events keeps facts: what happened, in the past tense, in the commit
// that made it true. After the commit each fact is delivered at least once to
// the handlers that wiring.go lists for it; a handler that fails is tried again
// alone. The rows stay: they are the timeline of a contact.
//
// Tables: events. Deliveries are jobs of kind "fact".
package events
