package branding

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

// keptBrand is on every page.
var keptBrand = db.Kept[Brand]{Name: "branding.brand", Tables: []string{"brand"}}

func readBrand(ctx context.Context, q db.Q) (Brand, error) {
	var b Brand
	var logo, icon, cover string
	err := q.QueryRow(ctx, `SELECT version, name, description, accent, accent_2, support_email, copyright, logo, icon, cover FROM brand WHERE one = 1`).
		Scan(&b.Version, &b.Name, &b.Description, &b.Accent, &b.Accent2, &b.SupportEmail, &b.Copyright, &logo, &icon, &cover)
	b.pictures = map[Kind]string{Logo: logo, Icon: icon, Cover: cover}
	return b, err
}

// writeBrand keeps a brand under the next version and answers that.
func writeBrand(ctx context.Context, tx *db.Tx, b Brand, now time.Time) (version int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE brand SET version = version + 1, name = $1, description = $2, accent = $3, accent_2 = $4,
		support_email = $5, copyright = $6, logo = $7, icon = $8, cover = $9, updated = $10 WHERE one = 1 RETURNING version`,
		b.Name, b.Description, b.Accent, b.Accent2, b.SupportEmail, b.Copyright,
		b.pictures[Logo], b.pictures[Icon], b.pictures[Cover], now.UnixMilli()).Scan(&version)
	return version, err
}
