package reach

import "net/netip"

// Listen is a place where this program wants to listen, or does.
type Listen struct {
	Address netip.AddrPort
	Open    bool // the caller listens there now
	Worked  bool // this installation listened there before, so something was taken from it when it may no more
}

// Port is the number of an open listener, 0 of one that is not open.
func (l Listen) Port() int {
	if !l.Open {
		return 0
	}
	return int(l.Address.Port())
}

// Port is what was found at a Listen.
type Port struct {
	Listen  Listen
	Holder  Holder // whoever listens there, when somebody else does
	Finding Finding
}

// Holder is the program that listens on a port, as far as the system tells.
type Holder struct {
	PID     int    // 0: not told (it belongs to another user)
	Program string // "nginx", ""
	Path    string // "/usr/sbin/nginx", ""
	User    string // "www-data", ""
	Service string // "nginx.service", "", and on Windows "http.sys"
}

// Privilege is what this system allows this process below 1024. Only Linux has
// something to tell.
type Privilege struct {
	Start          int    // the first port that anybody may listen on
	Capability     bool   // this process may listen on every port
	FileCapability bool   // the program's file carries the capability
	Ignored        string // why a capability on the file does not count: "nosuid", "appimage", "no_new_privs", or ""
}

// May says whether this process may listen on port.
func (p Privilege) May(port uint16) bool { return p.Capability || int(port) >= p.Start }
