package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var builtDist = fstest.MapFS{"staff/index.html": {Data: []byte("x")}}

func ask(h http.Handler, method, path string) (int, string) {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", "br")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestPage(t *testing.T) {
	staff := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("compression was offered")
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", "26")
		_, _ = io.WriteString(w, "<html><head></head></html>")
	})
	p := newPage(builtDist, "en")
	early := make(chan int, 1)
	go func() { code, _ := ask(p, http.MethodGet, "/"); early <- code }()
	time.Sleep(20 * time.Millisecond)
	if len(early) != 0 {
		t.Error("answered before the store was open")
	}
	p.ready(staff)
	if code := <-early; code != http.StatusOK {
		t.Errorf("the early request: %d", code)
	}
	if _, body := ask(p, http.MethodGet, "/"); strings.Contains(body, "/wails/") {
		t.Error("the start page would get Wails' scripts twice")
	}
	if _, body := ask(p, http.MethodGet, "/contacts/ct_1"); !strings.Contains(body, `<head><script src="/wails/ipc.js">`) {
		t.Errorf("a reload of a deep page loses its native verbs: %s", body)
	}
	if code, _ := ask(p, http.MethodPost, "/api/staff/contacts"); code != http.StatusTeapot {
		t.Errorf("the API: %d", code)
	}
}

func TestPageAfterAFailedStart(t *testing.T) {
	p := newPage(builtDist, "en")
	p.fail()
	if code, _ := ask(p, http.MethodGet, "/api/staff/me"); code != http.StatusServiceUnavailable {
		t.Errorf("%d", code)
	}
}

func TestPageOfAFreshClone(t *testing.T) {
	p := newPage(fstest.MapFS{"gitkeep": {}}, "de")
	code, body := ask(p, http.MethodGet, "/")
	if code != http.StatusOK || !strings.Contains(body, "go run ./build/task build") || !strings.Contains(body, "noch nicht gebaut") {
		t.Errorf("%d %s", code, body)
	}
}
