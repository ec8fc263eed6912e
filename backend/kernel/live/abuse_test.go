package live

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// raw is a client that follows no rules.
type raw struct {
	net.Conn
	r *bufio.Reader
}

// upgrade connects without any library in between.
func (p *place) upgrade(t testing.TB, who string) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.http, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, err = io.WriteString(conn, "GET "+query(who)+" HTTP/1.1\r\nHost: x\r\nOrigin: "+origin+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	answer, err := http.ReadResponse(r, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("answered %v: %v", answer, err)
	}
	<-p.served
	return &raw{conn, r}
}

// code reads frames until the goodbye; 0: there was none.
func (c *raw) code() int {
	for {
		var head [2]byte
		if _, err := io.ReadFull(c.r, head[:]); err != nil {
			return 0
		}
		size := int(head[1])
		if size == 126 {
			var long [2]byte
			if _, err := io.ReadFull(c.r, long[:]); err != nil {
				return 0
			}
			size = int(binary.BigEndian.Uint16(long[:]))
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(c.r, body); err != nil {
			return 0
		}
		if head[0]&0x0F == websocket.CloseMessage && len(body) >= 2 {
			return int(binary.BigEndian.Uint16(body))
		}
	}
}

// masked is a frame as a client sends it: first is FIN, reserved bits and opcode.
func masked(first byte, body string) string {
	var out []byte
	switch n := len(body); {
	case n < 126:
		out = []byte{first, 0x80 | byte(n)}
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16([]byte{first, 0x80 | 126}, uint16(n))
	default:
		out = binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, uint64(n))
	}
	key := []byte{1, 2, 3, 4}
	out = append(out, key...)
	for i := range len(body) {
		out = append(out, body[i]^key[i%4])
	}
	return string(out)
}

// TestAbuse: whoever breaks the protocol is closed with the right code, and a
// neighbour hears everything meanwhile.
func TestAbuse(t *testing.T) {
	var heard said
	p := startWith(t, nil, func(h *Hub) { h.OnFrame(heard.hear) })
	neighbour := p.join("portal ct_n sn")
	for _, s := range []struct {
		story, sent string
		code        int
	}{
		{"a text in pieces, with a ping between", masked(0x01, `{"a"`) + masked(0x89, "") + masked(0x80, `:1}`) + masked(0x88, "\x03\xe8"), 1000},
		{"a character in two pieces", masked(0x01, "\xc3") + masked(0x80, "\xbc") + masked(0x88, "\x03\xe8"), 1000},
		{"half a character", masked(0x01, "\xc3") + masked(0x80, ""), 1007},
		{"a surrogate", masked(0x81, "\xed\xa0\x80"), 1007},
		{"bytes", masked(0x82, "x"), 1003},
		{"a piece of nothing", masked(0x80, "x"), 1002},
		{"a text within a text", masked(0x01, "x") + masked(0x81, "y"), 1002},
		{"a ping in pieces", masked(0x09, "x"), 1002},
		{"a long ping", masked(0x89, strings.Repeat("x", 126)), 1002},
		{"a reserved bit", masked(0xC1, "x"), 1002},
		{"a reserved kind", masked(0x83, "x"), 1002},
		{"without a mask", "\x81\x01x", 1002},
		{"pieces that are too much together", masked(0x01, strings.Repeat("x", 40<<10)) + masked(0x80, strings.Repeat("x", 40<<10)), 1009},
		{"a huge frame", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04xx", 1009},
		{"a frame of negative size", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04xx", 1009},
		{"a megabyte that says so", masked(0x81, strings.Repeat("x", 1<<20)), 1009},
		{"a goodbye with a wrong code", masked(0x88, "\x00\x01"), 1002},
		{"a goodbye of broken text", masked(0x88, "\x03\xe8\xff"), 1002},
		{"pings without end", strings.Repeat(masked(0x89, "x"), 5000), 1008},
		{"texts without end", strings.Repeat(masked(0x81, "x"), 5000), 1008},
		{"another protocol", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002},
		{"noise", "\xff\xfe\x00\x16\x03\x01", 1002},
	} {
		t.Run(s.story, func(t *testing.T) {
			c := p.upgrade(t, "portal ct_a s1")
			wrote := make(chan struct{})
			go func() { defer close(wrote); _, _ = io.WriteString(c, s.sent) }() // it may be cut while it talks
			if got := c.code(); got != s.code {
				t.Errorf("closed with %d, want %d", got, s.code)
			}
			_ = c.Close()
			<-wrote
			p.Publish(Portal, "", s.story)
			neighbour.t = t
			neighbour.hears(`"` + s.story + `"`)
		})
	}
	p.await("only the neighbour is left", func(all *listeners) bool { return len(all.places) == 1 })
	for _, word := range heard.all() {
		if !utf8.ValidString(word) || len(word) > readLimit+10 {
			t.Errorf("heard %.40q", word)
		}
	}
}

// TestNoise: whatever comes, the socket ends and takes its place along.
func TestNoise(t *testing.T) {
	p := startWith(t, func(x *times) { x.goodbye = 50 * time.Millisecond }, func(h *Hub) {
		h.OnFrame(func(context.Context, Identity, []byte) error { return nil })
	})
	neighbour := p.join("portal ct_n sn")
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		c := p.upgrade(t, "portal ct_a s1")
		noise := make([]byte, random.IntN(4096))
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		if _, err := c.Write(noise); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Logf("cut: %v", err) // it may be
		}
		_ = c.Close()
	}
	p.await("only the neighbour is left", func(all *listeners) bool { return len(all.places) == 1 })
	p.Publish(Portal, "", "still here")
	neighbour.hears(`"still here"`)
}

// FuzzInbound sends what the fuzzer makes up, as one text in two pieces and as it
// is: only whole, valid text that is not too large is ever handed on.
func FuzzInbound(f *testing.F) {
	for _, seed := range []string{`{"topic":"chat.typing","conversation_id":"cv_1"}`, `{"topic":"chat.marks","read":12,"delivered":13}`, "", "{", "\xff", "\x81\x85\x01\x02\x03\x04", "nul\x00", "ü", strings.Repeat("[", 1000)} {
		f.Add([]byte(seed), uint(len(seed)/2))
	}
	heard := make(chan string, 100)
	h := New(Deps{Log: slog.New(slog.DiscardHandler)})
	h.times.goodbye = 10 * time.Millisecond
	h.OnFrame(func(_ context.Context, _ Identity, data []byte) error { heard <- string(data); return nil })
	go h.Run(f.Context())
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		text := string(data)
		at := min(cut, uint(len(text)))
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for name, value := range map[string]string{"Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
			r.Header.Set(name, value)
		}
		if err := h.Serve(hijacked{httptest.NewRecorder(), ours}, r, Identity{Audience: Portal, Person: "ct_a"}, []string{origin}); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(theirs, masked(0x01, text[:at])+masked(0x80, text[at:])+text) // it may be cut while it talks
		_ = theirs.Close()
		h.sockets.Wait()
		for first := true; len(heard) > 0; first = false {
			got := <-heard
			if !utf8.ValidString(got) || len(got) > readLimit || first && got != text {
				t.Errorf("heard %.80q of %.80q", got, text)
			}
		}
	})
}

// hijacked is a response whose connection is given.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}
