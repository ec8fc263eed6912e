package mail

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// act is what the scripted server does when its turn comes. It returns false
// when the connection is over.
type act func(s *session) bool

// say answers with the lines as they are.
func say(lines ...string) act {
	return func(s *session) bool {
		_, err := io.WriteString(s.conn, strings.Join(lines, "\r\n")+"\r\n")
		return err == nil
	}
}

// drop closes the connection.
func drop(*session) bool { return false }

// hang says nothing until the client goes away.
func hang(s *session) bool {
	_, _ = io.Copy(io.Discard, s.in)
	return false
}

// later answers after a pause that is far below the client's timeout.
func later(what act) act {
	return func(s *session) bool {
		time.Sleep(150 * time.Millisecond)
		return what(s)
	}
}

// both does one after the other.
func both(first, second act) act {
	return func(s *session) bool { return first(s) && second(s) }
}

// script is a mail server that behaves, but for what on says: act by verb
// ("RCPT"), or by "greeting" and "." (after the final dot).
type script struct {
	on        map[string]act
	cert      *tls.Certificate // nil: no TLS at all
	implicit  bool             // TLS from the first byte
	strip     bool             // STARTTLS is not offered although there is a certificate
	offers    []string         // EHLO lines; nil for the usual ones
	newest    uint16           // highest TLS version; 0 for the usual ones
	mu        sync.Mutex
	clearText bytes.Buffer // what the clients said in clear text
	heard     bytes.Buffer // everything they said
	mails     []string     // contents that were accepted or refused after the dot
	conns     int
}

// session is one connection to the scripted server.
type session struct {
	*script
	conn   net.Conn
	in     *bufio.Reader
	secure bool
}

// serve starts the server on a free port of 127.0.0.1 and ends it with the test.
func (s *script) serve(t testing.TB) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); running.Wait() })
	return listener.Addr().(*net.TCPAddr).Port
}

func (s *script) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	// A forgotten connection must not keep the test from ending.
	_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
	s.mu.Lock()
	s.conns++
	s.mu.Unlock()
	c := &session{script: s, conn: conn, in: bufio.NewReader(conn)}
	if s.implicit && !c.upgrade() {
		return
	}
	if !c.do("greeting", say("220 mail.example.test ESMTP")) {
		return
	}
	for {
		line, ok := c.readLine()
		if !ok || !c.command(line) {
			return
		}
	}
}

// upgrade does the server's side of the handshake.
func (s *session) upgrade() bool {
	config := &tls.Config{Certificates: []tls.Certificate{*s.cert}, MinVersion: tls.VersionTLS10, MaxVersion: s.newest}
	secured := tls.Server(s.conn, config)
	if secured.Handshake() != nil {
		return false
	}
	s.conn, s.in, s.secure = secured, bufio.NewReader(secured), true
	return true
}

func (s *session) readLine() (string, bool) {
	line, err := s.in.ReadString('\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard.WriteString(line)
	if !s.secure {
		s.clearText.WriteString(line)
	}
	return strings.TrimRight(line, "\r\n"), err == nil
}

func (s *session) do(turn string, usual act) bool {
	if special, ok := s.on[turn]; ok {
		return special(s)
	}
	return usual(s)
}

func (s *session) command(line string) bool {
	verb := strings.ToUpper(firstWord(line))
	switch verb {
	case "EHLO":
		return s.do(verb, say(s.ehlo()...))
	case "STARTTLS":
		return s.do(verb, func(s *session) bool { return say("220 2.0.0 go ahead")(s) && s.upgrade() })
	case "AUTH":
		return s.do(verb, say("235 2.7.0 welcome"))
	case "DATA":
		if !s.do(verb, say("354 end with a dot")) {
			return false
		}
		if special, ok := s.on[verb]; ok && special != nil {
			return true
		}
		return s.takeMail()
	case "QUIT":
		s.do(verb, say("221 2.0.0 bye"))
		return false
	default:
		return s.do(verb, say("250 2.0.0 ok"))
	}
}

func usualOffers() []string {
	return []string{"8BITMIME", "SMTPUTF8", "SIZE 26214400", "AUTH PLAIN LOGIN"}
}

func (s *session) ehlo() []string {
	offers := s.offers
	if offers == nil {
		offers = usualOffers()
	}
	lines := []string{"250-mail.example.test"}
	if s.cert != nil && !s.secure && !s.strip {
		lines = append(lines, "250-STARTTLS")
	}
	for _, offer := range offers {
		lines = append(lines, "250-"+offer)
	}
	return append(lines, "250 HELP")
}

func (s *session) takeMail() bool {
	var content strings.Builder
	for {
		line, ok := s.readLine()
		if !ok {
			return false
		}
		if line == "." {
			break
		}
		content.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
	}
	s.mu.Lock()
	s.mails = append(s.mails, content.String())
	s.mu.Unlock()
	return s.do(".", say("250 2.0.0 queued as X1"))
}

// transcript is everything the clients said; clear is the part without TLS.
func (s *script) transcript() (all, clearText string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String(), s.clearText.String()
}

func (s *script) received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.mails...)
}

// authority is a private issuer of certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{key: key, cert: cert, pool: pool}
}

// issue makes a certificate for one name or address, valid until the given time.
func (a *authority) issue(t testing.TB, name string, until time.Time) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

const (
	testUser     = "shop@example.test"
	testPassword = "correct horse battery"
	testFrom     = "shop@example.test"
	testTo       = "ann@client.test"
)

// encodings are all the ways in which the password may have travelled.
func encodings() []string {
	return []string{
		testPassword,
		base64.StdEncoding.EncodeToString([]byte(testPassword)),
		base64.StdEncoding.EncodeToString([]byte("\x00" + testUser + "\x00" + testPassword)),
	}
}

func testAccount(port int, security Security, ca *authority) Account {
	a := Account{
		Host: "127.0.0.1", Port: port, Security: security, Username: testUser, Password: testPassword,
		FromName: "Example Shop", FromAddress: testFrom, Timeout: 10 * time.Second,
	}
	if security == SecurityNone {
		a.Username, a.Password = "", ""
	}
	if ca != nil {
		a.RootCAs = ca.pool
	}
	return a
}

func testMail(t testing.TB) []byte {
	t.Helper()
	raw, err := Compose(Message{
		MessageID: "<01JD@example.test>", Date: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
		From: Address{"Example Shop", testFrom}, To: Address{"Ann", testTo},
		Subject: "Your invitation", Text: "Hello Ann,\n.\n..two dots\nhttps://portal.example.test/k\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// asProblem demands that an error is a *Problem.
func asProblem(t testing.TB, err error) *Problem {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("want a *Problem, got %T: %v", err, err)
	}
	return p
}

// finish ends the run when do does not come back: the bound is generous, what it
// catches is a caller that is never freed, and the panic shows where.
func finish(do func()) {
	watch := time.AfterFunc(12*time.Second, func() { panic("the caller was not freed") })
	defer watch.Stop()
	do()
}
