package branding

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"portico/backend/kernel/fault"
)

// Kind is what a picture is for.
type Kind string

// The kinds of picture.
const (
	Logo  Kind = "logo"
	Icon  Kind = "icon"
	Cover Kind = "cover"
)

// edges are the longest sides in pixels that are kept.
var edges = map[Kind]int{Logo: 512, Icon: iconSide, Cover: 1440}

// MaxUpload is the largest picture that can be sent, in bytes.
const MaxUpload = 15 << 20

// Faults of pictures.
var (
	ErrNoPicture = fault.New(fault.NotFound, "branding.no_picture", "There is no such picture.")
	errSVG       = fault.New(fault.UnsupportedMedia, "branding.svg",
		"SVG files are not taken, because they can carry programs. Open the file in a drawing program, export it as PNG (512 pixels wide or more) and send that.")
)

// redraw makes what is kept of an upload: our own pixels in the size that is
// needed, without what the file said about itself. Logo and icon are PNG, because
// mails and the manifest count on it; a cover is a JPEG unless one sees through it.
func (s *Service) redraw(ctx context.Context, kind Kind, upload []byte) ([]byte, error) {
	if isSVG(upload) {
		return nil, errSVG
	}
	small, form, err := s.Pictures.Thumbnail(ctx, bytes.NewReader(upload), edges[kind], kind == Icon)
	if err != nil || kind == Cover && form == "image/jpeg" {
		return small, err
	}
	drawn, _, err := image.Decode(bytes.NewReader(small))
	if err != nil {
		return nil, fmt.Errorf("reading our own %s: %w", kind, err)
	}
	if kind == Icon {
		drawn = scaled(drawn, iconSide)
	}
	if seen, ok := drawn.(interface{ Opaque() bool }); kind == Cover && ok && seen.Opaque() {
		var b bytes.Buffer
		err := jpeg.Encode(&b, drawn, &jpeg.Options{Quality: 85})
		return b.Bytes(), err
	}
	return encode(drawn)
}

// isSVG knows an SVG by its first tag; it is text that may begin with anything
// XML allows before it.
func isSVG(file []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(file[:min(len(file), 4096)], []byte("\xef\xbb\xbf"))))
	return bytes.HasPrefix(start, []byte("<")) && bytes.Contains(start, []byte("<svg"))
}

// scaled is a square copy with the given side.
func scaled(from image.Image, side int) image.Image {
	if size := from.Bounds().Size(); size.X == side && size.Y == side {
		return from
	}
	to := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
	return to
}

func encode(drawn image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return b.Bytes(), nil
}
