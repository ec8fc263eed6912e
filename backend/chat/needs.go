package chat

import (
	"context"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/secret"
)

// Person is what this room must know of a contact.
type Person struct {
	ID       string
	Name     string
	Email    string
	Language string
	TimeZone string // IANA
	PhotoURL *string
}

// People answers for contacts.
type People interface {
	// Persons answers those of the contacts that are not deleted.
	Persons(ctx context.Context, q db.Q, contactIDs []string) (map[string]Person, error)
	// HasEmail says whether an address is one of a contact's own.
	HasEmail(ctx context.Context, q db.Q, contactID, address string) (bool, error)
	// Tagged answers who carries a tag now, at most limit; no one when there is no such tag.
	Tagged(ctx context.Context, actor auth.Actor, tag string, limit int) ([]string, error)
}

// Words finds a sentence in a language (kernel/i18n).
type Words func(language, key string, params map[string]any) (string, bool)

// Texts knows the custom values that texts may mention.
type Texts interface {
	// CheckText answers a fault that names what cannot be filled in.
	CheckText(language, text string) error
	// FillText fills in what is known of a contact; "" is nobody in particular.
	FillText(ctx context.Context, contactID, text string) (string, error)
}

// Live pushes to open windows.
type Live interface {
	// Changed tells staff that what they see of a topic may be stale.
	Changed(topic string, ids ...string)
	// ToStaff and ToClients push a frame to whoever of them is looking.
	ToStaff(frame any)
	ToClients(contactIDs []string, frame any)
	// Tell lets other nodes know how far a conversation has come; they read the rest.
	Tell(conversationID string, rev int64)
	// TellMarks lets them know that somebody has read on.
	TellMarks(conversationID string)
	// Online answers which of the contacts have a window open.
	Online(ctx context.Context, contactIDs []string) map[string]bool
	// StaffOnline says whether somebody of the business has the dashboard open.
	StaffOnline(ctx context.Context) bool
}

// Owner answers for whoever owns the business.
type Owner interface {
	TimeZone(ctx context.Context) (string, error) // IANA; "" is not known
	Language(ctx context.Context) (string, error)
}

// Mail tells a member of what they have not read.
type Mail struct {
	ContactID string
	To        string
	Language  string
	Link      string // selector
	Author    string // who wrote last; "" is the business
	Title     string // of a group or a broadcast
	ReplyTo   string // where answers go; "" is nowhere in particular
	Thread    string // part of the mail's id, so that answers to it are known
	Said      []Said
	More      int  // messages besides those
	Bulk      bool // to many: everything else goes first
}

// Said is a message in a mail.
type Said struct{ Author, Text string }

// Mailer queues mail, and calls it back.
type Mailer interface {
	Queue(ctx context.Context, tx *db.Tx, m Mail) (mailID string, err error)
	// Withdraw stops a mail that has not left; false when it has.
	Withdraw(ctx context.Context, tx *db.Tx, mailID string) (bool, error)
}

// Secrets keeps the password of the mailbox outside the store; a secret.Keeper is one.
type Secrets interface {
	Get(name string) (secret.Secret, error)
	Set(name string, s secret.Secret) error
	Delete(name string) error
}

// Door makes the links of mails, and says who may come in.
type Door interface {
	// MailLink makes a link to a page of the portal; false for contacts who may not
	// sign in and for those who were never asked in.
	MailLink(ctx context.Context, tx *db.Tx, contactID, target string) (selector string, ok bool, err error)
	// Admits says whether a contact may use the portal.
	Admits(ctx context.Context, contactID string) (bool, error)
	// EndMailLink ends the link of a mail that did not go out.
	EndMailLink(ctx context.Context, tx *db.Tx, selector string) error
}
