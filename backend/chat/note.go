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
	if err != nil {
		var c fault.Collector
		c.Add("text", err)
		return "", c.Fault()
	}
	return text, nil
}
