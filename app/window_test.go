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

// visit is a run of the real window that a chain of stories goes through.
type visit struct {
	*driver
	dir, portal string
	args        []string
}

// TestWindow walks through the life of the window, from its first start to a
// start after a crash.
func TestWindow(t *testing.T) {
	v := &visit{driver: newDriver(t), dir: filepath.Join(shortDir(t), "data")}
	v.args = []string{"--data", v.dir, "--listen", "127.0.0.1:" + freePort(t)}
	v.portal = "http://" + v.args[3]
	began := time.Now()
	v.open(v.args...)
	eventually(t, "the portal", func() bool { return healthy(v.portal) })
	t.Logf("the portal answered %v after the start", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() { v.crash() })
	for _, story := range []struct {
		name string
		tell func(*testing.T, *visit)
	}{
		{"it opens and is connected to the program", opensConnected},
		{"it refuses what a page may not do", refusesTheForbidden},
		{"it is led by its menu", isLedByItsMenu},
		{"a contact is added with nothing but the keyboard", addsAContact},
		{"it is told what changes", isToldWhatChanges},
		{"the portal's address is copied from the menu", copiesTheAddress},
		{"a deep page keeps its verbs when it is loaded again", survivesAReload},
		{"closing it hides it, and asks once", hidesAndAsksOnce},
		{"a second start shows it", isShownBySecondStart},
		{"after a crash it starts again, and ends politely", startsAfterACrash},
	} {
		if !t.Run(story.name, func(t *testing.T) { v.t = t; story.tell(t, v) }) {
			break // each story goes on where the last one ended
		}
	}
}

func opensConnected(t *testing.T, v *visit) {
	v.holds(`document.title.includes('Portico') && window.runtime && window.go.app.Native`)
	var me struct{ Via string }
	v.run(`return await (await fetch('/api/staff/me')).json()`, &me)
	if me.Via != "window" {
		t.Errorf("the window is %q", me.Via)
	}
	var state serverSeen
	v.run(`return await window.go.app.Native.ServerState()`, &state)
	if state != (serverSeen{Portal: v.portal, Data: v.dir, Version: Version}) {
		t.Errorf("%+v", state)
	}
	if len(v.windows("Portico")) != 1 {
		t.Error("there is no window on the screen")
	}
	v.holds(`document.querySelector('nav')`)
	v.shoot("open")
}

// serverSeen is what the page gets of ServerState.
type serverSeen struct {
	Portal, Note, Data, Version string
	Autostart                   bool
}

func refusesTheForbidden(t *testing.T, v *visit) {
	for _, call := range []string{`OpenBrowser('file:///etc/passwd')`, `OpenBrowser('javascript:alert(1)')`, `OpenFolder('/etc')`, `SetOnClose('explode')`} {
		var refused string
		v.run(`try{await window.go.app.Native.`+call+`;return ''}catch(e){return String(e)}`, &refused)
		if refused == "" {
			t.Errorf("%s was allowed", call)
		}
	}
	v.run(`location.href='https://example.com/';await new Promise((r)=>setTimeout(r,500))`, nil)
	v.holds(`location.protocol==='wails:'`)
}

func isLedByItsMenu(t *testing.T, v *visit) {
	window := v.windows("Portico")[0]
	v.keys(window, "ctrl+2")
	v.holds(`location.pathname==='/contacts'`)
	v.xdo("mousemove", "--window", window, "20", "14", "click", "1")
	v.shoot("menu")
	v.xdo("key", "Escape", "Escape")
	v.keys(window, "ctrl+1")
	v.holds(`location.pathname==='/'`)
}

func addsAContact(t *testing.T, v *visit) {
	v.keys(v.windows("Portico")[0], "ctrl+n")
	v.holds(`document.activeElement?.closest('form#new-contact')`)
	v.xdo("type", "--delay", "5", "Ana Example")
	v.holds(`document.activeElement.value==='Ana Example'`)
	v.shoot("new-contact")
	v.xdo("key", "Return")
	v.holds(`!document.querySelector('form#new-contact') && document.body.innerText.includes('Ana Example')`)
	v.shoot("contact")
	var list struct{ Items []struct{ Name string } }
	v.run(`return await (await fetch('/api/staff/contacts?search=ana')).json()`, &list)
	if len(list.Items) != 1 || list.Items[0].Name != "Ana Example" {
		t.Errorf("%+v", list)
	}
}

