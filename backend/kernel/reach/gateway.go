package reach

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// DefaultGateways are the IPv4 default routes of this machine, the preferred one
// first; none is no error. Nothing is sent.
func DefaultGateways(ctx context.Context) ([]Gateway, error) {
	var found []Gateway
	switch runtime.GOOS {
	case "linux":
		table, err := os.ReadFile("/proc/net/route")
		if err != nil {
			return nil, err
		}
		found = linuxRoutes(table)
	case "windows":
		out, err := run(ctx, "route", "print", "-4", "0.0.0.0")
		if err != nil {
			return nil, err
		}
		found = windowsRoutes(out)
	default:
		out, err := run(ctx, "netstat", "-rn", "-f", "inet")
		if err != nil {
			return nil, err
		}
		found = bsdRoutes(out)
	}
	six := sixthRoutes(ctx)
	for i, g := range found {
		if !g.Local.IsValid() {
			found[i].Local = localTowards(g.Address)
		}
		found[i].Six = beside(g, six)
	}
	return found, nil
}

// GatewayAt is a router that somebody names, in place of the system's. Nothing is sent.
func GatewayAt(address netip.Addr) Gateway {
	return Gateway{Address: address, Local: localTowards(address)}
}

// localTowards is this machine's address as seen from another: connecting a UDP
// socket chooses it and sends nothing.
func localTowards(there netip.Addr) netip.Addr {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(there, 9)))
	if err != nil {
		return netip.Addr{}
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// route is a default route with what the system prefers by.
type route struct {
	Gateway
	metric int
}

func preferred(routes []route) []Gateway {
	slices.SortStableFunc(routes, func(a, b route) int { return cmp.Compare(a.metric, b.metric) })
	var all []Gateway
	for _, r := range routes {
		if !slices.ContainsFunc(all, func(g Gateway) bool { return g.Address == r.Address }) {
			all = append(all, r.Gateway)
		}
	}
	return all
}

// linuxRoutes reads /proc/net/route: addresses are words in the machine's order.
func linuxRoutes(table []byte) []Gateway {
	var routes []route
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		flags, err := strconv.ParseUint(f[3], 16, 16)
		raw, err2 := hex.DecodeString(f[2])
		if err != nil || err2 != nil || len(raw) != 4 || flags&3 != 3 { // up, and through a gateway
			continue
		}
		slices.Reverse(raw)
		metric, _ := strconv.Atoi(f[6])
		addr, _ := netip.AddrFromSlice(raw)
		routes = append(routes, route{Gateway{Address: addr, Interface: f[0]}, metric})
	}
	return preferred(routes)
}

// windowsRoutes reads the table of route print; its words are translated, its
// columns are not: target, mask, gateway, own address, metric.
func windowsRoutes(out []byte) []Gateway {
	var routes []route
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) != 5 || f[0] != "0.0.0.0" || f[1] != "0.0.0.0" {
			continue
		}
		gateway, err := netip.ParseAddr(f[2])
		local, err2 := netip.ParseAddr(f[3])
		metric, err3 := strconv.Atoi(f[4])
		if err == nil && err2 == nil && err3 == nil {
			routes = append(routes, route{Gateway{Address: gateway, Local: local}, metric})
		}
	}
	return preferred(routes)
}

// bsdRoutes reads netstat -rn, in the order in which the system prefers.
func bsdRoutes(out []byte) []Gateway {
	var routes []route
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || f[0] != "default" {
			continue
		}
		if gateway, err := netip.ParseAddr(f[1]); err == nil && gateway.Is4() { // "link#12" is a tunnel without one
			routes = append(routes, route{Gateway{Address: gateway, Interface: f[3]}, 0})
		}
	}
	return preferred(routes)
}
