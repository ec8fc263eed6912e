// Package auth says who is acting. Services take an Actor as their second
// argument and check it before anything else; how somebody became one (cookie,
// token, window, socket) is the business of the room `access` and of backend/routes.go.
package auth

import "portico/backend/kernel/fault"

// Kind is what sort of actor somebody is.
type Kind string

// The kinds of actor.
const (
	KindAnonymous Kind = "anonymous"
	KindClient    Kind = "client"
	KindStaff     Kind = "staff"
	KindSystem    Kind = "system" // the program itself: jobs, reactions to events
)

// Actor is whoever a request speaks for.
type Actor struct {
	Kind      Kind
	ContactID string // of a client
	SessionID string // of a client or of staff in a browser
	Name      string // of staff or of an API token, for notes and the audit log
	Via       string // window, browser, token, cli or portal
	Address   string // the peer's address, for limits and the audit log
	Browser   string // the User-Agent as sent
	Language  string // en, de: what faults are told in
}

// System is the program acting by itself.
func System() Actor { return Actor{Kind: KindSystem, Name: "Portico", Via: "system"} }

// Staff is a member of staff in the window; tests and the command line use it too.
func Staff(name, via string) Actor { return Actor{Kind: KindStaff, Name: name, Via: via} }

// Client is a signed-in client.
func Client(contactID, sessionID string) Actor {
	return Actor{Kind: KindClient, ContactID: contactID, SessionID: sessionID, Via: "portal"}
}

// ErrNotStaff and ErrNotClient are what a foreign actor hears.
var (
	ErrNotStaff  = fault.New(fault.Forbidden, "auth.staff_only", "Only staff may do this.")
	ErrNotClient = fault.New(fault.Unauthenticated, "auth.sign_in", "You are not signed in. Ask for a new link and sign in again.")
)

// MustBeStaff admits staff and the program itself.
func (a Actor) MustBeStaff() error {
	if a.Kind == KindStaff || a.Kind == KindSystem {
		return nil
	}
	return ErrNotStaff
}

// MustBeClient admits a signed-in client and nobody else: staff do not act as clients.
func (a Actor) MustBeClient() error {
	if a.Kind == KindClient && a.ContactID != "" {
		return nil
	}
	return ErrNotClient
}

// Policy is the one word that every operation declares: who may call it at all.
// What they may see is decided by the services, whose SQL carries the scope.
type Policy string

// The policies. There is no default: an operation without one does not register.
const (
	Public     Policy = "public"     // anybody on that listener
	ClientOnly Policy = "client"     // a signed-in client, for things of their own
	StaffOnly  Policy = "staff"      // staff: window, browser session or bearer token
	InProcess  Policy = "in-process" // the window or the local socket only
)

// Known reports whether p is one of the policies above.
func (p Policy) Known() bool {
	switch p {
	case Public, ClientOnly, StaffOnly, InProcess:
		return true
	}
	return false
}
