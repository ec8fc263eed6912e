package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/mailbox"
)

// Mailbox is where clients answer mails about messages. The password is not part
// of it.
type Mailbox struct {
	Enabled     bool   `json:"enabled"`
	Host        string `json:"host"`
	Port        int64  `json:"port"`
	Security    string `json:"security"` // tls, starttls; none to this computer itself
	Username    string `json:"username"`
	Folder      string `json:"folder"`  // "" is INBOX
	Address     string `json:"address"` // to which mail goes that lands in it
	Plus        bool   `json:"plus"`    // mail to name+anything lands in it too
	PasswordRef string `json:"password_ref"`
}

// MailboxState says whether answers come in.
type MailboxState string

// The states.
const (
	MailboxOff     MailboxState = "off"
	MailboxOpening MailboxState = "opening"
	MailboxOK      MailboxState = "ok"
	MailboxTrouble MailboxState = "trouble"
)

// MailboxView is a mailbox with how it stands.
type MailboxView struct {
	Mailbox
	State MailboxState
	Step  mailbox.Step // at which there is trouble; "" while it is read
	Reply string       // the server's words
}

// MailboxStep is the outcome of a step of a test.
type MailboxStep struct {
	Step  mailbox.Step
	OK    bool
	Reply string
}

// normalised answers the mailbox as it is kept.
func (m Mailbox) normalised() (Mailbox, error) {
	m.Host, m.Username, m.Folder = strings.TrimSpace(m.Host), strings.TrimSpace(m.Username), strings.TrimSpace(m.Folder)
	if !m.Enabled && m.Host == "" {
		return m, nil
	}
	var c fault.Collector
	if m.Host == "" || strings.ContainsAny(m.Host, " /:@") && !strings.HasPrefix(m.Host, "::") {
		c.Add("host", fault.New(fault.Invalid, "chat.mailbox_host", "Write the name of the mail server, such as imap.example.com."))
	}
	if m.Port < 1 || m.Port > 65535 {
		c.Add("port", fault.New(fault.Invalid, "chat.mailbox_port", "A port is a number from 1 to 65535; with TLS it is mostly 993."))
	}
	switch mailbox.Security(m.Security) {
	case mailbox.TLS, mailbox.StartTLS, mailbox.None:
	default:
		c.Add("security", fault.New(fault.Invalid, "chat.mailbox_security", "Choose TLS or STARTTLS."))
	}
	if m.Username == "" {
		c.Add("username", fault.New(fault.Invalid, "chat.mailbox_username", "Write the user name of the mailbox, often its whole address."))
	}
	address, err := mail.CheckAddress(strings.TrimSpace(m.Address))
	if err != nil {
		c.Add("address", fault.New(fault.Invalid, "chat.mailbox_address", "Write the address of the mailbox, such as hello@example.com."))
	}
	m.Address = address
	return m, c.Fault()
}

// sameLogin reports that a password kept for one goes to the same place for the other.
func (m Mailbox) sameLogin(other Mailbox) bool {
	return m.Host == other.Host && m.Port == other.Port && m.Security == other.Security && m.Username == other.Username
}

// maxLocalPart is how long the part of an address before the @ may be (RFC 5321).
const maxLocalPart = 64

// replyAddress is where an answer with a token goes.
func (m Mailbox) replyAddress(token string) string {
	local, domain, _ := strings.Cut(m.Address, "@")
	if !m.Plus || len(local)+1+len(token) > maxLocalPart {
		return m.Address // the id of the mail that is answered carries the token too
	}
	return local + "+" + token + "@" + domain
}

// replyToken binds an address to a conversation and a contact; without the key
// nobody makes one.
func replyToken(key []byte, to replyTarget) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(to.conversationID + "\x00" + to.contactID))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:tokenSize*5/8]))
}
