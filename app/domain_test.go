package app

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"portico/backend/kernel/reach"
)

// A port that the system does not give is no dead end: what helps is printed.
func TestServeSaysWhatHelpsAgainstAHeldPort(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	p, _, errs := testProgram(&fakeEngine{}, nil)
	shut := whyShut("listen", "127.0.0.1:80", &net.OpError{Op: "listen", Err: syscall.EACCES})
	var why *barred
	if !errors.As(shut, &why) {
		t.Fatal(shut)
	}
	why.remedies = []reach.Remedy{{Cure: reach.CureSysctl, Commands: []string{"sudo sysctl"}}, {Cure: reach.CureHighPorts}}
	if code := p.explain(&cobra.Command{}, shut); code != exitFailed || !strings.Contains(errs.String(), "Choose a higher port with --listen") ||
		!strings.Contains(errs.String(), "- Let every program of this computer listen") || !strings.Contains(errs.String(), "  sudo sysctl") || !strings.Contains(errs.String(), "8443") {
		t.Errorf("%d %s", code, errs)
	}
	if _, err := listenTCP("listen", held.Addr().String()); !errors.As(err, &why) || !taken(err) {
		t.Errorf("a port that is held: %v", err)
	}
}

// The checks of the name are told when the window cannot listen for https.
func TestTheWindowTellsWhichDoorStaysShut(t *testing.T) {
	held, err := net.Listen("tcp", ":65535")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	f := &fakeEngine{}
	p, _, _ := testProgram(f, nil)
	h, err := p.openHouse(t.Context(), plan{dir: shortDir(t), listen: "127.0.0.1:0", nearPort: true, outside: 65535, log: p.log(0)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.end() }()
	told := func() (n int) {
		for _, did := range f.noted() {
			if strings.HasPrefix(did, "listening") {
				n++
			}
		}
		return n
	}
	f.wanted()
	if f.secure.Open || f.secure.Address.Port() != 65535 || f.plain == 0 || via(t, h.portalURL) != "portal" {
		t.Errorf("https %+v, http %d", f.secure, f.plain)
	}
	before := told()
	f.wanted()
	if told() != before {
		t.Error("told again that nothing changed, which would make it try again at once")
	}
	_ = held.Close()
	f.wanted()
	if !f.secure.Open || f.encrypted != 65535 || f.plain == 0 || via(t, h.portalURL) != "portal" {
		t.Errorf("not opened when the port was free: https %+v, http %d", f.secure, f.plain)
	}
}

// insecure is a client that does not mind whose certificate it is.
func insecure() *http.Client {
	return &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // a listener of this test
}

func TestServeListensForHTTPS(t *testing.T) {
	f := &fakeEngine{}
	_, _, stop := serving(t, f, shortDir(t), "--listen-tls", "127.0.0.1:0")
	defer stop()
	answer, err := insecure().Get(fmt.Sprintf("https://127.0.0.1:%d/via", f.encrypted))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.ProtoMajor != 2 || answer.TLS.Version < tls.VersionTLS12 {
		t.Errorf("HTTP/%d over TLS %x", answer.ProtoMajor, answer.TLS.Version)
	}
	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} //nolint:gosec // must be refused
	if conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.encrypted), old); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is taken")
	}
	if !slices.Contains(f.noted(), "listening true true") {
		t.Errorf("the backend does not know its ports: %v", f.noted())
	}
}

