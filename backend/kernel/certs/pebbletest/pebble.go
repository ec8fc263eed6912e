// Package pebbletest runs Pebble, Let's Encrypt's authority for tests, on loopback.
//
// The program is the one that go.mod names as a tool, built by the go command and
// kept in its cache; nothing of it is in ours. It looks names up at the server it
// is told, and connects to what that says: only loopback may be said.
//
// In front of it stands a proxy that counts what was really created there, and
// may answer in its place.
package pebbletest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Options say what kind of authority it is.
type Options struct {
	DNS               netip.AddrPort // where names are looked up
	HTTPPort, TLSPort int            // where it looks for HTTP-01 and TLS-ALPN-01
	BadNonces         int            // percent of requests whose nonce it says is bad
	Validity          time.Duration  // of certificates; 0: 90 days
	Terms             string         // address of its terms of service; "": its own
	Issuers           []string       // by which CAA records know it; none: it does not say
}

// Pebble is a running authority.
type Pebble struct {
	// Directory is where it is talked to, through the proxy, by whoever trusts Roots.
	Directory string
	Roots     *x509.CertPool

	t        testing.TB
	options  Options
	program  string
	folder   string
	proxy    *httptest.Server
	client   *http.Client // trusts Pebble's own certificate
	api, own string       // host:port of the authority and of its management

	mu        sync.Mutex
	command   *exec.Cmd
	accounts  int
	orders    int
	intercept func(w http.ResponseWriter, r *http.Request) bool
}

// Start starts an authority; it ends with the test.
func Start(t testing.TB, o Options) *Pebble {
	t.Helper()
	if o.Validity == 0 {
		o.Validity = 90 * 24 * time.Hour
	}
	out, err := exec.Command("go", "tool", "-n", "pebble").Output()
	if err != nil {
		t.Fatalf("building pebble: %v", err)
	}
	p := &Pebble{t: t, options: o, program: strings.TrimSpace(string(out)), folder: t.TempDir(), api: free(t), own: free(t)}
	p.pair()
	p.proxy = httptest.NewUnstartedServer(p.front())
	p.proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.proxy.StartTLS()
	p.Directory = p.proxy.URL + "/dir"
	p.Roots = x509.NewCertPool()
	p.Roots.AddCert(p.proxy.Certificate())
	t.Cleanup(func() {
		p.Stop()
		p.proxy.CloseClientConnections()
		p.proxy.Close()
	})
	p.Run()
	return p
}

// RootPEM is Roots in PEM, for files and for trusting several authorities.
func (p *Pebble) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.proxy.Certificate().Raw})
}

