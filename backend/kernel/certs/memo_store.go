package certs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"portico/backend/kernel/db"
)

// getMemo answers an empty memo for an unknown name.
func getMemo(ctx context.Context, q db.Q, name string) (memo, error) {
	var mo memo
	err := q.QueryRow(ctx, `SELECT memo FROM certs_name WHERE name = $1`, name).Scan(db.JSON(&mo))
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return mo, err
}

func putMemo(ctx context.Context, tx *db.Tx, name string, mo memo) error {
	_, err := tx.Exec(ctx, `INSERT INTO certs_name (name, memo) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET memo = $2`, name, db.JSON(mo))
	return err
}

func insertEntry(ctx context.Context, tx *db.Tx, e Entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO certs_history (id, name, entry) VALUES ($1, $2, $3)`, e.ID, e.Name, db.JSON(e))
	return err
}

// forgetEntries keeps the newest entries of a name.
func forgetEntries(ctx context.Context, tx *db.Tx, name string, keep int) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM certs_history WHERE name = $1 AND id <= (
			SELECT id FROM certs_history WHERE name = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`, name, keep)
	return err
}

func listEntries(ctx context.Context, q db.Q, name string, limit int) ([]Entry, error) {
	found, err := texts(q.Query(ctx, `SELECT entry FROM certs_history WHERE name = $1 ORDER BY id DESC LIMIT $2`, name, limit))
	out := make([]Entry, len(found))
	for i, text := range found {
		if err == nil {
			err = json.Unmarshal([]byte(text), &out[i])
		}
	}
	return out, err
}

// attempt is a row of what was tried.
type attempt struct {
	id, name, directory string
	challenge           Challenge
	began               time.Time
}

// Outcomes of an attempt; an open one has none.
const (
	outcomeIssued      = "issued"
	outcomeFailed      = "failed"
	outcomeInterrupted = "interrupted"
)

func insertAttempt(ctx context.Context, tx *db.Tx, a attempt) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO certs_attempt (id, name, directory, challenge, began, ended, outcome, ordered, failed, hold)
		VALUES ($1, $2, $3, $4, $5, 0, '', TRUE, FALSE, 0)`, a.id, a.name, a.directory, string(a.challenge), a.began.UnixMilli())
	return err
}

func settleAttempt(ctx context.Context, tx *db.Tx, id string, ended time.Time, outcome string, ordered, failed bool, hold time.Time) error {
	var until int64
	if !hold.IsZero() {
		until = hold.UnixMilli()
	}
	_, err := tx.Exec(ctx, `UPDATE certs_attempt SET ended = $2, outcome = $3, ordered = $4, failed = $5, hold = $6 WHERE id = $1`,
		id, ended.UnixMilli(), outcome, ordered, failed, until)
	return err
}

// openAttempts are those that nobody ended, oldest first.
func openAttempts(ctx context.Context, q db.Q, name string) ([]attempt, error) {
	rows, err := q.Query(ctx, `SELECT id, name, directory, challenge, began FROM certs_attempt WHERE name = $1 AND outcome = '' ORDER BY id`, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []attempt
	for rows.Next() {
		var a attempt
		var challenge string
		if err := rows.Scan(&a.id, &a.name, &a.directory, &challenge, db.Time(&a.began)); err != nil {
			return nil, err
		}
		a.challenge = Challenge(challenge)
		out = append(out, a)
	}
	return out, rows.Err()
}

// countInterrupted counts since a time.
func countInterrupted(ctx context.Context, q db.Q, name string, since, until time.Time) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM certs_attempt WHERE name = $1 AND outcome = 'interrupted' AND ordered = TRUE AND began > $2 AND began <= $3`,
		name, since.UnixMilli(), until.UnixMilli()).Scan(&n)
	return n, err
}

// failedSince are the times at which validations failed, newest first.
func failedSince(ctx context.Context, q db.Q, name, directory string, since, until time.Time) ([]time.Time, error) {
	return times(ctx, q, `
		SELECT ended FROM certs_attempt
		WHERE name = $1 AND directory = $2 AND failed = TRUE AND ended > $3 AND ended <= $4 ORDER BY ended DESC`, name, directory, since, until)
}

// orderedSince are the times at which orders were placed, newest first.
func orderedSince(ctx context.Context, q db.Q, name, directory string, since, until time.Time) ([]time.Time, error) {
	return times(ctx, q, `
		SELECT began FROM certs_attempt
		WHERE name = $1 AND directory = $2 AND ordered = TRUE AND began > $3 AND began <= $4 ORDER BY began DESC`, name, directory, since, until)
}

func times(ctx context.Context, q db.Q, query, name, directory string, since, until time.Time) ([]time.Time, error) {
	rows, err := q.Query(ctx, query, name, directory, since.UnixMilli(), until.UnixMilli())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []time.Time
	for rows.Next() {
		var at time.Time
		if err := rows.Scan(db.Time(&at)); err != nil {
			return nil, err
		}
		out = append(out, at)
	}
	return out, rows.Err()
}

// heldUntil is when a directory may be asked again.
func heldUntil(ctx context.Context, q db.Q, directory string, now, furthest time.Time) (until time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT MAX(hold) FROM certs_attempt WHERE directory = $1 AND hold > $2 AND hold < $3`,
		directory, now.UnixMilli(), furthest.UnixMilli()).Scan(db.Time(&until))
	return until, err
}

func forgetAttempts(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM certs_attempt WHERE began < $1 AND outcome <> ''`, before.UnixMilli())
	return err
}
