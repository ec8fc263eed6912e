package access

import (
	"strconv"
	"time"

	"portico/backend/kernel/fault"
)

// Member is how a contact stands with the portal. The zero Member has never been
// invited, given a link or seen.
type Member struct {
	ContactID  string
	Epoch      int64
	Invited    time.Time // first invitation sent
	InviteLink string
	InviteMail string
	Accepted   time.Time // the mail server took the latest invitation
	Failed     time.Time // the latest invitation could not be delivered
	Opened     time.Time // a browser navigated to a link of an invitation
	Given      time.Time // was given a link or a login mail by staff
	Joined     time.Time // first sign-in
	LastSeen   time.Time
	Suspended  time.Time
	Gone       bool // the contact is deleted and may come back
}

// State is the one word for where a member stands.
func (m Member) State() string {
	switch {
	case !m.Suspended.IsZero():
		return "suspended"
	case !m.Joined.IsZero():
		return "joined"
	case m.Invited.IsZero():
		return "none"
	case !m.Opened.IsZero():
		return "opened"
	case !m.Failed.IsZero():
		return "undelivered"
	case !m.Accepted.IsZero():
		return "accepted"
	}
	return "invited"
}

// The reasons why somebody may not sign in.
var (
	ErrSuspended  = fault.New(fault.Forbidden, "access.suspended", "This contact is suspended. Restore their access first.")
	ErrNotInvited = fault.New(fault.Forbidden, "access.not_invited", "This contact has not been invited yet.")
	ErrNoEmail    = fault.New(fault.Invalid, "access.no_email", "This contact has no email address. Add one first.")
	ErrNoContact  = fault.New(fault.NotFound, "access.no_contact", "This contact is not here any more. It may have been deleted.")
)

// MaySignIn is the one decision on who gets in, asked by every way in: a link, a
// code, a request for a mail, and a running session. exists says that the contact
// is there and not deleted.
func MaySignIn(p Policy, m Member, exists bool) error {
	switch {
	case !exists:
		return ErrNoContact
	case !m.Suspended.IsZero():
		return ErrSuspended
	case p.OpenTo == OpenToEveryone:
		return nil
	case m.Invited.IsZero() && m.Given.IsZero() && m.Joined.IsZero():
		return ErrNotInvited
	}
	return nil
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}
