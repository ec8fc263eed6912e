package app

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"portico/backend/kernel/fault"
)

// The faults of the native verbs.
var (
	errAddress = fault.New(fault.Invalid, "app.url_refused", "Only web addresses (http and https) are opened in the browser.")
	errFolder  = fault.New(fault.Forbidden, "app.folder_refused", "Only the folder with Portico's data is opened from here.")
)

// webAddress admits http and https: an address goes to the system's opener,
// which would start programs for others.
func webAddress(address string) (string, error) {
	bad := func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune("\"'`\\<>", r)
	}
	if strings.ContainsFunc(address, bad) {
		return "", errAddress
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return "", errAddress
	}
	return u.String(), nil
}

// folderInside admits the data folder and what lies in it, after following links.
func folderInside(dir, path string) (string, error) {
	if path == "" {
		path = dir
	}
	home, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", errFolder.Because(err)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", errFolder.Because(err)
	}
	inside, err := filepath.Rel(home, real)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", errFolder
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return "", errFolder
	}
	return real, nil
}

// fileContent is what SaveFile writes.
func fileContent(content string) ([]byte, error) {
	head, rest, found := strings.Cut(content, ";base64,")
	if !found || !strings.HasPrefix(head, "data:") || len(head) > 100 {
		return []byte(content), nil
	}
	data, err := base64.StdEncoding.DecodeString(rest)
	if err != nil {
		return nil, fmt.Errorf("read the file's content: %w", err)
	}
	return data, nil
}
