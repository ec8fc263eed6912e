package reach

import (
	"bufio"
	"bytes"
	"context"
	"strconv"
	"strings"
)

func portFinding(code Code, s Severity, l Listen) Finding {
	port := int(l.Address.Port())
	return Finding{Code: code, Severity: s, Subject: strconv.Itoa(port), Params: map[string]any{"port": port}}
}

// held: another program listens there, or this one without the caller knowing.
func (p *Ports) held(ctx context.Context, l Listen, h Holder) Port {
	if h.PID == p.c.PID {
		return Port{Listen: l, Finding: portFinding(PortReady, Good, l)}
	}
	f := portFinding(PortHeld, Blocks, l)
	if p.c.OS == "windows" && h.Service == "http.sys" {
		f = portFinding(PortHeldBySystem, Blocks, l)
	}
	f.Params["program"], f.Params["pid"], f.Params["user"] = h.Program, h.PID, h.User
	switch {
	case f.Code == PortHeldBySystem:
		f.Remedies = append(f.Remedies, Remedy{Cure: CureStopService, Admin: true, Params: map[string]any{"service": "W3SVC"},
			Commands: []string{"net stop W3SVC", "sc config W3SVC start= demand"}, Undo: []string{"sc config W3SVC start= auto", "net start W3SVC"}})
	case h.Service != "":
		f.Remedies = append(f.Remedies, Remedy{Cure: CureStopService, Admin: true, Params: map[string]any{"service": h.Service},
			Commands: []string{"sudo systemctl disable --now " + h.Service}, Undo: []string{"sudo systemctl enable --now " + h.Service}})
	case h.PID != 0:
		f.Remedies = append(f.Remedies, Remedy{Cure: CureStopProgram, Params: map[string]any{"program": h.Program, "pid": h.PID}})
	default:
		f.Remedies = append(f.Remedies, p.findProgram(l))
	}
	f.Remedies = append(f.Remedies, highPorts())
	return Port{Listen: l, Holder: h, Finding: f}
}

func (p *Ports) findProgram(l Listen) Remedy {
	port := strconv.Itoa(int(l.Address.Port()))
	switch p.c.OS {
	case "windows":
		return Remedy{Cure: CureFindProgram, Commands: []string{"netstat -ano -p TCP | findstr :" + port}}
	case "darwin":
		return Remedy{Cure: CureFindProgram, Admin: true, Commands: []string{"sudo lsof -nP -iTCP:" + port + " -sTCP:LISTEN"}}
	}
	return Remedy{Cure: CureFindProgram, Admin: true, Commands: []string{"sudo ss -ltnp 'sport = :" + port + "'"}}
}

// highPorts needs nobody's permission and is the default on desktops.
func highPorts() Remedy {
	return Remedy{Cure: CureHighPorts, Params: map[string]any{"forwards": "80→8080, 443→8443"}}
}

// forbidden: the port is below what anybody may listen on.
func (p *Ports) forbidden(l Listen) Port {
	v := p.Privilege()
	port := l.Address.Port()
	f := portFinding(PortForbidden, Blocks, l)
	f.Params["start"], f.Params["program"] = v.Start, p.c.Program
	switch {
	case p.c.OS == "darwin":
		f.Remedies = []Remedy{{Cure: CureWildcard}, highPorts()}
		return Port{Listen: l, Finding: f}
	case p.c.OS != "linux":
		f.Remedies = []Remedy{highPorts()}
		return Port{Listen: l, Finding: f}
	case v.May(port): // a rule that we do not know (a security module, a container) says no
		return unknownPort(l, errNotPermitted)
	case v.FileCapability && v.Ignored != "":
		f.Code, f.Params["reason"] = PortCapabilityIgnored, v.Ignored
	case v.FileCapability: // given while the program was running
		f.Code, f.Remedies = PortRestart, []Remedy{{Cure: CureRestart}}
		return Port{Listen: l, Finding: f}
	case l.Worked:
		f.Code = PortCapabilityLost
	}
	f.Remedies = p.linuxRemedies(port, v)
	return Port{Listen: l, Finding: f}
}

// deniedOnWindows: there are no privileged ports, so somebody has the port for
// himself, or Windows has set it aside.
func (p *Ports) deniedOnWindows(ctx context.Context, l Listen, cause error) Port {
	family := "ipv4"
	if l.Address.Addr().Is6() {
		family = "ipv6"
	}
	out, _ := p.c.run(ctx, "netsh", "interface", family, "show", "excludedportrange", "protocol=tcp")
	if from, to, ok := excluded(out, l.Address.Port()); ok {
		f := portFinding(PortExcluded, Blocks, l)
		f.Params["from"], f.Params["to"] = from, to
		port := strconv.Itoa(int(l.Address.Port()))
		f.Remedies = []Remedy{{Cure: CureReleaseRange, Admin: true,
			Commands: []string{"net stop winnat", "netsh interface " + family + " add excludedportrange protocol=tcp startport=" + port + " numberofports=1", "net start winnat"},
			Undo:     []string{"netsh interface " + family + " delete excludedportrange protocol=tcp startport=" + port + " numberofports=1"}}, highPorts()}
		return Port{Listen: l, Finding: f}
	}
	if h := p.holder(ctx, l.Address); h.PID != 0 {
		return p.held(ctx, l, h)
	}
	return unknownPort(l, cause)
}

// excluded finds the range around a port in netsh's table: two numbers a line. A
// range with a star was set aside by an administrator, for a program to use.
func excluded(out []byte, port uint16) (from, to int, ok bool) {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) != 2 {
			continue
		}
		a, err := strconv.Atoi(f[0])
		b, err2 := strconv.Atoi(f[1])
		if err == nil && err2 == nil && a <= int(port) && int(port) <= b {
			return a, b, true
		}
	}
	return 0, 0, false
}
