package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// Kind is what sort of conversation it is.
type Kind string

// The kinds.
const (
	Direct    Kind = "direct"    // one client and the business; each client has one
	Group     Kind = "group"     // several clients and the business
	Broadcast Kind = "broadcast" // the business writes, clients read
)

// State is what staff have to do with a conversation.
type State string

// The states.
const (
	Waiting State = "waiting" // a client wrote last, nobody answered
	Done    State = "done"
	Snoozed State = "snoozed" // comes back at SnoozedUntil, or when a client writes
)

// Conversation is what is said between the same people. Last is nil before the
// first message that its reader may see; Mark is the reader's own.
type Conversation struct {
	ID           string
	Kind         Kind
	ContactID    string // of a direct one
	Title        string // of the others
	LastSeq, Rev int64
	LastAt       time.Time
	State        State
	SnoozedUntil time.Time
	StaffRead    int64
	Created      time.Time
	Members      int64
	Last         *Message
	Mark         Mark
}

// Unread is how many messages a reader with this mark has not read. Writing one
// reads all before it, so none of them is the reader's own.
func (c Conversation) unread(read int64) int64 { return max(0, c.LastSeq-read) }

// Member takes part in a conversation and sees what came after Since.
type Member struct {
	ContactID string
	Since     int64
}

// Mark is how far somebody has come in a conversation. Delivered is never less than Read.
type Mark struct {
	ContactID string // "" is staff, who are one reader together
	Read      int64
	Delivered int64
}

// prefix of the ids of conversations.
const prefix = "cv"

// DirectID is the id of the conversation between the business and a contact. It
// is made of the contact's, so that it needs no row before the first message.
func DirectID(contactID string) string {
	return prefix + "_" + strings.TrimPrefix(contactID, "ct_")
}

// contactOf is the contact whose conversation an id would be, if it is a direct one.
func contactOf(id string) string { return "ct_" + strings.TrimPrefix(id, prefix+"_") }

// maxTitle is the longest title in characters.
const maxTitle = 80

func normalTitle(title string) (string, error) {
	title = strings.Join(strings.Fields(title), " ")
	switch {
	case title == "":
		return "", fault.InvalidField("title", "chat.title_missing", "Give the conversation a title that everybody in it recognises.")
	case !utf8.ValidString(title):
		return "", fault.InvalidField("title", "chat.not_text", "This holds characters that are not text.")
	case utf8.RuneCountInString(title) > maxTitle:
		return "", fault.InvalidField("title", "chat.title_long", "This title is too long; at most {limit} characters fit.", "limit", maxTitle)
	}
	return title, nil
}
