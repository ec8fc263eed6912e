package branding

import (
	"fmt"
	"math"
	"strconv"
)

// RGB is a colour as screens show it (sRGB).
type RGB struct{ R, G, B uint8 }

// ParseColor reads exactly `#rrggbb`, in either case; false for everything else.
func ParseColor(text string) (RGB, bool) {
	if len(text) != 7 || text[0] != '#' {
		return RGB{}, false
	}
	for _, c := range []byte(text[1:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return RGB{}, false // ParseUint would also take signs and underscores
		}
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return RGB{}, false
	}
	return RGB{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// Hex is `#rrggbb` in lower case.
func (c RGB) Hex() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Luminance is the relative luminance of WCAG 2.2, 0 to 1
// (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
func (c RGB) Luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Ratio is the contrast of two colours by WCAG 2.2, 1 to 21.
func Ratio(a, b RGB) float64 {
	x, y := a.Luminance(), b.Luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// linear takes one channel out of the sRGB curve (IEC 61966-2-1).
func linear(v uint8) float64 {
	c := float64(v) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// curved puts one linear channel back on the sRGB curve; false when it lies
// outside what a screen can show by more than rounding.
func curved(c float64) (uint8, bool) {
	const slack = 1e-4
	if c < -slack || c > 1+slack {
		return 0, false
	}
	c = min(1, max(0, c))
	if c <= 0.0031308 {
		c *= 12.92
	} else {
		c = 1.055*math.Pow(c, 1/2.4) - 0.055
	}
	return uint8(math.Round(c * 255)), true
}
