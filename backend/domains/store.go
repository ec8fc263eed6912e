package domains

import (
	"context"
	"encoding/json"
	"time"

	"portico/backend/kernel/db"
)

func planOf(ctx context.Context, q db.Q) (p Plan, err error) {
	var chosen, told int64
	err = q.QueryRow(ctx, `SELECT name, record, alias, chosen, told FROM domain_plan WHERE one = 1`).Scan(&p.Name, &p.Record, &p.Alias, &chosen, &told)
	p.Chosen, p.Told = instant(chosen), instant(told)
	return p, err
}

func savePlan(ctx context.Context, tx *db.Tx, p Plan) error {
	_, err := tx.Exec(ctx, `UPDATE domain_plan SET name = $1, record = $2, alias = $3, chosen = $4, told = $5 WHERE one = 1`,
		p.Name, string(p.Record), p.Alias, millis(p.Chosen), millis(p.Told))
	return err
}

// hostnames answers the active name first, then the former ones, the newest first.
func hostnames(ctx context.Context, q db.Q) (list []Hostname, err error) {
	rows, err := q.Query(ctx, `SELECT name, role, since FROM domain_names ORDER BY role, since DESC, name`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var h Hostname
		var since int64
		if err := rows.Scan(&h.Name, &h.Role, &since); err != nil {
			return nil, err
		}
		h.Since = instant(since)
		list = append(list, h)
	}
	return list, rows.Err()
}

func retireActive(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE domain_names SET role = 'former', since = $1 WHERE role = 'active'`, now.UnixMilli())
	return err
}

func activate(ctx context.Context, tx *db.Tx, name string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO domain_names (name, role, since) VALUES ($1, 'active', $2)
		ON CONFLICT (name) DO UPDATE SET role = 'active', since = excluded.since`, name, now.UnixMilli())
	return err
}

func forgetFormer(ctx context.Context, tx *db.Tx, name string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM domain_names WHERE name = $1 AND role = 'former'`, name)
}

func checkOf(ctx context.Context, q db.Q, name string) (c Check, err error) {
	var at, settled, kept int64
	var findings, lookups string
	err = q.QueryRow(ctx, `SELECT name, at, ready, settled, kept, findings, lookups, host, apex FROM domain_checks WHERE name = $1`, name).
		Scan(&c.Name, &at, &c.Ready, &settled, &kept, &findings, &lookups, &c.Host, &c.Apex)
	if err != nil {
		return Check{}, err
	}
	c.At, c.Settled, c.Kept = instant(at), instant(settled), time.Duration(kept)*time.Millisecond
	if err := json.Unmarshal([]byte(findings), &c.Findings); err != nil {
		return Check{}, err
	}
	return c, json.Unmarshal([]byte(lookups), &c.Lookups)
}

func saveCheck(ctx context.Context, tx *db.Tx, c Check) error {
	findings, err := json.Marshal(c.Findings)
	if err != nil {
		return err
	}
	lookups, err := json.Marshal(c.Lookups)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO domain_checks (name, at, ready, settled, kept, findings, lookups, host, apex) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (name) DO UPDATE SET at = excluded.at, ready = excluded.ready, settled = excluded.settled, kept = excluded.kept, findings = excluded.findings,
			lookups = excluded.lookups, host = excluded.host, apex = excluded.apex`,
		c.Name, c.At.UnixMilli(), c.Ready, millis(c.Settled), c.Kept.Milliseconds(), string(findings), string(lookups), c.Host, c.Apex)
	return err
}

// forgetChecks keeps those of the names that are in use.
func forgetChecks(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM domain_checks WHERE name NOT IN (SELECT name FROM domain_names)
		AND name NOT IN (SELECT name FROM domain_plan)`)
	return err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
