package chat

import (
	"time"

	"portico/backend/kernel/fault"
)

// Note is what staff wrote for staff inside a conversation, behind the message
// AfterSeq. It never leaves the business.
type Note struct {
	ID             string
	ConversationID string
	AfterSeq       int64
	Text           string
	Author         string
	Created        time.Time
	Edited         time.Time
	Deleted        time.Time
}

func normalNote(text string) (string, error) {
	text, err := normalText(text)
	if err == nil && text == "" {
		err = fault.New(fault.Invalid, "chat.empty", "Write something first.")
	}
	return text, inField("text", err)
}

// inField says which field of a form a fault is about.
func inField(name string, err error) error {
	var c fault.Collector
	c.Add(name, err)
	return c.Fault()
}
