package branding

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// iconSide is the side of the icon that the others are made from.
const iconSide = 512

// maskSafe is how wide a picture may be in a maskable icon, in pixels: systems cut it to
// a circle of 80 % (https://www.w3.org/TR/appmanifest/#icon-masks), whose inner
// square has 57 %; a picture with a margin of its own bears a little more.
const maskSafe = iconSide * 64 / 100

// painter draws icons for businesses that sent none.
type painter struct{ font *sfnt.Font }

func newPainter() painter {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic("branding: the built-in font cannot be read: " + err.Error())
	}
	return painter{f}
}

// initials are the first letters of the first and the last word, at most two.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				letters = append(letters, unicode.ToUpper(r))
				break
			}
		}
	}
	if len(letters) > 2 {
		letters = []rune{letters[0], letters[len(letters)-1]}
	}
	return string(letters)
}

// drawIcon is the initials on the owner's own colour, or a portal's arch when there are none
// or the built-in font lacks them (it has Latin, Greek and Cyrillic). It fills
// its square, so that it serves as a maskable icon too.
func (p painter) drawIcon(name string, ground RGB) image.Image {
	to := image.NewNRGBA(image.Rect(0, 0, iconSide, iconSide))
	draw.Draw(to, to.Bounds(), image.NewUniform(nrgba(ground)), image.Point{}, draw.Src)
	paint := image.NewUniform(nrgba(TextOn(ground)))
	text := initials(name)
	if !p.knows(text) || !p.write(to, paint, text) {
		arch(to, paint)
	}
	return to
}

func (p painter) knows(text string) bool {
	var b sfnt.Buffer
	for _, r := range text {
		if g, err := p.font.GlyphIndex(&b, r); err != nil || g == 0 {
			return false
		}
	}
	return text != ""
}

func (p painter) write(to draw.Image, paint image.Image, text string) bool {
	size := iconSide * 0.42
	if utf8.RuneCountInString(text) == 1 {
		size = iconSide * 0.56
	}
	face, err := opentype.NewFace(p.font, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return false
	}
	defer func() { _ = face.Close() }()
	// Centred by what is drawn, not by the font's own line: a J hangs, an Ä stands out.
	box, _ := font.BoundString(face, text)
	middle := fixed.I(iconSide / 2)
	d := font.Drawer{Dst: to, Src: paint, Face: face, Dot: fixed.Point26_6{
		X: middle - (box.Min.X+box.Max.X)/2,
		Y: middle - (box.Min.Y+box.Max.Y)/2,
	}}
	d.DrawString(text)
	return true
}

// arch draws a doorway.
func arch(to draw.Image, paint image.Image) {
	const s = float32(iconSide)
	left, right, top, bottom := s*0.35, s*0.65, s*0.44, s*0.72
	r := vector.NewRasterizer(iconSide, iconSide)
	r.MoveTo(left, bottom)
	r.LineTo(left, top)
	const round = 0.5523 // of the radius: a cubic that looks like a quarter circle
	radius := (right - left) / 2
	r.CubeTo(left, top-radius*round, left+radius*(1-round), top-radius, left+radius, top-radius)
	r.CubeTo(right-radius*(1-round), top-radius, right, top-radius*round, right, top)
	r.LineTo(right, bottom)
	r.ClosePath()
	r.Draw(to, to.Bounds(), paint, image.Point{})
}

// masked sets a picture small on a ground of its own, so that nothing of it is
// cut off: the colour of its corners when they agree, else white.
func masked(icon image.Image) image.Image {
	to := image.NewNRGBA(image.Rect(0, 0, iconSide, iconSide))
	draw.Draw(to, to.Bounds(), image.NewUniform(cornerColor(icon)), image.Point{}, draw.Src)
	const at = (iconSide - maskSafe) / 2
	draw.CatmullRom.Scale(to, image.Rect(at, at, at+maskSafe, at+maskSafe), icon, icon.Bounds(), draw.Over, nil)
	return to
}

func cornerColor(icon image.Image) color.Color {
	b := icon.Bounds()
	first := color.NRGBAModel.Convert(icon.At(b.Min.X, b.Min.Y)).(color.NRGBA)
	for _, p := range []image.Point{{b.Max.X - 1, b.Min.Y}, {b.Min.X, b.Max.Y - 1}, {b.Max.X - 1, b.Max.Y - 1}} {
		if color.NRGBAModel.Convert(icon.At(p.X, p.Y)) != first {
			return color.White
		}
	}
	if first.A != 0xff {
		return color.White
	}
	return first
}

// ico wraps a PNG of 32 pixels the way favicon.ico wants it: one directory entry
// and the file itself (https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)).
func ico(png []byte) []byte {
	var b bytes.Buffer
	for _, part := range []any{
		uint16(0), uint16(1), uint16(1), // reserved, an icon, one picture
		uint8(32), uint8(32), uint8(0), uint8(0), // width, height, no palette, reserved
		uint16(1), uint16(32), uint32(len(png)), uint32(22), // planes, bits, size, where it begins
	} {
		_ = binary.Write(&b, binary.LittleEndian, part) // into memory: cannot fail
	}
	return append(b.Bytes(), png...)
}

func nrgba(c RGB) color.NRGBA { return color.NRGBA{c.R, c.G, c.B, 0xff} }
