//go:build unix

package main

// This file starts and stops processes on Unix.

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// ownGroup gives a command a process group, so that its children can be stopped with it.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

// stopGroup asks a process and all its children to end.
func stopGroup(process *os.Process) error {
	err := syscall.Kill(-process.Pid, syscall.SIGTERM)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// politeStop asks one process to end.
func politeStop(process *os.Process) error { return process.Signal(syscall.SIGTERM) }

// isRoot tells whether we run as the administrator.
func isRoot() bool { return os.Geteuid() == 0 }

// account is a user of this computer under whose name a program can be started.
type account struct{ uid, gid int }

// findAccount looks a user up by name.
func findAccount(name string) (account, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return account{}, fmt.Errorf("find the user %q: %w", name, err)
	}
	uid, err := strconv.Atoi(found.Uid)
	if err != nil {
		return account{}, fmt.Errorf("read the user id of %q: %w", name, err)
	}
	gid, err := strconv.Atoi(found.Gid)
	if err != nil {
		return account{}, fmt.Errorf("read the group id of %q: %w", name, err)
	}
	return account{uid, gid}, nil
}

// runAs makes a command run under another account.
func runAs(cmd *exec.Cmd, who account) {
	ownGroup(cmd)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(who.uid), Gid: uint32(who.gid)}
}

// stopPostgres ends a PostgreSQL at once; its data is thrown away anyway.
func stopPostgres(process *os.Process) error { return process.Signal(syscall.SIGQUIT) }
