package chat

import (
	"context"

	"portico/backend/kernel/db"
)

// Person is what this room must know of a contact.
type Person struct {
	ID       string
	Name     string
	Email    string
	Language string
	TimeZone string // IANA
	PhotoURL *string
}

// People answers for contacts.
type People interface {
	// Persons answers those of the contacts that are not deleted.
	Persons(ctx context.Context, q db.Q, contactIDs []string) (map[string]Person, error)
}

// Live pushes to open windows.
type Live interface {
	// Changed tells staff that what they see of a topic may be stale.
	Changed(topic string, ids ...string)
	// ToStaff and ToClients push a frame to whoever of them is looking.
	ToStaff(frame any)
	ToClients(contactIDs []string, frame any)
	// Tell lets other nodes know how far a conversation has come; they read the rest.
	Tell(conversationID string, rev int64)
	// TellMarks lets them know that somebody has read on.
	TellMarks(conversationID string)
	// Online answers which of the contacts have a window open.
	Online(ctx context.Context, contactIDs []string) map[string]bool
}
