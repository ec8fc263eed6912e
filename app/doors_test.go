package app

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// Strangers cannot take more than their share: of requests on a connection, and of
// connections.
func TestThePortalsDoorsHaveLimits(t *testing.T) {
	for files, want := range map[int][3]int{0: {1, 1, 1}, 1000: {800, 200, 600}} {
		alone, _ := portalConnections(files, false)
		if clear, secure := portalConnections(files, true); [3]int{alone, clear, secure} != want {
			t.Errorf("of %d files %d connections in clear alone, %d beside %d for https", files, alone, clear, secure)
		}
	}
	f := &fakeEngine{block: make(chan struct{})}
	p, _, _ := testProgram(f, nil)
	h, err := p.openHouse(t.Context(), plan{dir: shortDir(t), listen: "127.0.0.1:0", nearPort: true, outside: outsideTLS, log: p.log(0)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.end() }()
	if clear, secure := portalConnections(openFiles(), true); h.clear != clear || h.secure != secure {
		t.Errorf("%d connections in clear, %d for https", h.clear, h.secure)
	}
	h.secure = 1
	f.wanted()
	at := fmt.Sprintf("127.0.0.1:%d", f.encrypted)
	conn, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // a listener of this test
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, http2.ClientPreface)
	frames := http2.NewFramer(conn, conn)
	_ = frames.WriteSettings()
	first, err := frames.ReadFrame()
	if err != nil {
		t.Fatal(err)
	}
	if streams, _ := first.(*http2.SettingsFrame).Value(http2.SettingMaxConcurrentStreams); streams != 100 {
		t.Errorf("%d requests at once on a connection", streams)
	}
	answered := make(chan string, 1)
	go func() {
		answer, err := insecure().Get("https://" + at + "/via")
		if err == nil {
			_ = answer.Body.Close()
		}
		answered <- fmt.Sprint(err)
	}()
	select {
	case err := <-answered:
		t.Errorf("a second connection was taken: %s", err)
	case <-time.After(50 * time.Millisecond): // long enough to be taken by mistake
	}
	_ = conn.Close()
	if err := <-answered; err != "<nil>" {
		t.Errorf("when the first one is gone: %s", err)
	}
	if answer, err := http.Get(h.portalURL + "/via"); err != nil || answer.StatusCode != 200 {
		t.Errorf("the other listener: %v", err)
	}
}
