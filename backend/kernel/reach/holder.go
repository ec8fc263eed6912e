package reach

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// holder finds out who listens at an address. Everything it cannot know stays empty.
func (p *Ports) holder(ctx context.Context, at netip.AddrPort) Holder {
	switch p.c.OS {
	case "linux":
		return p.holderOnLinux(at)
	case "darwin":
		out, _ := p.c.run(ctx, "lsof", "-nP", "-iTCP:"+strconv.Itoa(int(at.Port())), "-sTCP:LISTEN", "-FpcL") // exits 1 when it finds nothing
		return lsof(out)
	case "windows":
		out, _ := p.c.run(ctx, "netstat", "-ano", "-p", "TCP")
		h := Holder{PID: netstat(out, at.Port())}
		switch h.PID {
		case 0:
		case 4: // the kernel, which answers HTTP for IIS and others
			h.Program, h.Service = "System", "http.sys"
		default:
			out, _ = p.c.run(ctx, "tasklist", "/FI", "PID eq "+strconv.Itoa(h.PID), "/FO", "CSV", "/NH")
			h.Program = tasklist(out)
		}
		return h
	}
	return Holder{}
}

// listener is a line of /proc/net/tcp that listens.
type listener struct {
	at    netip.AddrPort
	uid   string
	inode string
}

func (p *Ports) holderOnLinux(at netip.AddrPort) Holder {
	var all []listener
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, _ := os.ReadFile(p.file(name)) // without IPv6 the second is missing
		all = append(all, listeners(raw)...)
	}
	i := slices.IndexFunc(all, func(l listener) bool { return inTheWay(l.at, at) })
	if i < 0 {
		return Holder{}
	}
	h := Holder{User: all[i].uid}
	if u, err := user.LookupId(all[i].uid); err == nil {
		h.User = u.Username
	}
	if pid := p.owner(all[i].inode); pid != "" {
		h.PID, _ = strconv.Atoi(pid)
		comm, _ := os.ReadFile(p.file("/proc/" + pid + "/comm"))
		h.Program = strings.TrimSpace(string(comm))
		h.Path, _ = os.Readlink(p.file("/proc/" + pid + "/exe"))
		cgroup, _ := os.ReadFile(p.file("/proc/" + pid + "/cgroup"))
		h.Service = serviceOf(string(cgroup))
	}
	return h
}

// inTheWay: listening at one keeps the other from listening.
func inTheWay(one, other netip.AddrPort) bool {
	a, b := one.Addr().Unmap(), other.Addr().Unmap()
	return one.Port() == other.Port() && (a == b || a.IsUnspecified() || b.IsUnspecified())
}

// listeners reads the lines of /proc/net/tcp or tcp6 that listen.
func listeners(table []byte) (all []listener) {
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 10 || f[3] != "0A" {
			continue
		}
		host, port, _ := strings.Cut(f[1], ":")
		raw, err := hex.DecodeString(host)
		n, err2 := strconv.ParseUint(port, 16, 16)
		if err != nil || err2 != nil || len(raw)%4 != 0 {
			continue
		}
		for i := 0; i < len(raw); i += 4 { // the kernel prints words of the machine's own order
			slices.Reverse(raw[i : i+4])
		}
		if addr, ok := netip.AddrFromSlice(raw); ok {
			all = append(all, listener{netip.AddrPortFrom(addr, uint16(n)), f[7], f[9]})
		}
	}
	return all
}

// owner is the process that has the socket open: "" when it is another user's.
func (p *Ports) owner(inode string) string {
	links, _ := filepath.Glob(p.file("/proc/[0-9]*/fd/*"))
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == "socket:["+inode+"]" {
			return filepath.Base(filepath.Dir(filepath.Dir(link)))
		}
	}
	return ""
}

// serviceOf is the system service that a process belongs to, by its control group.
func serviceOf(cgroup string) string {
	for _, line := range strings.Split(cgroup, "\n") {
		path, ok := strings.CutPrefix(line, "0::/system.slice/")
		if service := strings.Split(path, "/")[0]; ok && strings.HasSuffix(service, ".service") {
			return service
		}
	}
	return ""
}

// lsof reads its output for programs: p process, c command, L user.
func lsof(out []byte) (h Holder) {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		key, value := lines.Text()[:min(1, len(lines.Text()))], strings.TrimSpace(lines.Text()[min(1, len(lines.Text())):])
		switch {
		case key == "p" && h.PID == 0:
			h.PID, _ = strconv.Atoi(value)
		case key == "p":
			return h // the first is enough
		case key == "c":
			h.Program = value
		case key == "L":
			h.User = value
		}
	}
	return h
}

// netstat finds who listens on a port in the output of netstat -ano. Its words are
// translated, so a listener is known by its far side without a port.
func netstat(out []byte, port uint16) int {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || f[0] != "TCP" || !strings.HasSuffix(f[2], ":0") {
			continue
		}
		if strings.HasSuffix(f[1], ":"+strconv.Itoa(int(port))) {
			pid, _ := strconv.Atoi(f[len(f)-1])
			return pid
		}
	}
	return 0
}

// tasklist is the name in the first line of its CSV.
func tasklist(out []byte) string {
	line, err := csv.NewReader(bytes.NewReader(out)).Read()
	if err != nil || len(line) < 2 { // "INFO: No tasks are running…"
		return ""
	}
	return line[0]
}
