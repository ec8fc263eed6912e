package contacts

import (
	"bytes"
	"context"
	"io"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

// photoSize is the edge of a kept photo in pixels; what is sent is re-encoded,
// which drops where and when it was taken.
const photoSize = 256

// MaxPhoto is the largest upload in bytes.
const MaxPhoto = 15 << 20

var errNoPhoto = fault.New(fault.NotFound, "contacts.no_photo", "This contact has no photo.")

// SetPhoto keeps a square photo made of the given image. Staff only.
func (s *Service) SetPhoto(ctx context.Context, actor auth.Actor, id string, image []byte) (Contact, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Contact{}, err
	}
	small, _, err := s.Pictures.Thumbnail(ctx, bytes.NewReader(image), photoSize, true)
	if err != nil {
		return Contact{}, err
	}
	kept, err := s.Blobs.Put(ctx, bytes.NewReader(small), int64(len(small)))
	if err != nil {
		return Contact{}, err
	}
	return s.replacePhoto(ctx, actor, id, kept.ID)
}

// RemovePhoto takes the photo away. Staff only.
func (s *Service) RemovePhoto(ctx context.Context, actor auth.Actor, id string) (Contact, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Contact{}, err
	}
	return s.replacePhoto(ctx, actor, id, "")
}

// replacePhoto commits the new photo and only then removes the old file: a crash
// in between leaves an orphan for the sweep, never a contact without its photo.
func (s *Service) replacePhoto(ctx context.Context, actor auth.Actor, id, photo string) (Contact, error) {
	var out Contact
	var old string
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		old, c.Photo, c.Updated = c.Photo, photo, tx.Now
		if err := updateContact(ctx, tx, c); err != nil {
			return err
		}
		out = c
		if err := tx.Emit(actor, Updated{id, []string{"photo"}}); err != nil {
			return err
		}
		return s.audited(tx, actor, "contacts.update", id, map[string]any{"fields": []string{"photo"}})
	})
	if err == nil && old != "" {
		err = s.Blobs.Delete(old)
	}
	return out, err
}

// Photo answers the photo of a contact as a file. Staff only.
func (s *Service) Photo(ctx context.Context, actor auth.Actor, id string) (io.ReadSeekCloser, error) {
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.photo(c)
}

// OwnPhoto answers the photo of the signed-in client.
func (s *Service) OwnPhoto(ctx context.Context, actor auth.Actor) (io.ReadSeekCloser, error) {
	c, err := s.Own(ctx, actor)
	if err != nil {
		return nil, err
	}
	return s.photo(c)
}

func (s *Service) photo(c Contact) (io.ReadSeekCloser, error) {
	if c.Photo == "" {
		return nil, errNoPhoto
	}
	f, _, _, err := s.Blobs.Open(c.Photo)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Photos answers the blobs that are somebody's photo.
func (s *Service) Photos(ctx context.Context) ([]string, error) { return photos(ctx, s.DB.Read()) }

// HasPhoto reports whether a blob is somebody's photo, to tell orphans from them.
func (s *Service) HasPhoto(ctx context.Context, blobID string) (bool, error) {
	return hasPhoto(ctx, s.DB.Read(), blobID)
}
