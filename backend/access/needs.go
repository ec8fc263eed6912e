package access

import (
	"context"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/pages"
)

// Person is what this room must know of a contact. Email is the address they
// sign in with and EmailKey the form in which it is compared.
type Person struct {
	ID        string
	Name      string
	FirstName string
	Email     string
	EmailKey  string
	Language  string
	TimeZone  string
	PhotoURL  *string
}

// People answers for contacts.
type People interface {
	// Person answers a contact that is not deleted; false when there is none.
	Person(ctx context.Context, q db.Q, contactID string) (Person, bool, error)
	// Persons answers those of the contacts that are not deleted.
	Persons(ctx context.Context, q db.Q, contactIDs []string) (map[string]Person, error)
	// PersonByEmail finds who has an address; false when nobody has.
	PersonByEmail(ctx context.Context, q db.Q, typed string) (Person, bool, error)
	// FindOrCreate answers who has an address, made now when nobody has.
	FindOrCreate(ctx context.Context, tx *db.Tx, actor auth.Actor, typed string) (Person, error)
	// Search answers ids of contacts that match what was typed.
	Search(ctx context.Context, actor auth.Actor, typed string, limit int) ([]string, error)
}

// Mail is what this room asks to be sent.
type Mail struct {
	Kind      string // invitation, login, login_mail or new_device
	ContactID string
	To        string
	Language  string
	Link      string // selector; the mail's link is made when it is sent
	Note      string
	Details   map[string]string
}

// Delivery is what became of a mail, in words.
type Delivery struct {
	State string
	What  string
	Do    string
}

// Preview is a mail as it would look.
type Preview struct{ From, Subject, HTML, Text string }

// Mailer queues mail.
type Mailer interface {
	Queue(ctx context.Context, tx *db.Tx, m Mail) (mailID string, err error)
	Deliveries(ctx context.Context, q db.Q, language string, mailIDs []string) (map[string]Delivery, error)
	Preview(ctx context.Context, actor auth.Actor, kind, contactID, email, note string) (Preview, error)
	Ready(ctx context.Context, q db.Q) (bool, error)
}

// Business is how the business shows itself on sign-in pages.
type Business interface {
	Brand(ctx context.Context) (pages.Brand, error)
}

// Address is where the portal and the dashboard are reached.
type Address interface {
	Portal() string // https://portal.example.com, without a slash at the end
	Staff() string
}

// Reach tells whether clients reach the portal (room domains).
type Reach interface {
	Reachability(ctx context.Context, actor auth.Actor) (Reachability, error)
}

// Reachability is how the portal's address stands, told in the actor's language.
type Reachability struct{ State, What, Do string }

// Live pushes to open windows and closes sockets.
type Live interface {
	Changed(topic string, ids ...string)
	ClientChanged(contactID, topic string)
	DropSession(sessionID string)
	DropPerson(contactID string)
}

// dateTime is nil for the zero time, as the API tells "never".
func dateTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
