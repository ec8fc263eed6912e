package branding

import "strings"

// Tell says in a sentence or two what became of the owner's colours.
func (s *Service) Tell(b Brand, language string) string {
	told := []string{s.tellOne(b.Accent, b.Light.Accent, b.Dark.Accent, language)}
	if b.Accent2 != "" && b.Accent2 != b.Accent {
		told = append(told, s.tellOne(b.Accent2, b.Light.Accent2, b.Dark.Accent2, language))
	}
	text := strings.TrimSpace(strings.Join(told, " "))
	if text == "" {
		text, _ = s.Words(language, "branding.colors_fine", nil)
	}
	return text
}

// tellOne answers "" for a colour that is shown as it was given.
func (s *Service) tellOne(given string, light, dark Shade, language string) string {
	key := ""
	switch {
	case light.Changed && dark.Changed:
		key = "branding.colors_both"
	case light.Changed:
		key = "branding.colors_light"
	case dark.Changed:
		key = "branding.colors_dark"
	default:
		return ""
	}
	text, _ := s.Words(language, key, map[string]any{"given": given, "light": light.Color.Hex(), "dark": dark.Color.Hex()})
	return text
}