// Run starts the process, which remembers nothing of the one before.
func (p *Pebble) Run() {
	p.t.Helper()
	p.write("pebble.json", map[string]any{"pebble": map[string]any{
		"listenAddress": p.api, "managementListenAddress": p.own,
		"certificate": filepath.Join(p.folder, "cert.pem"), "privateKey": filepath.Join(p.folder, "key.pem"),
		"httpPort": p.options.HTTPPort, "tlsPort": p.options.TLSPort, "ocspResponderURL": "", "externalAccountBindingRequired": false,
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		// One profile: of several, one is taken at random.
		"profiles": map[string]any{"default": map[string]any{"description": "the one", "validityPeriod": int(p.options.Validity.Seconds())}},
	}})
	var said bytes.Buffer
	c := exec.Command(p.program, "-config", filepath.Join(p.folder, "pebble.json"), "-dnsserver", p.options.DNS.String())
	c.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0", fmt.Sprintf("PEBBLE_WFE_NONCEREJECT=%d", p.options.BadNonces))
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.command = c
	p.mu.Unlock()
	for range 1200 { // it makes RSA keys first, and the machine may be busy
		if answer, err := p.client.Get("https://" + p.own + "/roots/0"); err == nil {
			_ = answer.Body.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.Stop()
	p.t.Fatalf("pebble does not answer: %s", said.String())
}

// Stop ends the process; the proxy then answers 502, as when the authority is down.
func (p *Pebble) Stop() {
	p.mu.Lock()
	c := p.command
	p.command = nil
	p.mu.Unlock()
	if c != nil {
		_ = c.Process.Kill()
		_ = c.Wait()
		p.client.CloseIdleConnections()
	}
}

// Issued are the roots of the certificates that this process signs.
func (p *Pebble) Issued() *x509.CertPool {
	p.t.Helper()
	pool := x509.NewCertPool()
	if raw := p.IssuedPEM(); !pool.AppendCertsFromPEM(raw) {
		p.t.Fatalf("the root of pebble: %q", raw)
	}
	return pool
}

// IssuedPEM is Issued in PEM.
func (p *Pebble) IssuedPEM() []byte {
	p.t.Helper()
	answer, err := p.client.Get("https://" + p.own + "/roots/0")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return raw
}

// Renew moves the window in which a certificate should be renewed (ARI).
func (p *Pebble) Renew(cert *x509.Certificate, from, to time.Time) {
	p.t.Helper()
	window, err := json.Marshal(map[string]any{"suggestedWindow": map[string]string{"start": from.Format(time.RFC3339), "end": to.Format(time.RFC3339)}})
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := json.Marshal(map[string]string{
		"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})), "ariResponse": string(window)})
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.client.Post("https://"+p.own+"/set-renewal-info/", "application/json", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("moving the window: %s", answer.Status)
	}
}

// Created is how many accounts and orders were really created so far.
func (p *Pebble) Created() (accounts, orders int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accounts, p.orders
}

// Intercept lets fn see every request first; when it answers true, it has answered
// in the authority's place. nil ends it.
func (p *Pebble) Intercept(fn func(w http.ResponseWriter, r *http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.intercept = fn
}

// NewAccount and NewOrder are the paths of Pebble's resources.
const (
	NewAccount = "/sign-me-up"
	NewOrder   = "/order-plz"
)

// Refuse answers with a problem document.
func Refuse(w http.ResponseWriter, status int, kind, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "urn:ietf:params:acme:error:" + kind, "detail": detail, "status": status})
}

// front is the proxy. The Host stays as it was asked for, because signed requests
// name the address they are for.
func (p *Pebble) front() http.Handler {
	target, err := url.Parse("https://" + p.api)
	if err != nil {
		p.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		Transport: p.client.Transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		ModifyResponse: func(r *http.Response) error {
			if r.Request.URL.Path == "/dir" && r.StatusCode == http.StatusOK {
				return p.told(r)
			}
			if r.StatusCode != http.StatusCreated {
				return nil
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			switch r.Request.URL.Path {
			case NewAccount:
				p.accounts++
			case NewOrder:
				p.orders++
			}
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		first := p.intercept
		p.mu.Unlock()
		if first == nil || !first(w, r) {
			proxy.ServeHTTP(w, r)
		}
	})
}

// told puts into the directory what the options say that the authority tells of itself.
func (p *Pebble) told(r *http.Response) error {
	var directory map[string]any
	if err := json.NewDecoder(r.Body).Decode(&directory); err != nil {
		return err
	}
	meta, ok := directory["meta"].(map[string]any)
	if !ok {
		return errors.New("pebble tells nothing of itself")
	}
	if len(p.options.Issuers) > 0 {
		meta["caaIdentities"] = p.options.Issuers
	}
	if p.options.Terms != "" {
		meta["termsOfService"] = p.options.Terms
	}
	raw, err := json.Marshal(directory)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	r.Header.Set("Content-Length", strconv.Itoa(len(raw)))
	return nil
}

// pair makes the certificate of Pebble's own listeners.
func (p *Pebble) pair() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		p.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	p.file("cert.pem", cert)
	p.file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	p.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 10 * time.Second}
}

func (p *Pebble) write(name string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	p.file(name, raw)
}

func (p *Pebble) file(name string, raw []byte) {
	if err := os.WriteFile(filepath.Join(p.folder, name), raw, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// free is an address on loopback that nobody listens on.
func free(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
