package outbox

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
)

// Kind says what a mail is for; it chooses the template.
type Kind string

// The kinds of mail.
const (
	KindInvitation Kind = "invitation" // staff invite a client; carries an invitation link
	KindLogin      Kind = "login"      // a client asked to sign in; carries a link and a code
	KindLoginMail  Kind = "login_mail" // staff send a client a sign-in link
	KindNewDevice  Kind = "new_device" // tells a client of a sign-in on a new device
	KindChat       Kind = "chat"       // tells a client what they have not read; carries a sign-in link
	KindTest       Kind = "test"       // the test button
	KindNotice     Kind = "notice"     // tells the owner what Portico noticed; carries its words
	KindSeal       Kind = "seal"       // the seal of the log, to the owner's own mailbox
)

// triedOnce are kinds that are of no use any more by the time at which a mail in
// doubt is tried again: whoever wants to sign in has asked for a new one.
func (k Kind) triedOnce() bool { return k == KindLogin }

// State is how far a mail has come.
type State string

// The states. Accepted, failed and cancelled are final.
const (
	StateQueued    State = "queued"
	StateSending   State = "sending"   // content may be on its way
	StateAccepted  State = "accepted"  // the server took responsibility; its reply is kept
	StateRetry     State = "retry"     // refused for now, tried again at NextAt
	StateUnknown   State = "unknown"   // handed over, but the reply was lost
	StateFailed    State = "failed"    // refused for good
	StateCancelled State = "cancelled" // by staff, or because its link is over
)

var states = []State{StateQueued, StateSending, StateAccepted, StateRetry, StateUnknown, StateFailed, StateCancelled}

// The usual priorities; a lower one goes first.
const (
	PriorityLogin      = 0 // somebody waits for it in front of a screen; a share of the limits is kept for it
	PriorityPersonal   = 3 // to one person, but nobody waits
	PriorityInvitation = 5
	PriorityBulk       = 9
)

// Mail is what a room asks to be sent to one person.
type Mail struct {
	ID        string // made by NewID when the caller needs to know it beforehand; "" makes one
	Kind      Kind
	ContactID string
	To        string            // one bare address
	Language  string            // "" takes the contact's own
	Link      string            // selector of the link that this mail carries; "" for none
	Note      string            // personal words in an invitation: plain text without links
	Details   map[string]string // device, time: what the template's values of that mail need
	Said      []Said            // what a chat mail shows
	ReplyTo   string            // where answers go; "" takes the business's address for questions
	Thread    string            // part of the mail's Message-ID, by which answers are known: lower-case letters and digits
	Priority  int
	Key       string // idempotency: the same key again answers the first mail
}

// Message is a mail as it is kept.
type Message struct {
	ID, ContactID, To, Language string
	Kind                        Kind
	Template                    string // id of the custom texts it was sent with; "" for the built-in ones
	Link                        string
	Data                        content
	Subject                     string // "" until it was rendered for sending
	MessageID                   string
	Priority                    int
	State                       State
	Attempts                    int // tries that the receiving side answered
	Unknowns                    int // tries that ended without an answer
	NextAt, FirstAt             time.Time
	Code                        int // the server's last reply
	Enhanced, Reply             string
	Problem                     string // key of the meaning
	Created, Updated            time.Time
	AcceptedAt                  time.Time
}

// content is what a mail carries besides its template. There is no field for a
// link or a code, and there must never be one.
type content struct {
	Note    string            `json:"note,omitempty"`
	Details map[string]string `json:"details,omitempty"`
	Said    []Said            `json:"said,omitempty"`
	ReplyTo string            `json:"reply_to,omitempty"`
}

// Said is a message of a conversation.
type Said struct {
	Author string `json:"author,omitempty"`
	Text   string `json:"text"`
}

// NewID makes the id of a mail, for a caller that binds a link to it before queuing.
func NewID() string { return ident.New("ml") }

const (
	maxNote   = 1000
	maxDetail = 200
)

var webAddress = regexp.MustCompile(`(?i)(://|\bwww\.|\bmailto:)`)

// checkMail refuses what must not be queued.
func checkMail(m Mail) error {
	switch m.Kind {
	case KindInvitation, KindLogin, KindLoginMail, KindNewDevice, KindChat, KindTest, KindNotice, KindSeal:
	default:
		return fault.InvalidField("kind", "mail.kind", "There is no kind of mail named {kind}.", "kind", string(m.Kind))
	}
	if m.ID != "" && !ident.Valid("ml", m.ID) {
		return fault.InvalidField("id", "mail.id", "This is not the id of a mail.")
	}
	return checkNote(m.Note)
}

// checkNote keeps links out of personal words: whoever may write a note could
// otherwise make the business's own mail point anywhere.
func checkNote(note string) error {
	switch {
	case utf8.RuneCountInString(note) > maxNote:
		return fault.InvalidField("note", "mail.note_long", "The personal note is too long. Shorten it to at most {max} characters.", "max", maxNote)
	case !utf8.ValidString(note):
		return fault.InvalidField("note", "mail.note_text", "The personal note holds bytes that are not text. Type it again instead of pasting it.")
	case webAddress.MatchString(note):
		return fault.InvalidField("note", "mail.note_link", "The personal note must not contain a web address: the mail brings its own link. Remove it.")
	}
	return nil
}

// plain makes a value fit for one line anywhere: no control characters, no
// characters that turn the reading direction around, nothing endless.
func plain(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029' || unicode.IsControl(r):
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > limit {
		s = string([]rune(s)[:limit-1]) + "…"
	}
	return s
}

// addressKey is what addresses are compared by.
func addressKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
