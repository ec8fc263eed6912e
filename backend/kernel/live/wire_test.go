package live

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// line notes what is written to a connection.
type line struct {
	net.Conn
	writes    []string
	deadlines int
}

func (l *line) Write(p []byte) (int, error) {
	l.writes = append(l.writes, string(p))
	return len(p), nil
}
func (l *line) SetWriteDeadline(time.Time) error { l.deadlines++; return nil }
func (l *line) Close() error                     { return nil }
func frameOf(text string) []byte                 { return append([]byte{0x81}, text...) }
func control(text string) []byte                 { return append([]byte{0x89}, text...) }
func (l *line) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := l.writes; !slices.Equal(got, want) {
		t.Errorf("%d writes of %d bytes, want %d: %.80q", len(got), len(strings.Join(got, "")), len(want), got)
	}
	l.writes = nil
}

func TestWire(t *testing.T) {
	l := &line{}
	w := &wire{Conn: l, buffers: &collecting{}}
	write := func(p []byte) {
		t.Helper()
		if n, err := w.Write(p); n != len(p) || err != nil {
			t.Errorf("wrote %d: %v", n, err)
		}
	}
	flush := func() {
		t.Helper()
		if err := w.flush(); err != nil {
			t.Error(err)
		}
	}
	write(frameOf("alone"))
	l.expect(t, "\x81alone")
	w.hold()
	write(frameOf("a"))
	write(frameOf("b"))
	l.expect(t)
	flush()
	l.expect(t, "\x81a\x81b")
	flush()
	write(frameOf("not held any more"))
	l.expect(t, "\x81not held any more")

	w.hold()
	write(frameOf("a"))
	write(control("ping")) // takes along what is held, and keeps the order
	l.expect(t, "\x81a\x89ping")
	write(control("ping"))
	l.expect(t, "\x89ping")
	half := strings.Repeat("x", collected/2)
	write(frameOf(half))
	write(frameOf(half))
	write(frameOf(half))
	l.expect(t, "\x81"+half, "\x81"+half)
	write(frameOf(half + half)) // too large to be held
	l.expect(t, "\x81"+half, "\x81"+half+half)
	write(frameOf("never"))
	w.drop()
	flush()
	l.expect(t)
	if w.held != nil {
		t.Error("an idle connection keeps a buffer")
	}
}

func TestWireDeadline(t *testing.T) {
	l := &line{}
	w := &wire{Conn: l, buffers: &collecting{}}
	now := time.Now()
	for _, at := range []time.Time{now, now.Add(time.Millisecond), now.Add(2 * time.Second), now.Add(time.Second), {}} {
		if err := w.SetWriteDeadline(at); err != nil {
			t.Error(err)
		}
	}
	if l.deadlines != 4 { // an earlier one counts, and none too
		t.Errorf("set %d times", l.deadlines)
	}
}

// Frames that wait while a connection is busy arrive in order and complete.
func TestManyFramesArriveInOrder(t *testing.T) {
	p := start(t, nil)
	ana := p.join("portal ct_a s1")
	const rounds, each = 40, queued / 2
	for round := range rounds {
		var want []string
		for i := range each {
			text := fmt.Sprint(round, " ", i, strings.Repeat("x", i*i))
			p.Publish(Portal, "ct_a", text)
			want = append(want, `"`+text+`"`)
		}
		ana.hears(want...)
	}
}
