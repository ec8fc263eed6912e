package mail

import (
	"mime"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// maxMessage is what nearly every server accepts (Gmail and Exchange Online
// take 25 MB and more), counted over the finished bytes.
const maxMessage = 25 << 20

// Message is a mail before it becomes bytes.
type Message struct {
	MessageID string    // "<id@domain>", fixed when the mail is queued; retries keep it
	Date      time.Time // fixed when the mail is queued, like MessageID
	From, To  Address   // exactly one recipient: one envelope, one copy each
	ReplyTo   *Address  // nil for none
	Subject   string    // one line, any letters, at most 500 characters
	Text      string    // plain text; "" only when HTML is set
	HTML      string    // "" for a plain mail
	Headers   []Header  // additional lines, written in this order
	Inline    []Inline  // pictures the HTML shows with src="cid:<ContentID>"
}

// Inline is a picture inside the HTML part.
type Inline struct {
	ContentID   string // letters, digits, dot, hyphen, underscore; unique within the message
	ContentType string // "image/png" and the like
	Name        string // file name shown when saved; may be empty
	Data        []byte
}

// Lengths are counted beside the patterns: a counted repetition is written out as
// often as it counts, which costs every start of the program time and memory.
var (
	messageID = regexp.MustCompile("^<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([A-Za-z0-9.-]+)>$")
	contentID = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
)

func isMessageID(id string) bool {
	parts := messageID.FindStringSubmatch(id)
	return parts != nil && len(parts[1]) <= 128 && len(parts[2]) <= 110
}

func isContentID(id string) bool { return len(id) <= 100 && contentID.MatchString(id) }

// check validates everything and returns the canonical addresses. Each bad
// input has its own sentence; Problem.Field says which one it was.
func (m Message) check() (from, to, replyTo string, p *Problem) {
	if !isMessageID(m.MessageID) {
		return "", "", "", invalid("message_id", "mail.message_id")
	}
	if m.Date.IsZero() {
		return "", "", "", invalid("date", "mail.date_missing")
	}
	if from, p = m.From.check("from"); p != nil {
		return "", "", "", p
	}
	if to, p = m.To.check("to"); p != nil {
		return "", "", "", p
	}
	if m.ReplyTo != nil {
		if replyTo, p = m.ReplyTo.check("reply_to"); p != nil {
			return "", "", "", p
		}
	}
	for _, check := range []func() *Problem{m.checkSubject, m.checkHeaders, m.checkBody, m.checkInline, m.checkSize} {
		if p := check(); p != nil {
			return "", "", "", p
		}
	}
	return from, to, replyTo, nil
}

// check returns the canonical address; field names the input in a Problem.
func (a Address) check(field string) (string, *Problem) {
	if key := oneLine(a.Name); key != "" {
		return "", invalid(field, key)
	}
	if utf8.RuneCountInString(a.Name) > maxName {
		return "", invalid(field, "mail.name_long")
	}
	addr, key := checkAddress(a.Addr)
	if key != "" {
		return "", invalid(field, key)
	}
	return addr, nil
}

func (m Message) checkSubject() *Problem {
	if key := oneLine(m.Subject); key != "" {
		return invalid("subject", key)
	}
	if utf8.RuneCountInString(m.Subject) > maxSubject {
		return invalid("subject", "mail.subject_long")
	}
	return nil
}

func (m Message) checkHeaders() *Problem {
	for _, h := range m.Headers {
		if p := checkHeader(h); p != nil {
			return p
		}
	}
	return nil
}

func (m Message) checkBody() *Problem {
	switch {
	case strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.HTML) == "":
		return invalid("text", "mail.body_missing")
	case !utf8.ValidString(m.Text):
		return invalid("text", "mail.not_text")
	case !utf8.ValidString(m.HTML):
		return invalid("html", "mail.not_text")
	}
	return nil
}

func (m Message) checkInline() *Problem {
	if len(m.Inline) > 0 && m.HTML == "" {
		return invalid("inline", "mail.inline_without_html")
	}
	seen := map[string]bool{}
	for _, picture := range m.Inline {
		kind, params, err := mime.ParseMediaType(picture.ContentType)
		switch {
		case !isContentID(picture.ContentID) || seen[picture.ContentID]:
			return invalid("inline", "mail.inline_id")
		case err != nil || len(params) > 0 || !strings.HasPrefix(kind, "image/"):
			return invalid("inline", "mail.inline_type")
		case len(picture.Data) == 0:
			return invalid("inline", "mail.inline_empty")
		case len(picture.Name) > maxName:
			return invalid("inline", "mail.name_long")
		}
		if key := oneLine(picture.Name); key != "" {
			return invalid("inline", key)
		}
		seen[picture.ContentID] = true
	}
	return nil
}

// checkSize refuses what cannot fit before it is copied about; Compose counts
// the finished bytes once more.
func (m Message) checkSize() *Problem {
	if m.room() > maxMessage {
		return invalid("message", "mail.message_large")
	}
	return nil
}

// room is about what the body takes.
func (m Message) room() int {
	size := len(m.Text) + len(m.HTML)
	for _, picture := range m.Inline {
		size += len(picture.Data) / 3 * 4 // base64
	}
	return size
}
