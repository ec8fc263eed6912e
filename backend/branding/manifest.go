package branding

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxShort is how many letters launchers show under an icon.
const maxShort = 12

type webManifest struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	ShortName       string         `json:"short_name"`
	Description     string         `json:"description,omitempty"`
	Lang            string         `json:"lang"`
	StartURL        string         `json:"start_url"`
	Scope           string         `json:"scope"`
	Display         string         `json:"display"`
	ThemeColor      string         `json:"theme_color"`
	BackgroundColor string         `json:"background_color"`
	Icons           []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// manifest is the web app manifest (https://www.w3.org/TR/appmanifest/).
func manifest(b Brand, language string) ([]byte, error) {
	icon := func(form, sizes, purpose string) manifestIcon {
		return manifestIcon{"/brand/" + form + "?v=" + strconv.FormatInt(b.Version, 10), sizes, "image/png", purpose}
	}
	return json.Marshal(webManifest{
		ID: "/", Name: b.Name, ShortName: shortName(b.Name), Description: b.Description, Lang: language,
		StartURL: "/", Scope: "/", Display: "standalone",
		ThemeColor: b.Light.Accent.Color.Hex(), BackgroundColor: paper.Hex(),
		Icons: []manifestIcon{icon(Icon192, "192x192", "any"), icon(Icon512, "512x512", "any"), icon(IconMask, "512x512", "maskable")},
	})
}

// shortName is the name when it fits, else as many of its first words as fit,
// else the beginning of the first.
func shortName(name string) string {
	if utf8.RuneCountInString(name) <= maxShort {
		return name
	}
	short := ""
	for _, word := range strings.Fields(name) {
		longer := strings.TrimSpace(short + " " + word)
		if utf8.RuneCountInString(longer) > maxShort {
			break
		}
		short = longer
	}
	if short == "" {
		short = string([]rune(name)[:maxShort])
	}
	return short
}
