package contacts

import (
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// Note is what staff wrote about a contact; clients never see it.
type Note struct {
	ID        string
	ContactID string
	Text      string
	Author    string
	Created   time.Time
	Updated   time.Time
}

// maxNote is the longest note in characters.
const maxNote = 20000

func normalNote(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case text == "":
		return "", fault.InvalidField("text", "contacts.note_missing", "Write something first.")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "", fault.InvalidField("text", "contacts.not_text", "This holds characters that are not text.")
	case utf8.RuneCountInString(text) > maxNote:
		return "", fault.InvalidField("text", "contacts.too_long", "This is too long; at most {limit} characters fit.", "limit", maxNote)
	}
	return text, nil
}
