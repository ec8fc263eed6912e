package chat

import (
	"strings"
	"time"

	"portico/backend/kernel/fault"
)

// Reply is a text that staff use again and again. It may mention custom values.
type Reply struct {
	ID      string
	Title   string
	Text    string
	Created time.Time
}

func (r Reply) normalised() (Reply, error) {
	var c fault.Collector
	title, err := normalTitle(r.Title)
	if err != nil {
		c.Add("title", err)
	}
	text, err := normalNote(r.Text)
	if err != nil {
		c.Add("text", err)
	}
	r.Title, r.Text = title, text
	return r, c.Fault()
}

// less orders replies as people look for them.
func (r Reply) less(other Reply) int {
	if n := strings.Compare(strings.ToLower(r.Title), strings.ToLower(other.Title)); n != 0 {
		return n
	}
	return strings.Compare(r.ID, other.ID)
}
