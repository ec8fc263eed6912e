package blob

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

var (
	red, green, blue, white = color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}, color.RGBA{255, 255, 255, 255}
	clear0                  = color.RGBA{}
)

// quarters is a picture with a colour in each quarter: top left, top right,
// bottom left, bottom right.
func quarters(w, h int, colors [4]color.RGBA) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, colors[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

var upright = [4]color.RGBA{red, green, blue, white}

func asPNG(m image.Image) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

func asGIF(m image.Image) []byte {
	var b bytes.Buffer
	_ = gif.Encode(&b, m, nil)
	return b.Bytes()
}

// asJPEG puts an APP1 segment with orientation o behind the start of the image.
func asJPEG(m image.Image, o int, order binary.AppendByteOrder) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	if o == 0 {
		return b.Bytes()
	}
	return append(append([]byte{0xFF, 0xD8}, exifSegment(uint16(o), order)...), b.Bytes()[2:]...)
}

func exifSegment(o uint16, order binary.AppendByteOrder) []byte {
	tiff := []byte("MM\x00*")
	if order.String() == binary.LittleEndian.String() {
		tiff = []byte("II*\x00")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x010F), 2), 4), "Cam\x00"...)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1)
	tiff = order.AppendUint16(order.AppendUint16(tiff, o), 0)
	tiff = append(order.AppendUint32(tiff, 0), "GPS: 52.5 N"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	return append(binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2)), body...)
}

func look(t *testing.T, data []byte) image.Image {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// corners are the colours in the middle of the four quarters, in words.
func corners(m image.Image) string {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	var words []string
	for _, p := range []image.Point{{w / 4, h / 4}, {w - 1 - w/4, h / 4}, {w / 4, h - 1 - h/4}, {w - 1 - w/4, h - 1 - h/4}} {
		words = append(words, word(m.At(m.Bounds().Min.X+p.X, m.Bounds().Min.Y+p.Y)))
	}
	return strings.Join(words, " ")
}

func word(c color.Color) string {
	r, g, b, a := c.RGBA()
	for name, want := range map[string]color.RGBA{"red": red, "green": green, "blue": blue, "white": white, "clear": clear0} {
		wr, wg, wb, wa := want.RGBA()
		if math.Abs(float64(r)-float64(wr))+math.Abs(float64(g)-float64(wg))+math.Abs(float64(b)-float64(wb))+math.Abs(float64(a)-float64(wa)) < 0x2000 {
			return name
		}
	}
	return fmt.Sprint(c)
}

// bomb is a small PNG that claims to be w by h pixels of the given depth and kind.
func bomb(w, h uint32, depth, kind byte) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, w), h)
	b = append(b, depth, kind, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}
