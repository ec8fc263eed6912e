//go:build linux

package app

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// refused starts the window on a folder where it cannot start, and answers the
// exit code and stderr once the dialog has been read.
func refused(t *testing.T, d *driver, shot string, args ...string) (int, string) {
	t.Helper()
	cmd, errs := d.program(args...), &screen{}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	message := d.dialog("Portico did not start")
	d.shoot(shot)
	d.keys(message, "Return")
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), errs.String()
}

func TestWindowSaysWhyItCannotStart(t *testing.T) {
	d := newDriver(t)
	dir := filepath.Join(shortDir(t), "Dropbox")
	if code, said := refused(t, d, "refused", "--data", dir); code != exitFailed || !strings.Contains(said, "Dropbox") {
		t.Errorf("%d %s", code, said)
	}
}

func TestWindowBesideServe(t *testing.T) {
	d := newDriver(t)
	dir := shortDir(t)
	serve := d.program("serve", "--data", dir, "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0")
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = serve.Process.Signal(syscall.SIGTERM); _ = serve.Wait() }()
	eventually(t, "serve", func() bool { return running(t.Context(), dir) != nil })
	if code, said := refused(t, d, "beside-serve", "--data", dir); code != exitPlace || !strings.Contains(said, "portico staff-link") {
		t.Errorf("%d %s", code, said)
	}
}

// TestWindowWithoutAScreen is for whoever starts it over ssh.
func TestWindowWithoutAScreen(t *testing.T) {
	d := newDriver(t)
	for display, want := range map[string]string{"": "no screen", ":987": "could not be opened"} {
		dir := filepath.Join(shortDir(t), "data")
		cmd := d.program("--data", dir)
		cmd.Env = append(cmd.Env, "DISPLAY="+display)
		said, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitNoWindow || !strings.Contains(string(said), want) || !strings.Contains(string(said), "portico serve") {
			t.Errorf("DISPLAY=%s: %d %s", display, code, said)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("DISPLAY=%s: it left a folder behind", display)
		}
	}
}

// TestWindowInTheBackground is how it starts with the computer.
func TestWindowInTheBackground(t *testing.T) {
	d := newDriver(t)
	args := []string{"--data", filepath.Join(shortDir(t), "data"), "--listen", "127.0.0.1:" + freePort(t)}
	cmd := d.program(append(args, "--hidden")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	eventually(t, "the portal", func() bool { return healthy("http://" + args[3]) })
	time.Sleep(time.Second)
	if len(d.windows("Portico")) != 0 {
		t.Error("the window is shown")
	}
	if err := d.program(args...).Run(); err != nil {
		t.Error(err)
	}
	eventually(t, "showing", func() bool { return len(d.windows("Portico")) == 1 })
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestWindowOfTheRelease looks at the program that people get: nothing drives
// it but keys, and nothing is known of it but its picture and its portal.
func TestWindowOfTheRelease(t *testing.T) {
	d := newDriver(t)
	if d.binary = os.Getenv("PORTICO_BIN"); d.binary == "" {
		t.Skip("PORTICO_BIN is not set; go run ./build/task e2e sets it")
	}
	dir := filepath.Join(shortDir(t), "data")
	listen := "127.0.0.1:" + freePort(t)
	cmd := d.program("--data", dir, "--listen", listen)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	eventually(t, "the portal", func() bool { return healthy("http://" + listen) })
	t.Logf("the portal answered %v after the start", time.Since(began).Round(time.Millisecond))
	eventually(t, "the window", func() bool { return len(d.windows("Portico")) == 1 })
	time.Sleep(2 * time.Second)
	d.shoot("release")
	answer, err := http.Get("http://" + listen + "/login")
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "<form") {
		t.Errorf("the portal's front door: %d %s", answer.StatusCode, page)
	}
	d.keys(d.windows("Portico")[0], "ctrl+q")
	if err := cmd.Wait(); err != nil {
		t.Errorf("quitting: %v", err)
	}
}
