package chat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/settings"
)

// Quota is how much a client may send, in bytes.
type Quota struct {
	All int64 `json:"all"` // kept at the same time
	Day int64 `json:"day"` // within 24 hours
}

var quotaKey = settings.Key[Quota]{Name: "chat.quota", Default: Quota{All: 5 << 30, Day: 2 << 30}}

const (
	// previewSize is the longer side of the picture that a conversation shows.
	previewSize = 1024
	// uploadAge is how long an upload waits for its message.
	uploadAge = 24 * time.Hour
	// leastFree is the part of the disk that uploads leave free.
	leastFree = 0.05
)

var errUploadGone = fault.New(fault.NotFound, "chat.upload_not_found", "This upload is not here any more. Choose the file again.")

// BeginUpload announces a file. Clients and staff; what it is for is said by the
// message that carries it. Faults: kinds of files that cannot be sent, the
// client's quota, a disk that is nearly full.
func (s *Service) BeginUpload(ctx context.Context, actor auth.Actor, name string, size int64) (Upload, error) {
	f, err := normalFile(name, size)
	if err != nil {
		return Upload{}, err
	}
	if err := s.roomFor(ctx, actor, f); err != nil {
		return Upload{}, err
	}
	if f.Blob, err = s.Blobs.Begin(); err != nil {
		return Upload{}, err
	}
	u := Upload{ID: ident.New("up"), OwnerID: actor.ContactID, File: f}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		u.Created = tx.Now
		return insertUpload(ctx, tx, u)
	})
	if err != nil {
		_ = s.Blobs.Abandon(f.Blob)
	}
	return u, err
}

// roomFor refuses what a client's quota or the disk does not hold.
func (s *Service) roomFor(ctx context.Context, actor auth.Actor, f File) error {
	if free, total, err := s.Space(); err == nil && float64(free)-float64(f.Size) < leastFree*float64(total) {
		return fault.New(fault.StorageFull, "chat.disk_full", "There is no room for this file at the moment. The business has to make some; your message itself can be sent.")
	}
	if actor.Kind != auth.KindClient {
		return nil
	}
	quota, err := settings.Get(ctx, s.DB.Read(), quotaKey)
	if err != nil {
		return err
	}
	all, day, err := stored(ctx, s.DB.Read(), actor.ContactID, s.DB.Clock().Now().Add(-24*time.Hour))
	if err != nil {
		return fmt.Errorf("adding up the files of %s: %w", actor.ContactID, err)
	}
	switch {
	case all+f.Size > quota.All:
		return fault.New(fault.StorageFull, "chat.quota_all", "You have sent {megabytes} MB of files, which is all that fits here. Ask the business to remove some.", "megabytes", all>>20)
	case day+f.Size > quota.Day:
		return fault.New(fault.TooMany, "chat.quota_day", "You have sent {megabytes} MB of files today. Please send the rest tomorrow.", "megabytes", day>>20)
	}
	return nil
}

// Uploaded answers how far an upload of the actor's has come.
func (s *Service) Uploaded(ctx context.Context, actor auth.Actor, id string) (Upload, error) {
	u, err := uploadByID(ctx, s.DB.Read(), actor.ContactID, id)
	if err != nil {
		return u, missing(err, errUploadGone)
	}
	if u.Offset = u.Size; !u.Done {
		u.Offset, err = s.Blobs.Size(u.Blob)
	}
	return u, err
}

// Continue takes the next part of an upload, at the offset that it stands at, and
// with the last part looks whether the file is what it says. Faults: blob.offset,
// chat.file_mistaken (the upload is gone then).
func (s *Service) Continue(ctx context.Context, actor auth.Actor, id string, offset int64, part io.Reader) (Upload, error) {
	u, err := s.Uploaded(ctx, actor, id)
	if err != nil {
		return u, err
	}
	if u.Done {
		return u, nil // the answer to the last part was lost
	}
	if u.Offset < u.Size {
		if u.Offset, err = s.Blobs.Append(ctx, u.Blob, offset, part, u.Size); err != nil || u.Offset < u.Size {
			return u, err
		}
	}
	if err := s.finish(ctx, &u); err != nil {
		var f *fault.Fault
		if errors.As(err, &f) {
			_ = s.CancelUpload(context.WithoutCancel(ctx), actor, id)
		}
		return u, err
	}
	return u, nil
}

// finish recognises a whole file, draws what is shown of a picture, and keeps both.
func (s *Service) finish(ctx context.Context, u *Upload) error {
	kept, err := s.Blobs.Finish(u.Blob)
	if err != nil {
		return err
	}
	u.SHA256 = kept.SHA256
	f, _, _, err := s.Blobs.Open(u.Blob)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	detected, err := mimetype.DetectReader(f)
	if err != nil {
		return fmt.Errorf("looking at %s: %w", u.ID, err)
	}
	var types []string
	for m := detected; m != nil; m = m.Parent() {
		types = append(types, m.String())
	}
	if u.Kind, u.Type, err = recognised(u.Name, types); err != nil {
		return err
	}
	if u.Kind == "image" {
		if err := s.draw(ctx, u, f); err != nil {
			return err
		}
	}
	u.Done = true
	return s.DB.Write(ctx, func(tx *db.Tx) error { return finishUpload(ctx, tx, *u) })
}

// draw makes the picture that conversations show, of which nothing says where it
// was taken. One that is too large to be drawn is still sent, as a file.
func (s *Service) draw(ctx context.Context, u *Upload, f io.ReadSeeker) error {
	small, _, err := s.Pictures.Thumbnail(ctx, f, previewSize, false)
	if fault.KindOf(err) == fault.TooLarge {
		u.Kind = "file"
		return nil
	}
	if err != nil {
		return err
	}
	kept, err := s.Blobs.Put(ctx, bytes.NewReader(small), int64(len(small)))
	if err != nil {
		return err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(small))
	if err != nil {
		return fmt.Errorf("measuring a preview: %w", err)
	}
	u.Thumb, u.Width, u.Height = kept.ID, int64(size.Width), int64(size.Height)
	return nil
}

