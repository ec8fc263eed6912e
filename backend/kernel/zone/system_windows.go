package zone

import (
	"net/netip"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// systemResolvers are those of the network adapters that are up.
func systemResolvers() []netip.AddrPort {
	size := uint32(16 << 10)
	for range 3 { // the table may grow between two calls
		buffer := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0]))
		const flags = windows.GAA_FLAG_SKIP_UNICAST | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST | windows.GAA_FLAG_SKIP_FRIENDLY_NAME
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		if err == windows.ERROR_BUFFER_OVERFLOW {
			continue
		}
		if err != nil {
			return nil
		}
		return resolversOf(first)
	}
	return nil
}

func resolversOf(adapter *windows.IpAdapterAddresses) []netip.AddrPort {
	var all []netip.AddrPort
	for ; adapter != nil; adapter = adapter.Next {
		if adapter.OperStatus != windows.IfOperStatusUp {
			continue
		}
		for server := adapter.FirstDnsServerAddress; server != nil; server = server.Next {
			ip, ok := netip.AddrFromSlice(server.Address.IP())
			a := netip.AddrPortFrom(ip.Unmap(), 53)
			siteLocal := netip.MustParsePrefix("fec0::/10") // Windows fills these in where there are none
			if ok && !siteLocal.Contains(a.Addr()) && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}
