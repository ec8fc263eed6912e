package branding

import "math"

// OKLCH is a colour by how it is seen: lightness 0 to 1, chroma, and hue in
// radians. Moving L alone keeps the hue that the owner chose
// (https://bottosson.github.io/posts/oklab/).
type OKLCH struct{ L, C, H float64 }

// OKLCH is the colour as lightness, chroma and hue.
func (c RGB) OKLCH() OKLCH {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	q := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return OKLCH{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, q), math.Atan2(q, a)}
}

// RGB is the colour on a screen. A chroma that no screen can show at this
// lightness becomes the highest that it can, with the same lightness and hue.
func (c OKLCH) RGB() RGB {
	if out, ok := c.screen(); ok {
		return out
	}
	low, high := 0.0, c.C
	for range 24 { // 2⁻²⁴ of any chroma is far below one step of a channel
		c.C = (low + high) / 2
		if _, ok := c.screen(); ok {
			low = c.C
		} else {
			high = c.C
		}
	}
	c.C = low
	out, ok := c.screen()
	if !ok { // lightness itself lies outside: white or black
		if c.L > 0.5 {
			return RGB{255, 255, 255}
		}
		return RGB{}
	}
	return out
}

func (c OKLCH) screen() (RGB, bool) {
	a, b := c.C*math.Cos(c.H), c.C*math.Sin(c.H)
	l := cube(c.L + 0.3963377774*a + 0.2158037573*b)
	m := cube(c.L - 0.1055613458*a - 0.0638541728*b)
	s := cube(c.L - 0.0894841775*a - 1.2914855480*b)
	red, okR := curved(4.0767416621*l - 3.3077115913*m + 0.2309699292*s)
	green, okG := curved(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s)
	blue, okB := curved(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
	return RGB{red, green, blue}, okR && okG && okB
}

func cube(x float64) float64 { return x * x * x }
