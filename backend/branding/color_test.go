package branding

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func mustColor(t *testing.T, text string) RGB {
	t.Helper()
	c, ok := ParseColor(text)
	if !ok {
		t.Fatalf("%q is no colour", text)
	}
	return c
}

func TestParseColor(t *testing.T) {
	for text, want := range map[string]string{"#0f766e": "#0f766e", "#ABCDEF": "#abcdef", "#000000": "#000000"} {
		if c, ok := ParseColor(text); !ok || c.Hex() != want {
			t.Errorf("%q is %v %v", text, c, ok)
		}
	}
	for _, text := range []string{"", "#fff", "0f766e", "#0f766", "#0f766e ", "#0f766g", "#+f766e", "#0_766e", "red", "#0f766e;}", "rgb(1,2,3)", "＃0f766"} {
		if c, ok := ParseColor(text); ok {
			t.Errorf("%q is taken for %v", text, c)
		}
	}
}

func TestContrastRatioIsTheOneOfWCAG(t *testing.T) {
	for _, s := range []struct {
		a, b string
		want float64
	}{
		{"#ffffff", "#000000", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.48}, {"#767676", "#ffffff", 4.54}, {"#ff0000", "#ffffff", 4.00}, {"#0000ff", "#ffffff", 8.59},
	} {
		a, b := mustColor(t, s.a), mustColor(t, s.b)
		if got := Ratio(a, b); math.Abs(got-s.want) > 0.005 || got != Ratio(b, a) {
			t.Errorf("%s on %s: %.3f, want %.2f", s.a, s.b, got, s.want)
		}
	}
}

func TestOKLCHIsTheOnePublished(t *testing.T) {
	for _, s := range []struct {
		hex     string
		l, c, h float64 // from https://oklch.com
	}{
		{"#ffffff", 1, 0, 0}, {"#000000", 0, 0, 0}, {"#ff0000", 0.628, 0.2577, 29.23}, {"#00ff00", 0.8664, 0.2948, 142.5}, {"#0000ff", 0.452, 0.3132, 264.05},
	} {
		got := mustColor(t, s.hex).OKLCH()
		h := math.Mod(got.H*180/math.Pi+360, 360)
		if math.Abs(got.L-s.l) > 0.001 || math.Abs(got.C-s.c) > 0.001 || (s.c > 0 && math.Abs(h-s.h) > 0.1) {
			t.Errorf("%s: %.4f %.4f %.2f", s.hex, got.L, got.C, h)
		}
	}
}

// everyColor walks the cube of colours in steps that meet its corners.
func everyColor(do func(RGB)) {
	for r := 0; r < 256; r += 17 {
		for g := 0; g < 256; g += 17 {
			for b := 0; b < 256; b += 17 {
				do(RGB{uint8(r), uint8(g), uint8(b)})
			}
		}
	}
}

func TestEveryColorSurvivesOKLCH(t *testing.T) {
	everyColor(func(c RGB) {
		if back := c.OKLCH().RGB(); back != c {
			t.Errorf("%s comes back as %s", c.Hex(), back.Hex())
		}
	})
}

func TestAColorNoScreenCanShowKeepsLightnessAndHue(t *testing.T) {
	for _, c := range []OKLCH{{0.7, 0.4, 2.5}, {0.3, 0.35, 0.5}, {0.95, 0.3, 4.6}} {
		got := c.RGB().OKLCH()
		if math.Abs(got.L-c.L) > 0.01 {
			t.Errorf("%+v became %+v", c, got)
		}
	}
	if (OKLCH{L: 1.2}).RGB() != (RGB{255, 255, 255}) || (OKLCH{L: -0.2}).RGB() != (RGB{}) {
		t.Error("beyond white and black")
	}
}

