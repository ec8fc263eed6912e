//go:build desktop || bindings

package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/adrg/xdg"
	wails "github.com/wailsapp/wails/v2/pkg/runtime"

	"portico/backend/kernel/fault"
)

// Native is what the window's page may do beyond the staff API: the few things
// only a program on this computer can. Everything else is an operation.
type Native struct {
	desk   *desk
	notify sync.Once
	silent bool
}

// SaveFile asks where and writes a file there; false when the person changed
// their mind. Bytes come as a data: address in base64, anything else is text.
func (n *Native) SaveFile(name, content string) (bool, error) {
	data, err := fileContent(content)
	if err != nil {
		return false, err
	}
	path, err := wails.SaveFileDialog(n.desk.ctx, wails.SaveDialogOptions{Title: n.desk.word("dialog.save"),
		DefaultFilename: filepath.Base(name), DefaultDirectory: downloads(), CanCreateDirectories: true})
	if err != nil || path == "" {
		return false, err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return false, fault.New(fault.Invalid, "app.file_unwritable",
			"The file {file} could not be written. Choose another folder and try again.", "file", path).Because(err)
	}
	return true, nil
}

// downloads is where a person looks for what was saved; "" where there is no such folder.
func downloads() string {
	if info, err := os.Stat(xdg.UserDirs.Download); err != nil || !info.IsDir() {
		return ""
	}
	return xdg.UserDirs.Download
}

// Notify shows a notification of the system; false where there is no such thing.
func (n *Native) Notify(title, text string) bool {
	return n.tell(wails.NotificationOptions{ID: "portico", Title: title, Body: text})
}

// NotifyAbout is Notify for something that has a place: a press on it shows the
// window there. Another about the same place takes its place where systems can do that.
func (n *Native) NotifyAbout(title, text, path string) bool {
	return n.tell(wails.NotificationOptions{ID: "portico" + path, Title: title, Body: text, Data: map[string]any{placeKey: path}})
}

// placeKey is where a notification says which page it is about.
const placeKey = "path"

func (n *Native) tell(o wails.NotificationOptions) bool {
	n.notify.Do(func() {
		if err := wails.InitializeNotifications(n.desk.ctx); err != nil {
			n.desk.log.Info("notifications are not available", "error", err)
			n.silent = true
			return
		}
		wails.OnNotificationResponse(n.desk.ctx, n.pressed)
	})
	if n.silent {
		return false
	}
	return wails.SendNotification(n.desk.ctx, o) == nil
}

// pressed shows the window, and in it what a notification was about.
func (n *Native) pressed(r wails.NotificationResult) {
	if r.Error != nil {
		return
	}
	n.desk.show()
	if path, ok := r.Response.UserInfo[placeKey].(string); ok {
		n.desk.goTo(path)
	}
}

// OpenFolder shows a folder of Portico's data in the system's file manager; ""
// is the data folder itself.
func (n *Native) OpenFolder(path string) error {
	folder, err := folderInside(n.desk.plan.dir, path)
	if err != nil {
		return err
	}
	return showFolder(folder)
}

// showFolder opens the system's file manager.
func showFolder(folder string) error {
	opener := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if opener == "" {
		opener = "xdg-open"
	}
	cmd := exec.Command(opener, folder)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open the file manager: %w", err)
	}
	go func() { _ = cmd.Wait() }() // explorer answers 1 even when it worked
	return nil
}

// OpenBrowser opens a web address in the person's browser.
func (n *Native) OpenBrowser(address string) error {
	checked, err := webAddress(address)
	if err != nil {
		return err
	}
	wails.BrowserOpenURL(n.desk.ctx, checked)
	return nil
}

// ServerState is what the window knows about the program around it.
type ServerState struct {
	Portal    string `json:"portal"`    // where the portal listens on this computer
	Note      string `json:"note"`      // a sentence, when it is not where it should be
	Data      string `json:"data"`      // the data folder
	Version   string `json:"version"`   //
	Autostart bool   `json:"autostart"` // starts with the computer
	OnClose   string `json:"on_close"`  // background, quit, or "" for asking
}

// ServerState tells where the portal listens and how the window behaves.
func (n *Native) ServerState() ServerState {
	<-n.desk.opened
	s := ServerState{Data: n.desk.plan.dir, Version: Version, Autostart: startsWithSystem(), OnClose: n.desk.memory.get().OnClose}
	if h := n.desk.house; h != nil {
		s.Portal = h.portalURL
		if wanted := "http://" + n.desk.plan.listen; s.Portal != wanted {
			s.Note = n.desk.word("app.port_moved", "address", s.Portal, "wanted", wanted)
		}
	}
	return s
}

// Quit ends Portico, portal included.
func (n *Native) Quit() { go n.desk.quit() }

// SetAutostart makes Portico start with the computer, in the background, or not.
func (n *Native) SetAutostart(on bool) error {
	return startWithSystem(on, n.desk.given.store.data)
}

// SetOnClose decides what closing the window does: "background", "quit", or ""
// to be asked again.
func (n *Native) SetOnClose(choice string) error {
	if choice != "" && choice != closeHides && choice != closeQuits {
		return fault.New(fault.Invalid, "app.choice_unknown", "This choice does not exist. Reload the window and choose again.")
	}
	n.desk.memory.change(func(f *frame) { f.OnClose = choice })
	return nil
}
