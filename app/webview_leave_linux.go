//go:build linux && desktop && !bindings

package app

import "C"

import (
	"sync/atomic"

	wails "github.com/wailsapp/wails/v2/pkg/runtime"
)

// attached is the desk that C calls back: a C function carries no receiver, and
// a process has one window.
var attached atomic.Pointer[desk]

func attach(d *desk) { attached.Store(d) }

//export porticoLeave
func porticoLeave(uri *C.char) {
	d := attached.Load()
	address, err := webAddress(C.GoString(uri))
	if d == nil || err != nil {
		return
	}
	go wails.BrowserOpenURL(d.ctx, address)
}
