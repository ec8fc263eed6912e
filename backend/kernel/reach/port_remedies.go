package reach

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

var errNotPermitted = errors.New("the system does not permit it")

const (
	sysctlFile  = "/etc/sysctl.d/50-portico.conf"
	serviceFile = "/etc/systemd/system/portico.service"
	sysctlKey   = "net.ipv4.ip_unprivileged_port_start"
)

// linuxRemedies are the ways to listen below 1024, the one that lasts first.
func (p *Ports) linuxRemedies(port uint16, v Privilege) []Remedy {
	all := []Remedy{{
		Cure: CureSysctl, Admin: true,
		Commands: []string{fmt.Sprintf("echo %s=%d | sudo tee %s", sysctlKey, min(port, 80), sysctlFile), "sudo sysctl -p " + sysctlFile},
		Undo:     []string{"sudo rm " + sysctlFile, fmt.Sprintf("sudo sysctl -w %s=%d", sysctlKey, v.Start)},
	}}
	if p.c.AppDir == "" {
		all = append(all, Remedy{
			Cure: CureService, Admin: true,
			File:     &File{Path: serviceFile, Mode: 0o644, Text: p.ServiceUnit()},
			Commands: []string{"sudo systemctl daemon-reload", "sudo systemctl enable --now portico.service"},
			Undo:     []string{"sudo systemctl disable --now portico.service", "sudo rm " + serviceFile},
		})
	}
	if v.Ignored == "" {
		all = append(all, Remedy{
			Cure: CureSetcap, Admin: true,
			Commands: []string{"sudo setcap cap_net_bind_service=+ep " + shellWord(p.c.Program)},
			Undo:     []string{"sudo setcap -r " + shellWord(p.c.Program)},
			Params:   map[string]any{"program": p.c.Program},
		})
	}
	return append(all, highPorts())
}

// ServiceUnit is the text of a systemd service that runs this program as its user,
// with the one capability that it needs and no way to gain another.
func (p *Ports) ServiceUnit() string {
	words := make([]string, 0, len(p.c.Args)+1)
	for _, w := range append([]string{p.c.Program}, p.c.Args...) {
		words = append(words, unitWord(w))
	}
	return `[Unit]
Description=Portico client portal
Wants=network-online.target
After=network-online.target

[Service]
User=` + p.c.User + `
ExecStart=` + strings.Join(words, " ") + `
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`
}

// unitWord quotes a word for ExecStart (systemd.service(5)).
func unitWord(w string) string {
	w = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(w)
	if strings.ContainsAny(w, " \t'\"\\;") {
		return `"` + w + `"`
	}
	return w
}

// shellWord quotes a word for a POSIX shell.
func shellWord(w string) string {
	if strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=") == "" && w != "" {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

const ruleName = "Portico"

// Firewall says whether a firewall of this machine needs to know about the ports: at
// most one finding. On Linux it is a hint, since only an administrator may read the
// rules; on Windows our own rule is looked for.
func (p *Ports) Firewall(ctx context.Context, ports ...uint16) []Finding {
	words := make([]string, len(ports))
	for i, port := range ports {
		words[i] = strconv.Itoa(int(port))
	}
	list := strings.Join(words, ",")
	found := func(name string, s Severity, r Remedy) []Finding {
		r.Admin = true
		return []Finding{{Code: FirewallPresent, Severity: s, Subject: name, Params: map[string]any{"name": name, "ports": list}, Remedies: []Remedy{r}}}
	}
	switch {
	case len(ports) == 0:
	case p.c.OS == "windows":
		if _, err := p.c.run(ctx, "netsh", "advfirewall", "firewall", "show", "rule", "name="+ruleName); err != nil { // exits 1 when there is none
			return found("Windows", Warns, Remedy{Cure: CureFirewallWindows,
				Commands: []string{`netsh advfirewall firewall add rule name="` + ruleName + `" dir=in action=allow profile=any protocol=TCP localport=` + list + ` program="` + p.c.Program + `"`},
				Undo:     []string{`netsh advfirewall firewall delete rule name="` + ruleName + `"`}})
		}
	case p.c.OS == "darwin":
		const tool = "/usr/libexec/ApplicationFirewall/socketfilterfw"
		if out, err := p.c.run(ctx, tool, "--getglobalstate"); err == nil && !strings.Contains(string(out), "State = 0") {
			program := shellWord(p.c.Program)
			return found("macOS", Tells, Remedy{Cure: CureFirewallMac,
				Commands: []string{"sudo " + tool + " --add " + program, "sudo " + tool + " --unblockapp " + program},
				Undo:     []string{"sudo " + tool + " --remove " + program}})
		}
	case p.c.OS == "linux" && p.ufwOn():
		return found("ufw", Tells, Remedy{Cure: CureFirewallUFW,
			Commands: []string{"sudo ufw allow " + list + "/tcp"}, Undo: []string{"sudo ufw delete allow " + list + "/tcp"}})
	case p.c.OS == "linux":
		if out, err := p.c.run(ctx, "firewall-cmd", "--state"); err == nil && strings.TrimSpace(string(out)) == "running" {
			var add, remove []string
			for _, w := range words {
				add, remove = append(add, "sudo firewall-cmd --permanent --add-port="+w+"/tcp"), append(remove, "sudo firewall-cmd --permanent --remove-port="+w+"/tcp")
			}
			const reload = "sudo firewall-cmd --reload"
			return found("firewalld", Tells, Remedy{Cure: CureFirewalld, Commands: append(add, reload), Undo: append(remove, reload)})
		}
	}
	return nil
}

func (p *Ports) ufwOn() bool {
	raw, err := os.ReadFile(p.file("/etc/ufw/ufw.conf"))
	if err != nil {
		return false
	}
	for _, line := range strings.Split(string(raw), "\n") {
		if strings.EqualFold(strings.TrimSpace(line), "ENABLED=yes") {
			return true
		}
	}
	return false
}
