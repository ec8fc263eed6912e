package branding

import "math"

// MinRatio is the contrast that text needs (WCAG 2.2, 1.4.3 AA).
const MinRatio = 4.5

// The grounds that the owner's colours stand on: the hardest of the portal's
// surfaces in either scheme (--hover in frontend/kit/src/theme/tokens.css), so
// that what reads here reads on the others too. palette_test.go holds them
// against that file.
var (
	LightGround = OKLCH{0.955, 0.005, 85 * math.Pi / 180}.RGB()
	DarkGround  = OKLCH{0.255, 0.007, 70 * math.Pi / 180}.RGB()
)

// What is written on a colour: white, or a warm near-black.
var (
	paper = RGB{255, 255, 255}
	ink   = RGB{0x16, 0x14, 0x12}
)

// Shade is one of the owner's colours as it is shown in one scheme.
type Shade struct {
	Color   RGB     // shown
	Text    RGB     // readable on Color
	Ratio   float64 // of Color on the ground, cut to two places
	Changed bool    // Color is not what the owner gave
}

// Palette is the owner's colours in one scheme.
type Palette struct{ Accent, Accent2 Shade }

// PaletteOn makes the owner's colours readable on a ground. A second colour that
// was not given is the first.
func PaletteOn(ground, accent, accent2 RGB) Palette {
	return Palette{shade(accent, ground), shade(accent2, ground)}
}

func shade(c, ground RGB) Shade {
	shown := Nudge(c, ground, MinRatio)
	return Shade{shown, TextOn(shown), math.Floor(Ratio(shown, ground)*100) / 100, shown != c}
}

// Nudge moves a colour's lightness away from the ground, as little as it takes,
// until their contrast is at least ratio and text can be read on it. A colour
// that passes stays exactly as it is.
func Nudge(c, ground RGB, ratio float64) RGB {
	const step = 1.0 / 256
	away := step
	if ground.Luminance() > 0.18 { // as far from black as from white, as contrast goes
		away = -step
	}
	shown := c
	for at := c.OKLCH(); !readable(shown, ground, ratio); shown = at.RGB() {
		next := min(1, max(0, at.L+away))
		if next == at.L {
			break // white or black: no colour reads better on this ground
		}
		at.L = next
	}
	return shown
}

func readable(c, ground RGB, ratio float64) bool {
	return Ratio(c, ground) >= ratio && Ratio(c, TextOn(c)) >= MinRatio
}

// TextOn is what can be read on a colour: white where it passes, else the better
// of white and near-black.
func TextOn(c RGB) RGB {
	if white := Ratio(paper, c); white >= MinRatio || white > Ratio(ink, c) {
		return paper
	}
	return ink
}
