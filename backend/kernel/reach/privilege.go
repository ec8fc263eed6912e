package reach

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
)

// bindService is CAP_NET_BIND_SERVICE of capabilities(7).
const bindService = 10

// fileRights is what a program's file carries.
type fileRights struct {
	capability []byte // the attribute security.capability, nil when there is none
	nosuid     bool   // its file system ignores such attributes
}

// Privilege reads what this system allows this process. On systems without a line
// between ports every port may be used.
func (p *Ports) Privilege() Privilege {
	if p.c.OS != "linux" {
		return Privilege{}
	}
	v := Privilege{Start: 1024}
	if raw, err := os.ReadFile(p.file("/proc/sys/net/ipv4/ip_unprivileged_port_start")); err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil {
			v.Start = n
		}
	}
	status, _ := os.ReadFile(p.file("/proc/self/status")) // unreadable: no capability is known
	effective, _ := strconv.ParseUint(statusLine(status, "CapEff"), 16, 64)
	v.Capability = effective&(1<<bindService) != 0
	rights := p.c.privilege(p.c.Program)
	v.FileCapability = grants(rights.capability)
	switch {
	case p.c.AppDir != "":
		v.Ignored = "appimage"
	case rights.nosuid:
		v.Ignored = "nosuid"
	case statusLine(status, "NoNewPrivs") == "1":
		v.Ignored = "no_new_privs"
	}
	return v
}

func statusLine(status []byte, key string) string {
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if k, v, ok := strings.Cut(lines.Text(), ":"); ok && k == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// grants reads the kernel's vfs_cap_data: four bytes of version and flags, then the
// lower half of what is permitted.
func grants(attribute []byte) bool {
	return len(attribute) >= 8 && binary.LittleEndian.Uint32(attribute[4:8])&(1<<bindService) != 0
}
