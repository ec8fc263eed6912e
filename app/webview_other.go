//go:build (desktop && !linux) || bindings

package app

// Elsewhere Wails' own window comes to the front when it is shown.
func present() {}

func attach(*desk) {}
