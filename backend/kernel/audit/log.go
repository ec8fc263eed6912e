package audit

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Log is the db.Auditor of a store.
type Log struct{}

// Append implements db.Auditor.
func (Log) Append(ctx context.Context, tx *db.Tx, a db.AuditEntry) error {
	detail, err := json.Marshal(a.Detail)
	if err != nil || a.Detail == nil {
		detail = []byte("{}")
	}
	personal := maps.Clone(a.Personal)
	if personal == nil {
		personal = map[string]string{}
	}
	for name, value := range map[string]string{"name": a.Actor.Name, "address": a.Actor.Address, "browser": a.Actor.Browser} {
		if value != "" {
			personal[name] = value
		}
	}
	data, err := json.Marshal(personal)
	if err != nil {
		return err
	}
	salt := rand.Text()
	e := Entry{ID: ident.New("au"), At: tx.Now, ActorKind: string(a.Actor.Kind), ActorID: actorID(a.Actor), Via: a.Actor.Via,
		Action: a.Action, Subject: a.Subject, Detail: detail, Commitment: commit(salt, data)}
	var previous string
	if e.Seq, previous, err = nextSeq(ctx, tx); err != nil {
		return fmt.Errorf("audit %s: %w", a.Action, err)
	}
	if e.Hash, err = link(previous, e); err != nil {
		return fmt.Errorf("audit %s: %w", a.Action, err)
	}
	if err := insert(ctx, tx, e, salt, string(data)); err != nil {
		return fmt.Errorf("audit %s: %w", a.Action, err)
	}
	return nil
}

func actorID(a auth.Actor) string {
	if a.Kind == auth.KindClient {
		return a.ContactID
	}
	return ""
}

// Query narrows a listing of the log.
type Query struct {
	Action  string // this action only, or every action of a room with `room.`
	Subject string
	Before  int64 // entries older than this seq; 0 from the newest
	Limit   int
}

// List answers entries, newest first.
func List(ctx context.Context, q db.Q, query Query) ([]Entry, error) { return list(ctx, q, query) }

// Head is the newest seq and its hash, for anchoring outside (mail, backup).
func Head(ctx context.Context, q db.Q) (seq int64, hash string, err error) { return head(ctx, q) }

// Verify walks the whole chain and answers how many entries it holds; ErrBroken
// names the first that does not fit.
func Verify(ctx context.Context, q db.Q) (int64, error) {
	var seq int64
	previous := ""
	for {
		page, err := pageAfter(ctx, q, seq, 500)
		if err != nil {
			return seq, err
		}
		for _, e := range page {
			want, err := link(previous, e)
			if err != nil || want != e.Hash || e.Seq != seq+1 {
				broken := *ErrBroken
				broken.Params = map[string]any{"seq": seq + 1}
				return seq, &broken
			}
			seq, previous = e.Seq, e.Hash
		}
		if len(page) == 0 {
			break
		}
	}
	last, hash, err := head(ctx, q)
	if err == nil && (last != seq || hash != previous) {
		broken := *ErrBroken
		broken.Params = map[string]any{"seq": seq + 1}
		return seq, &broken
	}
	return seq, err
}

// ForgetAddresses removes the network addresses of entries older than at, chain
// intact: who did something stays known, from where does not. It handles a batch
// and answers whether there may be more.
func ForgetAddresses(ctx context.Context, tx *db.Tx, at time.Time) (more bool, err error) {
	const batch = 500
	list, err := old(ctx, tx, at, batch)
	if err != nil {
		return false, fmt.Errorf("finding old addresses: %w", err)
	}
	for _, e := range list {
		if _, known := e.Personal["address"]; !known {
			continue
		}
		delete(e.Personal, "address")
		if err := setPersonal(ctx, tx, e.Seq, e.Personal); err != nil {
			return false, fmt.Errorf("forgetting an address: %w", err)
		}
	}
	if len(list) > 0 {
		err = setForgotten(ctx, tx, list[len(list)-1].Seq)
	}
	return len(list) == batch, err
}
