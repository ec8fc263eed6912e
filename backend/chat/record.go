package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// record is a conversation as it is exported: what everybody in it sees, without
// internal notes.
type record struct {
	ConversationID string
	Title          string
	Messages       []Message
	Made           time.Time
	Zone           *time.Location
	Lines          string // one JSON object a message, in the order of seq
	SHA256         string // of Lines
}

// line is a message in the record; the order of its fields is part of the format.
type line struct {
	Seq     int64      `json:"seq"`
	ID      string     `json:"id"`
	At      string     `json:"at"`
	Kind    string     `json:"kind"` // client or staff
	Author  string     `json:"author"`
	Contact string     `json:"contact_id,omitempty"`
	ReplyTo int64      `json:"reply_to,omitempty"`
	Text    string     `json:"text"`
	Files   []lineFile `json:"files,omitempty"`
	Edited  string     `json:"edited_at,omitempty"`
	Deleted string     `json:"deleted_at,omitempty"`
}

type lineFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// seal writes the lines of a record and what proves that nobody changed them.
func (r *record) seal() error {
	var b strings.Builder
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	for _, m := range r.Messages {
		l := line{Seq: m.Seq, ID: m.ID, At: stamp(m.Created), Kind: author(m.AuthorID, "").Kind, Author: m.Author, Contact: m.AuthorID, ReplyTo: m.ReplyTo, Text: m.Text,
			Edited: stamp(m.Edited), Deleted: stamp(m.Deleted)}
		for _, f := range m.Files {
			l.Files = append(l.Files, lineFile{f.Name, f.Size, f.SHA256})
		}
		if err := lines.Encode(l); err != nil {
			return err
		}
	}
	r.Lines = b.String()
	sum := sha256.Sum256([]byte(r.Lines))
	r.SHA256 = hex.EncodeToString(sum[:])
	return nil
}

// stamp is a time in the record; "" is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// shownTime is a time as readers of an export see it.
func (r *record) shownTime(t time.Time) string { return t.In(r.Zone).Format("2006-01-02 15:04 MST") }
