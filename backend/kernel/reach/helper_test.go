package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/clock"
)

// TestMain lets the test binary play other parts: another program, another user's.
func TestMain(m *testing.M) {
	switch os.Getenv("REACH_PLAY") {
	case "":
		os.Exit(m.Run())
	case "hold": // a program that listens
		l, err := net.Listen("tcp", os.Getenv("REACH_AT"))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(l.Addr())
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the test hangs up
	case "check":
		at := netip.MustParseAddrPort(os.Getenv("REACH_AT"))
		_ = json.NewEncoder(os.Stdout).Encode(NewPorts(PortsConfig{}).Check(context.Background(), Listen{Address: at, Worked: os.Getenv("REACH_WORKED") != ""}).Finding)
	case "home":
		playHome()
	case "outside":
		at := netip.MustParseAddrPort(os.Getenv("REACH_AT"))
		_ = json.NewEncoder(os.Stdout).Encode(homeChecks().Fetch(context.Background(), Target{Way: ByName, Host: "portal.example.com", Address: at}))
	}
}

// Home is what the machine behind a router says.
type Home struct {
	Router Router
	Public Public
	Codes  []Code // of everything that was looked at
}

func homeChecks() *Checks {
	return NewChecks(ChecksConfig{Key: []byte("home"), Patience: time.Second})
}

// forgetful remembers nothing.
type forgetful struct{}

func (forgetful) Remember(context.Context, Mapping) error       { return nil }
func (forgetful) Forget(context.Context, Mapping) error         { return nil }
func (forgetful) Remembered(context.Context) ([]Mapping, error) { return nil, nil }

// playHome is a portal on 8080 behind a router: it asks for 80 → 8080, says what it
// found, and closes everything when the test hangs up.
func playHome() {
	ctx, stop := context.WithCancel(context.Background())
	server := &http.Server{Addr: ":8080", Handler: homeChecks().Handler(http.NotFoundHandler())}
	go func() { _ = server.ListenAndServe() }()
	changed := make(chan Reached, 100)
	forward := Forward{External: 80, Internal: 8080}
	m := NewMapper(MapperConfig{Store: forgetful{}, Clock: clock.System{}, Patience: time.Second, OnChange: func(r Reached) { changed <- r }})
	m.Want(forward)
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	reached := <-changed

	local, _ := DefaultInterfaces()
	home := Home{Router: reached.Router}
	home.Public = NewFinder(AddressConfig{STUN: []string{os.Getenv("REACH_STUN")}, Echo: []string{os.Getenv("REACH_ECHO")}, Patience: 2 * time.Second}).Find(ctx)
	all := append(reached.Findings, Judge(reached.Router, home.Public, local, forward)...)
	for _, t := range SelfTargets("portal.example.com", netip.MustParseAddrPort("0.0.0.0:8080"), false, reached.Router.Gateway.Local, home.Public.IPv4, 80) {
		all = append(all, homeChecks().Fetch(ctx, t))
	}
	for _, f := range all {
		home.Codes = append(home.Codes, f.Code)
	}
	for i := range home.Public.Answers {
		home.Public.Answers[i].Err = nil // errors are no JSON
	}
	_ = json.NewEncoder(os.Stdout).Encode(home)
	_, _ = os.Stdin.Read(make([]byte, 1))
	stop()
	<-done
	_ = server.Close()
}

// playHold starts another program that listens at an address, and gives that with
// the port it got.
func playHold(t *testing.T, at string) (netip.AddrPort, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "REACH_PLAY=hold", "REACH_AT="+at)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Wait() })
	line := make([]byte, 100)
	n, err := stdout.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := netip.ParseAddrPort(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatalf("the other program says %s", line[:n])
	}
	return addr, cmd.Process.Pid
}

// apart runs a script in namespaces of its own for network and mounts, where it is
// root and "sudo" is not needed. It is skipped where the kernel refuses.
func apart(t *testing.T, script string, env ...string) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("namespaces need Linux and root")
	}
	if out, err := exec.Command("unshare", "-n", "-m", "true").CombinedOutput(); err != nil {
		t.Skipf("the kernel gives no namespaces: %s", out)
	}
	cmd := exec.Command("unshare", "-n", "-m", "sh", "-euc", "sudo() { \"$@\"; }\nip link set lo up\n"+script)
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", script, err, out, stderr.String())
	}
	return string(out)
}

// program is a copy of the test binary that everybody may start.
func program(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "reach")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "portico")
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
