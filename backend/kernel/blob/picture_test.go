package blob

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"portico/backend/kernel/fault"
)

// One pixel each, lossy and lossless: nothing here can write WebP.
const (
	webpLossy    = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
	webpLossless = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
)

func unbase64(s string) []byte {
	b, _ := base64.StdEncoding.DecodeString(s)
	return b
}

func TestThumbnail(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 60, 60))
	deep := image.NewNRGBA64(image.Rect(10, 10, 50, 30)) // whose corner is not at 0,0
	const all = "red green blue white"
	for _, s := range []struct {
		story  string
		data   []byte
		max    int
		square bool
		w, h   int
		kind   string
		want   string
	}{
		{"a png", asPNG(quarters(64, 32, upright)), 16, false, 16, 8, "png", all},
		{"a png as large as asked", asPNG(quarters(16, 8, upright)), 16, false, 16, 8, "png", all},
		{"a small png is not blown up", asPNG(quarters(8, 4, upright)), 16, false, 8, 4, "png", all},
		{"an upright png", asPNG(quarters(30, 70, upright)), 35, false, 15, 35, "png", all},
		{"a transparent png", asPNG(quarters(64, 64, [4]color.RGBA{red, clear0, clear0, white})), 16, false, 16, 16, "png", "red clear clear white"},
		{"a large png, averaged first", asPNG(quarters(1003, 807, upright)), 20, false, 20, 16, "png", all},
		{"a very long one", asPNG(quarters(5000, 2, upright)), 64, false, 64, 1, "png", ""},
		{"a square cut from a wide one", asPNG(quarters(400, 100, upright)), 50, true, 50, 50, "png", all},
		{"a square cut from a high one", asPNG(quarters(90, 300, upright)), 100, true, 90, 90, "png", all},
		{"gray", asPNG(gray), 20, false, 20, 20, "png", ""},
		{"16 bits", asPNG(deep), 20, false, 20, 10, "png", "clear clear clear clear"},
		{"a gif", asGIF(quarters(64, 32, upright)), 16, false, 16, 8, "png", all},
		{"a jpeg", asJPEG(quarters(640, 320, upright), 0, nil), 160, false, 160, 80, "jpeg", all},
		{"a jpeg, a gray one", asJPEG(gray, 0, nil), 20, false, 20, 20, "jpeg", ""},
		{"a lossy webp", unbase64(webpLossy), 16, false, 1, 1, "jpeg", ""},
		{"a lossless webp", unbase64(webpLossless), 16, false, 1, 1, "png", ""},
		{"turned 1", asJPEG(quarters(640, 320, upright), 1, binary.BigEndian), 160, false, 160, 80, "jpeg", all},
		{"turned 2", asJPEG(quarters(640, 320, upright), 2, binary.LittleEndian), 160, false, 160, 80, "jpeg", "green red white blue"},
		{"turned 3", asJPEG(quarters(640, 320, upright), 3, binary.BigEndian), 160, false, 160, 80, "jpeg", "white blue green red"},
		{"turned 4", asJPEG(quarters(640, 320, upright), 4, binary.LittleEndian), 160, false, 160, 80, "jpeg", "blue white red green"},
		{"turned 5", asJPEG(quarters(640, 320, upright), 5, binary.BigEndian), 160, false, 80, 160, "jpeg", "red blue green white"},
		{"turned 6", asJPEG(quarters(640, 320, upright), 6, binary.LittleEndian), 160, false, 80, 160, "jpeg", "blue red white green"},
		{"turned 7", asJPEG(quarters(640, 320, upright), 7, binary.BigEndian), 160, false, 80, 160, "jpeg", "white green blue red"},
		{"turned 8", asJPEG(quarters(640, 320, upright), 8, binary.LittleEndian), 160, true, 160, 160, "jpeg", "green white red blue"},
		{"turned 9, which is nothing", asJPEG(quarters(640, 320, upright), 9, binary.BigEndian), 160, false, 160, 80, "jpeg", all},
	} {
		data, kind, err := NewPictures().Thumbnail(ctx, bytes.NewReader(s.data), s.max, s.square)
		if err != nil || kind != "image/"+s.kind {
			t.Errorf("%s: %s %v", s.story, kind, err)
			continue
		}
		m := look(t, data)
		if got := m.Bounds(); got.Dx() != s.w || got.Dy() != s.h {
			t.Errorf("%s: %v", s.story, got)
		}
		if got := corners(m); s.want != "" && got != s.want {
			t.Errorf("%s: %s, want %s", s.story, got, s.want)
		}
		if bytes.Contains(data, []byte("GPS")) || bytes.Contains(data, []byte("Exif")) {
			t.Errorf("%s: EXIF is still there", s.story)
		}
	}
}

