package outbox

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/mail"
)

// Suppression is an address that gets no mail.
type Suppression struct {
	Email  string
	Reason string
	Detail string // the server's words, or what staff wrote
	Since  time.Time
}

// Why an address gets no mail.
const (
	ReasonBounced = "bounced" // a server said that it does not exist
	ReasonManual  = "manual"
)

// Suppressions lists blocked addresses, newest first; cursor is "" or the next
// of the page before.
func (s *Service) Suppressions(ctx context.Context, actor auth.Actor, search, cursor string, limit int) (list []Suppression, next string, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	since, key := int64(math.MaxInt64), ""
	if cursor != "" {
		at, rest, ok := strings.Cut(cursor, ".")
		if since, err = strconv.ParseInt(at, 10, 64); err != nil || !ok {
			return nil, "", fault.New(fault.Malformed, "mail.cursor", "This page mark is not valid. Start from the first page.")
		}
		key = rest
	}
	limit = page(limit)
	list, err = listSuppressions(ctx, s.deps.DB.Read(), addressKey(search), since, key, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list suppressions: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = fmt.Sprintf("%d.%s", last.Since.UnixMilli(), addressKey(last.Email))
	}
	return list, next, nil
}

// Suppress blocks an address. Blocking it again changes nothing.
func (s *Service) Suppress(ctx context.Context, actor auth.Actor, email, detail string) (Suppression, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Suppression{}, err
	}
	address, err := checkListed(email, "detail", detail, false)
	if err != nil {
		return Suppression{}, err
	}
	var out Suppression
	err = s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := suppress(ctx, tx, address, ReasonManual, strings.TrimSpace(detail), tx.Now); err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
		if out, err = suppressed(ctx, tx, addressKey(address)); err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.suppressed", Personal: map[string]string{"email": address, "detail": detail}})
	})
	return out, err
}

// Unsuppress lets an address get mail again; the reason goes into the audit log.
func (s *Service) Unsuppress(ctx context.Context, actor auth.Actor, email, reason string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	address, err := checkListed(email, "reason", reason, true)
	if err != nil {
		return err
	}
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		gone, err := unsuppress(ctx, tx, addressKey(address))
		if err != nil {
			return fmt.Errorf("unsuppress: %w", err)
		}
		if !gone {
			return fault.New(fault.NotFound, "mail.not_suppressed", "This address is not on the list of blocked addresses.")
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.unsuppressed", Personal: map[string]string{"email": address, "reason": reason}})
	})
}

func checkListed(email, wordsField, said string, needed bool) (string, error) {
	var c fault.Collector
	address, err := mail.CheckAddress(strings.TrimSpace(email))
	if err != nil {
		_, f := entryFault(err)
		c.Add("email", f)
	}
	switch {
	case needed && strings.TrimSpace(said) == "":
		c.Add(wordsField, fault.New(fault.Invalid, "mail.reason_missing", "Say in a few words why this address may get mail again; the audit log keeps it."))
	case utf8.RuneCountInString(said) > 500:
		c.Add(wordsField, fault.New(fault.Invalid, "mail.reason_long", "Shorten this to at most {max} characters.", "max", 500))
	}
	return address, c.Fault()
}
