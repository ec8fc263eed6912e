package branding

import (
	"image"
	"image/color"
	"testing"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "Shop": "S", "bäckerei sonnenschein": "BS", "Ann & Bob Ltd": "AL", "\"Quoted\" Name": "QN", "3M": "3", "Ωmega Ελλάδα": "ΩΕ", "!!! ???": "", "élan": "É",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"Shop": "Shop", "Twelve chars": "Twelve chars", "Bäckerei Sonnenschein": "Bäckerei", "Ann and Bob and Company": "Ann and Bob", "Donaudampfschifffahrt": "Donaudampfsc", "": "",
	} {
		if got := shortName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// Something is drawn for every name, in the middle, and never at the edge that a
// mask would cut off.
func TestDrawnIconsAreCentredAndSafe(t *testing.T) {
	p := newPainter()
	ground := RGB{15, 118, 110}
	for _, name := range []string{"", "Shop", "Wide Wombats", "Jörg Ähre", "Ωmega", "日本 商店", "مخبز", "W W", "i"} {
		m := p.drawIcon(name, ground)
		box := image.Rectangle{}
		for y := range iconSide {
			for x := range iconSide {
				if color.NRGBAModel.Convert(m.At(x, y)) != nrgba(ground) {
					box = box.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		middle := box.Min.Add(box.Max).Div(2)
		if box.Dx() < 20 || box.Dy() < 100 || abs(middle.X-iconSide/2) > 2 || abs(middle.Y-iconSide/2) > 12 {
			t.Errorf("%q is drawn at %v", name, box)
		}
		if half := iconSide * 4 / 10; box.Dx() > 2*half || box.Dy() > 2*half {
			t.Errorf("%q would be cut off: %v", name, box)
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestGroundOfAMaskedIcon(t *testing.T) {
	red := color.NRGBA{200, 0, 0, 255}
	m := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	if cornerColor(m) != color.White {
		t.Error("clear corners want white")
	}
	for i := range 4 {
		for j := range 4 {
			m.Set(i, j, red)
		}
	}
	if cornerColor(m) != red {
		t.Error("corners that agree are the ground")
	}
	m.Set(3, 3, color.Black)
	if cornerColor(m) != color.White {
		t.Error("corners that differ want white")
	}
}
