package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/backend/torture"
	"portico/build/task/street"
)

// tlsName is the name of the portal that is measured.
const tlsName = "portal.bench.test"

// tlsRows are what is measured of each server, in this order.
var tlsRows = []string{"page over HTTP/1.1 and TLS, c=32", "page over HTTP/2, c=32", "new connection for each request, c=16", "the same, resumed, c=16"}

// tlsHandshakes is where the rows begin that are about handshakes.
const tlsHandshakes = 2

// tlsServer is a server that answers over TLS in a process of its own.
type tlsServer struct {
	address string
	pid     int
}

func (s tlsServer) config() *tls.Config {
	return &tls.Config{ServerName: tlsName, InsecureSkipVerify: true} //nolint:gosec // a process of ours on loopback
}

// page is how large the sign-in page is.
func (s tlsServer) page(ctx context.Context) (int, error) {
	client := &http.Client{Transport: s.transport()}
	defer client.CloseIdleConnections()
	return s.get(ctx, client, "/login")
}

// transport connects to the server under its name, over HTTP/2.
func (s tlsServer) transport() *http.Transport {
	return &http.Transport{TLSClientConfig: s.config(), ForceAttemptHTTP2: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.address)
	}}
}

// get asks for a page over HTTP/2 and answers its size.
func (s tlsServer) get(ctx context.Context, client *http.Client, path string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+tlsName+path, nil)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 {
		return 0, fmt.Errorf("%s answered %s over %s", path, answer.Status, answer.Proto)
	}
	return int(n), nil
}

