//go:build linux

package app

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// TestWindowSettings goes through what only the window can do: the page
// "Settings" with this computer and the tokens, saving a file, and telling the
// system's notifications what is new.
func TestWindowSettings(t *testing.T) {
	tools := shortDir(t)
	opened := filepath.Join(tools, "opened")
	// In the place of the system's file manager: it notes what it is asked to show.
	if err := os.WriteFile(filepath.Join(tools, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >> "+opened+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tools+string(os.PathListSeparator)+os.Getenv("PATH"))
	bell := listenForNotifications(t)
	v := &visit{driver: newDriver(t), dir: filepath.Join(shortDir(t), "data")}
	v.args = []string{"--data", v.dir, "--listen", "127.0.0.1:" + freePort(t)}
	v.open(v.args...)
	t.Cleanup(v.crash)
	for _, story := range []struct {
		name string
		tell func(*testing.T, *visit)
	}{
		{"it starts with the computer, or not", startsWithTheComputer},
		{"what closing does is chosen", choosesWhatClosingDoes},
		{"the data folder is shown", func(t *testing.T, v *visit) { showsTheFolder(t, v, opened) }},
		{"a token is made, copied and revoked", makesAToken},
		{"a file is saved where it is wanted", savesAFile},
		{"news reach the system when nobody looks", func(t *testing.T, v *visit) { notifies(t, v, bell) }},
	} {
		if !t.Run(story.name, func(t *testing.T) { v.t = t; story.tell(t, v) }) {
			break
		}
	}
}

// goTo opens a page of the dashboard by its link.
func (v *visit) goTo(path string) {
	v.holds(`document.querySelector('nav')`)
	v.run(`const a=document.createElement('a');a.href='`+path+`';document.querySelector('.app').append(a);a.click();a.remove()`, nil)
	v.holds(`location.pathname==='` + path + `'`)
}

// named is a control by its accessible name's words.
func named(tag, words string) string {
	return `//` + tag + `[contains(normalize-space(.),"` + words + `") or @aria-label="` + words + `"]`
}

// beside is the control that a label names.
func beside(label string) string {
	return `//*[@aria-labelledby=//span[normalize-space(.)="` + label + `"]/@id]`
}

func startsWithTheComputer(t *testing.T, v *visit) {
	v.goTo("/settings")
	entry := filepath.Join(filepath.Dir(v.dir), "none")
	for _, line := range v.env {
		if folder, found := strings.CutPrefix(line, "XDG_CONFIG_HOME="); found {
			entry = filepath.Join(folder, "autostart", "portico.desktop") // the last one counts
		}
	}
	v.press(beside("Start with the computer"))
	eventually(t, "the entry", func() bool {
		raw, _ := os.ReadFile(entry)
		return strings.Contains(string(raw), `"--hidden" "--data" "`+v.dir+`"`) && strings.Contains(string(raw), v.binary)
	})
	v.shoot("settings")
	v.press(beside("Start with the computer"))
	eventually(t, "no entry", func() bool { _, err := os.Stat(entry); return os.IsNotExist(err) })
}

func choosesWhatClosingDoes(_ *testing.T, v *visit) {
	for _, choice := range []struct{ label, kept string }{{"Keep the portal running", "background"}, {"Ask me", ""}} {
		v.press(`//option[.="` + choice.label + `"]`)
		v.holds(`(await window.go.app.Native.ServerState()).on_close==='` + choice.kept + `'`)
	}
}

func showsTheFolder(t *testing.T, v *visit, opened string) {
	v.press(named("button", "Open the data folder"))
	eventually(t, "the file manager", func() bool {
		raw, _ := os.ReadFile(opened)
		return strings.TrimSpace(string(raw)) == v.dir
	})
}

func makesAToken(t *testing.T, v *visit) {
	v.press(`//input[@id=//label[contains(.,"What it is for")]/@for]`)
	v.xdo("type", "--delay", "5", "Bookings")
	v.xdo("key", "Return")
	v.holds(`document.querySelector('[role=status] input')?.value.startsWith('portico_')`)
	v.holds(`document.querySelector('[role=status] input').getBoundingClientRect().bottom<=innerHeight`)
	v.shoot("token")
	var value, copied string
	v.run(`return document.querySelector('[role=status] input').value`, &value)
	v.press(`//*[@role="status"]//button`)
	eventually(t, "the token in the clipboard", func() bool {
		v.run(`return await window.runtime.ClipboardGetText()`, &copied)
		return copied == value
	})
	var list struct{ Items []struct{ Name string } }
	v.run(`return await (await fetch('/api/staff/tokens')).json()`, &list)
	if len(list.Items) != 1 || list.Items[0].Name != "Bookings" {
		t.Errorf("%+v", list)
	}
	v.press(`//button[contains(@aria-label,"Bookings")]`)
	v.holds(`document.querySelector('dialog:modal')`)
	v.shoot("revoke")
	v.press(`//dialog[@open]//button[normalize-space(.)="Revoke"]`)
	v.holds(`(await (await fetch('/api/staff/tokens')).json()).items.length===0 && !document.querySelector('[role=status] input')`)
}

func savesAFile(t *testing.T, v *visit) {
	v.goTo("/audit")
	v.press(named("button", "Save as CSV"))
	dialog := v.dialog("Save.*")
	v.shoot("save")
	path := filepath.Join(shortDir(t), "log.csv")
	v.xdo("windowfocus", "--sync", dialog)
	v.xdo("key", "--clearmodifiers", "ctrl+a")
	v.xdo("type", "--delay", "5", path)
	v.xdo("key", "Return")
	eventually(t, "the file", func() bool {
		raw, _ := os.ReadFile(path)
		return strings.Contains(string(raw), "access.create_token")
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// notified is one notification as the system gets it.
type notified struct{ title, text string }

// notifies lets somebody join while the window is hidden.
func notifies(t *testing.T, v *visit, bell <-chan notified) {
	if bell == nil {
		t.Skip("there is no message bus for notifications; go run ./build/task e2e starts one")
	}
	v.goTo("/settings")
	v.press(beside("Notify me")) // off
	v.press(beside("Notify me")) // and on: shows one
	if got := <-bell; got.title != "Portico" || got.text == "" {
		t.Errorf("the sample: %+v", got)
	}
	var link struct{ URL string }
	v.run(`const sent=(path,body)=>fetch('/api/staff/'+path,{method:'POST',headers:{'Content-Type':'application/json'},body:JSON.stringify(body)}).then((r)=>r.json());
		const ana=await sent('contacts',{name:'Ana Example',emails:['ana@example.com']});
		return await sent('portal/magic-links',{contact_id:ana.id,target:'/'})`, &link)
	v.run(`window.runtime.WindowHide()`, nil)
	eventually(t, "hiding", func() bool { return len(v.windows("Portico")) == 0 })
	signInByLink(t, link.URL)
	if got := <-bell; !strings.Contains(got.text, "Ana Example") {
		t.Errorf("somebody joined: %+v", got)
	}
}

// signInByLink opens a link and presses the one button, as a browser does.
func signInByLink(t *testing.T, link string) {
	t.Helper()
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	landed, err := stay.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	_ = landed.Body.Close()
	r, err := http.NewRequest(http.MethodPost, link[:strings.LastIndex(link, "/k/")]+"/k", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range landed.Cookies() {
		r.AddCookie(c)
	}
	in, err := stay.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = in.Body.Close()
	if in.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", in.Status)
	}
}

// bellServer is the system's side of notifications
// (https://specifications.freedesktop.org/notification-spec/latest/).
type bellServer struct{ heard chan<- notified }

// Notify is what programs call.
func (b bellServer) Notify(_ string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	b.heard <- notified{title, text}
	return 1, nil
}

// listenForNotifications answers nil where there is no message bus, or another
// program takes the notifications already.
func listenForNotifications(t *testing.T) <-chan notified {
	t.Helper()
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return nil
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil
	}
	t.Cleanup(func() { _ = bus.Close() })
	heard := make(chan notified, 9)
	if err := bus.Export(bellServer{heard}, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if got, err := bus.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil || got != dbus.RequestNameReplyPrimaryOwner {
		return nil
	}
	return heard
}
