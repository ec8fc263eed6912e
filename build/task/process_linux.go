package main

// This file ties a process to our own life on Linux.

import (
	"os/exec"
	"syscall"
)

// dieWithUs makes the kernel stop a command when our thread that started it is gone, even by kill -9.
// The caller has to hold that thread (runtime.LockOSThread) for as long as the command lives.
func dieWithUs(cmd *exec.Cmd) {
	ownGroup(cmd)
	cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
}
