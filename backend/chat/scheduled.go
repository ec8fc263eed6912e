package chat

import "time"

// Scheduled is a message of the business that is to be sent at a time.
type Scheduled struct {
	ID             string
	ConversationID string
	ClientMsgID    string
	Text           string
	Author         string
	At             time.Time
	Created        time.Time
}
