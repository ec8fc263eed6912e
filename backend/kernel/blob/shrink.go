package blob

import (
	"image"

	"golang.org/x/image/draw"
)

// shrink scales a picture to at most max pixels a side.
//
// CatmullRom keeps 32 bytes for every pixel of the target's width times the
// source's height, far too much for a large photo. So a picture more than four
// times too large is averaged down first, to between two and four times the
// target, where the difference can no longer be seen.
func shrink(src image.Image, max int, square bool) *image.RGBA {
	area := src.Bounds()
	if square {
		area = middle(area)
	}
	w, h := fit(area.Dx(), area.Dy(), max)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if area.Dx() == w && area.Dy() == h {
		draw.Draw(dst, dst.Bounds(), src, area.Min, draw.Src)
		return dst
	}
	kx, ky := area.Dx()/(2*w), area.Dy()/(2*h)
	if kx > 1 || ky > 1 {
		reduced := average(src, area, atLeast1(kx), atLeast1(ky))
		src, area = reduced, reduced.Bounds()
	}
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, area, draw.Src, nil)
	return dst
}

func middle(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	corner := r.Min.Add(image.Pt((r.Dx()-side)/2, (r.Dy()-side)/2))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
}

// fit keeps the proportions, as far as one pixel is the least.
func fit(w, h, most int) (int, int) {
	longest := max(w, h)
	if longest <= most {
		return w, h
	}
	return atLeast1((w*most + longest/2) / longest), atLeast1((h*most + longest/2) / longest)
}

func atLeast1(n int) int { return max(1, n) }

// average replaces each block of kx by ky pixels by its mean. It converts one row
// at a time (draw.Draw knows every source's layout), so that it needs little memory.
func average(src image.Image, area image.Rectangle, kx, ky int) *image.RGBA {
	w, h := area.Dx()/kx, area.Dy()/ky
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	row := image.NewRGBA(image.Rect(0, 0, w*kx, 1))
	sums := make([]uint64, 4*w)
	n := uint64(kx * ky)
	for y := range h {
		clear(sums)
		for dy := range ky {
			draw.Draw(row, row.Bounds(), src, image.Pt(area.Min.X, area.Min.Y+y*ky+dy), draw.Src)
			for x := range w {
				block := row.Pix[4*x*kx : 4*(x+1)*kx]
				var r, g, b, a uint64
				for i := 0; i < len(block); i += 4 {
					r += uint64(block[i])
					g += uint64(block[i+1])
					b += uint64(block[i+2])
					a += uint64(block[i+3])
				}
				sums[4*x] += r
				sums[4*x+1] += g
				sums[4*x+2] += b
				sums[4*x+3] += a
			}
		}
		out := dst.Pix[y*dst.Stride : y*dst.Stride+4*w]
		for i, sum := range sums {
			out[i] = uint8((sum + n/2) / n)
		}
	}
	return dst
}

// turn carries out an EXIF orientation (1…8; 1 is upright).
func turn(src *image.RGBA, orientation int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if orientation <= 1 || orientation > 8 {
		return src
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range dst.Bounds().Dy() {
		for x := range dst.Bounds().Dx() {
			sx, sy := x, y
			switch orientation {
			case 2: // mirrored
				sx = w - 1 - x
			case 3: // upside down
				sx, sy = w-1-x, h-1-y
			case 4: // mirrored and upside down
				sy = h - 1 - y
			case 5: // mirrored, lying on its left side
				sx, sy = y, x
			case 6: // lying on its left side
				sx, sy = y, h-1-x
			case 7: // mirrored, lying on its right side
				sx, sy = w-1-y, h-1-x
			case 8: // lying on its right side
				sx, sy = w-1-y, x
			}
			copy(dst.Pix[dst.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}
