package chat

import (
	"context"
	"time"

	"portico/backend/kernel/db"
)

const uploadColumns = `id, owner_id, name, size, part, type, kind, width, height, thumb, sha256, done, created`

func scanUpload(row interface{ Scan(...any) error }) (u Upload, err error) {
	err = row.Scan(&u.ID, &u.OwnerID, &u.Name, &u.Size, &u.Blob, &u.Type, &u.Kind, &u.Width, &u.Height, &u.Thumb, &u.SHA256, &u.Done, db.Time(&u.Created))
	return u, err
}

func insertUpload(ctx context.Context, tx *db.Tx, u Upload) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_uploads (id, owner_id, name, size, part, type, kind, width, height, thumb, sha256, done, created)
		VALUES ($1, $2, $3, $4, $5, '', '', 0, 0, '', '', FALSE, $6)`, u.ID, u.OwnerID, u.Name, u.Size, u.Blob, u.Created.UnixMilli())
	return err
}

func finishUpload(ctx context.Context, tx *db.Tx, u Upload) error {
	_, err := tx.Exec(ctx, `
		UPDATE chat_uploads SET type = $3, kind = $4, width = $5, height = $6, thumb = $7, sha256 = $8, done = TRUE WHERE owner_id = $1 AND id = $2`,
		u.OwnerID, u.ID, u.Type, u.Kind, u.Width, u.Height, u.Thumb, u.SHA256)
	return err
}

func uploadByID(ctx context.Context, q db.Q, ownerID, id string) (Upload, error) {
	return scanUpload(q.QueryRow(ctx, `SELECT `+uploadColumns+` FROM chat_uploads WHERE owner_id = $1 AND id = $2`, ownerID, id))
}

func removeUpload(ctx context.Context, tx *db.Tx, ownerID, id string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM chat_uploads WHERE owner_id = $1 AND id = $2`, ownerID, id)
}

// staleUploads answers uploads that were begun before a time and never sent.
func staleUploads(ctx context.Context, q db.Q, before time.Time, limit int) ([]Upload, error) {
	rows, err := q.Query(ctx, `SELECT `+uploadColumns+` FROM chat_uploads WHERE created < $1 ORDER BY created LIMIT $2`, before.UnixMilli(), limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Upload
	for rows.Next() {
		u, err := scanUpload(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// stored is how many bytes a client has sent, all in all and since a time.
func stored(ctx context.Context, q db.Q, ownerID string, since time.Time) (all, recent int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT COALESCE(SUM(size), 0), COALESCE(SUM(CASE WHEN created >= $2 THEN size ELSE 0 END), 0) FROM (
			SELECT size, created FROM chat_uploads WHERE owner_id = $1 UNION ALL SELECT size, created FROM chat_attachments WHERE author_id = $1) AS x`,
		ownerID, since.UnixMilli()).Scan(&all, &recent)
	return all, recent, err
}

const attachmentColumns = `a.id, a.conversation_id, a.seq, a.author_id, a.name, a.size, a.type, a.kind, a.width, a.height, a.blob, a.thumb, a.sha256, a.created`

func scanAttachment(row interface{ Scan(...any) error }) (a Attachment, err error) {
	err = row.Scan(&a.ID, &a.ConversationID, &a.Seq, &a.AuthorID, &a.Name, &a.Size, &a.Type, &a.Kind, &a.Width, &a.Height, &a.Blob, &a.Thumb, &a.SHA256, db.Time(&a.Created))
	return a, err
}

func insertAttachment(ctx context.Context, tx *db.Tx, a Attachment, place int) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_attachments (id, conversation_id, seq, place, author_id, name, size, type, kind, width, height, blob, thumb, sha256, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		a.ID, a.ConversationID, a.Seq, place, a.AuthorID, a.Name, a.Size, a.Type, a.Kind, a.Width, a.Height, a.Blob, a.Thumb, a.SHA256, a.Created.UnixMilli())
	return err
}

// attachmentByID answers an attachment of a message behind since.
func attachmentByID(ctx context.Context, q db.Q, conversationID, id string, since int64) (Attachment, error) {
	return scanAttachment(q.QueryRow(ctx, `
		SELECT `+attachmentColumns+` FROM chat_attachments a WHERE a.conversation_id = $1 AND a.id = $2 AND a.seq > $3`, conversationID, id, since))
}

// attachmentsOf answers the attachments of messages, in order.
func attachmentsOf(ctx context.Context, q db.Q, conversationID string, seqs []int64) ([]Attachment, error) {
	args := []any{conversationID}
	for _, seq := range seqs {
		args = append(args, seq)
	}
	return scanAttachments(ctx, q, `
		SELECT `+attachmentColumns+` FROM chat_attachments a WHERE a.conversation_id = $1 AND a.seq IN (`+db.In(2, len(seqs))+`) ORDER BY a.seq, a.place`, args...)
}

// filesOf answers what was sent by a contact, and to them alone, the newest first.
func filesOf(ctx context.Context, q db.Q, contactID, directID, before string, limit int) ([]Attachment, error) {
	return scanAttachments(ctx, q, `
		SELECT `+attachmentColumns+` FROM chat_attachments a
		WHERE (a.author_id = $1 OR a.conversation_id = $2) AND (CAST($3 AS TEXT) = '' OR a.id < $3) ORDER BY a.id DESC LIMIT $4`, contactID, directID, before, limit)
}

func scanAttachments(ctx context.Context, q db.Q, query string, args ...any) ([]Attachment, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Attachment
	for rows.Next() {
		a, err := scanAttachment(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// removeAttachments takes the files off a message that was deleted.
func removeAttachments(ctx context.Context, tx *db.Tx, conversationID string, seq int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM chat_attachments WHERE conversation_id = $1 AND seq = $2`, conversationID, seq)
	return err
}

// blobUsed reports whether a file of the store belongs to this room.
func blobUsed(ctx context.Context, q db.Q, id string) (used bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM chat_attachments WHERE blob = $1) OR EXISTS (SELECT 1 FROM chat_attachments WHERE thumb <> '' AND thumb = $1)
			OR EXISTS (SELECT 1 FROM chat_uploads WHERE part = $1) OR EXISTS (SELECT 1 FROM chat_uploads WHERE thumb <> '' AND thumb = $1)`, id).Scan(&used)
	return used, err
}

// blobsAfter answers the files that attachments name, in order of the attachment's id.
func blobsAfter(ctx context.Context, q db.Q, after string, limit int) ([]Attachment, error) {
	return scanAttachments(ctx, q, `SELECT `+attachmentColumns+` FROM chat_attachments a WHERE a.id > $1 ORDER BY a.id LIMIT $2`, after, limit)
}
