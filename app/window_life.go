//go:build desktop || bindings

package app

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	wails "github.com/wailsapp/wails/v2/pkg/runtime"

	"portico/backend/kernel/web"
)

// takeSignals replaces what Wails does at Ctrl-C: it would treat a polite kill
// like a click on the close button and only hide the window.
func (d *desk) takeSignals() {
	signals := make(chan os.Signal, 2)
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		d.quit()
		<-signals
		os.Exit(exitAtOnce)
	}()
}

// beforeClose answers whether the window stays. Closing it hides it while the
// portal goes on, when that is what its owner chose; asked once.
func (d *desk) beforeClose(context.Context) bool {
	if d.quitting.Load() {
		return false
	}
	d.saveFrame()
	select {
	case <-d.opened:
	default:
		return false // still starting: there is no portal to keep running
	}
	choice := d.memory.get().OnClose
	if choice == "" {
		if d.asking.Swap(true) {
			return true
		}
		choice = d.askOnClose()
		d.asking.Store(false)
	}
	switch choice {
	case closeQuits:
		d.quitting.Store(true)
		return false
	case closeHides:
		d.hide()
	}
	return true
}

// askOnClose puts the question; "" when it was not answered.
func (d *desk) askOnClose() string {
	choice := map[string]string{"yes": closeHides, "no": closeQuits}[d.ask("dialog.close_title", "dialog.close_text")]
	if choice != "" {
		d.memory.change(func(f *frame) { f.OnClose = choice })
	}
	return choice
}

// quit ends the program whatever the close button means.
func (d *desk) quit() {
	if d.quitting.Load() {
		return
	}
	d.saveFrame()
	d.quitting.Store(true)
	wails.Quit(d.ctx)
}

func (d *desk) hide() {
	d.shown.Store(false)
	wails.WindowHide(d.ctx)
}

// show brings the window to the front, wherever it was.
func (d *desk) show() {
	if d.ctx == nil || d.quitting.Load() {
		return
	}
	wails.WindowShow(d.ctx)
	wails.WindowUnminimise(d.ctx)
	present()
	d.shown.Store(true)
}

// domReady runs when the page is there; the first time, the window goes where
// it was. Earlier, Wails would centre it again.
func (d *desk) domReady(ctx context.Context) {
	if d.placed.Swap(true) {
		return
	}
	d.shown.Store(!d.given.hidden)
	f := d.memory.get()
	screens, err := wails.ScreenGetAll(ctx)
	if err != nil || f.Maximised || !f.Placed {
		return
	}
	width, height := 0, 0
	for _, s := range screens {
		width += s.Size.Width
		height = max(height, s.Size.Height)
	}
	if f.visibleOn(width, height) {
		wails.WindowSetPosition(ctx, f.X, f.Y)
	}
}

// remember keeps size and position while the window is used, so that a crash
// does not lose them.
func (d *desk) remember() {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for range tick.C {
		if d.quitting.Load() {
			return
		}
		d.saveFrame()
	}
}

// saveFrame notes where the window is. A hidden one has no position worth keeping.
func (d *desk) saveFrame() {
	if d.ctx == nil || !d.shown.Load() || wails.WindowIsMinimised(d.ctx) || wails.WindowIsFullscreen(d.ctx) {
		return
	}
	maximised := wails.WindowIsMaximised(d.ctx)
	width, height := wails.WindowGetSize(d.ctx)
	x, y := wails.WindowGetPosition(d.ctx)
	d.memory.change(func(f *frame) {
		f.Maximised = maximised
		if !maximised {
			f.X, f.Y, f.Width, f.Height, f.Placed = x, y, width, height, true
		}
	})
}

// push hands a live frame to the page.
func (d *desk) push(frame []byte) {
	if !d.quitting.Load() {
		wails.EventsEmit(d.ctx, "live", string(frame))
	}
}

// learnLanguage notes the language of staff for the next start: the menu is
// made before the store is open.
func (d *desk) learnLanguage() {
	var me struct {
		Language string `json:"language"`
	}
	if err := d.house.local().do(d.ctx, http.MethodGet, "/api/staff/me", nil, &me); err == nil && me.Language != "" {
		d.memory.change(func(f *frame) { f.Language = me.Language })
	}
}

// sentence tells an error in the language of the window.
func (d *desk) sentence(err error) string { return web.ProblemOf(err, d.language, speak).Detail }

// word is a text of the window in its language.
func (d *desk) word(key string, params ...any) string {
	named := map[string]any{}
	for i := 0; i+1 < len(params); i += 2 {
		named[params[i].(string)] = params[i+1]
	}
	text, _ := speak(d.language, key, named)
	return text
}

const (
	dialogInfo  = wails.InfoDialog
	dialogError = wails.ErrorDialog
)

// tell shows a message. It must not run on the goroutine that draws.
func (d *desk) tell(kind wails.DialogType, title, text string) {
	_, err := wails.MessageDialog(d.ctx, wails.MessageDialogOptions{Type: kind, Title: d.word(title), Message: dialogText(text)})
	if err != nil {
		d.log.Error("a dialog could not be shown", "error", err)
	}
}

// ask puts a question and answers "yes", "no", or "" when it was dismissed.
func (d *desk) ask(title, text string) string {
	yes, no := d.word("dialog.yes"), d.word("dialog.no")
	answer, err := wails.MessageDialog(d.ctx, wails.MessageDialogOptions{Type: wails.QuestionDialog, Title: d.word(title),
		Message: dialogText(d.word(text)), Buttons: []string{yes, no}, DefaultButton: yes})
	if err != nil {
		d.log.Error("a question could not be asked", "error", err)
	}
	switch answer {
	case yes, "Yes": // GTK and Windows answer in English whatever the buttons say
		return "yes"
	case no, "No":
		return "no"
	}
	return ""
}

// dialogText keeps a percent sign a percent sign: on Linux Wails hands the text
// to GTK as a format.
func dialogText(text string) string {
	if runtime.GOOS == "linux" {
		return strings.ReplaceAll(text, "%", "%%")
	}
	return text
}
