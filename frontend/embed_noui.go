//go:build noui

// Package frontend carries the built user interfaces inside the program.
package frontend

import (
	"io/fs"
	"testing/fstest"
)

// Dist is empty: this build has no user interface.
func Dist() fs.FS { return fstest.MapFS{} }
