//go:build !noui

// Package frontend carries the built user interfaces inside the program.
package frontend

import (
	"embed"
	"io/fs"
)

// all: keeps files that begin with an underscore or a dot; gitkeep stands in
// for the bundles on a fresh clone, so that the package always compiles.
//
//go:embed all:dist
var dist embed.FS

// Dist is the built frontend: staff/ is the dashboard, portal/ the clients' app.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the directory is named in the embed line above
	}
	return sub
}
