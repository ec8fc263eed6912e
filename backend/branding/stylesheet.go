package branding

import (
	"fmt"
	"strings"
)

// Stylesheet is /brand.css: the owner's colours as variables, by scheme, with a
// scheme chosen by the person (data-theme) above the device's. Everything in it
// is written from numbers; no text of the owner's can get in.
func Stylesheet(light, dark Palette) string {
	var b strings.Builder
	b.WriteString(":root{" + variables(light) + "}\n")
	b.WriteString("@media (prefers-color-scheme:dark){:root{" + variables(dark) + "}}\n")
	b.WriteString(":root[data-theme=light]{" + variables(light) + "}\n")
	b.WriteString(":root[data-theme=dark]{" + variables(dark) + "}\n")
	return b.String()
}

func variables(p Palette) string {
	return fmt.Sprintf("--brand-accent:%s;--brand-accent-text:%s;--brand-accent-2:%s;--brand-accent-2-text:%s",
		p.Accent.Color.Hex(), p.Accent.Text.Hex(), p.Accent2.Color.Hex(), p.Accent2.Text.Hex())
}
