package access

import (
	"context"
	"database/sql"
	"time"

	"portico/backend/kernel/db"
)

const linkColumns = `l.id, l.selector, l.kind, l.contact_id, l.email_hash, l.request_id, l.created, l.expires, l.used_at, l.used_session,
	l.used_browser, l.used_network, l.revoked_at, l.attempts, l.opens, l.opened_at, l.openers, l.target`

func scanLink(row interface{ Scan(...any) error }) (l Link, err error) {
	err = row.Scan(&l.ID, &l.Selector, &l.Kind, &l.ContactID, &l.EmailHash, &l.RequestID, db.Time(&l.Created), db.Time(&l.Expires), db.Time(&l.Used),
		&l.UsedSession, &l.UsedBrowser, &l.UsedNetwork, db.Time(&l.Revoked), &l.Attempts, &l.Opens, db.Time(&l.Opened), db.JSON(&l.Openers), &l.Target)
	return l, err
}

func insertLink(ctx context.Context, tx *db.Tx, l Link) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO links (id, selector, kind, contact_id, email_hash, request_id, created, expires, used_session, used_browser, used_network,
			attempts, opens, openers, target)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', 0, 0, '', $9)`,
		l.ID, l.Selector, string(l.Kind), l.ContactID, l.EmailHash, l.RequestID, l.Created.UnixMilli(), l.Expires.UnixMilli(), l.Target)
	return err
}

func linkBySelector(ctx context.Context, q db.Q, selector string) (Link, error) {
	return scanLink(q.QueryRow(ctx, `SELECT `+linkColumns+` FROM links l WHERE l.selector = $1`, selector))
}

func linksBySelectors(ctx context.Context, q db.Q, selectors []string) ([]Link, error) {
	if len(selectors) == 0 {
		return nil, nil
	}
	args := make([]any, len(selectors))
	for i, selector := range selectors {
		args[i] = selector
	}
	return scanLinks(q.Query(ctx, `SELECT `+linkColumns+` FROM links l WHERE l.selector IN (`+db.In(1, len(args))+`)`, args...))
}

func linkByID(ctx context.Context, q db.Q, id string) (Link, error) {
	return scanLink(q.QueryRow(ctx, `SELECT `+linkColumns+` FROM links l WHERE l.id = $1`, id))
}

func linkByRequest(ctx context.Context, q db.Q, requestID string) (Link, error) {
	return scanLink(q.QueryRow(ctx, `SELECT `+linkColumns+` FROM links l WHERE l.request_id = $1`, requestID))
}

func linksOf(ctx context.Context, q db.Q, contactID string, limit int) ([]Link, error) {
	return scanLinks(q.Query(ctx, `SELECT `+linkColumns+` FROM links l WHERE l.contact_id = $1 ORDER BY l.created DESC, l.id DESC LIMIT $2`, contactID, limit))
}

func scanLinks(rows *sql.Rows, err error) ([]Link, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Link
	for rows.Next() {
		l, err := scanLink(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// useLink takes a link, once: of many at the same time exactly one changes a row.
func useLink(ctx context.Context, tx *db.Tx, l Link, sessionID, browser, network string) (int64, error) {
	return tx.Exec(ctx, `
		UPDATE links SET used_at = $2, used_session = $3, used_browser = $4, used_network = $5
		WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires > $2 AND attempts < $6`,
		l.ID, tx.Now.UnixMilli(), sessionID, browser, network, maxAttempts)
}

// missLink uses up one of the tries of an open link.
func missLink(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE links SET attempts = attempts + 1 WHERE id = $1 AND used_at IS NULL`, id)
	return err
}

// openLink counts a visit; navigated is when a person's browser came, or zero.
func openLink(ctx context.Context, tx *db.Tx, id string, navigated time.Time, openers []string) error {
	_, err := tx.Exec(ctx, `UPDATE links SET opens = opens + 1, opened_at = COALESCE(opened_at, $2), openers = $3 WHERE id = $1`, id, db.Ms(navigated), db.JSON(openers))
	return err
}

func revokeLink(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return tx.Exec(ctx, `UPDATE links SET revoked_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL`, id, tx.Now.UnixMilli())
}

// revokeKind ends the open links of one kind, the newest keep aside.
func revokeKind(ctx context.Context, tx *db.Tx, contactID string, kind Kind, keep int) error {
	_, err := tx.Exec(ctx, `
		UPDATE links SET revoked_at = $3
		WHERE contact_id = $1 AND kind = $2 AND used_at IS NULL AND revoked_at IS NULL AND id NOT IN (
			SELECT id FROM links WHERE contact_id = $1 AND kind = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires > $3
			ORDER BY created DESC, id DESC LIMIT $4)`, contactID, string(kind), tx.Now.UnixMilli(), keep)
	return err
}

func revokeAll(ctx context.Context, tx *db.Tx, contactID string) error {
	_, err := tx.Exec(ctx, `UPDATE links SET revoked_at = $2 WHERE contact_id = $1 AND used_at IS NULL AND revoked_at IS NULL`, contactID, tx.Now.UnixMilli())
	return err
}

// forgetLinks removes links long over and requests nobody can use any more.
func forgetLinks(ctx context.Context, tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM links WHERE expires < $1`, before.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM login_requests WHERE created < $1`, tx.Now.Add(-24*time.Hour).UnixMilli())
	return err
}

// request is a browser that asked for a login mail.
type request struct {
	ID      string
	Browser string
	Created time.Time
}

func insertRequest(ctx context.Context, tx *db.Tx, id, cookieHash, browser string) error {
	_, err := tx.Exec(ctx, `INSERT INTO login_requests (id, cookie_hash, browser, created) VALUES ($1, $2, $3, $4)`, id, cookieHash, browser, tx.Now.UnixMilli())
	return err
}

func requestByCookie(ctx context.Context, q db.Q, cookieHash string) (r request, err error) {
	err = q.QueryRow(ctx, `SELECT id, browser, created FROM login_requests WHERE cookie_hash = $1`, cookieHash).Scan(&r.ID, &r.Browser, db.Time(&r.Created))
	return r, err
}

func requestByID(ctx context.Context, q db.Q, id string) (r request, err error) {
	err = q.QueryRow(ctx, `SELECT id, browser, created FROM login_requests WHERE id = $1`, id).Scan(&r.ID, &r.Browser, db.Time(&r.Created))
	return r, err
}
