package blob

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"

	"portico/backend/kernel/fault"
)

// maxThumb is the largest thumbnail we ever ask for, in pixels.
const maxThumb = 1440

// atOnce is how many pictures are decoded at the same time.
const atOnce = 2

// Faults of Thumbnail.
var (
	ErrPictureKind = fault.New(fault.UnsupportedMedia, "blob.picture_kind",
		"Pictures are shown as PNG, JPEG, GIF or WebP. Please save this one in such a format and upload it again.")
	ErrPictureLarge = fault.New(fault.TooLarge, "blob.picture_large",
		"This picture is too large to be shown. Please make it smaller (12 megapixels are plenty) and upload it again.")
	ErrPictureDamaged = fault.New(fault.Invalid, "blob.picture_damaged",
		"This picture is damaged and cannot be shown. Please save it again and upload it once more.")
)

// Pictures makes thumbnails, a few at a time. Make one for the whole program.
type Pictures struct{ slots chan struct{} }

// NewPictures is ready for use.
func NewPictures() *Pictures { return &Pictures{slots: make(chan struct{}, atOnce)} }

// Thumbnail draws a picture anew so that neither side is longer than max pixels
// (1 to 1440); square cuts the middle out first. Small pictures are not blown up.
// It answers PNG for PNG, GIF (the first frame) and what is transparent, else
// JPEG. Nothing of the original's bytes remains, EXIF (places, names) least of
// all; what EXIF says about the camera's orientation is carried out. It reads r
// from its start, twice, and waits for a free slot until ctx ends. Faults:
// ErrPictureKind (SVG too: it is a program), ErrPictureLarge, ErrPictureDamaged.
func (p *Pictures) Thumbnail(ctx context.Context, r io.ReadSeeker, max int, square bool) (data []byte, contentType string, err error) {
	if max < 1 || max > maxThumb {
		return nil, "", fmt.Errorf("blob: a thumbnail of %d pixels", max)
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	src := &source{r: r}
	defer func() {
		// A decoder that panics has met a picture it does not understand.
		if panicked := recover(); panicked != nil {
			err = ErrPictureDamaged.Because(fmt.Errorf("panic: %v", panicked))
		}
		if err != nil && src.err != nil {
			err = fmt.Errorf("reading a picture: %w", src.err)
		}
	}()
	picture, kind, orientation, err := decode(src)
	if err != nil {
		return nil, "", err
	}
	small := turn(shrink(picture, max, square), orientation)
	var out bytes.Buffer
	if kind == "jpeg" || (kind == "webp" && small.Opaque()) {
		err = jpeg.Encode(&out, small, &jpeg.Options{Quality: 85})
		return out.Bytes(), "image/jpeg", err
	}
	err = png.Encode(&out, small)
	return out.Bytes(), "image/png", err
}
