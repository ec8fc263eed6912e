//go:build desktop || bindings

package app

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"time"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	wails "github.com/wailsapp/wails/v2/pkg/runtime"
)

// menu is the native menu. What it does in the page, the page can do too.
func (d *desk) menu() *menu.Menu {
	m := menu.NewMenu()
	if runtime.GOOS == "darwin" {
		m.Append(menu.AppMenu())
	}
	d.fileMenu(m.AddSubmenu(d.word("menu.file")))
	if runtime.GOOS == "darwin" {
		m.Append(menu.EditMenu()) // macOS routes ⌘C and its friends through this one
	} else {
		d.editMenu(m.AddSubmenu(d.word("menu.edit")))
	}
	d.viewMenu(m.AddSubmenu(d.word("menu.view")))
	d.portalMenu(m.AddSubmenu(d.word("menu.portal")))
	d.helpMenu(m.AddSubmenu(d.word("menu.help")))
	return m
}

func (d *desk) fileMenu(m *menu.Menu) {
	d.goes(m, "menu.new_contact", keys.CmdOrCtrl("n"), "/contacts?new=1")
	d.goes(m, "menu.invite", nil, "/portal?invite=1")
	m.AddSeparator()
	d.does(m, "menu.open_data", nil, func() {
		if err := showFolder(d.plan.dir); err != nil {
			d.log.Warn("the data folder could not be shown", "error", err)
		}
	})
	m.AddSeparator()
	d.does(m, "menu.close", keys.CmdOrCtrl("w"), d.closeWindow)
	d.does(m, "menu.quit", keys.CmdOrCtrl("q"), d.quit)
}

// closeWindow is the close button, from the menu.
func (d *desk) closeWindow() {
	if !d.beforeClose(d.ctx) {
		wails.Quit(d.ctx)
	}
}

// editMenu has no shortcuts of its own: the page handles them, and a menu that
// did would keep them from it.
func (d *desk) editMenu(m *menu.Menu) {
	for _, entry := range []struct{ word, script string }{
		{"menu.undo", `document.execCommand('undo')`},
		{"menu.redo", `document.execCommand('redo')`},
		{"", ""},
		{"menu.cut", selected + `if(text){window.runtime.ClipboardSetText(text);document.execCommand('delete')}})()`},
		{"menu.copy", selected + `if(text)window.runtime.ClipboardSetText(text)})()`},
		{"menu.paste", `window.runtime.ClipboardGetText().then((text)=>document.execCommand('insertText',false,text))`},
		{"", ""},
		{"menu.select_all", `document.execCommand('selectAll')`},
	} {
		if entry.word == "" {
			m.AddSeparator()
			continue
		}
		d.does(m, entry.word, nil, func() { wails.WindowExecJS(d.ctx, entry.script) })
	}
}

// selected begins a script that knows the selected text, in a field or outside.
const selected = `(()=>{const a=document.activeElement;` +
	`const field=a&&'selectionStart' in a&&a.selectionStart!==null&&a.type!=='password';` +
	`const text=field?a.value.slice(a.selectionStart,a.selectionEnd):String(getSelection());`

func (d *desk) viewMenu(m *menu.Menu) {
	d.goes(m, "menu.home", keys.CmdOrCtrl("1"), "/")
	d.goes(m, "menu.contacts", keys.CmdOrCtrl("2"), "/contacts")
	d.goes(m, "menu.outbox", keys.CmdOrCtrl("3"), "/outbox")
	d.goes(m, "menu.settings", keys.CmdOrCtrl(","), "/settings")
	m.AddSeparator()
	d.does(m, "menu.larger", keys.CmdOrCtrl("+"), d.zoom("Math.min(2,z+.1)"))
	d.does(m, "menu.smaller", keys.CmdOrCtrl("-"), d.zoom("Math.max(.7,z-.1)"))
	d.does(m, "menu.normal", keys.CmdOrCtrl("0"), d.zoom("1"))
	m.AddSeparator()
	d.does(m, "menu.fullscreen", keys.Key("f11"), func() {
		if wails.WindowIsFullscreen(d.ctx) {
			wails.WindowUnfullscreen(d.ctx)
		} else {
			wails.WindowFullscreen(d.ctx)
		}
	})
}

func (d *desk) zoom(next string) func() {
	return func() {
		wails.WindowExecJS(d.ctx, `(()=>{const s=document.documentElement.style,z=Number(s.zoom)||1;s.zoom=String(`+next+`)})()`)
	}
}

func (d *desk) portalMenu(m *menu.Menu) {
	d.goes(m, "menu.dashboard", keys.CmdOrCtrl("4"), "/portal")
	m.AddSeparator()
	d.does(m, "menu.copy_address", keys.Combo("c", keys.CmdOrCtrlKey, keys.ShiftKey), func() {
		if err := wails.ClipboardSetText(d.ctx, d.portalAddress()); err != nil {
			d.log.Warn("the clipboard could not be set", "error", err)
		}
	})
	d.does(m, "menu.open_portal", nil, func() { wails.BrowserOpenURL(d.ctx, d.portalAddress()) })
	m.AddSeparator()
	d.goes(m, "menu.sign_in", nil, "/portal/sign-in")
	d.goes(m, "menu.branding", nil, "/portal/branding")
}

// portalAddress is the one that clients use, or the listener's while the store opens.
func (d *desk) portalAddress() string {
	<-d.opened
	if d.house == nil {
		return ""
	}
	var portal struct {
		URL string `json:"url"`
	}
	ctx, cancel := context.WithTimeout(d.ctx, 5*time.Second)
	defer cancel()
	if err := d.house.local().do(ctx, http.MethodGet, "/api/staff/portal", nil, &portal); err != nil || portal.URL == "" {
		return d.house.portalURL
	}
	return portal.URL
}

func (d *desk) helpMenu(m *menu.Menu) {
	d.goes(m, "menu.topics", keys.Key("f1"), "/help")
	d.goes(m, "menu.health", nil, "/health")
	m.AddSeparator()
	d.does(m, "menu.about", nil, func() {
		d.tell(dialogInfo, "dialog.about_title", d.word("dialog.about_text", "version", Version, "portal", d.portalAddress(), "data", d.plan.dir))
	})
}

// does adds an entry that runs on a goroutine of its own: Wails' dialogs must
// not be opened from the one that draws.
func (d *desk) does(m *menu.Menu, word string, key *keys.Accelerator, run func()) {
	m.AddText(d.word(word), key, func(*menu.CallbackData) { go run() })
}

// goes adds an entry that leads to a page of the staff app, the way its own
// router is told of the Back button.
func (d *desk) goes(m *menu.Menu, word string, key *keys.Accelerator, path string) {
	d.does(m, word, key, func() { d.goTo(path) })
}

func (d *desk) goTo(path string) {
	target, _ := json.Marshal(path) // a string always has a form
	wails.WindowExecJS(d.ctx, `history.pushState(null,'',`+string(target)+`);dispatchEvent(new PopStateEvent('popstate'))`)
}
