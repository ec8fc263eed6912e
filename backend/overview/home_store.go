package overview

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

func countContacts(ctx context.Context, q db.Q) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM contacts WHERE state = 'active'`).Scan(&n)
	return n, err
}

// countMembers counts by the meanings of the portal's dashboard; people whose
// contact was deleted do not count.
func countMembers(ctx context.Context, q db.Q) (invited, joined, undelivered int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(invited_at), COUNT(joined_at),
		COUNT(CASE WHEN invited_at IS NOT NULL AND failed_at IS NOT NULL AND opened_at IS NULL AND joined_at IS NULL THEN 1 END)
		FROM portal_members WHERE gone = FALSE`).Scan(&invited, &joined, &undelivered)
	return invited, joined, undelivered, err
}

// countMails counts mails on their way, and those of the time since that somebody
// should look at: a list of problems that only grows helps nobody.
func countMails(ctx context.Context, q db.Q, since time.Time) (waiting, problems int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(CASE WHEN state IN ('queued', 'sending', 'retry') THEN 1 END),
		COUNT(CASE WHEN state IN ('failed', 'unknown') AND updated >= $1 THEN 1 END)
		FROM mails WHERE state IN ('queued', 'sending', 'retry', 'unknown', 'failed')`, since.UnixMilli()).Scan(&waiting, &problems)
	return waiting, problems, err
}