func isToldWhatChanges(t *testing.T, v *visit) {
	var frame string
	v.run(`return await new Promise((ok,no)=>{
		window.runtime.EventsOn('live',ok);setTimeout(()=>no('nothing was told'),5000);
		fetch('/api/staff/contacts',{method:'POST',headers:{'Content-Type':'application/json'},body:JSON.stringify({name:'Ben Example'})})})`, &frame)
	if !strings.Contains(frame, `"topic"`) {
		t.Errorf("%s", frame)
	}
}

func copiesTheAddress(t *testing.T, v *visit) {
	v.keys(v.windows("Portico")[0], "ctrl+shift+c")
	eventually(t, "the address in the clipboard", func() bool {
		var copied string
		v.run(`return await window.runtime.ClipboardGetText()`, &copied)
		return copied == v.portal
	})
}

func survivesAReload(_ *testing.T, v *visit) {
	v.run(`window.before=true;history.pushState(null,'','/contacts');setTimeout(()=>location.reload(),10)`, nil)
	v.holds(`!window.before && location.pathname==='/contacts' && window.runtime && window.go.app.Native`)
}

func hidesAndAsksOnce(t *testing.T, v *visit) {
	v.run(`window.runtime.Quit()`, nil) // what Wails does when the close button is pressed
	question := v.dialog("Keep the portal running\\?")
	v.shoot("close-question")
	v.keys(question, "alt+y")
	eventually(t, "hiding", func() bool { return len(v.windows("Portico")) == 0 })
	if !healthy(v.portal) {
		t.Error("the portal went with the window")
	}
}

func isShownBySecondStart(t *testing.T, v *visit) {
	for range 2 {
		said, err := v.program(v.args...).CombinedOutput()
		if err != nil || !strings.Contains(string(said), "already open") {
			t.Errorf("%v %s", err, said)
		}
		eventually(t, "showing", func() bool { return len(v.windows("Portico")) == 1 })
		v.keys(v.windows("Portico")[0], "ctrl+w")
		eventually(t, "hiding without a question", func() bool { return len(v.windows("Portico")) == 0 })
	}
}

func startsAfterACrash(t *testing.T, v *visit) {
	v.crash()
	eventually(t, "the crash", func() bool { return !healthy(v.portal) })
	again := v.program(v.args...)
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the portal after the crash", func() bool { return healthy(v.portal) })
	eventually(t, "the window after the crash", func() bool { return len(v.windows("Portico")) == 1 })
	v.shoot("after-crash")
	_ = again.Process.Signal(syscall.SIGTERM)
	if err := again.Wait(); err != nil {
		t.Errorf("a polite kill: %v", err)
	}
	if _, err := os.Stat(filepath.Join(v.dir, socketName)); !os.IsNotExist(err) {
		t.Errorf("the socket stayed: %v", err)
	}
	raw, err := os.ReadFile(filepath.Join(v.dir, "window.json"))
	if err != nil || !json.Valid(raw) || !strings.Contains(string(raw), `"background"`) {
		t.Errorf("%s %v", raw, err)
	}
}

// program prepares the automation build without a driver.
func (d *driver) program(args ...string) *exec.Cmd {
	cmd := exec.Command(d.binary, args...)
	cmd.Env = d.env
	return cmd
}

// dialog waits for a native dialog.
func (d *driver) dialog(title string) string {
	d.t.Helper()
	var found []string
	eventually(d.t, "the dialog "+title, func() bool {
		found = d.windows(title)
		return len(found) > 0
	})
	return found[0]
}

// crash ends the program that holds the data folder with kill -9.
func (v *visit) crash() {
	if owner := ownerOf(v.dir); owner > 0 { // 0 would be this test's own group
		_ = syscall.Kill(owner, syscall.SIGKILL)
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
func ownerOf(dir string) int {
	info, err := os.Stat(filepath.Join(dir, "lock"))
	if err != nil {
		return 0
	}
	inode := strconv.FormatUint(info.Sys().(*syscall.Stat_t).Ino, 10)
	locks, _ := os.ReadFile("/proc/locks")
	for line := range strings.Lines(string(locks)) {
		fields := strings.Fields(line)
		if len(fields) > 5 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], ":"+inode) {
			pid, _ := strconv.Atoi(fields[4])
			return pid
		}
	}
	return 0
}