// measure takes tlsRows.
func (s tlsServer) measure(ctx context.Context, e *environment, page, small string) (all []outcome, err error) {
	request := get(tlsName, page, "")
	plain, err := load{address: s.address, pid: s.pid, tls: s.config(), conns: 32, span: e.span, status: http.StatusOK, request: func(int) []byte { return request }}.run(ctx)
	if err != nil {
		return nil, err
	}
	clients := make([]*http.Client, 4) // with eight requests at a time in each
	for i := range clients {
		clients[i] = &http.Client{Transport: s.transport()}
		defer clients[i].CloseIdleConnections()
	}
	multiplexed, err := s.repeat(ctx, e.span, 32, func(i int) error {
		_, err := s.get(ctx, clients[i%len(clients)], page)
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh, err := s.repeat(ctx, e.span, 16, func(int) error { return s.connect(ctx, s.config(), small, false) })
	if err != nil {
		return nil, err
	}
	sessions := make([]*tls.Config, 16)
	for i := range sessions {
		sessions[i] = s.config()
		sessions[i].ClientSessionCache = tls.NewLRUClientSessionCache(4)
		if err := s.connect(ctx, sessions[i], small, false); err != nil {
			return nil, err
		}
	}
	resumed, err := s.repeat(ctx, e.span, 16, func(i int) error { return s.connect(ctx, sessions[i], small, true) })
	if err != nil {
		return nil, err
	}
	return []outcome{*plain, *multiplexed, *fresh, *resumed}, nil
}

// repeat lets workers do something for a while; do is told which worker it is.
func (s tlsServer) repeat(ctx context.Context, span time.Duration, workers int, do func(worker int) error) (*outcome, error) {
	var done atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, workers)
	began, cpu := time.Now(), cpuOf(s.pid)
	for w := range workers {
		all.Go(func() {
			for time.Since(began) < span && ctx.Err() == nil {
				if errs[w] = do(w); errs[w] != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return nil, err
	}
	n := float64(done.Load())
	return &outcome{done: int(n), perS: n / time.Since(began).Seconds(), cpu: float64((cpuOf(s.pid) - cpu).Microseconds()) / n}, nil
}

// connect opens a connection for one request.
func (s tlsServer) connect(ctx context.Context, c *tls.Config, path string, resumed bool) error {
	conn, err := (&tls.Dialer{Config: c}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(get(tlsName, path, "Connection: close\r\n")); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		return fmt.Errorf("%s answered %.40q", path, answer)
	}
	if state := conn.(*tls.Conn).ConnectionState(); state.DidResume != resumed {
		return fmt.Errorf("resumed: %t", state.DidResume)
	}
	return nil
}

// portalWithName is the program under a name of its own, with a certificate.
func portalWithName(ctx context.Context, e *environment, home string) (s tlsServer, stop func(), err error) {
	httpPort, tlsPort, err := twoPorts()
	if err != nil {
		return s, nil, err
	}
	world, err := street.Open(httpPort, tlsPort)
	if err != nil {
		return s, nil, err
	}
	p := &torture.Program{Path: e.program, Data: filepath.Join(home, "data"), Listen: at(httpPort), Args: append([]string{"--listen-tls", at(tlsPort)}, world.Args...)}
	stop = func() { p.Kill(); world.Close() }
	defer func() {
		if err != nil {
			stop()
		}
	}()
	if err := errors.Join(os.Mkdir(p.Data, 0o700), world.Set("bench.test", "portal 1 A 127.0.0.1")); err != nil {
		return s, nil, err
	}
	if _, err := p.Start(); err != nil {
		return s, nil, err
	}
	staff := p.StaffAPI()
	defer staff.Close()
	if err := staff.Must(ctx, http.MethodPut, "/api/staff/domain", map[string]string{"name": tlsName}, nil, http.StatusOK); err != nil {
		return s, nil, err
	}
	if err := staff.Must(ctx, http.MethodPost, "/api/staff/domain/update", map[string]string{}, nil, http.StatusAccepted); err != nil {
		return s, nil, err
	}
	for range 600 {
		var domain struct{ State string }
		if err := staff.Must(ctx, http.MethodGet, "/api/staff/domain", nil, &domain, http.StatusOK); err != nil {
			return s, nil, err
		}
		if domain.State == "active" {
			return tlsServer{at(tlsPort), p.Pid()}, stop, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return s, nil, errors.New("the portal got no certificate")
}

func at(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// twoPorts are free a moment ago.
func twoPorts() (one, other int, err error) {
	a, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	b, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, errors.Join(err, a.Close())
	}
	return a.Addr().(*net.TCPAddr).Port, b.Addr().(*net.TCPAddr).Port, errors.Join(a.Close(), b.Close())
}

// keyPair are the files of a certificate like the portal's: a key on P-256, with the
// one that signed it behind it.
type keyPair struct{ cert, key string }

func newPair(dir string) (keyPair, error) {
	var chain []byte
	issue := func(parent *x509.Certificate, signer *ecdsa.PrivateKey, serial int64) (*x509.Certificate, *ecdsa.PrivateKey, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), DNSNames: []string{tlsName},
			IsCA: parent == nil, BasicConstraintsValid: true}
		if parent == nil {
			parent, signer = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
		if err != nil {
			return nil, nil, err
		}
		chain = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), chain...)
		made, err := x509.ParseCertificate(der)
		return made, key, err
	}
	authority, signer, err := issue(nil, nil, 1)
	if err != nil {
		return keyPair{}, err
	}
	_, key, err := issue(authority, signer, 2)
	if err != nil {
		return keyPair{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return keyPair{}, err
	}
	p := keyPair{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	return p, errors.Join(os.WriteFile(p.cert, chain, 0o600), os.WriteFile(p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

// bareTLS is net/http with a page of that size and nothing else.
func bareTLS(ctx context.Context, pair keyPair, page int) (tlsServer, func(), error) {
	b, err := startBare(ctx, page, pair.cert, pair.key)
	if err != nil {
		return tlsServer{}, nil, err
	}
	return tlsServer{b.address, b.pid()}, b.stop, nil
}

// startCaddy serves the same page by Caddy.
func startCaddy(ctx context.Context, program, home string, pair keyPair, page int) (s tlsServer, stop func(), err error) {
	_, port, err := twoPorts()
	if err != nil {
		return s, nil, err
	}
	config := filepath.Join(home, "Caddyfile")
	text := fmt.Sprintf("{\n\tadmin off\n\tauto_https off\n}\nhttps://%s:%d {\n\tbind 127.0.0.1\n\ttls %s %s\n\trespond /healthz ok\n\trespond %q\n}\n", tlsName, port, pair.cert, pair.key, strings.Repeat("a prepared page ", page/16+1)[:page])
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return s, nil, err
	}
	cmd := exec.CommandContext(ctx, program, "run", "--config", config, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home)
	if err := cmd.Start(); err != nil {
		return s, nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	s = tlsServer{at(port), cmd.Process.Pid}
	for range 200 {
		if err = s.connect(ctx, s.config(), "/healthz", false); err == nil {
			return s, stop, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return s, nil, fmt.Errorf("caddy does not answer: %w", err)
}
