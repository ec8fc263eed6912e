package blob

import (
	"bufio"
	"encoding/binary"
	"io"
)

// jpegHead is what a JPEG says before its pixels and image/jpeg keeps to itself.
type jpegHead struct {
	orientation int // 1…8 as in EXIF; 1, upright, when it says nothing
	progressive bool
	planes      float64 // samples per pixel over all components; 4:2:0 has 1.5
}

// maxHead bounds how much is read in search of the frame: files carry previews
// and colour profiles, but not for ever.
const maxHead = 16 << 20

// readJPEGHead reads segments (ITU T.81, B.1) up to the frame header. A file that
// has none in reach is taken for the costliest kind.
func readJPEGHead(r io.Reader) jpegHead {
	h := jpegHead{orientation: 1, progressive: true, planes: 4}
	br := bufio.NewReader(io.LimitReader(r, maxHead))
	if _, err := br.Discard(2); err != nil { // start of image
		return h
	}
	for {
		marker, size, ok := nextSegment(br)
		if !ok {
			return h
		}
		frame := marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
		if marker != 0xE1 && !frame {
			if _, err := br.Discard(size); err != nil {
				return h
			}
			continue
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(br, body); err != nil {
			return h
		}
		if frame {
			h.progressive = marker&3 == 2
			h.planes = planes(body)
			return h
		}
		if o := exifOrientation(body); o != 0 {
			h.orientation = o
		}
	}
}

// nextSegment answers the marker and the length of what follows it; false at the
// first scan or when it makes no sense.
func nextSegment(br *bufio.Reader) (marker byte, size int, ok bool) {
	b, err := br.ReadByte()
	if err != nil || b != 0xFF {
		return 0, 0, false
	}
	for marker = 0xFF; marker == 0xFF; { // any number of fill bytes
		if marker, err = br.ReadByte(); err != nil {
			return 0, 0, false
		}
	}
	if marker == 0 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xDA) {
		return 0, 0, false
	}
	var length [2]byte
	if _, err := io.ReadFull(br, length[:]); err != nil {
		return 0, 0, false
	}
	size = int(binary.BigEndian.Uint16(length[:])) - 2
	return marker, size, size >= 0
}

// planes reads the sampling factors of a frame header (T.81, B.2.2).
func planes(frame []byte) float64 {
	const head = 6
	if len(frame) < head || len(frame) < head+3*int(frame[5]) {
		return 4
	}
	largest, sum := 0, 0
	for c := range int(frame[5]) {
		factors := frame[head+3*c+1]
		h, v := int(factors>>4), int(factors&15)
		sum += h * v
		largest = max(largest, h*v)
	}
	if largest == 0 {
		return 4
	}
	return float64(sum) / float64(largest)
}

// exifOrientation reads tag 0x0112 of an APP1 segment (EXIF 2.32, 4.6.2); 0 when
// there is none.
func exifOrientation(app1 []byte) int {
	const lead = "Exif\x00\x00"
	if len(app1) < len(lead)+8 || string(app1[:len(lead)]) != lead {
		return 0
	}
	tiff := app1[len(lead):]
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(tiff[4:8]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	count := order.Uint16(tiff[at:])
	entries := tiff[at+2:]
	for range count {
		if len(entries) < 12 {
			return 0
		}
		const short = 3
		if order.Uint16(entries) == 0x0112 && order.Uint16(entries[2:]) == short && order.Uint32(entries[4:]) == 1 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
