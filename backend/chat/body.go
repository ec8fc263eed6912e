package chat

import "time"

// The shapes in which messages leave, over HTTP and in frames alike. Those for
// clients are types of their own, so that nothing is shown to them by accident.

// ClientMessage is a message as clients see it.
type ClientMessage struct {
	ID             string         `json:"id"`
	ConversationID string         `json:"conversation_id"`
	Seq            int64          `json:"seq" doc:"1, 2, 3 … without gaps in the conversation"`
	Rev            int64          `json:"rev" doc:"Grows with every new or changed message of the conversation, without gaps"`
	ClientMsgID    string         `json:"client_msg_id"`
	Author         MessageAuthor  `json:"author"`
	Text           string         `json:"text" doc:"As it was written; empty when the message was deleted"`
	HTML           string         `json:"html" doc:"The text, formatted and safe to show"`
	ReplyTo        *MessageQuote  `json:"reply_to"`
	Reactions      []ReactionBody `json:"reactions"`
	Attachments    []FileBody     `json:"attachments" doc:"Not in lists of conversations, which say only how many there are"`
	FileCount      int64          `json:"attachment_count"`
	CreatedAt      time.Time      `json:"created_at"`
	EditedAt       *time.Time     `json:"edited_at"`
	DeletedAt      *time.Time     `json:"deleted_at"`
}

// MessageAuthor is who wrote.
type MessageAuthor struct {
	Kind      string  `json:"kind" enum:"client,staff"`
	ContactID *string `json:"contact_id" doc:"Of a client"`
	Name      string  `json:"name" doc:"When they wrote; empty for staff who gave no name, and for people who were erased"`
}

// MessageQuote is what a message answers.
type MessageQuote struct {
	Seq     int64         `json:"seq"`
	Author  MessageAuthor `json:"author"`
	Excerpt string        `json:"excerpt" doc:"Empty when that message was deleted"`
}

// ReactionBody is an emoji and who chose it.
type ReactionBody struct {
	Emoji string   `json:"emoji"`
	By    []string `json:"by" doc:"Ids of contacts, or staff"`
}

// FileBody is a file in a message.
type FileBody struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Type     string  `json:"type" doc:"MIME; application/octet-stream for what browsers must not open"`
	Size     int64   `json:"size" doc:"Bytes"`
	Kind     string  `json:"kind" enum:"image,audio,video,pdf,file" doc:"How to show it"`
	Width    int64   `json:"width" doc:"Of the picture at thumb_url, in pixels"`
	Height   int64   `json:"height"`
	URL      string  `json:"url" doc:"The original, to be saved"`
	ThumbURL *string `json:"thumb_url" doc:"Of a picture: what is shown of it"`
}

// StaffMessage is a message as staff see it.
type StaffMessage struct{ ClientMessage }

func clientMessage(m Message) ClientMessage { return message(m, "/api/portal/chat/conversations/") }

func staffMessage(m Message) StaffMessage {
	return StaffMessage{message(m, "/api/staff/chat/conversations/")}
}

// message is the shape for whoever finds files under a path.
func message(m Message, path string) ClientMessage {
	out := ClientMessage{ID: m.ID, ConversationID: m.ConversationID, Seq: m.Seq, Rev: m.Rev, ClientMsgID: m.ClientMsgID, Author: author(m.AuthorID, m.Author),
		Text: m.Text, HTML: formatted(m.Text), Reactions: []ReactionBody{}, Attachments: []FileBody{}, FileCount: m.files, CreatedAt: m.Created, EditedAt: orNull(m.Edited), DeletedAt: orNull(m.Deleted)}
	for _, r := range m.Reactions {
		out.Reactions = append(out.Reactions, ReactionBody(r))
	}
	if q := m.Quoted; q != nil {
		out.ReplyTo = &MessageQuote{q.Seq, author(q.AuthorID, q.Author), q.Excerpt}
	}
	for _, a := range m.Files {
		out.Attachments = append(out.Attachments, fileBody(a, path))
	}
	return out
}

func fileBody(a Attachment, path string) FileBody {
	out := FileBody{ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, Kind: a.Kind, Width: a.Width, Height: a.Height, URL: path + a.ConversationID + "/attachments/" + a.ID}
	if a.Thumb != "" {
		thumb := out.URL + "/thumb"
		out.ThumbURL = &thumb
	}
	return out
}

func author(id, name string) MessageAuthor {
	if id == "" {
		return MessageAuthor{Kind: "staff", Name: name}
	}
	return MessageAuthor{Kind: "client", ContactID: &id, Name: name}
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// NoteBody is an internal note. There is no such thing for clients.
type NoteBody struct {
	ID        string     `json:"id"`
	AfterSeq  int64      `json:"after_seq" doc:"The message behind which it stands"`
	Text      string     `json:"text"`
	HTML      string     `json:"html"`
	Author    string     `json:"author"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
	DeletedAt *time.Time `json:"deleted_at"`
}

func noteBody(n Note) NoteBody {
	return NoteBody{n.ID, n.AfterSeq, n.Text, formatted(n.Text), n.Author, n.Created, orNull(n.Edited), orNull(n.Deleted)}
}

// ConversationMark is how far somebody has come.
type ConversationMark struct {
	Who       string `json:"who" doc:"The id of a contact, or staff"`
	Read      int64  `json:"read"`
	Delivered int64  `json:"delivered"`
}

func markBodies(list []Mark) []ConversationMark {
	out := make([]ConversationMark, len(list))
	for i, m := range list {
		out[i] = ConversationMark{m.ContactID, m.Read, m.Delivered}
		if m.ContactID == "" {
			out[i].Who = staffKey
		}
	}
	return out
}

// The frames that carry these shapes (backend/doc/live.md).
type (
	clientMessageFrame struct {
		Topic          string        `json:"topic"`
		ConversationID string        `json:"conversation_id"`
		Rev            int64         `json:"rev"`
		Message        ClientMessage `json:"message"`
	}
	staffMessageFrame struct {
		Topic          string       `json:"topic"`
		ConversationID string       `json:"conversation_id"`
		Rev            int64        `json:"rev"`
		Message        StaffMessage `json:"message"`
	}
	noteFrame struct {
		Topic          string   `json:"topic"`
		ConversationID string   `json:"conversation_id"`
		Note           NoteBody `json:"note"`
	}
)
