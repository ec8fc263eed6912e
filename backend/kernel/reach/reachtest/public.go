package reachtest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"github.com/pion/stun/v3"
)

// Line is the public address that the servers below tell; an invalid one means that
// they tell the truth: from where they were asked.
type Line struct {
	mu   sync.Mutex
	addr netip.Addr
}

// Set changes what is told.
func (l *Line) Set(a netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addr = a
}

func (l *Line) of(from netip.Addr) netip.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.addr.IsValid() {
		return l.addr
	}
	return from.Unmap()
}

// STUN starts a STUN server at an address ("127.0.0.1:0") and gives where it is.
func STUN(t testing.TB, at string, line *Line) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			request := &stun.Message{Raw: append([]byte(nil), packet[:n]...)}
			if request.Decode() != nil || request.Type != stun.BindingRequest {
				continue
			}
			udp := from.(*net.UDPAddr).AddrPort()
			answer, err := stun.Build(request, stun.BindingSuccess, &stun.XORMappedAddress{IP: line.of(udp.Addr()).AsSlice(), Port: int(udp.Port())})
			if err == nil {
				_, _ = conn.WriteTo(answer.Raw, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

// Echo starts a page at an address that answers the caller's, and gives its URL.
func Echo(t testing.TB, at string, line *Line) string {
	t.Helper()
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprintln(w, line.of(from.Addr()))
	})}}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL + "/"
}