// The window's listener is for this computer only until the owner sets a name up;
// then the world may come, and the local preview stays where it was.
func TestTheWindowOpensItsDoorsWhenANameIsSetUp(t *testing.T) {
	f := &fakeEngine{}
	p, _, _ := testProgram(f, nil)
	h, err := p.openHouse(t.Context(), plan{dir: shortDir(t), listen: "127.0.0.1:0", nearPort: true, outside: outsideTLS, log: p.log(0)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.end() }()
	before := f.plain
	if f.encrypted != 0 || via(t, h.portalURL) != "portal" {
		t.Fatalf("listening for https before anybody wants it: %d", f.encrypted)
	}
	f.wanted()
	f.wanted() // once is enough
	if f.encrypted == 0 || f.plain != before || via(t, h.portalURL) != "portal" {
		t.Fatalf("http %d (before %d), https %d", f.plain, before, f.encrypted)
	}
	if answer, err := insecure().Get(fmt.Sprintf("https://127.0.0.1:%d/via", f.encrypted)); err != nil {
		t.Error(err)
	} else {
		_ = answer.Body.Close()
	}
	select {
	case err := <-h.failed:
		t.Errorf("moving a listener counts as a failure: %v", err)
	default:
	}
}

func TestDomainFlagsAreCheckedBeforeAnythingOpens(t *testing.T) {
	pem := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(pem, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][]string{
		{"--listen-tls", "443"}, {"--acme-dir", "http://ca.example"}, {"--acme-dir", "ca"}, {"--acme-staging-dir", "x"}, {"--acme-ca", pem}, {"--acme-ca", pem + "x"},
		{"--public-tls-port", "8443"}, {"--resolver", "dns.example"}, {"--address-lookup", "http://ip.example"}, {"--address-lookup", "off,https://ip.example"}, {"--address-lookup", "stun:x"}, {"--router", "fritz.box"}, {"--router", "fe80::1"},
	} {
		f := &fakeEngine{}
		p, _, errs := testProgram(f, nil)
		if code := p.run(t.Context(), append([]string{"serve", "--data", shortDir(t)}, wrong...)); code != exitUsage || len(f.noted()) > 0 {
			t.Errorf("%v: %d %s", wrong, code, errs)
		}
	}
	c, err := domainFlags{directory: "https://ca.example/dir", resolvers: []string{"10.0.0.53", "[fd00::53]:5353"}, lookups: []string{"off"}}.config()
	if err != nil || len(c.Resolvers) != 2 || c.Resolvers[0].Port() != 53 || c.Sources == nil || len(c.Sources) != 0 {
		t.Errorf("%+v %v", c, err)
	}
}

// The verbs against the real backend: it asks nobody, and says so.
func TestDomainVerbs(t *testing.T) {
	dir := shortDir(t)
	run := func(want int, args ...string) string {
		t.Helper()
		p, out, errs := testProgram(nil, nil)
		p.backend = openBackend
		if code := p.run(t.Context(), append(args, "--data", dir)); code != want {
			t.Fatalf("%v: %d, want %d: %s", args, code, want, errs)
		}
		return out.String() + errs.String()
	}
	if said := run(exitFailed, "domain", "set", "portal"); !strings.Contains(said, "no dot") {
		t.Error(said)
	}
	if said := run(exitOK, "domain", "set", "portal.shop-of-the-test.com", "--alias", "shop.duckdns.org"); !strings.Contains(said, "CNAME") || !strings.Contains(said, "shop.duckdns.org") {
		t.Error(said)
	}
	var status struct{ State string }
	if err := json.Unmarshal([]byte(run(exitOK, "domain", "status", "--json")), &status); err != nil || status.State != "waiting" {
		t.Errorf("%v %v", status, err)
	}
	run(exitPlace, "domain", "update")
	run(exitOK, "domain", "set", "default")
	run(exitFailed, "domain", "check")
	// A company's own settings hold without a running Portico, too; that nobody
	// listens then is no fault.
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	own := []string{"--acme-dir", server.URL + "/dir", "--resolver", "127.0.0.1:1", "--address-lookup", "off"}
	said := run(exitUnhealthy, append([]string{"domain", "check", "portal.corp.internal", "--json"}, own...)...)
	if !strings.Contains(said, "127.0.0.1") || !strings.Contains(said, "listen.stopped") || strings.Contains(said, "letsencrypt") || strings.Contains(said, "listen.no_tls") {
		t.Error(said)
	}
	run(exitFailed, "domain", "set", "portal.corp.internal")
	run(exitOK, append([]string{"domain", "set", "portal.corp.internal"}, own...)...)
	run(exitUsage, "domain", "check", "--resolver", "dns.example")
	run(exitUsage, "domain", "check", "--report", "--json")
	run(exitUsage, "domain", "check", "portal.corp.internal", "--report")
	if said := run(exitUnhealthy, append([]string{"domain", "check", "--report"}, own...)...); !strings.Contains(said, "listen.stopped [portal.corp.internal]") || !strings.Contains(said, server.URL) {
		t.Error(said)
	}
	run(exitUsage, "domain", "set")
	run(exitUsage, "domain", "sett")
}
