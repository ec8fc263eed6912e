package app

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// One address gets its share and no more; who is refused holds up nobody.
func TestOneAddressGetsItsShare(t *testing.T) {
	for _, s := range []struct {
		story   string
		trusted []netip.Prefix
		want    int // of five that come
	}{
		{"a stranger", nil, 2},
		{"a proxy", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 5},
	} {
		t.Run(s.story, func(t *testing.T) {
			tcp, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l := newShareListener(tcp, 2, s.trusted)
			accepted := make(chan net.Conn, 10)
			go func() {
				defer close(accepted)
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = c.Write([]byte("in"))
					accepted <- c
				}
			}()
			dial := func(from string) string {
				t.Helper()
				d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
				c, err := d.Dial("tcp", tcp.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
				word := make([]byte, 2)
				n, _ := io.ReadFull(c, word)
				return string(word[:n])
			}
			in := 0
			for range 5 {
				if dial("127.0.0.1") == "in" {
					in++
				}
			}
			if in != s.want {
				t.Errorf("%d of five came in, want %d", in, s.want)
			}
			if dial("127.0.0.2") != "in" {
				t.Error("another address was kept out")
			}
			first := <-accepted
			_ = first.Close()
			_ = first.Close() // counts once
			if dial("127.0.0.1") != "in" {
				t.Error("a place that was given back is not free")
			}
			if s.want == 2 && dial("127.0.0.1") == "in" {
				t.Error("closing twice gave two places back")
			}
			_ = tcp.Close()
			for c := range accepted {
				_ = c.Close()
			}
			if len(l.held) != 0 {
				t.Errorf("left over: %v", l.held)
			}
		})
	}
}
