package reach

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

var ctx = context.Background()

func cures(f Finding) (all []Cure) {
	for _, r := range f.Remedies {
		all = append(all, r.Cure)
	}
	return all
}

func remedy(t *testing.T, f Finding, c Cure) Remedy {
	t.Helper()
	i := slices.IndexFunc(f.Remedies, func(r Remedy) bool { return r.Cure == c })
	if i < 0 {
		t.Fatalf("%s has no remedy %s: %v", f.Code, c, cures(f))
	}
	return f.Remedies[i]
}

// The ports of this machine as they are.
func TestPortsHere(t *testing.T) {
	p := NewPorts(PortsConfig{})
	own, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mine := own.Addr().(*net.TCPAddr).AddrPort()
	if got := p.Check(ctx, Listen{Address: mine, Open: true}).Finding; got.Code != PortReady || got.Params["port"] != int(mine.Port()) {
		t.Errorf("a listener of the caller's: %+v", got)
	}
	if runtime.GOOS == "linux" {
		if got := p.Check(ctx, Listen{Address: mine}).Finding; got.Code != PortReady {
			t.Errorf("a listener of this process: %+v", got)
		}
	}
	_ = own.Close()
	if got := p.Check(ctx, Listen{Address: mine}).Finding; got.Code != PortFree || got.Severity != Good {
		t.Errorf("a free port: %+v", got)
	}
	if got := p.Check(ctx, Listen{Address: netip.MustParseAddrPort("192.0.2.1:8080")}).Finding; got.Code != PortAddressMissing || got.Params["address"] != "192.0.2.1" {
		t.Errorf("an address of nobody: %+v", got)
	}
}

// Another program is in the way: by its own address, by all of them, and where we
// want all of them.
func TestPortHeld(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("who listens is read from /proc")
	}
	for _, s := range []struct{ theirs, ours string }{
		{"127.0.0.1:0", "127.0.0.1"}, {"0.0.0.0:0", "127.0.0.1"}, {"127.0.0.1:0", "0.0.0.0"}, {"[::]:0", "127.0.0.1"}, {"[::1]:0", "::1"}, {"[::1]:0", "::"},
	} {
		at, pid := playHold(t, s.theirs)
		got := NewPorts(PortsConfig{}).Check(ctx, Listen{Address: netip.AddrPortFrom(netip.MustParseAddr(s.ours), at.Port())})
		if got.Finding.Code != PortHeld || got.Holder.PID != pid || got.Holder.Path != exe(t) || got.Finding.Params["pid"] != pid || got.Finding.Params["user"] == "" {
			t.Errorf("%s in the way of %s: %+v", s.theirs, s.ours, got)
		}
		if want := []Cure{CureStopProgram, CureHighPorts}; !slices.Equal(cures(got.Finding), want) && got.Holder.Service == "" {
			t.Errorf("remedies %v, want %v", cures(got.Finding), want)
		}
	}
}

