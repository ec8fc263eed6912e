package chat

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// Message is what somebody said. A deleted one keeps its place and loses its text.
type Message struct {
	ID             string
	ConversationID string
	Seq, Rev       int64
	AuthorID       string // the contact; "" is staff
	Author         string // their name when they wrote
	ClientMsgID    string
	Text           string
	ReplyTo        int64 // seq of the message it answers; 0 is none
	Quoted         *Quote
	Reactions      []Reaction
	Files          []Attachment
	files          int64 // how many there are; Files may not have been asked for
	Created        time.Time
	Edited         time.Time
	Deleted        time.Time
}

// Quote is what a message answers, in short.
type Quote struct {
	Seq      int64
	AuthorID string
	Author   string
	Excerpt  string
}

// Reaction is an emoji and who chose it: contact ids, or "staff".
type Reaction struct {
	Emoji string   `json:"emoji"`
	By    []string `json:"by"`
}

// staffKey stands for the business where people are told apart by contact id.
const staffKey = "staff"

const (
	maxText        = 8000 // characters
	maxClientMsgID = 64
	maxExcerpt     = 140
	maxReactions   = 12 // different emoji on a message
)

// draft is a message as somebody wants to send it.
type draft struct {
	clientMsgID string
	text        string
	replyTo     string // id of a message in the same conversation
	uploads     []string
}

func (d draft) normalised() (draft, error) {
	var c fault.Collector
	text, err := normalText(d.text)
	if d.text = text; err == nil && text == "" && len(d.uploads) == 0 {
		err = fault.New(fault.Invalid, "chat.empty", "Write something first.")
	}
	c.Add("text", err)
	if d.clientMsgID == "" || len(d.clientMsgID) > maxClientMsgID || strings.IndexFunc(d.clientMsgID, notPrintable) >= 0 {
		c.Add("client_msg_id", fault.New(fault.Invalid, "chat.client_msg_id", "Send an id of your own for the message, of 1 to {limit} plain characters, so that sending it twice makes it one.", "limit", maxClientMsgID))
	}
	if len(d.uploads) > maxAttachments {
		c.Add("attachments", fault.New(fault.Invalid, "chat.files_many", "At most {limit} files fit into one message. Send the rest in another.", "limit", maxAttachments))
	}
	return d, c.Fault()
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

// normalText is a text as it is kept: lines end with \n, nothing hangs over.
func normalText(text string) (string, error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", fault.New(fault.Invalid, "chat.not_text", "This holds characters that are not text.")
	}
	if strings.ContainsRune(text, '\r') {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxText {
		return "", fault.New(fault.Invalid, "chat.too_long", "This is too long for one message; at most {limit} characters fit.", "limit", maxText)
	}
	return text, nil
}

// excerpt is the first line or two of a text, on one line.
func excerpt(text string) string {
	return shortened(strings.Join(strings.Fields(text), " "), maxExcerpt)
}

// spoken is all that a message says in words: its text and the names of its files.
func (m Message) spoken() string {
	parts := make([]string, 0, 1+len(m.Files))
	if m.Text != "" {
		parts = append(parts, m.Text)
	}
	for _, f := range m.Files {
		parts = append(parts, f.Name)
	}
	return strings.Join(parts, "\n")
}

// shortened is a text of at most so many characters.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
}

func (m Message) quote() *Quote {
	return &Quote{m.Seq, m.AuthorID, m.Author, excerpt(m.Text)}
}

// withReaction answers the reactions after who chose emoji, or took theirs back
// with "": everybody has at most one on a message.
func (m Message) withReaction(who, emoji string) ([]Reaction, error) {
	if emoji != "" && !isEmoji(emoji) {
		return nil, fault.InvalidField("emoji", "chat.emoji", "Choose one emoji.")
	}
	out := []Reaction{}
	placed := emoji == ""
	for _, r := range m.Reactions {
		by := slices.DeleteFunc(slices.Clone(r.By), func(id string) bool { return id == who })
		if r.Emoji == emoji {
			by, placed = append(by, who), true
		}
		if len(by) > 0 {
			out = append(out, Reaction{r.Emoji, by})
		}
	}
	if !placed {
		if len(out) >= maxReactions {
			return nil, fault.InvalidField("emoji", "chat.emoji_many", "There are {limit} different emoji on this message already; choose one of them.", "limit", maxReactions)
		}
		out = append(out, Reaction{emoji, []string{who}})
	}
	return out, nil
}

// isEmoji admits one pictograph with what may follow it (skin tone, variation,
// joined ones, keycaps, flags) and nothing that could be words.
func isEmoji(s string) bool {
	if len(s) > 40 || !utf8.ValidString(s) {
		return false
	}
	pictures := 0
	for _, r := range s {
		switch {
		case r == 0x200d, r == 0xfe0f, r == 0x20e3, r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0020 && r <= 0xe007f:
		case r == '#', r == '*', r >= '0' && r <= '9':
			if !strings.ContainsRune(s, 0x20e3) {
				return false
			}
			pictures++
		case r >= 0x1f000 || r >= 0x2190 && r <= 0x2bff && unicode.IsSymbol(r) || r == 0x3030 || r == 0x303d:
			pictures++
		default:
			return false
		}
	}
	return pictures > 0
}
