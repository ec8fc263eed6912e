package domains

import (
	"context"
	"encoding/json"

	"portico/backend/kernel/db"
	"portico/backend/kernel/reach"
)

func putMapping(ctx context.Context, tx *db.Tx, m reach.Mapping) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO domain_mappings (gateway, method, external, mapping) VALUES ($1, $2, $3, $4)
		ON CONFLICT (gateway, method, external) DO UPDATE SET mapping = excluded.mapping`,
		m.Gateway.String(), string(m.Method), int64(m.Forward.External), string(text))
	return err
}

func removeMapping(ctx context.Context, tx *db.Tx, m reach.Mapping) error {
	_, err := tx.Exec(ctx, `DELETE FROM domain_mappings WHERE gateway = $1 AND method = $2 AND external = $3`,
		m.Gateway.String(), string(m.Method), int64(m.Forward.External))
	return err
}

func mappings(ctx context.Context, q db.Q) (list []reach.Mapping, err error) {
	rows, err := q.Query(ctx, `SELECT mapping FROM domain_mappings ORDER BY gateway, method, external`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		var m reach.Mapping
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}
