//go:build unix

package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests run the compiled program: signals, crashes and two processes on one
// data folder cannot be had inside a test.

var programDir string

func TestMain(m *testing.M) {
	var err error
	if programDir, err = os.MkdirTemp("", "portico-app-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(programDir)
	os.Exit(code)
}

var compile = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programDir, "portico")
	out, err := exec.Command("go", "build", "-tags", "sqlite_fts5,noui", "-o", path, "portico").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// process is a portico serve that runs.
type process struct {
	*exec.Cmd
	said announcement
	errs *screen
	done chan error
}

// command prepares the program with an environment of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "DBUS_SESSION_BUS_ADDRESS=", "DISPLAY=", "WAYLAND_DISPLAY=")
	return cmd
}

// start runs serve and waits for its line.
func start(t *testing.T, dir string) *process {
	t.Helper()
	p := &process{Cmd: command(t, "serve", "--json", "--data", dir, "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0"), errs: &screen{}, done: make(chan error, 1)}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stderr = p.errs
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), &p.said)
	}
	if err != nil {
		t.Fatalf("the ready line: %q %v\n%s", line, err, p.errs)
	}
	go func() { _, _ = io.Copy(io.Discard, out); p.done <- p.Wait() }()
	return p
}

// ended waits for the process and answers its exit code.
func (p *process) ended(t *testing.T) int {
	t.Helper()
	select {
	case err := <-p.done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return p.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		t.Fatalf("it did not end\n%s", p.errs)
		return 0
	}
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

func TestProgramStopsAtASignal(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := shortDir(t)
		p := start(t, dir)
		answer, err := http.Get(p.said.Portal + "/healthz")
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", answer, err)
		}
		_ = answer.Body.Close()
		p.signal(t, s)
		if code := p.ended(t); code != 0 {
			t.Errorf("%v: exit code %d\n%s", s, code, p.errs)
		}
		if _, err := os.Stat(filepath.Join(dir, socketName)); !os.IsNotExist(err) {
			t.Errorf("%v: the socket stayed: %v", s, err)
		}
	}
}

func TestASecondSignalEndsItAtOnce(t *testing.T) {
	p := start(t, shortDir(t))
	// A request whose body never comes keeps the first signal waiting.
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.said.Portal, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	host := strings.TrimPrefix(p.said.Portal, "http://")
	fmt.Fprintf(conn, "POST /api/portal/login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{", host)
	time.Sleep(200 * time.Millisecond)
	p.signal(t, os.Interrupt)
	eventually(t, "the first signal", func() bool { return strings.Contains(p.errs.String(), "stopping") })
	p.signal(t, os.Interrupt)
	began := time.Now()
	if code := p.ended(t); code != exitAtOnce || time.Since(began) > 3*time.Second {
		t.Errorf("exit code %d after %v", code, time.Since(began))
	}
}

func TestAKilledProgramStartsAgain(t *testing.T) {
	dir := shortDir(t)
	for range 3 {
		p := start(t, dir)
		p.signal(t, os.Kill)
		if code := p.ended(t); code != -1 {
			t.Fatalf("exit code %d", code)
		}
		if _, err := os.Stat(filepath.Join(dir, socketName)); err != nil {
			t.Fatalf("nothing stale to test with: %v", err)
		}
	}
	p := start(t, dir)
	link, err := command(t, "staff-link", "--data", dir).Output()
	if err != nil || !strings.HasPrefix(string(link), p.said.Staff) {
		t.Errorf("%s %v", link, err)
	}
	p.signal(t, syscall.SIGTERM)
	p.ended(t)
}

func TestTwoProgramsOnOneFolder(t *testing.T) {
	dir := shortDir(t)
	p := start(t, dir)
	second := command(t, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0")
	said, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != exitPlace || !strings.Contains(string(said), "already running") {
		t.Errorf("%v %s", err, said)
	}
	listed, err := command(t, "token", "list", "--data", dir).CombinedOutput()
	if err != nil {
		t.Errorf("%v %s", err, listed)
	}
	p.signal(t, syscall.SIGTERM)
	p.ended(t)
	listed, err = command(t, "token", "list", "--data", dir).CombinedOutput()
	if err != nil {
		t.Errorf("after the end: %v %s", err, listed)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	dir := shortDir(t)
	demo := command(t, "demo", "--data", dir)
	if said, err := demo.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	if said, err := command(t, "verify", "--data", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	store, err := os.OpenFile(filepath.Join(dir, "portico.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	info, err := store.Stat()
	if err != nil {
		t.Fatal(err)
	}
	// What the demonstration wrote lies at the end; a start reads none of it.
	if _, err := store.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size()/8)), info.Size()/8*7); err != nil {
		t.Fatal(err)
	}
	verify := command(t, "verify", "--data", dir)
	said, _ := verify.CombinedOutput()
	if verify.ProcessState.ExitCode() != exitUnhealthy || len(said) == 0 {
		t.Errorf("%v %s", verify.ProcessState, said)
	}
}
