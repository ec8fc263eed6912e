//go:build linux

package app

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWindow walks through the life of the real window.
func TestWindow(t *testing.T) {
	d := newDriver(t)
	dir := filepath.Join(shortDir(t), "data")
	args := []string{"--data", dir, "--listen", "127.0.0.1:" + freePort(t)}
	began := time.Now()
	d.open(args...)
	portal := "http://" + args[3]
	eventually(t, "the portal", func() bool { return healthy(portal) })
	t.Logf("the portal answered %v after the start", time.Since(began).Round(time.Millisecond))
	owner := ownerOf(t, dir)
	if owner <= 0 {
		t.Fatal("nobody holds the data folder") // and 0 would mean this test's own group below
	}
	t.Cleanup(func() {
		if left := ownerOf(t, dir); left > 0 {
			_ = syscall.Kill(left, syscall.SIGKILL)
		}
	})

	t.Run("opens and is connected to the program", func(t *testing.T) {
		d.t = t
		d.holds(`document.title.includes('Portico') && window.runtime && window.go.app.Native`)
		var me struct{ Via string }
		d.run(`return await (await fetch('/api/staff/me')).json()`, &me)
		if me.Via != "window" {
			t.Errorf("the window is %q", me.Via)
		}
		var state struct{ Portal, Note, Data, Version string }
		d.run(`return await window.go.app.Native.ServerState()`, &state)
		if state.Portal != portal || state.Note != "" || state.Data != dir || state.Version != Version {
			t.Errorf("%+v", state)
		}
		if len(d.windows("Portico")) != 1 {
			t.Error("there is no window on the screen")
		}
		d.shoot("open")
	})
	t.Run("refuses what a page may not do", func(t *testing.T) {
		d.t = t
		for _, script := range []string{
			`OpenBrowser('file:///etc/passwd')`, `OpenBrowser('javascript:alert(1)')`, `OpenFolder('/etc')`, `SetOnClose('explode')`,
		} {
			var refused string
			d.run(`try{await window.go.app.Native.`+script+`;return ''}catch(e){return String(e)}`, &refused)
			if refused == "" {
				t.Errorf("%s was allowed", script)
			}
		}
		d.run(`location.href='https://example.com/';await new Promise((r)=>setTimeout(r,500))`, nil)
		d.holds(`location.protocol==='wails:'`)
	})
	t.Run("is led by its menu", func(t *testing.T) {
		d.t = t
		window := d.windows("Portico")[0]
		d.keys(window, "ctrl+2")
		d.holds(`location.pathname==='/contacts'`)
		d.xdo("mousemove", "--window", window, "20", "14", "click", "1")
		time.Sleep(400 * time.Millisecond)
		d.shoot("menu")
		d.xdo("key", "Escape", "Escape")
		d.keys(window, "ctrl+1")
		d.holds(`location.pathname==='/'`)
	})
	t.Run("adds a contact with nothing but the keyboard", func(t *testing.T) {
		d.t = t
		d.keys(d.windows("Portico")[0], "ctrl+n")
		d.holds(`document.activeElement?.closest('form#new-contact')`)
		d.xdo("type", "--delay", "5", "Ana Example")
		d.shoot("new-contact")
		d.xdo("key", "Return")
		d.holds(`!document.querySelector('form#new-contact') && document.body.innerText.includes('Ana Example')`)
		d.shoot("contact")
		var list struct{ Items []struct{ Name string } }
		d.run(`return await (await fetch('/api/staff/contacts?search=ana')).json()`, &list)
		if len(list.Items) != 1 || list.Items[0].Name != "Ana Example" {
			t.Errorf("%+v", list)
		}
	})
	t.Run("copies the portal's address from the menu", func(t *testing.T) {
		d.t = t
		d.keys(d.windows("Portico")[0], "ctrl+shift+c")
		eventually(t, "the address in the clipboard", func() bool {
			var copied string
			d.run(`return await window.runtime.ClipboardGetText()`, &copied)
			return copied == portal
		})
	})
	t.Run("keeps its verbs when a deep page is loaded again", func(t *testing.T) {
		d.t = t
		d.run(`history.pushState(null,'','/contacts');setTimeout(()=>location.reload(),10)`, nil)
		time.Sleep(time.Second)
		d.holds(`location.pathname==='/contacts' && window.runtime && window.go.app.Native`)
	})
	t.Run("hides when it is closed, and asks once", func(t *testing.T) {
		d.t = t
		window := d.windows("Portico")[0]
		d.keys(window, "ctrl+w")
		var question []string
		eventually(t, "the question", func() bool {
			question = d.windows("Keep the portal running\\?")
			return len(question) > 0
		})
		time.Sleep(300 * time.Millisecond)
		d.shoot("close-question")
		d.keys(question[0], "alt+y")
		eventually(t, "hiding", func() bool { return len(d.windows("Portico")) == 0 })
		if !healthy(portal) {
			t.Error("the portal went with the window")
		}
	})
	t.Run("is shown by a second start", func(t *testing.T) {
		d.t = t
		second := exec.Command(d.binary, args...)
		second.Env = d.env
		said, err := second.CombinedOutput()
		if err != nil || !strings.Contains(string(said), "already open") {
			t.Errorf("%v %s", err, said)
		}
		eventually(t, "showing", func() bool { return len(d.windows("Portico")) == 1 })
		d.keys(d.windows("Portico")[0], "ctrl+w")
		eventually(t, "hiding without a question", func() bool { return len(d.windows("Portico")) == 0 })
		second = exec.Command(d.binary, args...)
		second.Env = d.env
		if err := second.Run(); err != nil {
			t.Error(err)
		}
		eventually(t, "showing again", func() bool { return len(d.windows("Portico")) == 1 })
	})
	t.Run("ends politely and starts again after a crash", func(t *testing.T) {
		d.t = t
		_ = syscall.Kill(owner, syscall.SIGKILL)
		eventually(t, "the crash", func() bool { return !healthy(portal) })
		// The driver lets go of its dead session in its own time; this start needs none.
		again := exec.Command(d.binary, args...)
		again.Env = d.env
		if err := again.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the portal after the crash", func() bool { return healthy(portal) })
		eventually(t, "the window after the crash", func() bool { return len(d.windows("Portico")) == 1 })
		time.Sleep(time.Second)
		d.shoot("after-crash")
		_ = again.Process.Signal(syscall.SIGTERM)
		if err := again.Wait(); err != nil {
			t.Errorf("a polite kill: %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, socketName)); !os.IsNotExist(err) {
			t.Errorf("the socket stayed: %v", err)
		}
		if raw, err := os.ReadFile(filepath.Join(dir, "window.json")); err != nil || !json.Valid(raw) || !strings.Contains(string(raw), `"background"`) {
			t.Errorf("%s %v", raw, err)
		}
	})
}

func TestWindowThatCannotStartSaysWhy(t *testing.T) {
	d := newDriver(t)
	dir := filepath.Join(shortDir(t), "Dropbox")
	cmd := exec.Command(d.binary, "--data", dir)
	cmd.Env = d.env
	errs := &screen{}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	var dialog []string
	eventually(t, "the message", func() bool {
		dialog = d.windows("Portico did not start")
		return len(dialog) > 0
	})
	time.Sleep(300 * time.Millisecond)
	d.shoot("refused")
	d.keys(dialog[0], "Return")
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(errs.String(), "Dropbox") {
		t.Errorf("%v %s", cmd.ProcessState, errs)
	}
}

func healthy(portal string) bool {
	answer, err := (&http.Client{Timeout: 2 * time.Second}).Get(portal + "/healthz")
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// ownerOf finds the process that holds a data folder's lock; 0 when there is none.
func ownerOf(t *testing.T, dir string) int {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "lock"))
	if err != nil {
		return 0
	}
	inode := strconv.FormatUint(info.Sys().(*syscall.Stat_t).Ino, 10)
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(locks)) {
		fields := strings.Fields(line)
		if len(fields) > 5 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], ":"+inode) {
			pid, _ := strconv.Atoi(fields[4])
			return pid
		}
	}
	return 0
}
