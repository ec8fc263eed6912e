//go:build !linux

package main

import "os/exec"

// dieWithUs gives a command a group of its own; only Linux can tie it to our life as well.
func dieWithUs(cmd *exec.Cmd) { ownGroup(cmd) }
