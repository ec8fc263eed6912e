package outbox

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

func accountRow(ctx context.Context, q db.Q) (k kept, err error) {
	err = q.QueryRow(ctx, `
		SELECT version, kind, host, port, security, username, password_ref, from_name, from_address, preset,
			per_minute, per_day, per_connection, connections,
			state, problem, reply, since, probes, probe_at, hold_until, hold_problem
		FROM mail_account WHERE id = 1`).
		Scan(&k.Version, &k.Kind, &k.Host, &k.Port, &k.Security, &k.Username, &k.PasswordRef, &k.FromName, &k.FromAddress, &k.Preset,
			&k.Limits.PerMinute, &k.Limits.PerDay, &k.Limits.PerConnection, &k.Limits.Connections,
			&k.Status.State, &k.Status.Problem, &k.Status.Reply, db.Time(&k.Status.Since), &k.Status.Probes,
			db.Time(&k.Status.ProbeAt), db.Time(&k.Status.HoldUntil), &k.Status.HoldProblem)
	return k, err
}

// saveAccount writes new settings, which also ends whatever was the matter.
func saveAccount(ctx context.Context, q db.Q, a Account, passwordRef string) error {
	_, err := q.Exec(ctx, `
		UPDATE mail_account SET version = version + 1, kind = $1, host = $2, port = $3, security = $4, username = $5,
			password_ref = $6, from_name = $7, from_address = $8, preset = $9,
			per_minute = $10, per_day = $11, per_connection = $12, connections = $13,
			state = 'ok', problem = '', reply = '', since = NULL, probes = 0, probe_at = NULL, hold_until = NULL, hold_problem = ''
		WHERE id = 1`,
		string(a.Kind), a.Host, a.Port, string(a.Security), a.Username, passwordRef, a.FromName, a.FromAddress, a.Preset,
		a.Limits.PerMinute, a.Limits.PerDay, a.Limits.PerConnection, a.Limits.Connections)
	return err
}

// accountOkay ends a pause, an outage or a hold.
func accountOkay(ctx context.Context, q db.Q) (int64, error) {
	return q.Exec(ctx, `
		UPDATE mail_account SET state = 'ok', problem = '', reply = '', since = NULL, probes = 0, probe_at = NULL,
			hold_until = NULL, hold_problem = ''
		WHERE id = 1 AND state <> 'unset'`)
}

// accountTrouble says what is the matter with the version of the account that
// met it; newer settings have not met it.
func accountTrouble(ctx context.Context, q db.Q, version int, to Status) error {
	_, err := q.Exec(ctx, `
		UPDATE mail_account SET since = CASE WHEN state = $2 THEN since ELSE $5 END,
			state = $2, problem = $3, reply = $4, probes = $6, probe_at = $7
		WHERE id = 1 AND version = $1 AND (state = 'ok' OR (state = 'offline' AND ($2 <> 'offline' OR probes < $6)))`,
		version, string(to.State), to.Problem, to.Reply, to.Since.UnixMilli(), to.Probes, db.Ms(to.ProbeAt))
	return err
}

// accountHolds keeps the longer of two holds, but what the provider says goes
// before our own count, which is taken anew afterwards.
func accountHolds(ctx context.Context, q db.Q, version int, until time.Time, problem, reply string, now time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE mail_account SET hold_until = $2, hold_problem = $3, reply = $4
		WHERE id = 1 AND version = $1 AND state = 'ok'
			AND (hold_until IS NULL OR hold_until <= $5 OR hold_problem LIKE $6 OR (hold_until < $2 AND $3 NOT LIKE $6))`,
		version, until.UnixMilli(), problem, reply, now.UnixMilli(), ownLimit+"%")
	return err
}

func usageOf(ctx context.Context, q db.Q, now time.Time) (u usage, err error) {
	minute := now.Unix() / 60
	var oldest int64
	err = q.QueryRow(ctx, `
		SELECT CAST(COALESCE(SUM(CASE WHEN minute = $1 THEN n ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN minute = $2 THEN n ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(n), 0) AS BIGINT), COALESCE(MIN(CASE WHEN n > 0 THEN minute END), 0)
		FROM mail_usage WHERE minute > $3`, minute, minute-1, minute-24*60).
		Scan(&u.thisMinute, &u.lastMinute, &u.day, &oldest)
	u.oldest = time.Unix(oldest*60, 0).UTC()
	return u, err
}

func addUsage(ctx context.Context, q db.Q, now time.Time, n int) error {
	_, err := q.Exec(ctx, `
		INSERT INTO mail_usage (minute, n) VALUES ($1, $2)
		ON CONFLICT (minute) DO UPDATE SET n = mail_usage.n + excluded.n`, now.Unix()/60, n)
	return err
}

func forgetUsage(ctx context.Context, q db.Q, now time.Time) error {
	_, err := q.Exec(ctx, `DELETE FROM mail_usage WHERE minute < $1`, now.Unix()/60-48*60)
	return err
}

// unsetAccount goes back to the beginning: mail waits.
func unsetAccount(ctx context.Context, q db.Q) error {
	_, err := q.Exec(ctx, `
		UPDATE mail_account SET version = version + 1, kind = '', host = '', port = 0, security = '', username = '', password_ref = '',
			from_name = '', from_address = '', preset = '', state = 'unset', problem = '', reply = '', since = NULL, probes = 0,
			probe_at = NULL, hold_until = NULL, hold_problem = ''
		WHERE id = 1`)
	return err
}
