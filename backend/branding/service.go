package branding

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"sync"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/blob"
	"portico/backend/kernel/db"
)

// Migrations and Messages are this room's tables and words.
var (
	//go:embed migrations/*.sql
	Migrations embed.FS
	//go:embed messages/*.json
	Messages embed.FS
)

// Deps are what the room is built on.
type Deps struct {
	DB       *db.DB
	Blobs    *blob.Store
	Pictures *blob.Pictures
	Live     Live
	Words    Words
}

// Service holds the verbs of the room.
type Service struct {
	Deps
	painter painter
	drawing sync.Mutex
	icons   *iconSet // of a version; guarded by drawing, which takes its time
}

// New makes the room.
func New(d Deps) *Service { return &Service{Deps: d, painter: newPainter()} }

// Current answers the brand, for every room. It is read again only when it changed.
func (s *Service) Current(ctx context.Context, q db.Q) (Brand, error) {
	b, err := keptBrand.Get(q, "", func() (Brand, error) {
		b, err := readBrand(ctx, q)
		return b.complete(), err
	})
	if err != nil {
		return Brand{}, fmt.Errorf("reading the brand: %w", err)
	}
	return b, nil
}

// Get answers the brand. Staff only.
func (s *Service) Get(ctx context.Context, actor auth.Actor) (Brand, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Brand{}, err
	}
	return s.Current(ctx, s.DB.Read())
}

// Save changes texts and colours. Staff only. Saving what is there already
// changes nothing, not even the version.
func (s *Service) Save(ctx context.Context, actor auth.Actor, in Input) (Brand, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Brand{}, err
	}
	in, err := in.Normalised()
	if err != nil {
		return Brand{}, err
	}
	return s.change(ctx, actor, func(b *Brand) []string {
		fields := changedFields(b.Input, in)
		b.Input = in
		return fields
	})
}

// SetPicture keeps a picture made of the upload. Staff only. Faults:
// branding.svg, and those of blob.Pictures and blob.Store.
func (s *Service) SetPicture(ctx context.Context, actor auth.Actor, kind Kind, upload []byte) (Brand, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Brand{}, err
	}
	if edges[kind] == 0 {
		return Brand{}, ErrNoPicture
	}
	drawn, err := s.redraw(ctx, kind, upload)
	if err != nil {
		return Brand{}, err
	}
	kept, err := s.keep(ctx, drawn)
	if err != nil {
		return Brand{}, err
	}
	return s.replacePicture(ctx, actor, kind, kept)
}

// RemovePicture takes a picture away. Staff only.
func (s *Service) RemovePicture(ctx context.Context, actor auth.Actor, kind Kind) (Brand, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Brand{}, err
	}
	if edges[kind] == 0 {
		return Brand{}, ErrNoPicture
	}
	return s.replacePicture(ctx, actor, kind, "")
}

// replacePicture commits the new picture and only then removes the old file: a
// crash in between leaves an orphan for the sweep, never a brand without its logo.
func (s *Service) replacePicture(ctx context.Context, actor auth.Actor, kind Kind, id string) (Brand, error) {
	var old string
	b, err := s.change(ctx, actor, func(b *Brand) []string {
		old = b.pictures[kind]
		b.pictures[kind] = id
		if old == id {
			return nil
		}
		return []string{string(kind)}
	})
	if err != nil || old == "" || old == id {
		return b, err
	}
	if err := s.Blobs.Delete(old); err != nil {
		return Brand{}, fmt.Errorf("removing the old %s: %w", kind, err)
	}
	return b, nil
}

// change runs edit, which names what it changed, and commits the outcome under a
// new version. edit may run more than once.
func (s *Service) change(ctx context.Context, actor auth.Actor, edit func(*Brand) []string) (Brand, error) {
	var out Brand
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		b, err := readBrand(ctx, tx)
		if err != nil {
			return fmt.Errorf("reading the brand: %w", err)
		}
		fields := edit(&b)
		if len(fields) > 0 {
			if b.Version, err = writeBrand(ctx, tx, b, tx.Now); err != nil {
				return fmt.Errorf("changing the brand: %w", err)
			}
		}
		if out = b.complete(); len(fields) == 0 {
			return nil
		}
		if err := tx.Emit(actor, Changed{b.Version, fields}); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.Live.Changed("branding") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "branding.change", Detail: map[string]any{"fields": fields, "version": b.Version}})
	})
	return out, err
}

// HasPicture reports whether a blob is one of the brand's, for the sweep of orphans.
func (s *Service) HasPicture(ctx context.Context, blobID string) (bool, error) {
	b, err := readBrand(ctx, s.DB.Read())
	if err != nil {
		return false, fmt.Errorf("reading the brand: %w", err)
	}
	for id := range maps.Values(b.pictures) {
		if id == blobID {
			return true, nil
		}
	}
	return false, nil
}

// Unname takes the name away, as it was before the owner gave one; the demo
// business leaves no trace with it. Staff only.
func (s *Service) Unname(ctx context.Context, actor auth.Actor) error {
	_, err := s.change(ctx, actor, func(b *Brand) []string {
		b.Name = ""
		return []string{"name"}
	})
	return err
}
