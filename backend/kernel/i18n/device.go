package i18n

import "strings"

// Device tells a device as it is kept in English ("Firefox on Linux") in a
// language ("Firefox unter Linux"). text is Catalogue.Text; what is not of that
// shape comes back as it is.
func Device(text func(language, key string, params map[string]any) (string, bool), language, device string) string {
	browser, system, ok := strings.Cut(device, " on ")
	if !ok {
		return device
	}
	told, ok := text(language, "device.on", map[string]any{"browser": browser, "system": system})
	if !ok {
		return device
	}
	return told
}