// CancelUpload forgets an upload of the actor's.
func (s *Service) CancelUpload(ctx context.Context, actor auth.Actor, id string) error {
	u, err := uploadByID(ctx, s.DB.Read(), actor.ContactID, id)
	if err != nil {
		return missing(err, errUploadGone)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := removeUpload(ctx, tx, actor.ContactID, id)
		if err == nil && n == 0 {
			err = errUploadGone // a message took it meanwhile
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.discard(u)
}

// discard removes the files of an upload that no row names any more.
func (s *Service) discard(u Upload) error {
	err := s.Blobs.Abandon(u.Blob)
	for _, id := range []string{u.Blob, u.Thumb} {
		if id != "" && err == nil {
			err = s.Blobs.Delete(id)
		}
	}
	return err
}

// attach makes uploads of the author's attachments of a message, in its commit.
func (s *Service) attach(ctx context.Context, tx *db.Tx, m *Message, uploads []string) error {
	for place, id := range uploads {
		u, err := uploadByID(ctx, tx, m.AuthorID, id)
		if errors.Is(err, db.ErrNoRows) || err == nil && !u.Done {
			return fault.InvalidField("attachments", "chat.upload_not_found", "This upload is not here any more. Choose the file again.")
		}
		if err != nil {
			return fmt.Errorf("attaching %s: %w", id, err)
		}
		a := Attachment{ID: ident.New("at"), ConversationID: m.ConversationID, Seq: m.Seq, AuthorID: m.AuthorID, File: u.File, Created: tx.Now}
		if err := insertAttachment(ctx, tx, a, place); err != nil {
			return fmt.Errorf("attaching %s: %w", id, err)
		}
		if _, err := removeUpload(ctx, tx, m.AuthorID, id); err != nil {
			return fmt.Errorf("attaching %s: %w", id, err)
		}
		m.Files = append(m.Files, a)
	}
	return nil
}

// withFiles adds the attachments to messages of a conversation.
func (s *Service) withFiles(ctx context.Context, q db.Q, conversationID string, list []Message) error {
	var seqs []int64
	for _, m := range list {
		if m.files > 0 && m.Files == nil {
			seqs = append(seqs, m.Seq)
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	all, err := attachmentsOf(ctx, q, conversationID, seqs)
	if err != nil {
		return fmt.Errorf("files of %s: %w", conversationID, err)
	}
	for i := range list {
		for _, a := range all {
			if a.Seq == list[i].Seq && list[i].files > int64(len(list[i].Files)) {
				list[i].Files = append(list[i].Files, a)
			}
		}
	}
	return nil
}

// Attachment opens a file of a conversation that the actor takes part in: the
// original, or what is shown of a picture. The caller closes it. ErrNotFound.
func (s *Service) Attachment(ctx context.Context, actor auth.Actor, conversationID, id string, thumb bool) (Attachment, io.ReadSeekCloser, error) {
	since, err := s.reader(ctx, s.DB.Read(), actor, conversationID)
	if err != nil {
		return Attachment{}, nil, err
	}
	a, err := attachmentByID(ctx, s.DB.Read(), conversationID, id, since)
	if err != nil {
		return a, nil, missing(err, ErrNotFound)
	}
	file := a.Blob
	if thumb {
		file = a.Thumb
	}
	if file == "" {
		return a, nil, ErrNotFound
	}
	f, _, _, err := s.Blobs.Open(file)
	return a, f, err
}

// Files answers what a contact sent, and what was sent to them alone, the newest
// first, and where to go on. Staff only.
func (s *Service) Files(ctx context.Context, actor auth.Actor, contactID, before string, limit int) ([]Attachment, string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	list, err := filesOf(ctx, s.DB.Read(), contactID, DirectID(contactID), before, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("files of %s: %w", contactID, err)
	}
	if len(list) > limit {
		return list[:limit], list[limit-1].ID, nil
	}
	return list, "", nil
}

// HasFile reports whether a file of the store belongs to a message or an upload.
func (s *Service) HasFile(ctx context.Context, id string) (bool, error) {
	return blobUsed(ctx, s.DB.Read(), id)
}

// EachFile calls fn with the file of every attachment, for verify.
func (s *Service) EachFile(ctx context.Context, fn func(a Attachment) error) error {
	const step = 500
	for after := ""; ; {
		list, err := blobsAfter(ctx, s.DB.Read(), after, step)
		if err != nil {
			return fmt.Errorf("listing files: %w", err)
		}
		for _, a := range list {
			if err := fn(a); err != nil {
				return err
			}
		}
		if len(list) < step {
			return nil
		}
		after = list[len(list)-1].ID
	}
}

// SweepUploads forgets uploads that nobody sent for a day.
func (s *Service) SweepUploads(ctx context.Context) error {
	const step = 100
	for {
		list, err := staleUploads(ctx, s.DB.Read(), s.DB.Clock().Now().Add(-uploadAge), step)
		if err != nil {
			return fmt.Errorf("sweeping uploads: %w", err)
		}
		for _, u := range list {
			if err := s.CancelUpload(ctx, auth.Actor{Kind: auth.KindSystem, ContactID: u.OwnerID}, u.ID); err != nil && !errors.Is(err, errUploadGone) {
				return err
			}
		}
		if len(list) < step {
			return nil
		}
	}
}
