package main

// This file runs helpers beside a stage, such as a database or a screen, that must never outlive us.

import (
	"os"
	"os/exec"
	"runtime"
	"time"
)

// daemon is a helper program that ends with us, whatever happens to us.
type daemon struct {
	process *os.Process
	ended   chan struct{}
}

// startDaemon starts a helper and returns at once.
func startDaemon(cmd *exec.Cmd) (*daemon, error) {
	dieWithUs(cmd)
	d := &daemon{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // see dieWithUs: the helper lives as long as this thread
		defer close(d.ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // why it ended is in its own log
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	d.process = cmd.Process
	return d, nil
}

// stop asks the helper to end and kills it when it takes too long.
func (d *daemon) stop(ask func(*os.Process) error) {
	if d == nil {
		return
	}
	_ = ask(d.process)
	select {
	case <-d.ended:
	case <-time.After(grace):
		_ = d.process.Kill()
		<-d.ended
	}
}