func exe(t *testing.T) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// What a user who is not root may do with port 80, before and after each remedy is
// typed in as it is shown.
func TestPrivilegedPorts(t *testing.T) {
	bin := program(t)
	const asNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups "
	check := func(bin string) string {
		return "REACH_PLAY=check REACH_AT=0.0.0.0:80 " + asNobody + bin + "\n"
	}
	shown := func(c Cure) string { // the remedy's commands, for this program
		f := NewPorts(PortsConfig{OS: "linux", Program: bin}).forbidden(Listen{Address: netip.MustParseAddrPort("0.0.0.0:80")}).Finding
		if f.Code == PortUnknown { // this process may everything
			f.Remedies = NewPorts(PortsConfig{OS: "linux", Program: bin}).linuxRemedies(80, Privilege{Start: 1024})
		}
		return strings.Join(remedy(t, f, c).Commands, "\n") + "\n"
	}
	undone := func(c Cure) string {
		f := Finding{Remedies: NewPorts(PortsConfig{OS: "linux", Program: bin}).linuxRemedies(80, Privilege{Start: 1024})}
		return strings.Join(remedy(t, f, c).Undo, "\n") + "\n"
	}
	const ownSysctl = "mount -t tmpfs none /etc/sysctl.d\n"
	for _, s := range []struct {
		story  string
		script string
		codes  []Code
	}{
		{"nobody may, until everybody may", ownSysctl + check(bin) + "{ " + shown(CureSysctl) + "} >/dev/null\n" + check(bin) + "{ " + undone(CureSysctl) + "} >/dev/null\n" + check(bin),
			[]Code{PortForbidden, PortFree, PortForbidden}},
		{"the capability on the file, lost with a copy",
			shown(CureSetcap) + check(bin) + "cp " + bin + " " + bin + "2\n" + "REACH_WORKED=1 " + check(bin+"2") + undone(CureSetcap) + check(bin),
			[]Code{PortFree, PortCapabilityLost, PortForbidden}},
		{"the capability on a mount that ignores it",
			shown(CureSetcap) + "mount --bind $(dirname " + bin + ") /mnt\nmount -o remount,bind,nosuid /mnt\n" + check("/mnt/portico"), []Code{PortCapabilityIgnored}},
		{"the capability and no new privileges",
			shown(CureSetcap) + strings.Replace(check(bin), bin, "setpriv --no-new-privs "+bin, 1), []Code{PortCapabilityIgnored}},
		{"what the service's unit gives is enough",
			"REACH_PLAY=check REACH_AT=0.0.0.0:80 setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all,+net_bind_service --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service --no-new-privs " + bin + "\n" + undone(CureSetcap),
			[]Code{PortFree}},
	} {
		if _, err := exec.LookPath("setpriv"); err != nil {
			t.Skip("setpriv of util-linux is not installed")
		}
		t.Run(s.story, func(t *testing.T) {
			var got []Code
			for d := json.NewDecoder(strings.NewReader(apart(t, s.script))); d.More(); {
				var f Finding
				if err := d.Decode(&f); err != nil {
					t.Fatal(err)
				}
				got = append(got, f.Code)
				if f.Code == PortForbidden && (f.Params["start"] != 1024.0 || len(f.Remedies) != 4) {
					t.Errorf("%+v", f)
				}
				if f.Code == PortCapabilityIgnored && slices.Contains(cures(f), CureSetcap) {
					t.Errorf("setcap is offered where it does not help: %v", cures(f))
				}
			}
			if !slices.Equal(got, s.codes) {
				t.Errorf("%v, want %v", got, s.codes)
			}
		})
	}
}

// A process that was started before its file got the capability.
func TestRestartNeeded(t *testing.T) {
	p := machine(t, "linux", map[string]string{"/proc/sys/net/ipv4/ip_unprivileged_port_start": "1024\n", "/proc/self/status": "Name:\tportico\nCapEff:\t0000000000000000\nNoNewPrivs:\t0\n"}, nil)
	p.c.privilege = func(string) fileRights { return fileRights{capability: []byte{1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0}} }
	l := Listen{Address: netip.MustParseAddrPort("0.0.0.0:443")}
	if f := p.forbidden(l).Finding; f.Code != PortRestart || f.Severity != Blocks || !slices.Equal(cures(f), []Cure{CureRestart}) {
		t.Errorf("%+v", f)
	}
	p.c.AppDir = "/home/ana/Portico.AppImage"
	if f := p.forbidden(l).Finding; f.Code != PortCapabilityIgnored || f.Params["reason"] != "appimage" || !slices.Equal(cures(f), []Cure{CureSysctl, CureHighPorts}) {
		t.Errorf("%+v", f)
	}
	p.c.AppDir = ""
	p.c.privilege = func(string) fileRights { return fileRights{} }
	if f := p.forbidden(Listen{Address: l.Address, Worked: true}).Finding; f.Code != PortCapabilityLost || cures(f)[0] != CureSysctl {
		t.Errorf("%+v", f)
	}
	if f := p.forbidden(Listen{Address: netip.MustParseAddrPort("0.0.0.0:8080")}).Finding; f.Code != PortUnknown || f.Params["answer"] == "" {
		t.Errorf("a security module: %+v", f)
	}
}

// machine is one of another make: its files, and what its commands answer.
func machine(t *testing.T, os_ string, files, answers map[string]string) *Ports {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := "/opt/my portico/portico"
	if os_ == "windows" {
		program = `C:\Program Files\Portico\portico.exe`
	}
	return NewPorts(PortsConfig{OS: os_, Root: root, Program: program, User: "ana", PID: 7, run: func(_ context.Context, name string, args ...string) ([]byte, error) {
		command := strings.Join(append([]string{name}, args...), " ")
		for begin, answer := range answers {
			if strings.HasPrefix(command, begin) {
				return []byte(answer), nil
			}
		}
		return nil, errors.New("exit status 1")
	}})
}

