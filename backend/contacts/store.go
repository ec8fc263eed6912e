package contacts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/search"
)

// index is the search index of this room.
var index = search.Index{Name: "contacts"}

// Index is the search index over contacts, for lists of other rooms that are
// looked through by the people they are about; it yields ids and nothing else.
func Index() search.Index { return index }

// A contact comes out of the store as one text, which readContact cuts: to the
// driver each column more is a call and two allocations, and a page of the list has
// 750. Between the parts stands a character that none of them holds: Line and the
// other rules of Normalised refuse it, and JSON escapes it.
const (
	apart          = "\x1f"
	bareColumns    = "concat_ws('" + apart + "', c.id, c.state, c.name, c.emails, c.phones, c.company, c.address, c.language, c.time_zone, c.birthday, c.photo, c.theme, c.created, c.updated, "
	untagged       = bareColumns + "'')"
	contactColumns = bareColumns + "COALESCE((SELECT string_agg(t.name, '\n') FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = c.id), ''))"
)

func scanContact(row interface{ Scan(...any) error }) (Contact, error) {
	var stored string
	if err := row.Scan(&stored); err != nil {
		return Contact{}, err
	}
	return readContact(stored)
}

// readContact reads the parts of a contact, in the order of bareColumns. The tags
// come as lines.
func readContact(stored string) (c Contact, err error) {
	var emails, phones, address, created, updated, tags string
	parts := [...]*string{&c.ID, (*string)(&c.State), &c.Name, &emails, &phones, &c.Company, &address,
		&c.Language, &c.TimeZone, &c.Birthday, &c.Photo, &c.Theme, &created, &updated, &tags}
	for i, part := range parts {
		var more bool
		if *part, stored, more = strings.Cut(stored, apart); more != (i < len(parts)-1) {
			return Contact{}, fmt.Errorf("a contact of %d parts or more, not %d", i+1, len(parts))
		}
	}
	if c.Created, err = readTime(created); err == nil {
		c.Updated, err = readTime(updated)
	}
	if err == nil {
		c.Emails, err = readTexts(emails)
	}
	if err == nil {
		c.Phones, err = readTexts(phones)
	}
	if err == nil {
		c.Address, err = readAddress(address)
	}
	c.Tags = readTags(tags)
	return c, err
}

func readTime(stored string) (time.Time, error) {
	ms, err := strconv.ParseInt(stored, 10, 64)
	return db.At(ms), err
}

func insertContact(ctx context.Context, tx *db.Tx, c Contact) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO contacts (id, state, name, name_key, emails, phones, company, address, language, time_zone, birthday, photo, theme, created, updated, deleted_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '')`,
		c.ID, string(c.State), c.Name, search.Fold(c.Name), db.JSON(c.Emails), db.JSON(c.Phones), c.Company, db.JSON(c.Address),
		c.Language, c.TimeZone, c.Birthday, c.Photo, c.Theme, c.Created.UnixMilli(), c.Updated.UnixMilli())
	return err
}

func updateContact(ctx context.Context, tx *db.Tx, c Contact) error {
	_, err := tx.Exec(ctx, `
		UPDATE contacts SET name = $2, name_key = $3, emails = $4, phones = $5, company = $6, address = $7, language = $8,
			time_zone = $9, birthday = $10, photo = $11, theme = $12, updated = $13
		WHERE id = $1`,
		c.ID, c.Name, search.Fold(c.Name), db.JSON(c.Emails), db.JSON(c.Phones), c.Company, db.JSON(c.Address), c.Language,
		c.TimeZone, c.Birthday, c.Photo, c.Theme, c.Updated.UnixMilli())
	return err
}

// setState moves a contact between states and remembers where a deleted one came from.
func setState(ctx context.Context, tx *db.Tx, id string, from, to State) (int64, error) {
	return tx.Exec(ctx, `
		UPDATE contacts SET state = $3, updated = $4, deleted_from = CASE WHEN $3 = 'deleted' THEN state ELSE '' END
		WHERE id = $1 AND state = $2`, id, string(from), string(to), tx.Now.UnixMilli())
}

func deletedFrom(ctx context.Context, q db.Q, id string) (s State, err error) {
	err = q.QueryRow(ctx, `SELECT deleted_from FROM contacts WHERE id = $1 AND state = 'deleted'`, id).Scan(&s)
	return s, err
}

func removeContact(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM contacts WHERE id = $1 AND state = 'deleted'`, id)
	return err
}

func contactByID(ctx context.Context, q db.Q, id string) (Contact, error) {
	return scanContact(q.QueryRow(ctx, `SELECT `+contactColumns+` FROM contacts c WHERE c.id = $1`, id))
}

func contactByEmailKey(ctx context.Context, q db.Q, key string) (Contact, error) {
	return scanContact(q.QueryRow(ctx, `
		SELECT `+untagged+` FROM contact_emails e JOIN contacts c ON c.id = e.contact_id WHERE e.email_key = $1`, key))
}

func contactsByID(ctx context.Context, q db.Q, ids []string) ([]Contact, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return upTo(len(ids))(q.Query(ctx, `SELECT `+untagged+` FROM contacts c WHERE c.id IN (`+db.In(1, len(ids))+`)`, anys(ids)...))
}

// upTo reads no more than about n contacts.
func upTo(n int) func(*sql.Rows, error) ([]Contact, error) {
	return func(rows *sql.Rows, err error) ([]Contact, error) {
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }()
		out := make([]Contact, 0, min(n, longest))
		for rows.Next() {
			c, err := scanContact(rows)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		return out, rows.Err()
	}
}

func claimEmails(ctx context.Context, tx *db.Tx, id string, keys []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM contact_emails WHERE contact_id = $1`, id); err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := tx.Exec(ctx, `INSERT INTO contact_emails (email_key, contact_id) VALUES ($1, $2)`, key, id); err != nil {
			return err
		}
	}
	return nil
}

func holderOf(ctx context.Context, q db.Q, key, notID string) (id, name string, err error) {
	err = q.QueryRow(ctx, `
		SELECT c.id, c.name FROM contact_emails e JOIN contacts c ON c.id = e.contact_id WHERE e.email_key = $1 AND c.id <> $2`, key, notID).Scan(&id, &name)
	return id, name, err
}

func insertView(ctx context.Context, tx *db.Tx, v View) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_views (id, name, data) VALUES ($1, $2, $3)`, v.ID, v.Name, string(data))
	return err
}

func updateView(ctx context.Context, tx *db.Tx, v View) (int64, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `UPDATE contact_views SET name = $2, data = $3 WHERE id = $1`, v.ID, v.Name, string(data))
}

func removeView(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM contact_views WHERE id = $1`, id)
}

func listViews(ctx context.Context, q db.Q) ([]View, error) {
	rows, err := q.Query(ctx, `SELECT data FROM contact_views ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []View
	for rows.Next() {
		var v View
		if err := rows.Scan(db.JSON(&v)); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

func photos(ctx context.Context, q db.Q) ([]string, error) {
	return scanIDs(q.Query(ctx, `SELECT photo FROM contacts WHERE photo <> ''`))
}

func hasPhoto(ctx context.Context, q db.Q, blobID string) (bool, error) {
	var one int
	err := q.QueryRow(ctx, `SELECT 1 FROM contacts WHERE photo = $1 AND photo <> '' LIMIT 1`, blobID).Scan(&one)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func scanIDs(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	ids := []string{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