func TestEveryColorIsNudgedUntilItReads(t *testing.T) {
	for name, ground := range map[string]RGB{"light": LightGround, "dark": DarkGround} {
		everyColor(func(c RGB) {
			s := shade(c, ground)
			if Ratio(s.Color, ground) < MinRatio || Ratio(s.Color, s.Text) < MinRatio || s.Ratio < MinRatio {
				t.Errorf("%s on %s: shown as %s at %.2f, text at %.2f", c.Hex(), name, s.Color.Hex(), Ratio(s.Color, ground), Ratio(s.Color, s.Text))
			}
			if s.Changed != (s.Color != c) || s.Changed == readable(c, ground, MinRatio) {
				t.Errorf("%s on %s: changed %v to %s", c.Hex(), name, s.Changed, s.Color.Hex())
			}
			if s.Changed && Ratio(s.Color, ground) > 4.8 {
				t.Errorf("%s on %s: further than it takes, %.2f", c.Hex(), name, Ratio(s.Color, ground))
			}
		})
	}
}

func TestPalette(t *testing.T) {
	for _, s := range []struct{ given, light, lightText, dark, darkText string }{
		{"#0f766e", "#0f766e", "#ffffff", "", "#161412"}, // ours
		{"#ffff00", "", "#ffffff", "#ffff00", "#161412"}, // yellow: far too light for white
		{"#000000", "#000000", "#ffffff", "", "#161412"}, // black
		{"#ffffff", "", "#ffffff", "#ffffff", "#161412"}, // white
		{"#7f1d1d", "#7f1d1d", "#ffffff", "", "#161412"}, // wine
		{"#bfdbfe", "", "#ffffff", "#bfdbfe", "#161412"}, // baby blue
	} {
		c := mustColor(t, s.given)
		light, dark := PaletteOn(LightGround, c, c), PaletteOn(DarkGround, c, c)
		for _, p := range []struct {
			where          string
			got            Shade
			want, wantText string
		}{{"light", light.Accent, s.light, s.lightText}, {"dark", dark.Accent, s.dark, s.darkText}} {
			if changed := p.want == ""; p.got.Changed != changed || (!changed && p.got.Color.Hex() != p.want) || p.got.Text.Hex() != p.wantText {
				t.Errorf("%s on %s: %+v", s.given, p.where, p.got)
			}
			if p.got.Changed && c.OKLCH().C > 0.05 && math.Abs(math.Remainder(p.got.Color.OKLCH().H-c.OKLCH().H, 2*math.Pi)) > 0.05 {
				t.Errorf("%s on %s: the hue moved to %s", s.given, p.where, p.got.Color.Hex())
			}
		}
	}
}

// The grounds are the hardest of the kit's: whoever makes a surface harder meets
// this test.
func TestGroundsAreTheHardestOfTheKit(t *testing.T) {
	css, err := os.ReadFile("../../frontend/kit/src/theme/tokens.css")
	if err != nil {
		t.Fatal("the kit's colours have moved:", err)
	}
	pair := regexp.MustCompile(`--(page|surface|raised|sunken|hover): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\)`)
	found := pair.FindAllStringSubmatch(string(css), -1)
	if len(found) != 5 {
		t.Fatalf("found %d surfaces", len(found))
	}
	for _, m := range found {
		if light := oklch(t, m[2]); light.Luminance() < LightGround.Luminance()-0.002 {
			t.Errorf("--%s is darker than LightGround in the light scheme", m[1])
		}
		if dark := oklch(t, m[3]); dark.Luminance() > DarkGround.Luminance()+0.0005 {
			t.Errorf("--%s is lighter than DarkGround in the dark scheme", m[1])
		}
	}
}

func oklch(t *testing.T, text string) RGB {
	t.Helper()
	var n [3]float64
	parts := strings.Fields(text)
	if len(parts) != 3 {
		t.Fatalf("oklch(%s)", text)
	}
	for i, p := range parts {
		var err error
		if n[i], err = strconv.ParseFloat(p, 64); err != nil {
			t.Fatal(err)
		}
	}
	return OKLCH{n[0], n[1], n[2] * math.Pi / 180}.RGB()
}