const netstatGerman = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:80             0.0.0.0:0              ABHÖREN         4
  TCP    0.0.0.0:443            0.0.0.0:0              ABHÖREN         5120
  TCP    127.0.0.1:8443         127.0.0.1:51000        HERGESTELLT     99
  TCP    [::]:80                [::]:0                 ABHÖREN         4
`

func TestPortsOfOtherSystems(t *testing.T) {
	windows := map[string]string{
		"netstat -ano -p TCP":                   netstatGerman,
		"tasklist /FI PID eq 5120":              "\"skype, inc.exe\",\"5120\",\"Console\",\"1\",\"84.220 K\"\r\n",
		"netsh interface ipv4 show excluded":    "\r\nProtokoll tcp-Portausschlussbereiche\r\n\r\nStartport    Endport\r\n----------    --------\r\n      8400        8499\r\n     50000       50059     *\r\n",
		"lsof -nP -iTCP:80 -sTCP:LISTEN -FpcL":  "p412\nchttpd\nLroot\nf4\np413\nchttpd\nL_www\nf4\n",
		"lsof -nP -iTCP:443 -sTCP:LISTEN -FpcL": "",
	}
	inUse, no, gone := error(syscall.EADDRINUSE), error(wsaAccess), error(wsaNotAvailable)
	if refusalOf(inUse) != taken || refusalOf(wsaInUse) != taken || refusalOf(no) != denied || refusalOf(gone) != notHere || refusalOf(net.ErrClosed) != other {
		t.Error("the numbers of the systems are mixed up")
	}
	for _, s := range []struct {
		os, at string
		denied bool
		code   Code
		params map[string]any
		cures  []Cure
	}{
		{"windows", "0.0.0.0:80", true, PortHeldBySystem, map[string]any{"pid": 4, "program": "System"}, []Cure{CureStopService, CureHighPorts}},
		{"windows", "0.0.0.0:443", false, PortHeld, map[string]any{"pid": 5120, "program": "skype, inc.exe"}, []Cure{CureStopProgram, CureHighPorts}},
		{"windows", "0.0.0.0:8443", true, PortExcluded, map[string]any{"from": 8400, "to": 8499}, []Cure{CureReleaseRange, CureHighPorts}},
		{"windows", "0.0.0.0:8080", true, PortUnknown, nil, nil},
		{"darwin", "0.0.0.0:80", false, PortHeld, map[string]any{"pid": 412, "program": "httpd", "user": "root"}, []Cure{CureStopProgram, CureHighPorts}},
		{"darwin", "0.0.0.0:443", false, PortHeld, map[string]any{"pid": 0}, []Cure{CureFindProgram, CureHighPorts}},
		{"darwin", "127.0.0.1:443", true, PortForbidden, nil, []Cure{CureWildcard, CureHighPorts}},
		{"freebsd", "127.0.0.1:443", true, PortForbidden, nil, []Cure{CureHighPorts}},
	} {
		p, l := machine(t, s.os, nil, windows), Listen{Address: netip.MustParseAddrPort(s.at)}
		var got Port
		switch {
		case s.denied && s.os == "windows":
			got = p.deniedOnWindows(ctx, l, no)
		case s.denied:
			got = p.forbidden(l)
		default:
			got = p.held(ctx, l, p.holder(ctx, l.Address))
		}
		if got.Finding.Code != s.code || !slices.Equal(cures(got.Finding), s.cures) {
			t.Errorf("%s %s: %+v", s.os, s.at, got.Finding)
		}
		for key, want := range s.params {
			if got.Finding.Params[key] != want {
				t.Errorf("%s %s: %s is %v, want %v", s.os, s.at, key, got.Finding.Params[key], want)
			}
		}
	}
}

// Another user's program on Linux: only the user is told, and the command that tells more.
func TestHolderOfAnotherUser(t *testing.T) {
	p := machine(t, "linux", map[string]string{
		"/proc/net/tcp": "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
			"   0: 0100007F:0050 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 11 1 0\n" +
			"   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n",
	}, nil)
	at := netip.MustParseAddrPort("0.0.0.0:80")
	got := p.held(ctx, Listen{Address: at}, p.holder(ctx, at))
	if got.Holder != (Holder{User: "root"}) || !slices.Equal(cures(got.Finding), []Cure{CureFindProgram, CureHighPorts}) {
		t.Errorf("%+v", got)
	}
	if want := "sudo ss -ltnp 'sport = :80'"; got.Finding.Remedies[0].Commands[0] != want {
		t.Errorf("%v, want %s", got.Finding.Remedies[0].Commands, want)
	}
	if got := serviceOf("0::/system.slice/nginx.service\n"); got != "nginx.service" {
		t.Errorf("service %q", got)
	}
	if got := serviceOf("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n"); got != "" {
		t.Errorf("a program of the user's is no system service: %q", got)
	}
	f := p.held(ctx, Listen{Address: at}, Holder{PID: 12, Service: "nginx.service"}).Finding
	if r := remedy(t, f, CureStopService); r.Commands[0] != "sudo systemctl disable --now nginx.service" || !r.Admin {
		t.Errorf("%+v", r)
	}
}

func TestFirewall(t *testing.T) {
	for _, s := range []struct {
		story, os      string
		files, answers map[string]string
		name           string
		command        string
	}{
		{"Linux without one", "linux", nil, nil, "", ""},
		{"ufw off", "linux", map[string]string{"/etc/ufw/ufw.conf": "# x\nENABLED=no\n"}, nil, "", ""},
		{"ufw on", "linux", map[string]string{"/etc/ufw/ufw.conf": "# x\nENABLED=yes\nLOGLEVEL=low\n"}, nil, "ufw", "sudo ufw allow 80,443/tcp"},
		{"firewalld", "linux", nil, map[string]string{"firewall-cmd --state": "running\n"}, "firewalld", "sudo firewall-cmd --permanent --add-port=80/tcp"},
		{"Windows with our rule", "windows", nil, map[string]string{"netsh advfirewall firewall show rule name=Portico": "Regelname: Portico"}, "", ""},
		{"Windows without", "windows", nil, nil, "Windows",
			`netsh advfirewall firewall add rule name="Portico" dir=in action=allow profile=any protocol=TCP localport=80,443 program="C:\Program Files\Portico\portico.exe"`},
		{"macOS on", "darwin", nil, map[string]string{"/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate": "Firewall is enabled. (State = 1)"}, "macOS",
			"sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add '/opt/my portico/portico'"},
		{"macOS off", "darwin", nil, map[string]string{"/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate": "Firewall is disabled. (State = 0)"}, "", ""},
	} {
		got := machine(t, s.os, s.files, s.answers).Firewall(ctx, 80, 443)
		switch {
		case s.name == "" && len(got) == 0:
		case len(got) != 1 || got[0].Code != FirewallPresent || got[0].Params["name"] != s.name || got[0].Remedies[0].Commands[0] != s.command || !got[0].Remedies[0].Admin || len(got[0].Remedies[0].Undo) == 0:
			t.Errorf("%s: %+v", s.story, got)
		}
	}
}

// systemd itself has no complaint about the unit, whatever the program is called.
func TestServiceUnit(t *testing.T) {
	p := NewPorts(PortsConfig{OS: "linux", Program: "/bin/true", User: "daemon", Args: []string{"serve", "--data", "/srv/50% off/\"$x\""}})
	unit := p.ServiceUnit()
	for _, want := range []string{`ExecStart=/bin/true serve --data "/srv/50%% off/\"$$x\""`, "User=daemon\n", "AmbientCapabilities=CAP_NET_BIND_SERVICE\n"} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit says not %s:\n%s", want, unit)
		}
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	path := filepath.Join(t.TempDir(), "portico.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", path).CombinedOutput(); err != nil || strings.Contains(string(out), path) {
		t.Errorf("systemd: %v\n%s", err, out)
	}
}

// The commands are for a person's shell.
func TestShellWord(t *testing.T) {
	for _, w := range []string{"/usr/bin/portico", "/opt/my portico/it's", "$HOME", ""} {
		out, err := exec.Command("sh", "-c", "printf %s "+shellWord(w)).Output()
		if err != nil || string(out) != w {
			t.Errorf("%q became %q, %v", w, out, err)
		}
	}
}
