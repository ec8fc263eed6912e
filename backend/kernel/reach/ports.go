package reach

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"syscall"
)

// PortsConfig says which machine is asked. Its zero value is this one.
type PortsConfig struct {
	OS      string   // runtime.GOOS
	Root    string   // where /proc and /etc are found
	Program string   // the file of this program
	User    string   // who runs it, for the service's unit
	PID     int      // its own number
	Args    []string // what a service starts it with, after the program: ["serve"]
	AppDir  string   // $APPIMAGE: set when the program runs out of an AppImage

	// run starts a system command and returns what it printed; tests have their own.
	run func(ctx context.Context, name string, args ...string) ([]byte, error)
	// privilege reads what the system allows; tests have their own.
	privilege func(program string) fileRights
}

// Ports tells about the ports of this machine.
type Ports struct{ c PortsConfig }

// NewPorts never fails: what the system does not tell stays unknown.
func NewPorts(c PortsConfig) *Ports {
	if c.OS == "" {
		c.OS = runtime.GOOS
	}
	if c.Root == "" {
		c.Root = "/"
	}
	if c.Program == "" {
		c.Program, _ = os.Executable() // "" only costs the exact path in a command
	}
	if c.User == "" {
		if me, err := user.Current(); err == nil {
			c.User = me.Username
		}
	}
	if c.PID == 0 {
		c.PID = os.Getpid()
	}
	if c.Args == nil {
		c.Args = []string{"serve"}
	}
	if c.AppDir == "" {
		c.AppDir = os.Getenv("APPIMAGE")
	}
	if c.run == nil {
		c.run = run
	}
	if c.privilege == nil {
		c.privilege = rightsOf
	}
	return &Ports{c}
}

// Check tries to listen at l for a moment, unless the caller does already, and says
// what is in the way and what helps. Calling it again after a remedy is the check
// that the remedy worked.
func (p *Ports) Check(ctx context.Context, l Listen) Port {
	if l.Open {
		return Port{Listen: l, Finding: portFinding(PortReady, Good, l)}
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", l.Address.String())
	if err == nil {
		_ = listener.Close()
		return Port{Listen: l, Finding: portFinding(PortFree, Good, l)}
	}
	switch refusalOf(err) {
	case taken:
		return p.held(ctx, l, p.holder(ctx, l.Address))
	case denied:
		if p.c.OS == "windows" {
			return p.deniedOnWindows(ctx, l, err)
		}
		return p.forbidden(l)
	case notHere:
		f := portFinding(PortAddressMissing, Blocks, l)
		f.Params["address"] = l.Address.Addr().String()
		return Port{Listen: l, Finding: f}
	}
	return unknownPort(l, err)
}

func unknownPort(l Listen, err error) Port {
	f := portFinding(PortUnknown, Blocks, l)
	f.Params["answer"] = err.Error()
	return Port{Listen: l, Finding: f}
}

// refusal is why the system did not let a program listen.
type refusal int

const (
	other refusal = iota
	taken
	denied
	notHere
)

// Windows has its own numbers, which Go's portable ones do not match there; no
// other system has any this large.
const (
	wsaAccess       = syscall.Errno(10013)
	wsaInUse        = syscall.Errno(10048)
	wsaNotAvailable = syscall.Errno(10049)
)

func refusalOf(err error) refusal {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaInUse):
		return taken
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, wsaAccess):
		return denied
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, wsaNotAvailable):
		return notHere
	}
	return other
}

// file is a path below the machine's root.
func (p *Ports) file(path string) string { return filepath.Join(p.c.Root, path) }

func run(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	quiet(cmd)
	return cmd.Output()
}
