package app

import (
	"net"
	"testing"
)

func TestHostReach(t *testing.T) {
	for host, want := range map[string]extent{
		"127.0.0.1": reachHere, "127.9.8.7": reachHere, "::1": reachHere, "[::1]": reachHere, "localhost": reachHere, "shop.localhost": reachHere,
		"::ffff:127.0.0.1": reachHere, "10.1.2.3": reachPrivate, "192.168.1.2": reachPrivate, "172.16.0.1": reachPrivate, "169.254.1.1": reachPrivate,
		"fd00::1": reachPrivate, "fe80::1": reachPrivate, "till": reachPrivate, "till.local": reachPrivate, "till.lan.": reachPrivate,
		"": reachEvery, "0.0.0.0": reachEvery, "::": reachEvery, "[::]": reachEvery,
		"8.8.8.8": reachPublic, "172.32.0.1": reachPublic, "2001:db8::1": reachPublic, "portal.example.com": reachPublic, "local.example.com": reachPublic,
	} {
		if got := hostReach(host); got != want {
			t.Errorf("%q: %d, want %d", host, got, want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "https://Portal.Example.com/": "https://portal.example.com", "http://127.0.0.1:8080": "http://127.0.0.1:8080",
		"http://192.168.1.20:8080/": "http://192.168.1.20:8080", "http://till.local": "http://till.local",
		"https://portal.example.com:8443": "https://portal.example.com:8443",
		"http://portal.example.com":       "refused", "http://8.8.8.8": "refused", "ftp://x": "refused", "portal.example.com": "refused",
		"https://": "refused", "https://x.example/portal": "refused", "https://x.example/?a=b": "refused", "https://me@x.example": "refused",
		"http://0.0.0.0:8080": "refused", "https:x": "refused", "http://[::1": "refused", "https://x.example/#a": "refused",
	} {
		got, err := baseURL(text)
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestPortalAddress(t *testing.T) {
	for _, s := range []struct {
		listen, base string
		proxy        bool
		want         string
	}{
		{"127.0.0.1:8080", "", false, "127.0.0.1:8080"},
		{"localhost:0", "", false, "127.0.0.1:0"},
		{"192.168.1.20:8080", "https://portal.example.com", false, "192.168.1.20:8080"},
		{":8080", "", false, ":8080"},
		{"0.0.0.0:8080", "http://192.168.1.20:8080", false, "0.0.0.0:8080"},
		{"0.0.0.0:8080", "https://portal.example.com", true, "0.0.0.0:8080"},
		{"0.0.0.0:8080", "https://portal.example.com", false, ""},
		{"8.8.8.8:8080", "", false, ""},
		{"8.8.8.8:80", "", true, "8.8.8.8:80"},
		{"127.0.0.1", "", false, ""},
		{"127.0.0.1:99999", "", false, ""},
		{"127.0.0.1:-1", "", false, ""},
	} {
		got, err := portalAddress(s.listen, s.base, s.proxy)
		if got != s.want || (err != nil) != (s.want == "") {
			t.Errorf("%s %s %v: %q %v, want %q", s.listen, s.base, s.proxy, got, err, s.want)
		}
	}
}

func TestTrustedProxies(t *testing.T) {
	got, err := trustedProxies([]string{"10.0.0.0/8", "127.0.0.1", "10.1.2.3/16"})
	if err != nil || len(got) != 3 || got[1].String() != "127.0.0.1/32" || got[2].String() != "10.1.0.0/16" {
		t.Errorf("%v %v", got, err)
	}
}

func TestTheWindowTakesTheNextFreePort(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := listenNear(first.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if portOf(second) == portOf(first) {
		t.Error("the same port twice")
	}
	if _, err := listenTCP("listen", first.Addr().String()); err == nil {
		t.Error("serve took a port that is taken")
	}
}
