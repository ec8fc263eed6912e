package reachtest

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Net is a network namespace that lives as long as the test: a machine of its own as
// far as the network goes.
type Net struct {
	t    testing.TB
	name string
}

// NewNet makes one with loopback up, or skips the test where the kernel refuses.
func NewNet(t testing.TB, name string) *Net {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	n := &Net{t, fmt.Sprintf("reach%d%s", os.Getpid(), name)}
	if out, err := exec.Command("ip", "netns", "add", n.name).CombinedOutput(); err != nil {
		t.Skipf("the kernel gives no network namespaces: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", n.name).Run() })
	n.Run("ip", "link", "set", "lo", "up")
	n.Run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
	return n
}

// Command is a command to start inside.
func (n *Net) Command(args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.name}, args...)...)
}

// Run runs a command inside.
func (n *Net) Run(args ...string) {
	n.t.Helper()
	if out, err := n.Command(args...).CombinedOutput(); err != nil {
		n.t.Fatalf("%v: %v %s", args, err, out)
	}
}

// In runs f inside: the sockets that it opens itself stay there. What f starts in
// goroutines may use those sockets and open none.
func (n *Net) In(f func()) {
	n.t.Helper()
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = home.Close() }()
	there, err := os.Open("/run/netns/" + n.name)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = there.Close() }()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		n.t.Fatal(err)
	}
	defer func() {
		if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
			n.t.Error(err)
			return // the thread stays locked, and ends with its goroutine
		}
		runtime.UnlockOSThread()
	}()
	f()
}

// tunnel makes a device whose packets are read and written by the test.
func (n *Net) tunnel(device string) (tun *os.File) {
	n.t.Helper()
	n.In(func() {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			n.t.Skipf("the kernel gives no tunnel device: %v", err)
		}
		request, err := unix.NewIfreq(device)
		if err != nil {
			n.t.Fatal(err)
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			n.t.Fatal(err)
		}
		tun = os.NewFile(uintptr(fd), device)
	})
	n.t.Cleanup(func() { _ = tun.Close() })
	return tun
}

// Wire connects two of them with a cable. device names its end in each, the address
// is that of the end.
func Wire(a *Net, deviceA, addressA string, b *Net, deviceB, addressB string) {
	a.t.Helper()
	a.Run("ip", "link", "add", deviceA, "type", "veth", "peer", "name", deviceB, "netns", b.name)
	for _, end := range []struct {
		n               *Net
		device, address string
	}{{a, deviceA, addressA}, {b, deviceB, addressB}} {
		end.n.Run("ip", "address", "add", end.address, "dev", end.device)
		end.n.Run("ip", "link", "set", end.device, "up")
	}
}

// Gateway sets the default route.
func (n *Net) Gateway(via string) { n.t.Helper(); n.Run("ip", "route", "add", "default", "via", via) }

// Route sends what is for a network to a neighbour.
func (n *Net) Route(to netip.Prefix, via string) {
	n.t.Helper()
	n.Run("ip", "route", "add", to.String(), "via", via)
}
