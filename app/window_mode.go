//go:build desktop && !bindings

package app

// generating is true only in the program that the Wails CLI builds and runs to
// find out which methods are bound.
const generating = false
