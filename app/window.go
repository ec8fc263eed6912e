//go:build desktop || bindings

package app

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"

	"portico/backend/kernel/db"
	"portico/frontend"
)

// hasWindow tells builds apart.
const hasWindow = true

//go:embed icon.png
var icon []byte

// desk is the window with everything that belongs to it. Its methods run on
// goroutines of Wails.
type desk struct {
	p        *program
	plan     plan
	given    windowOptions
	language string
	memory   *memory
	page     *page
	log      *slog.Logger
	ctx      context.Context // Wails' own; set before anything uses it
	opened   chan struct{}   // closed when the start has come to an end, good or bad
	house    *house          // nil until opened, and when the start failed
	failure  error
	quitting atomic.Bool
	asking   atomic.Bool
	shown    atomic.Bool
	placed   atomic.Bool
}

// openWindow shows the window and returns when the program is to end. A second
// start on the same data asks the first one to show itself.
func (p *program) openWindow(ctx context.Context, o windowOptions) error {
	d, err := p.newDesk(o)
	if err != nil {
		return err
	}
	if !generating {
		if noScreen(runtime.GOOS, p.env) {
			return errNoScreen
		}
		// What stands against a start is told by startup, in a dialog: whoever opens
		// a window from a menu does not see stderr.
		if shown, _ := askToShow(ctx, d.plan.dir); shown {
			fmt.Fprintln(p.err, "Portico is already open; its window has been asked to show itself.")
			return nil
		}
	}
	// Windows stay blank on some graphics drivers without this
	// (https://github.com/wailsapp/wails/issues/2977).
	if runtime.GOOS == "linux" && p.env("WEBKIT_DISABLE_DMABUF_RENDERER") == "" {
		_ = os.Setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
	}
	if err := d.run(); err != nil {
		return err
	}
	return d.failure
}

// newDesk prepares without touching the disk: the bindings generator of Wails
// runs the program up to here and must leave no trace.
func (p *program) newDesk(o windowOptions) (*desk, error) {
	dir, err := place(o.store.data)
	if err != nil {
		return nil, err
	}
	listen, err := portalAddress(o.listen, "", o.listenTLS != "")
	if err != nil {
		return nil, err
	}
	domain, err := o.domain.config()
	if err != nil {
		return nil, err
	}
	m := recall(dir)
	d := &desk{p: p, given: o, memory: m, language: language(m.get().Language, p.env), opened: make(chan struct{})}
	d.log = slog.New(slog.DiscardHandler)
	d.page = newPage(frontend.Dist(), d.language)
	d.plan = plan{dir: dir, database: o.store.database, secrets: o.store.secrets,
		listen: listen, nearPort: !o.listenGiven, listenTLS: o.listenTLS, domain: domain, show: d.show}
	if !o.listenGiven && o.listenTLS == "" {
		d.plan.outside = outsideTLS
	}
	return d, nil
}

// run is wails.Run, which panics where a screen is named but cannot be used.
func (d *desk) run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errWindowBroken.Because(fmt.Errorf("%v", r))
		}
	}()
	seen := d.memory.get()
	start := options.Normal
	if seen.Maximised {
		start = options.Maximised
	}
	return wails.Run(&options.App{
		Title:             "Portico",
		Width:             seen.Width,
		Height:            seen.Height,
		MinWidth:          smallest.Width,
		MinHeight:         smallest.Height,
		StartHidden:       d.given.hidden,
		WindowStartState:  start,
		BackgroundColour:  options.NewRGB(247, 248, 248),
		AssetServer:       &assetserver.Options{Handler: d.page},
		Menu:              d.menu(),
		Logger:            wailsLog{d},
		OnStartup:         d.startup,
		OnDomReady:        d.domReady,
		OnBeforeClose:     d.beforeClose,
		OnShutdown:        d.shutdown,
		Bind:              []any{&Native{desk: d}},
		ErrorFormatter:    func(err error) any { return d.sentence(err) },
		Linux:             &linux.Options{Icon: icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever, ProgramName: "portico"},
		HideWindowOnClose: false, // beforeClose hides it: this would not let us ask
	})
}

// startup opens the store and the listeners. It is the earliest moment at which
// that may happen: see newDesk.
func (d *desk) startup(ctx context.Context) {
	d.ctx = ctx
	attach(d)
	d.takeSignals()
	err := d.open(ctx)
	if err == nil {
		close(d.opened)
		d.page.ready(d.house.Window())
		d.house.Subscribe(d.push)
		go d.remember()
		d.learnLanguage()
		return
	}
	close(d.opened)
	d.page.fail()
	if errors.Is(err, db.ErrInUse) {
		// Two starts at the same moment: the other one was faster.
		if shown, asked := askToShow(ctx, d.plan.dir); shown {
			d.quit()
			return
		} else if asked != nil {
			err = asked
		}
	}
	d.failure = err
	d.tell(dialogError, "dialog.failed_title", d.sentence(err))
	d.quit()
}

func (d *desk) open(ctx context.Context) error {
	if err := prepare(d.plan.dir); err != nil {
		return err
	}
	d.log = openLog(d.plan.dir, d.p.verbose, d.p.err)
	d.plan.log = d.log
	var err error
	d.house, err = d.p.openHouse(ctx, d.plan)
	return err
}

// shutdown ends in the order of house.shut, after the window is gone.
func (d *desk) shutdown(context.Context) {
	<-d.opened
	if d.house == nil {
		return
	}
	if err := d.house.end(); err != nil && d.failure == nil {
		d.failure = err
	}
}

// askToShow asks the program that has the data folder to show its window.
func askToShow(ctx context.Context, dir string) (bool, error) {
	c := running(ctx, dir)
	if c == nil {
		return false, nil
	}
	err := c.do(ctx, http.MethodPost, showPath, nil, nil)
	if err == nil {
		return true, nil
	}
	if errors.Is(err, errServing) {
		return false, err
	}
	return false, nil // it is just ending; the lock will tell
}

// noScreen reports a Linux without a display server to talk to.
func noScreen(system string, env func(string) string) bool {
	return system == "linux" && env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == ""
}

// wailsLog passes on what Wails has to say once there is a log.
type wailsLog struct{ d *desk }

func (l wailsLog) Print(text string)   { l.d.log.Debug("wails", "said", strings.TrimSpace(text)) }
func (l wailsLog) Trace(text string)   { l.Print(text) }
func (l wailsLog) Debug(text string)   { l.Print(text) }
func (l wailsLog) Info(text string)    { l.Print(text) }
func (l wailsLog) Warning(text string) { l.d.log.Warn("wails", "said", strings.TrimSpace(text)) }
func (l wailsLog) Error(text string)   { l.d.log.Error("wails", "said", strings.TrimSpace(text)) }
func (l wailsLog) Fatal(text string)   { l.Error(text) }
