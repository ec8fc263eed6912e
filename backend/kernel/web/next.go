package web

import (
	"net/url"
	"strings"
)

// SafePath answers path when it leads to a place on this site, and "/" when it
// could lead anywhere else: it must begin with one slash, not be followed by a
// slash or backslash (also escaped), and hold no control characters.
func SafePath(path string) string {
	if len(path) > 512 || !strings.HasPrefix(path, "/") {
		return "/"
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return "/"
	}
	for _, form := range []string{path, plain} {
		if len(form) > 1 && (form[1] == '/' || form[1] == '\\') {
			return "/"
		}
		for _, r := range form {
			if r < 0x20 || r == 0x7f || r == '\\' {
				return "/"
			}
		}
	}
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	return path
}
