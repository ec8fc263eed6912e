package app

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"
)

// startPatience is how long a request of the window waits for the store to open.
const startPatience = 30 * time.Second

// page is what the window loads: the staff API and its screens, once the store
// is open. Requests that come earlier wait, so that the window can be drawn
// while the store is being opened.
type page struct {
	built    bool
	language string
	once     sync.Once
	decided  chan struct{}
	handler  http.Handler // nil after decided: the start failed
}

func newPage(dist fs.FS, language string) *page {
	_, err := fs.Stat(dist, "staff/index.html")
	return &page{built: err == nil, language: language, decided: make(chan struct{})}
}

func (p *page) ready(h http.Handler) { p.once.Do(func() { p.handler = h; close(p.decided) }) }
func (p *page) fail()                { p.once.Do(func() { close(p.decided) }) }

// ServeHTTP implements http.Handler.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.built && !strings.HasPrefix(r.URL.Path, "/api/") {
		p.unbuilt(w)
		return
	}
	select {
	case <-p.decided:
	case <-time.After(startPatience):
	case <-r.Context().Done():
		return
	}
	select {
	case <-p.decided:
	default:
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	if p.handler == nil {
		http.Error(w, "not started", http.StatusServiceUnavailable)
		return
	}
	// A scheme of its own is not HTTP to WebKit: it would show the compressed bytes.
	r.Header.Del("Accept-Encoding")
	if r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, "/api/") {
		p.handler.ServeHTTP(w, r)
		return
	}
	c := newCapture()
	p.handler.ServeHTTP(c, r)
	c.WriteHeader(http.StatusOK)
	for name, values := range c.header {
		w.Header()[name] = values
	}
	body := c.body.Bytes()
	if strings.HasPrefix(c.header.Get("Content-Type"), "text/html") && !wailsInjects(r.URL.Path) {
		body = inject(body)
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(c.status)
	_, _ = w.Write(body)
}

// wailsInjects reports the paths for which Wails itself adds its scripts to the
// page: the start page only, and a reload happens anywhere.
func wailsInjects(path string) bool {
	return strings.HasSuffix(path, "/") || strings.HasSuffix(path, "/index.html")
}

// inject adds the scripts of Wails, which connect the page to Go.
func inject(page []byte) []byte {
	const scripts = `<head><script src="/wails/ipc.js"></script><script src="/wails/runtime.js"></script>`
	return bytes.Replace(page, []byte("<head>"), []byte(scripts), 1)
}

// unbuilt is for whoever compiled the program before its screens.
func (p *page) unbuilt(w http.ResponseWriter) {
	title, _ := speak(p.language, "page.unbuilt_title", nil)
	text, _ := speak(p.language, "page.unbuilt_text", nil)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="%s"><head><meta charset="utf-8"><title>Portico</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1.5rem;color:#17212b;background:#f7f8f8}
code{display:block;background:#e8eceb;padding:.75rem 1rem;border-radius:.5rem}
@media(prefers-color-scheme:dark){body{color:#e8eceb;background:#12181d}code{background:#222b32}}</style></head>
<body><h1>%s</h1><p>%s</p><code>go run ./build/task build</code></body></html>`, html.EscapeString(p.language), html.EscapeString(title), html.EscapeString(text))
}
