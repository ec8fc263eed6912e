package reach

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// A router's words are a stranger's: each guard by itself, since the others hide it
// in the stories.
func TestGuards(t *testing.T) {
	gateway := netip.MustParseAddr("192.168.1.1")
	for location, want := range map[string]bool{
		"http://192.168.1.1:5000/root.xml": true, "http://192.168.1.1/": true,
		"http://192.168.1.2/root.xml": false, "https://192.168.1.1/root.xml": false, "http://router/root.xml": false, "file:///etc/passwd": false, "": false, "http://192.168.1.1.evil.example/": false,
	} {
		at := locationIn([]byte("HTTP/1.1 200 OK\r\nLOCATION: "+location+"\r\n\r\n"), gateway)
		if (at != nil) != want {
			t.Errorf("%q: %v", location, at)
		}
	}
	if locationIn([]byte("HTTP/1.1 500 No\r\nLOCATION: http://192.168.1.1/\r\n\r\n"), gateway) != nil || locationIn([]byte("NOTIFY"), gateway) != nil {
		t.Error("something that is no answer was heard")
	}

	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), mostBytes+1))
	}))
	defer page.Close()
	if _, err := guarded(gateway).Get(page.URL); err == nil || !strings.Contains(err.Error(), "away from the router") {
		t.Errorf("another host was asked: %v", err)
	}
	client := guarded(netip.MustParseAddr("127.0.0.1"))
	answer, err := client.Get(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if n, err := body.ReadFrom(answer.Body); n != mostBytes || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if answer, err := client.Get(page.URL + "/away"); err != nil || answer.StatusCode != http.StatusFound {
		t.Errorf("a redirect was followed: %v %v", answer, err)
	}
	if got := cut("FRITZ!Box\r\n\x1b[31m" + strings.Repeat("ü", 200)); len([]rune(got)) != 120 || strings.ContainsAny(got, "\r\n\x1b") {
		t.Errorf("%q", got)
	}
}

// pcpAnswered is an answer to MAP.
func pcpAnswered(result byte, nonce string) []byte {
	b := make([]byte, 60)
	b[0], b[1], b[3] = pcpVersion, pcpMap|pcpAnswer, result
	binary.BigEndian.PutUint32(b[4:], 3600)
	copy(b[24:36], nonce)
	binary.BigEndian.PutUint16(b[42:], 443)
	return b
}

func TestReadPCP(t *testing.T) {
	const nonce = "twelve bytes"
	for _, s := range []struct {
		story string
		b     []byte
		mine  bool
		err   error
	}{
		{"granted", pcpAnswered(0, nonce), true, nil},
		{"refused", pcpAnswered(2, nonce), true, pcpNotAuthorized},
		{"somebody else's mapping", pcpAnswered(0, "other bytes!"), false, nil},
		{"refused without the mapping", pcpAnswered(2, nonce)[:24], true, pcpNotAuthorized},
		{"NAT-PMP only", []byte{0, 0x81, 0, 1, 0, 0, 0, 0}, true, errSilent},
		{"our own request", append([]byte{2, 1}, make([]byte, 58)...), false, nil},
		{"another question's", append([]byte{2, pcpAnswer | pcpAnnounce}, make([]byte, 22)...), false, nil},
		{"nothing", nil, false, nil},
	} {
		reply, mine, err := readPCP(s.b, pcpMap, []byte(nonce))
		if mine != s.mine || !errors.Is(err, s.err) {
			t.Errorf("%s: %v %v", s.story, mine, err)
		}
		if s.mine && s.err == nil && (reply.mapping.external != 443 || reply.lifetime.Seconds() != 3600) {
			t.Errorf("%s: %+v", s.story, reply)
		}
	}
	if _, mine, err := readPCP(pcpAnswered(0, nonce)[:40], pcpMap, []byte(nonce)); !mine || err == nil {
		t.Errorf("granted without the mapping: %v %v", mine, err)
	}
}

func FuzzReadPCP(f *testing.F) {
	f.Add(pcpAnswered(0, "twelve bytes"), byte(pcpMap))
	f.Add([]byte{0, 0x80, 0, 1}, byte(pcpAnnounce))
	f.Fuzz(func(t *testing.T, b []byte, opcode byte) {
		if reply, mine, err := readPCP(b, opcode, []byte("twelve bytes")); mine && err == nil && opcode == pcpMap && reply.mapping.nonce == nil {
			t.Errorf("%x: granted without a mapping", b)
		}
	})
}
