package reachtest

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Sealed runs tests of the calling package once more, on a machine of its own that
// believes to be connected. Whatever they send away fails this test, by whichever
// library it was sent: nothing that is tested may leave the computer.
func Sealed(t *testing.T, tests string) {
	t.Helper()
	if left := Left(t, exec.Command(os.Args[0], "-test.run", tests, "-test.count", "1")); len(left) > 0 {
		t.Errorf("packets left this computer: %v", left)
	}
}

// Left runs a command on such a machine and answers where packets went to: it has an
// address and a default route of both families, and nobody is at the other end.
func Left(t *testing.T, cmd *exec.Cmd) []string {
	t.Helper()
	n := NewNet(t, "sealed")
	const device = "out0"
	ear := &ear{socket: n.tunnel(device), done: make(chan struct{})}
	n.Run("sysctl", "-qw", "net.ipv6.conf."+device+".router_solicitations=0")
	n.Run("ip", "address", "add", "192.0.2.2/24", "dev", device)
	n.Run("ip", "address", "add", "2001:db8:0:5ea1::2/64", "dev", device, "nodad")
	n.Run("ip", "link", "set", device, "up")
	n.Gateway("192.0.2.1")
	n.Run("ip", "-6", "route", "add", "default", "via", "2001:db8:0:5ea1::1", "dev", device)
	go ear.listen()
	inside := n.Command(cmd.Args...)
	// PostgreSQL stands outside; the store is not what is looked at here.
	inside.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PORTICO_TEST_POSTGRES=") }), sealed+"=1")
	if out, err := inside.CombinedOutput(); err != nil {
		t.Errorf("sealed: %v\n%s", err, out)
	}
	return ear.heard()
}

// sealed tells a process that it runs there.
const sealed = "PORTICO_SEALED"

// IsSealed reports that this process runs there.
func IsSealed() bool { return os.Getenv(sealed) != "" }

// ear hears every packet of a device.
type ear struct {
	socket *os.File
	done   chan struct{}
	all    []string // until done, the listener's
}

func (e *ear) listen() {
	defer close(e.done)
	packet := make([]byte, 65536)
	for {
		size, err := e.socket.Read(packet)
		if err != nil {
			return
		}
		if to := destination(packet[:size]); to != "" {
			e.all = append(e.all, to)
		}
	}
}

// heard are the places that packets were for, each once.
func (e *ear) heard() []string {
	_ = e.socket.Close()
	<-e.done
	slices.Sort(e.all)
	return slices.Compact(e.all)
}

// destination is where a packet goes; "" for those by which the system itself looks
// after its groups and neighbours.
func destination(p []byte) string {
	switch {
	case len(p) >= 24 && p[0]>>4 == 4 && (p[9] == tcp || p[9] == udp):
		addr, port := netip.AddrFrom4([4]byte(p[16:20])), p[int(p[0]&15)*4:]
		if len(port) >= 4 {
			return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(port[2:])).String()
		}
	case len(p) >= 44 && p[0]>>4 == 6 && (p[6] == tcp || p[6] == udp):
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(p[24:40])), binary.BigEndian.Uint16(p[42:])).String()
	case len(p) >= 20 && p[0]>>4 == 4 && p[9] != unix.IPPROTO_IGMP:
		return fmt.Sprintf("protocol %d to %s", p[9], netip.AddrFrom4([4]byte(p[16:20])))
	}
	return ""
}
