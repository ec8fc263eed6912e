package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portico/backend/kernel/db"
)

const memberColumns = `m.contact_id, m.epoch, m.invited_at, m.invite_link, m.invite_mail, m.accepted_at, m.failed_at, m.opened_at, m.given_at, m.joined_at, m.last_seen, m.suspended_at, m.gone`

func scanMember(row interface{ Scan(...any) error }) (m Member, err error) {
	err = row.Scan(&m.ContactID, &m.Epoch, db.Time(&m.Invited), &m.InviteLink, &m.InviteMail, db.Time(&m.Accepted), db.Time(&m.Failed), db.Time(&m.Opened),
		db.Time(&m.Given), db.Time(&m.Joined), db.Time(&m.LastSeen), db.Time(&m.Suspended), &m.Gone)
	return m, err
}

// memberOf answers the zero Member for somebody who has no row.
func memberOf(ctx context.Context, q db.Q, contactID string) (Member, error) {
	m, err := scanMember(q.QueryRow(ctx, `SELECT `+memberColumns+` FROM portal_members m WHERE m.contact_id = $1`, contactID))
	if errors.Is(err, db.ErrNoRows) {
		return Member{ContactID: contactID}, nil
	}
	return m, err
}

func membersOf(ctx context.Context, q db.Q, contactIDs []string) (map[string]Member, error) {
	out := map[string]Member{}
	if len(contactIDs) == 0 {
		return out, nil
	}
	args := make([]any, len(contactIDs))
	for i, id := range contactIDs {
		args[i] = id
	}
	list, err := scanMembers(ctx, q, `SELECT `+memberColumns+` FROM portal_members m WHERE m.contact_id IN (`+db.In(1, len(args))+`)`, args...)
	for _, m := range list {
		out[m.ContactID] = m
	}
	return out, err
}

func scanMembers(ctx context.Context, q db.Q, query string, args ...any) ([]Member, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Member
	for rows.Next() {
		m, err := scanMember(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

func saveMember(ctx context.Context, tx *db.Tx, m Member) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO portal_members (contact_id, epoch, invited_at, invite_link, invite_mail, accepted_at, failed_at, opened_at, given_at, joined_at, last_seen, suspended_at, gone)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (contact_id) DO UPDATE SET epoch = $2, invited_at = $3, invite_link = $4, invite_mail = $5, accepted_at = $6, failed_at = $7,
			opened_at = $8, given_at = $9, joined_at = $10, last_seen = $11, suspended_at = $12, gone = $13`,
		m.ContactID, m.Epoch, db.Ms(m.Invited), m.InviteLink, m.InviteMail, db.Ms(m.Accepted), db.Ms(m.Failed), db.Ms(m.Opened), db.Ms(m.Given),
		db.Ms(m.Joined), db.Ms(m.LastSeen), db.Ms(m.Suspended), m.Gone)
	return err
}

// delivered notes what became of the latest invitation; of an earlier one nothing.
func delivered(ctx context.Context, tx *db.Tx, d Delivered) (int64, error) {
	column := "failed_at"
	if d.Accepted {
		column = "accepted_at"
	}
	return tx.Exec(ctx, `UPDATE portal_members SET `+column+` = $3 WHERE contact_id = $1 AND invite_mail = $2`, d.ContactID, d.MailID, tx.Now.UnixMilli())
}

// Counts are the numbers of the dashboard. Accepted, Opened and JoinedInvited
// count only people who were invited: the funnel.
type Counts struct {
	Invited, Accepted, Opened, Joined, JoinedInvited, Suspended int64
}

func countMembers(ctx context.Context, q db.Q) (c Counts, err error) {
	err = q.QueryRow(ctx, `
		SELECT COUNT(invited_at),
			COUNT(CASE WHEN invited_at IS NOT NULL AND (accepted_at IS NOT NULL OR opened_at IS NOT NULL OR joined_at IS NOT NULL) THEN 1 END),
			COUNT(CASE WHEN invited_at IS NOT NULL AND (opened_at IS NOT NULL OR joined_at IS NOT NULL) THEN 1 END),
			COUNT(joined_at),
			COUNT(CASE WHEN invited_at IS NOT NULL AND joined_at IS NOT NULL THEN 1 END),
			COUNT(suspended_at)
		FROM portal_members m WHERE `+aliveContact).Scan(&c.Invited, &c.Accepted, &c.Opened, &c.Joined, &c.JoinedInvited, &c.Suspended)
	return c, err
}

// aliveContact leaves out contacts that were deleted and may come back.
const aliveContact = `m.gone = FALSE`

// lists are the conditions of the dashboard's lists and what each is ordered by.
var lists = map[string]struct{ where, order string }{
	"invited":     {`m.invited_at IS NOT NULL`, `m.invited_at`},
	"accepted":    {`m.invited_at IS NOT NULL AND (m.accepted_at IS NOT NULL OR m.opened_at IS NOT NULL OR m.joined_at IS NOT NULL)`, `m.invited_at`},
	"opened":      {`m.invited_at IS NOT NULL AND (m.opened_at IS NOT NULL OR m.joined_at IS NOT NULL)`, `m.invited_at`},
	"joined":      {`m.joined_at IS NOT NULL`, `m.joined_at`},
	"not_joined":  {`m.invited_at IS NOT NULL AND m.joined_at IS NULL`, `m.invited_at`},
	"undelivered": {`m.invited_at IS NOT NULL AND m.failed_at IS NOT NULL AND m.joined_at IS NULL AND m.opened_at IS NULL`, `m.invited_at`},
	"suspended":   {`m.suspended_at IS NOT NULL`, `m.suspended_at`},
}

func listMembers(ctx context.Context, q db.Q, list string, ids []string, beforeAt int64, beforeID string, limit int) ([]Member, error) {
	l := lists[list]
	where, args := []string{l.where, aliveContact}, []any{}
	if ids != nil {
		for _, id := range ids {
			args = append(args, id)
		}
		where = append(where, `m.contact_id IN (`+db.In(1, len(ids))+`)`)
	}
	if beforeID != "" {
		where = append(where, fmt.Sprintf(`(%s, m.contact_id) < ($%d, $%d)`, l.order, len(args)+1, len(args)+2))
		args = append(args, beforeAt, beforeID)
	}
	args = append(args, limit)
	return scanMembers(ctx, q, fmt.Sprintf(`SELECT %s FROM portal_members m WHERE %s ORDER BY %s DESC, m.contact_id DESC LIMIT $%d`,
		memberColumns, strings.Join(where, " AND "), l.order, len(args)), args...)
}

func touchMember(ctx context.Context, tx *db.Tx, contactID string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE portal_members SET last_seen = $2 WHERE contact_id = $1`, contactID, at.UnixMilli())
	return err
}
