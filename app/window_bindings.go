//go:build bindings

package app

const generating = true
