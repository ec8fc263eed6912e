package app

import (
	"encoding/base64"
	"fmt"
	"io"
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

// pickedLimit is the largest file that is handed to the page in one piece.
const pickedLimit = 25 << 20

func readPicked(path string) ([]byte, error) {
	unreadable := fault.New(fault.Invalid, "app.file_unreadable", "The file {file} could not be read. Choose another one and try again.", "file", path)
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable.Because(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, pickedLimit+1))
	if err != nil {
		return nil, unreadable.Because(err)
	}
	if len(data) > pickedLimit {
		return nil, fault.New(fault.TooLarge, "app.file_too_large", "The file {file} is larger than {megabytes} MB. Choose a smaller one.",
			"file", path, "megabytes", pickedLimit>>20)
	}
	return data, nil
}
