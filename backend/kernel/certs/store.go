package certs

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"portico/backend/kernel/db"
)

func putValue(ctx context.Context, tx *db.Tx, key string, sealed []byte, size int) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO certs_value (key, value, size, modified) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET value = $2, size = $3, modified = $4`, key, sealed, size, tx.Now.UnixMilli())
	return err
}

func getValue(ctx context.Context, q db.Q, key string) ([]byte, error) {
	var sealed []byte
	err := q.QueryRow(ctx, `SELECT value FROM certs_value WHERE key = $1`, key).Scan(&sealed)
	return sealed, err
}

func statValue(ctx context.Context, q db.Q, key string, size *int64, modified *time.Time) error {
	return q.QueryRow(ctx, `SELECT size, modified FROM certs_value WHERE key = $1`, key).Scan(size, db.Time(modified))
}

// below are the bounds of the keys inside a folder: '0' follows '/'. Both engines
// compare by bytes.
func below(path string) (from, to string) {
	if path == "" {
		return "", "\U0010FFFF"
	}
	return path + "/", path + "0"
}

func anyBelow(ctx context.Context, q db.Q, path string) (bool, error) {
	from, to := below(path)
	var one int64
	err := q.QueryRow(ctx, `SELECT 1 FROM certs_value WHERE key >= $1 AND key < $2 LIMIT 1`, from, to).Scan(&one)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func listKeys(ctx context.Context, q db.Q, path string) ([]string, error) {
	from, to := below(path)
	return texts(q.Query(ctx, `SELECT key FROM certs_value WHERE key >= $1 AND key < $2 ORDER BY key`, from, to))
}

func removeValues(ctx context.Context, tx *db.Tx, key string) error {
	from, to := below(key)
	_, err := tx.Exec(ctx, `DELETE FROM certs_value WHERE key = $1 OR (key >= $2 AND key < $3)`, key, from, to)
	return err
}

func lockedUntil(ctx context.Context, q db.Q, name string) (until time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT expires FROM certs_lock WHERE name = $1`, name).Scan(db.Time(&until))
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return until, err
}

// takeLock is one statement, so that of many who find the lock free one gets it.
func takeLock(ctx context.Context, tx *db.Tx, name, owner string, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO certs_lock (name, owner, expires) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET owner = $2, expires = $3 WHERE certs_lock.expires <= $4`,
		name, owner, until.UnixMilli(), tx.Now.UnixMilli())
	return n == 1, err
}

func renewLock(ctx context.Context, tx *db.Tx, name, owner string, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE certs_lock SET expires = CASE WHEN expires > $3 THEN expires ELSE $3 END
		WHERE name = $1 AND owner = $2`, name, owner, until.UnixMilli())
	return n == 1, err
}

func dropLock(ctx context.Context, tx *db.Tx, name, owner string) error {
	_, err := tx.Exec(ctx, `DELETE FROM certs_lock WHERE name = $1 AND owner = $2`, name, owner)
	return err
}

func dropLocks(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM certs_lock`)
	return err
}

// texts reads rows of one text.
func texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}
