//go:build !windows

package zone

import (
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

// systemResolvers are those of /etc/resolv.conf. macOS keeps that file up to
// date for programs such as this one.
func systemResolvers() []netip.AddrPort {
	config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var all []netip.AddrPort
	for _, server := range config.Servers {
		if a, err := netip.ParseAddrPort(net.JoinHostPort(server, config.Port)); err == nil {
			all = append(all, a)
		}
	}
	return all
}
