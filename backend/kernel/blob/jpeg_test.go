package blob

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// segment is a marker with its length and body.
func segment(marker byte, body string) string {
	return string(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2))) + body
}

const (
	frame420  = "\x08\x00\x10\x00\x10\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
	frame444  = "\x08\x00\x10\x00\x10\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01"
	frameGray = "\x08\x00\x10\x00\x10\x01\x01\x11\x00"
)

func TestReadJPEGHead(t *testing.T) {
	const start = "\xff\xd8"
	exif6 := string(exifSegment(6, binary.LittleEndian))
	costly := jpegHead{1, true, 4}
	for _, s := range []struct {
		story, data string
		want        jpegHead
	}{
		{"baseline 4:2:0", start + segment(0xC0, frame420), jpegHead{1, false, 1.5}},
		{"progressive 4:4:4", start + segment(0xC2, frame444), jpegHead{1, true, 3}},
		{"gray", start + segment(0xC1, frameGray), jpegHead{1, false, 1}},
		{"exif", start + exif6 + segment(0xC0, frame420), jpegHead{6, false, 1.5}},
		{"other segments before, fill bytes between", start + segment(0xE0, "JFIF\x00") + segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00") + "\xff\xff" + exif6 + segment(0xC4, "huffman") + segment(0xC2, frame420), jpegHead{6, true, 1.5}},
		{"exif behind the frame is ignored", start + segment(0xC0, frame420) + exif6, jpegHead{1, false, 1.5}},
		{"no frame before the scan", start + exif6 + segment(0xDA, "") + segment(0xC0, frame420), jpegHead{6, true, 4}},
		{"nothing", "", costly},
		{"only a start", start, costly},
		{"no marker", start + "abc", costly},
		{"a length of 1", start + "\xff\xe1\x00\x01" + segment(0xC0, frame420), costly},
		{"a segment that ends early", start + "\xff\xe1\xff\xffExif", costly},
		{"a skipped segment that ends early", start + "\xff\xe0\xff\xffJFIF", costly},
		{"a frame too short", start + segment(0xC0, frame420[:10]), jpegHead{1, false, 4}},
		{"a frame without samples", start + segment(0xC0, "\x08\x00\x10\x00\x10\x01\x01\x00\x00"), jpegHead{1, false, 4}},
	} {
		if got := readJPEGHead(bytes.NewReader([]byte(s.data))); got != s.want {
			t.Errorf("%s: %+v, want %+v", s.story, got, s.want)
		}
	}
}

func TestExifOrientation(t *testing.T) {
	whole := exifSegment(8, binary.BigEndian)[4:]
	if got := exifOrientation(whole); got != 8 {
		t.Fatalf("orientation %d", got)
	}
	for i := range len(whole) - len("GPS: 52.5 N") - 8 { // cut anywhere before its entry ends
		if got := exifOrientation(whole[:i]); got != 0 {
			t.Errorf("cut at %d: %d", i, got)
		}
	}
	for at, b := range map[int]byte{0: 'X', 6: 'X', 9: 1, 10: 0xFF, 13: 0xFF, 6 + 8 + 2 + 12 + 3: 4, 6 + 8 + 2 + 12 + 7: 2, 6 + 8 + 2 + 12 + 9: 0} {
		changed := bytes.Clone(whole)
		changed[at] = b
		if got := exifOrientation(changed); got != 0 {
			t.Errorf("byte %d changed: %d", at, got)
		}
	}
}

func TestTooLarge(t *testing.T) {
	photo := jpegHead{1, false, 1.5}
	for _, s := range []struct {
		story string
		w, h  int
		model color.Model
		kind  string
		jpg   jpegHead
		want  bool
	}{
		{"a phone's photo", 8000, 5000, color.YCbCrModel, "jpeg", photo, false},
		{"one row more", 8000, 5001, color.YCbCrModel, "jpeg", photo, true},
		{"a progressive photo", 6000, 4000, color.YCbCrModel, "jpeg", jpegHead{1, true, 1.5}, false},
		{"a large progressive one in full colour", 6000, 4000, color.YCbCrModel, "jpeg", jpegHead{1, true, 3}, true},
		{"for print", 6000, 4000, color.CMYKModel, "jpeg", jpegHead{1, false, 4}, false},
		{"a large one for print", 7000, 5000, color.CMYKModel, "jpeg", jpegHead{1, false, 4}, true},
		{"a large webp", 6000, 5000, color.YCbCrModel, "webp", jpegHead{}, true},
		{"a large scan", 8000, 5000, color.Gray16Model, "png", jpegHead{}, false},
		{"no width", 0, 5, color.GrayModel, "png", jpegHead{}, true},
	} {
		if got := tooLarge(image.Config{ColorModel: s.model, Width: s.w, Height: s.h}, s.kind, s.jpg); got != s.want {
			t.Errorf("%s: %v", s.story, got)
		}
	}
}

func FuzzReadJPEGHead(f *testing.F) {
	f.Add(asJPEG(quarters(16, 16, upright), 6, binary.BigEndian))
	f.Add(append([]byte("\xff\xd8"), exifSegment(3, binary.LittleEndian)...))
	f.Add([]byte("\xff\xd8" + segment(0xC2, frame444)))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := readJPEGHead(bytes.NewReader(data))
		if h.orientation < 1 || h.orientation > 8 || h.planes <= 0 || h.planes > 256 {
			t.Errorf("%+v", h)
		}
		if o := exifOrientation(data); o < 0 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
