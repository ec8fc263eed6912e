package overview

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
)

// AuditEntry is a line of the audit log with names put to ids.
type AuditEntry struct {
	audit.Entry
	Who         string // a name, or what sort of actor it was
	SubjectName string // of a contact
}

// AuditLog answers the audit log, newest first, and the cursor of the next page.
// action is one action, or all of a room with a dot at its end. Staff only. As
// with Timeline, a page may be short while searching.
func (s *Service) AuditLog(ctx context.Context, actor auth.Actor, typed, action, cursor string, limit int) ([]AuditEntry, string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	before, err := auditCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	limit = pageSize(limit)
	items := []AuditEntry{}
	for read := 0; read < maxRead; read += piece {
		entries, err := s.auditPiece(ctx, action, before)
		if err != nil {
			return nil, "", err
		}
		for i, e := range entries {
			if !e.matches(typed) {
				continue
			}
			if items = append(items, e); len(items) == limit {
				if i == len(entries)-1 && len(entries) < piece {
					return items, "", nil
				}
				return items, strconv.FormatInt(e.Seq, 10), nil
			}
		}
		if len(entries) < piece {
			return items, "", nil
		}
		before = entries[len(entries)-1].Seq
	}
	return items, strconv.FormatInt(before, 10), nil
}

func auditCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	before, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || before < 1 {
		return 0, errCursor
	}
	return before, nil
}

// auditPiece answers so many entries older than a seq, with names.
func (s *Service) auditPiece(ctx context.Context, action string, before int64) ([]AuditEntry, error) {
	entries, err := audit.List(ctx, s.DB.Read(), audit.Query{Action: action, Before: before, Limit: piece})
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	var ids []string
	for _, e := range entries {
		for _, id := range []string{e.Subject, e.ActorID} {
			if strings.HasPrefix(id, "ct_") {
				ids = append(ids, id)
			}
		}
	}
	names, err := namesOf(ctx, s.DB.Read(), ids)
	if err != nil {
		return nil, fmt.Errorf("names for the audit log: %w", err)
	}
	out := make([]AuditEntry, len(entries))
	for i, e := range entries {
		who := e.Personal["name"]
		if e.ActorID != "" && names[e.ActorID] != "" {
			who = names[e.ActorID]
		}
		if who == "" {
			who = e.ActorKind
		}
		out[i] = AuditEntry{e, who, names[e.Subject]}
	}
	return out, nil
}

func (e AuditEntry) matches(typed string) bool {
	return typed == "" || matches(typed, e.Who, e.Action, e.Subject, e.SubjectName, e.Via, string(e.Detail), e.Personal["address"])
}
