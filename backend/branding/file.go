package branding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/blob"
)

// File is something that browsers fetch and may keep under its version.
type File struct {
	Bytes    []byte
	Type     string
	Version  int64
	Language string // when it is in words; "" for everything else
}

// iconSet is every form of the icon, of one version.
type iconSet struct {
	version int64
	forms   map[string][]byte
}

// The forms in which the icon is fetched.
const (
	Icon192  = "icon-192.png"
	Icon512  = "icon-512.png"
	IconMask = "icon-maskable-512.png"
	Favicon  = "favicon.ico"
)

func (s *Service) keep(ctx context.Context, drawn []byte) (string, error) {
	kept, err := s.Blobs.Put(ctx, bytes.NewReader(drawn), int64(len(drawn)))
	if err != nil {
		return "", fmt.Errorf("keeping a picture: %w", err)
	}
	return kept.ID, nil
}

// Picture answers a picture as it is kept, for anybody: the brand is public.
// ErrNoPicture when the owner gave none.
func (s *Service) Picture(ctx context.Context, kind Kind) (File, error) {
	b, err := s.Current(ctx, s.DB.Read())
	if err != nil {
		return File{}, err
	}
	return s.pictureOf(b, kind)
}

func (s *Service) pictureOf(b Brand, kind Kind) (File, error) {
	if !b.Has(kind) {
		return File{}, ErrNoPicture
	}
	r, _, _, err := s.Blobs.Open(b.pictures[kind])
	if errors.Is(err, blob.ErrMissing) { // replaced between the two reads
		return File{}, ErrNoPicture.Because(err)
	}
	if err != nil {
		return File{}, err
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(r)
	if err != nil {
		return File{}, fmt.Errorf("reading the %s: %w", kind, err)
	}
	return File{Bytes: data, Type: http.DetectContentType(data), Version: b.Version}, nil
}

// IconFile answers a form of the icon: the owner's, or one made of the initials.
func (s *Service) IconFile(ctx context.Context, form string) (File, error) {
	b, err := s.Current(ctx, s.DB.Read())
	if err != nil {
		return File{}, err
	}
	s.drawing.Lock()
	defer s.drawing.Unlock()
	if s.icons == nil || s.icons.version != b.Version {
		forms, err := s.drawIcons(b)
		if err != nil {
			return File{}, err
		}
		s.icons = &iconSet{b.Version, forms}
	}
	data, ok := s.icons.forms[form]
	if !ok {
		return File{}, ErrNoPicture
	}
	kind := "image/png"
	if form == Favicon {
		kind = "image/vnd.microsoft.icon"
	}
	return File{Bytes: data, Type: kind, Version: b.Version}, nil
}

// drawIcons makes every form at once; it happens once for each version.
func (s *Service) drawIcons(b Brand) (map[string][]byte, error) {
	icon := s.painter.drawIcon(b.Name, b.accent())
	mask := icon
	f, err := s.pictureOf(b, Icon)
	if err == nil {
		if icon, _, err = image.Decode(bytes.NewReader(f.Bytes)); err != nil {
			return nil, fmt.Errorf("reading our own icon: %w", err)
		}
		mask = masked(icon)
	} else if !errors.Is(err, ErrNoPicture) {
		return nil, err
	}
	forms := map[string][]byte{}
	for form, drawn := range map[string]image.Image{Icon512: icon, Icon192: scaled(icon, 192), IconMask: mask, Favicon: scaled(icon, 32)} {
		if forms[form], err = encode(drawn); err != nil {
			return nil, err
		}
	}
	forms[Favicon] = ico(forms[Favicon])
	return forms, nil
}

// StylesheetFile answers /brand.css.
func (s *Service) StylesheetFile(ctx context.Context) (File, error) {
	b, err := s.Current(ctx, s.DB.Read())
	if err != nil {
		return File{}, err
	}
	return File{Bytes: []byte(Stylesheet(b.Light, b.Dark)), Type: "text/css; charset=utf-8", Version: b.Version}, nil
}

// ManifestFile answers the web app manifest in the language of the reader.
func (s *Service) ManifestFile(ctx context.Context, actor auth.Actor) (File, error) {
	b, err := s.Current(ctx, s.DB.Read())
	if err != nil {
		return File{}, err
	}
	if b.Name == "" {
		b.Name, _ = s.Words(actor.Language, "branding.unnamed", nil)
	}
	data, err := manifest(b, actor.Language)
	return File{data, "application/manifest+json", b.Version, actor.Language}, err
}
