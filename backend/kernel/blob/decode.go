package blob

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// What a picture may cost: pixels and memory, both known before it is decoded. A
// picture of a few kilobytes can claim to be enormous.
const (
	maxPixels = 40_000_000
	maxSide   = 32_768
	maxMemory = 192 << 20 // bytes, estimated
)

// source remembers the error of the disk or the network, which is not the picture's fault.
type source struct {
	r   io.ReadSeeker
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *source) rewind() error {
	_, err := s.r.Seek(0, io.SeekStart)
	if err != nil {
		s.err = err
	}
	return err
}

// codec is a format we show. Decoders are named here instead of registered with
// package image, where any import could add one.
type codec struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func codecFor(kind string) codec {
	switch kind {
	case "png":
		return codec{png.DecodeConfig, png.Decode}
	case "jpeg":
		return codec{jpeg.DecodeConfig, jpeg.Decode}
	case "gif":
		return codec{gif.DecodeConfig, gif.Decode}
	default:
		return codec{webp.DecodeConfig, webp.Decode}
	}
}

// sniff tells the formats by their first bytes; "" for every other.
func sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "jpeg"
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return "gif"
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return "webp"
	}
	return ""
}

func decode(src *source) (picture image.Image, kind string, orientation int, err error) {
	head := make([]byte, 12)
	if err := src.rewind(); err != nil {
		return nil, "", 0, err
	}
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", 0, err
	}
	if kind = sniff(head[:n]); kind == "" {
		return nil, "", 0, ErrPictureKind
	}
	coder := codecFor(kind)
	jpg := jpegHead{orientation: 1}
	if kind == "jpeg" {
		if err := src.rewind(); err != nil {
			return nil, "", 0, err
		}
		jpg = readJPEGHead(src)
	}
	if err := src.rewind(); err != nil {
		return nil, "", 0, err
	}
	config, err := coder.config(src)
	if err != nil {
		return nil, "", 0, ErrPictureDamaged.Because(err)
	}
	if tooLarge(config, kind, jpg) {
		return nil, "", 0, ErrPictureLarge
	}
	if err := src.rewind(); err != nil {
		return nil, "", 0, err
	}
	if picture, err = coder.decode(src); err != nil {
		return nil, "", 0, ErrPictureDamaged.Because(err)
	}
	return picture, kind, jpg.orientation, nil
}

// tooLarge estimates the memory that decoding takes, per pixel.
func tooLarge(c image.Config, kind string, jpg jpegHead) bool {
	if c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return true
	}
	bytesPerPixel := 4.0
	switch c.ColorModel {
	case color.NRGBA64Model, color.RGBA64Model:
		bytesPerPixel = 8
	case color.GrayModel:
		bytesPerPixel = 1
	case color.Gray16Model:
		bytesPerPixel = 2
	}
	switch kind {
	case "jpeg":
		bytesPerPixel = jpg.planes
		if jpg.progressive { // keeps a 32-bit coefficient for every sample
			bytesPerPixel *= 5
		}
		if c.ColorModel == color.CMYKModel { // converted into a second image
			bytesPerPixel += 4
		}
	case "webp": // lossless: transforms work on a copy
		bytesPerPixel = 8
	}
	return float64(c.Width)*float64(c.Height)*bytesPerPixel > maxMemory
}
