package main

// This file starts and stops processes on Windows.

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup gives a command a process group, so that Ctrl-C in our console does not reach it first.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// stopGroup ends a process and all its children.
func stopGroup(process *os.Process) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(process.Pid)).Run()
}

// politeStop ends one process; Windows has no polite way for programs without a window.
func politeStop(process *os.Process) error { return process.Kill() }

// isRoot tells whether we run as the administrator; on Windows nothing here depends on it.
func isRoot() bool { return false }

// account is a user under whose name a program can be started; Windows needs none here.
type account struct{ uid, gid int }

// findAccount has no answer on Windows.
func findAccount(string) (account, error) {
	return account{}, errors.New("starting a program as another user is not possible on Windows")
}

// runAs changes nothing on Windows.
func runAs(*exec.Cmd, account) {}

// stopPostgres ends a PostgreSQL at once; its data is thrown away anyway.
func stopPostgres(process *os.Process) error { return stopGroup(process) }
