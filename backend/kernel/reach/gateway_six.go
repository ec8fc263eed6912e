package reach

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// sixthRoutes are the IPv6 default routes of this machine, the preferred one first;
// none where it has no IPv6. Nothing is sent.
func sixthRoutes(ctx context.Context) []Gateway {
	switch runtime.GOOS {
	case "linux":
		table, _ := os.ReadFile("/proc/net/ipv6_route") // missing without IPv6
		return linuxRoutes6(table)
	case "windows":
		out, _ := run(ctx, "route", "print", "-6", "::/0")
		return windowsRoutes6(out)
	}
	out, _ := run(ctx, "netstat", "-rn", "-f", "inet6")
	return bsdRoutes6(out)
}

// beside is the IPv6 side of a router: the one on the same interface. Windows names
// interfaces in one table only; there the preferred one is taken.
func beside(g Gateway, six []Gateway) netip.Addr {
	for _, s := range six {
		if s.Interface == g.Interface || g.Interface == "" {
			return s.Address
		}
	}
	return netip.Addr{}
}

// linuxRoutes6 reads /proc/net/ipv6_route: target, its length, source, its length,
// gateway, metric, two counters, flags, interface.
func linuxRoutes6(table []byte) []Gateway {
	var routes []route
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 10 || f[1] != "00" || f[3] != "00" {
			continue
		}
		flags, err := strconv.ParseUint(f[8], 16, 32)
		raw, err2 := hex.DecodeString(f[4])
		metric, err3 := strconv.ParseUint(f[5], 16, 32)
		if err != nil || err2 != nil || err3 != nil || len(raw) != 16 || flags&3 != 3 { // up, and through a gateway
			continue
		}
		addr, _ := netip.AddrFromSlice(raw)
		routes = append(routes, route{Gateway{Address: zoned(addr, f[9]), Interface: f[9]}, int(metric)})
	}
	return preferred(routes)
}

// windowsRoutes6 reads the table of route print: interface's number, metric, target,
// gateway.
func windowsRoutes6(out []byte) []Gateway {
	var routes []route
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) != 4 || f[2] != "::/0" {
			continue
		}
		metric, err := strconv.Atoi(f[1])
		addr, err2 := netip.ParseAddr(f[3])
		if err == nil && err2 == nil { // a tunnel has a word there
			routes = append(routes, route{Gateway{Address: zoned(addr, f[0]), Interface: f[0]}, metric})
		}
	}
	return preferred(routes)
}

// bsdRoutes6 reads netstat -rn, in the order in which the system prefers.
func bsdRoutes6(out []byte) []Gateway {
	var routes []route
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || f[0] != "default" {
			continue
		}
		if addr, err := netip.ParseAddr(f[1]); err == nil && addr.Is6() && !addr.WithZone("").IsUnspecified() && addr.WithZone("") != netip.MustParseAddr("fe80::") { // tunnels name no router
			routes = append(routes, route{Gateway{Address: addr, Interface: f[3]}, 0})
		}
	}
	return preferred(routes)
}

// zoned is an address as it is to be connected to: one that every network has needs
// the interface with it.
func zoned(a netip.Addr, device string) netip.Addr {
	if a.IsLinkLocalUnicast() {
		return a.WithZone(device)
	}
	return a
}
