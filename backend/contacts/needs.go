package contacts

import (
	"context"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

// Portal is how a contact stands with the client portal.
type Portal struct {
	State     string // none, invited, accepted, opened, joined, suspended, undelivered
	InvitedAt time.Time
	JoinedAt  time.Time
	LastSeen  time.Time
}

// Access answers for the portal (room access).
type Access interface {
	// PortalOf answers the standing of each contact that has one.
	PortalOf(ctx context.Context, q db.Q, contactIDs []string) (map[string]Portal, error)
	// EndAccess ends every session and link of a contact with the caller's commit.
	EndAccess(ctx context.Context, tx *db.Tx, actor auth.Actor, contactID, why string) error
}

// Live tells open windows that what they show of a topic may be stale.
type Live interface {
	Changed(topic string, ids ...string)
}