func TestThumbnailRefuses(t *testing.T) {
	good := asPNG(quarters(64, 64, upright))
	disk := errors.New("the disk is gone")
	for _, s := range []struct {
		story string
		r     io.ReadSeeker
		want  error
	}{
		{"svg", strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), ErrPictureKind},
		{"html", strings.NewReader("<!DOCTYPE html><img src=x onerror=alert(1)>"), ErrPictureKind},
		{"pdf", strings.NewReader("%PDF-1.7\n"), ErrPictureKind},
		{"bmp", strings.NewReader("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ErrPictureKind},
		{"tiff", strings.NewReader("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00"), ErrPictureKind},
		{"a wave in a riff", strings.NewReader("RIFF\x00\x00\x00\x00WAVE"), ErrPictureKind},
		{"nothing", strings.NewReader(""), ErrPictureKind},
		{"41 megapixels", bytes.NewReader(bomb(6400, 6500, 8, 2)), ErrPictureLarge},
		{"30 megapixels of 16 bits", bytes.NewReader(bomb(6000, 5000, 16, 6)), ErrPictureLarge},
		{"a ribbon", bytes.NewReader(bomb(32769, 1, 8, 2)), ErrPictureLarge},
		{"as many pixels as there are", bytes.NewReader(bomb(1<<31-1, 1<<31-1, 8, 2)), ErrPictureDamaged},
		{"40 megapixels, but none follow", bytes.NewReader(bomb(6000, 6000, 8, 0)), ErrPictureDamaged},
		{"half a png", bytes.NewReader(good[:len(good)/2]), ErrPictureDamaged},
		{"only a jpeg's first bytes", strings.NewReader("\xff\xd8\xff"), ErrPictureDamaged},
		{"only a gif's first bytes", strings.NewReader("GIF89a"), ErrPictureDamaged},
		{"only a webp's first bytes", strings.NewReader("RIFF\x00\x00\x00\x00WEBP"), ErrPictureDamaged},
		{"a disk that fails", broken{strings.NewReader("\x89PNG\r\n\x1a\n"), iotest.ErrReader(disk)}, disk},
	} {
		data, kind, err := NewPictures().Thumbnail(ctx, s.r, 100, false)
		if !errors.Is(err, s.want) || data != nil || kind != "" {
			t.Errorf("%s: %d bytes %s, %v", s.story, len(data), kind, err)
		}
	}
	for _, max := range []int{-1, 0, 1441} {
		if _, _, err := NewPictures().Thumbnail(ctx, bytes.NewReader(good), max, false); fault.KindOf(err) != fault.Internal {
			t.Errorf("%d pixels: %v", max, err)
		}
	}
}

// broken can seek, but not read.
type broken struct {
	io.Seeker
	io.Reader
}

func TestThumbnailTakesTurns(t *testing.T) {
	p := NewPictures()
	for range atOnce {
		p.slots <- struct{}{}
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := p.Thumbnail(over, bytes.NewReader(nil), 1, false); !errors.Is(err, context.Canceled) {
		t.Errorf("no slot: %v", err)
	}
	<-p.slots
	for range 3 { // a slot comes back also after an error
		if _, _, err := p.Thumbnail(ctx, bytes.NewReader(nil), 1, false); !errors.Is(err, ErrPictureKind) {
			t.Error(err)
		}
	}
}
