package domains

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"portico/backend/kernel/db"
)

const updateColumns = `id, name, state, steps, turn, started, ended`

// lastUpdate answers the newest update of a name; db.ErrNoRows when there is none.
func lastUpdate(ctx context.Context, q db.Q, name string) (Update, error) {
	return scanUpdate(q.QueryRow(ctx, `SELECT `+updateColumns+` FROM domain_updates WHERE name = $1 ORDER BY started DESC, id DESC LIMIT 1`, name))
}

func updateByID(ctx context.Context, q db.Q, id string) (Update, error) {
	return scanUpdate(q.QueryRow(ctx, `SELECT `+updateColumns+` FROM domain_updates WHERE id = $1`, id))
}

func scanUpdate(row db.Row) (u Update, err error) {
	var steps string
	var started, ended int64
	if err = row.Scan(&u.ID, &u.Name, &u.State, &steps, &u.Turn, &started, &ended); err != nil {
		return Update{}, err
	}
	u.Started, u.Ended = instant(started), instant(ended)
	return u, json.Unmarshal([]byte(steps), &u.Steps)
}

func insertUpdate(ctx context.Context, tx *db.Tx, u Update) error {
	steps, err := json.Marshal(u.Steps)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO domain_updates (`+updateColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		u.ID, u.Name, string(u.State), string(steps), u.Turn, millis(u.Started), millis(u.Ended))
	return err
}

// saveUpdate keeps an update unless somebody changed or ended it since it was read.
func saveUpdate(ctx context.Context, tx *db.Tx, u Update) (bool, error) {
	steps, err := json.Marshal(u.Steps)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE domain_updates SET state = $1, steps = $2, turn = turn + 1, ended = $3 WHERE id = $4 AND turn = $5 AND ended = 0`,
		string(u.State), string(steps), millis(u.Ended), u.ID, u.Turn)
	return n == 1, err
}

func forgetUpdates(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM domain_updates WHERE ended > 0 AND ended < $1`, before.UnixMilli())
	return err
}

// notices answers the newest ones first.
func notices(ctx context.Context, q db.Q, n int) (list []Notice, err error) {
	rows, err := q.Query(ctx, `SELECT id, at, level, code, about, params FROM domain_notices ORDER BY at DESC, id DESC LIMIT $1`, n)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		one, err := scanNotice(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

func scanNotice(rows *sql.Rows) (n Notice, err error) {
	var at int64
	var params string
	if err = rows.Scan(&n.ID, &at, &n.Level, &n.Code, &n.About, &params); err != nil {
		return Notice{}, err
	}
	n.At = instant(at)
	return n, json.Unmarshal([]byte(params), &n.Params)
}

// insertNotice keeps a notice; false when the same was told before.
func insertNotice(ctx context.Context, tx *db.Tx, n Notice) (bool, error) {
	params, err := json.Marshal(n.Params)
	if err != nil {
		return false, err
	}
	count, err := tx.Exec(ctx, `INSERT INTO domain_notices (id, at, level, code, about, params) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (code, about) DO NOTHING`, n.ID, n.At.UnixMilli(), string(n.Level), n.Code, n.About, string(params))
	return count == 1, err
}

func forgetNotices(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM domain_notices WHERE at < $1`, before.UnixMilli())
	return err
}
