package torture

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Build compiles the program without its screens, as for a release, into path.
func Build(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "sqlite_fts5,noui", "-ldflags", "-s -w", "-o", path, "portico")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building portico: %w\n%s", err, out)
	}
	return nil
}

// readyWithin is how long a start may take before it counts as failed.
const readyWithin = 30 * time.Second

// Program is one data folder and the `portico serve` that runs on it, if any.
type Program struct {
	Path   string   // of the binary
	Data   string   // the data folder
	Listen string   // where the portal listens in clear; "": a free port of loopback
	Args   []string // more flags for serve
	Env    []string // more variables

	Portal, Staff string // addresses of the running one
	Token         string // for the staff API; made at the first start

	cmd    *exec.Cmd
	errs   *tail
	ended  chan struct{}
	result error
}

// command prepares a verb, away from the user's own folders and keychain.
func (p *Program) command(args ...string) *exec.Cmd {
	home := filepath.Dir(p.Data)
	cmd := exec.Command(p.Path, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "DBUS_SESSION_BUS_ADDRESS=", "DISPLAY=", "WAYLAND_DISPLAY=")
	return cmd
}

// Launch starts serve without waiting; the channel gets its ready line, or is
// closed when it ends without one.
func (p *Program) Launch() (<-chan string, error) {
	args := append([]string{"serve", "--json", "--data", p.Data, "--listen", cmp.Or(p.Listen, "127.0.0.1:0"), "--staff", "127.0.0.1:0"}, p.Args...)
	p.cmd, p.errs, p.ended = p.command(args...), &tail{}, make(chan struct{})
	p.cmd.Env = append(p.cmd.Env, p.Env...)
	p.cmd.Stderr = p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go func() {
		defer close(p.ended)
		reader := bufio.NewReader(out)
		if line, err := reader.ReadString('\n'); err == nil {
			ready <- line
		}
		close(ready)
		_, _ = io.Copy(io.Discard, reader)
		p.result = p.cmd.Wait()
	}()
	return ready, nil
}

// Start starts serve and answers how long it took until it was ready.
func (p *Program) Start() (time.Duration, error) {
	began := time.Now()
	ready, err := p.Launch()
	if err != nil {
		return 0, err
	}
	select {
	case line, ok := <-ready:
		if !ok {
			<-p.ended
			return 0, fmt.Errorf("portico ended instead of serving: %w\n%s", p.result, p.errs)
		}
		var said struct{ Portal, Staff string }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			return 0, fmt.Errorf("the ready line %q: %w", line, err)
		}
		p.Portal, p.Staff = said.Portal, said.Staff
	case <-time.After(readyWithin):
		p.Kill()
		return 0, fmt.Errorf("not ready after %v\n%s", readyWithin, p.errs)
	}
	took := time.Since(began)
	if p.Token == "" {
		if p.Token, err = p.makeToken(); err != nil {
			return 0, err
		}
	}
	return took, nil
}

func (p *Program) makeToken() (string, error) {
	cmd := p.command("token", "create", "--name", "torture", "--data", p.Data)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("making a token: %w\n%s", err, errs.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// Run runs another verb on the same data folder and answers its exit code and
// what it said on both outputs.
func (p *Program) Run(verb ...string) (code int, said string, err error) {
	out, err := p.command(append(verb, "--data", p.Data)...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), string(out), nil
	}
	return 0, string(out), err
}

// Pid is the process of the running program.
func (p *Program) Pid() int { return p.cmd.Process.Pid }

// Kill ends the program as a crash does and returns when it is gone.
func (p *Program) Kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill() // fails only when it is gone already
	<-p.ended
	p.cmd = nil
}

// Stop ends the program politely.
func (p *Program) Stop() error {
	if p.cmd == nil {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		p.cmd = nil
		return p.result
	case <-time.After(readyWithin):
		p.Kill()
		return errors.New("portico did not stop when asked to")
	}
}

// Said is the end of what the program wrote to stderr.
func (p *Program) Said() string { return p.errs.String() }

// tail keeps the last bytes written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 8 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = append([]byte(nil), t.text[extra:]...)
	}
	return len(b), nil
}

// String implements fmt.Stringer.
func (t *tail) String() string {
	if t == nil {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
