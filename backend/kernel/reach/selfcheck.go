package reach

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/net/html"
)

// CheckPath is where our own page lies: a nonce follows it.
const CheckPath = "/.well-known/portico-check/"

// socketEnd is the same as a WebSocket.
const socketEnd = "/socket"

// ChecksConfig has what proves that a page is ours. Key is needed: the same for every
// node of one Portico, and of no other (derived from the app key).
type ChecksConfig struct {
	Key      []byte
	Resolver *net.Resolver // for ByName; nil: this computer's
	Patience time.Duration // for each check; 0: five seconds
}

// Checks serves our own page and fetches it the way a client would.
type Checks struct{ c ChecksConfig }

// NewChecks is ready at once.
func NewChecks(c ChecksConfig) *Checks {
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	return &Checks{c}
}

// A page begins with product, so that another Portico is known from another program.
const product = "portico-check "

// proof answers a nonce as only we can.
func (c *Checks) proof(nonce string) string {
	mac := hmac.New(sha256.New, c.c.Key)
	mac.Write([]byte(product + nonce))
	return product + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// nonceLength is that of 16 bytes in base64.
const nonceLength = 22

// Handler answers our own page and leaves the rest to next. It belongs in front of
// everything else on each listener: redirects and Host checks would hide it. It tells
// nothing about this installation and keeps nothing.
func (c *Checks) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce, ours := strings.CutPrefix(r.URL.Path, CheckPath)
		if !ours || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		nonce, socket := strings.CutSuffix(nonce, socketEnd)
		if raw, err := base64.RawURLEncoding.DecodeString(nonce); len(nonce) != nonceLength || err != nil || len(raw) != 16 {
			next.ServeHTTP(w, r)
			return
		}
		if socket {
			c.serveSocket(w, r, nonce)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-store") // a cache in between would prove nothing
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, c.proof(nonce))
	})
}

func (c *Checks) serveSocket(w http.ResponseWriter, r *http.Request, nonce string) {
	upgrader := websocket.Upgrader{ReadBufferSize: 128, WriteBufferSize: 128, HandshakeTimeout: c.c.Patience,
		CheckOrigin: func(*http.Request) bool { return true }} // it tells everybody the same
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	_ = conn.WriteMessage(websocket.TextMessage, []byte(c.proof(nonce)))
	_ = conn.Close()
}

func newCheckNonce() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func selfFinding(code Code, s Severity, t Target) Finding {
	address := t.Host
	if t.Address.IsValid() {
		address = t.Address.String()
	}
	return Finding{Code: code, Severity: s, Subject: address, Params: map[string]any{"way": string(t.Way), "address": address}}
}

// tlsConfig does not verify: which certificate is there is another question, and the
// page proves by itself that it is ours.
func tlsConfig(t Target) *tls.Config {
	return &tls.Config{ServerName: t.Host, InsecureSkipVerify: true} //nolint:gosec // see above
}

// dial connects to the target's address, whatever the name says.
func (c *Checks) dial(t Target) func(context.Context, string, string) (net.Conn, error) {
	dialer := net.Dialer{Resolver: c.c.Resolver}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if t.Address.IsValid() {
			address = t.Address.String()
		}
		return dialer.DialContext(ctx, network, address)
	}
}

func (t Target) url(secure, plain, path string) string {
	scheme, host := plain, t.Host
	if t.TLS {
		scheme = secure
	}
	if t.Host == "" {
		host = t.Address.String()
	}
	return (&url.URL{Scheme: scheme, Host: host, Path: path}).String()
}

// Fetch asks for our own page at a target and says who answered.
func (c *Checks) Fetch(ctx context.Context, t Target) Finding {
	ctx, cancel := context.WithTimeout(ctx, c.c.Patience)
	defer cancel()
	client := newClient("", c.c.Resolver, tlsConfig(t))
	client.Transport.(*http.Transport).DialContext = c.dial(t)
	defer client.CloseIdleConnections()
	nonce := newCheckNonce()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url("https", "http", CheckPath+nonce), nil)
	if err != nil {
		return unreachable(t, err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return notHeard(t, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil && len(body) == 0 {
		return unreachable(t, err)
	}
	return c.whoAnswered(t, answer, string(body), nonce)
}

// FetchAll asks at every target at once. Of what is found by the public address the
// answer at the port for https is the one that counts: once that is ours, what
// answers in clear is only told.
func (c *Checks) FetchAll(ctx context.Context, targets ...Target) []Finding {
	all := make([]Finding, len(targets))
	var asked sync.WaitGroup
	for i, t := range targets {
		asked.Go(func() { all[i] = c.Fetch(ctx, t) })
	}
	asked.Wait()
	enough := false
	for i, t := range targets {
		enough = enough || t.Way == Outside && t.TLS && all[i].Code == SelfReached
	}
	for i, t := range targets {
		if enough && t.Way == Outside && !t.TLS && all[i].Severity != Good {
			all[i].Severity = Tells
		}
	}
	return all
}

// stranger is how much it weighs that somebody else answers for us. By the public
// address many routers answer those behind them with a page of their own, and lead
// everybody else to us: whether the world gets in is for an order to show.
func stranger(t Target) Severity {
	if t.Way == Outside {
		return Warns
	}
	return Blocks
}

func (c *Checks) whoAnswered(t Target, answer *http.Response, body, nonce string) Finding {
	switch {
	case hmac.Equal([]byte(body), []byte(c.proof(nonce))):
		return selfFinding(SelfReached, Good, t)
	case answer.StatusCode == http.StatusOK && strings.HasPrefix(body, product):
		return selfFinding(SelfOtherHouse, Blocks, t)
	case !t.TLS && answer.StatusCode == http.StatusBadRequest && strings.Contains(strings.ToLower(body), "https"):
		return selfFinding(SelfTLSOnPlain, stranger(t), t) // so say Go, nginx and Apache to plain HTTP on a TLS port
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		f := selfFinding(SelfRedirected, stranger(t), t)
		f.Params["to"] = cut(answer.Header.Get("Location"))
		return f
	}
	f := selfFinding(SelfOtherPage, stranger(t), t)
	f.Params["status"], f.Params["server"], f.Params["title"] = answer.StatusCode, cut(answer.Header.Get("Server")), cut(title(body))
	return f
}

// title is what a page calls itself.
func title(page string) string {
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "title" && z.Next() == html.TextToken {
				return strings.TrimSpace(string(z.Text()))
			}
		}
	}
}

// notHeard: no HTTP came back.
func notHeard(t Target, err error) Finding {
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return selfFinding(SelfPlainOnTLS, stranger(t), t)
	case strings.Contains(err.Error(), "tls: "): // crypto/tls has no type for an alert of the other side
		f := selfFinding(SelfTLSFailed, stranger(t), t)
		f.Params["reason"] = cut(err.Error())
		return f
	case !t.TLS && strings.Contains(err.Error(), "malformed HTTP response"):
		return selfFinding(SelfTLSOnPlain, stranger(t), t)
	}
	return unreachable(t, err)
}

// unreachable: by the public address it says nothing about the outside, since many
// routers do not let those behind them back in.
func unreachable(t Target, err error) Finding {
	if t.Way == Outside {
		f := selfFinding(SelfHairpin, Tells, t)
		f.Remedies = []Remedy{{Cure: CureSplitDNS}}
		return f
	}
	f := selfFinding(SelfUnreachable, Blocks, t)
	f.Params["reason"] = reasonOf(err)
	return f
}

// Windows again has its own numbers.
const (
	wsaNetUnreachable  = syscall.Errno(10051)
	wsaRefused         = syscall.Errno(10061)
	wsaHostUnreachable = syscall.Errno(10065)
)

// reasonOf is why nobody was heard: dns, refused, timeout, no_route or broken.
func reasonOf(err error) string {
	var dns *net.DNSError
	var network net.Error
	is := func(codes ...error) bool {
		for _, code := range codes {
			if errors.Is(err, code) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.As(err, &dns):
		return "dns"
	case is(syscall.ECONNREFUSED, wsaRefused):
		return "refused"
	case is(syscall.ENETUNREACH, syscall.EHOSTUNREACH, wsaNetUnreachable, wsaHostUnreachable):
		return "no_route"
	case errors.As(err, &network) && network.Timeout(), is(context.DeadlineExceeded):
		return "timeout"
	}
	return "broken"
}

// Socket asks for our own page as a WebSocket. Ask Fetch first: that nobody answers
// at all is told by it.
func (c *Checks) Socket(ctx context.Context, t Target) Finding {
	ctx, cancel := context.WithTimeout(ctx, c.c.Patience)
	defer cancel()
	nonce := newCheckNonce()
	dialer := websocket.Dialer{NetDialContext: c.dial(t), TLSClientConfig: tlsConfig(t), HandshakeTimeout: c.c.Patience, ReadBufferSize: 128, WriteBufferSize: 128}
	conn, answer, err := dialer.DialContext(ctx, t.url("wss", "ws", CheckPath+nonce+socketEnd), nil)
	blocked := selfFinding(SocketBlocked, Blocks, t)
	blocked.Params["status"], blocked.Remedies = 0, []Remedy{{Cure: CureUpgradeHeader}}
	if answer != nil {
		blocked.Params["status"] = answer.StatusCode
	}
	if err != nil {
		return blocked
	}
	defer func() { _ = conn.Close() }()
	conn.SetReadLimit(1 << 10)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if _, said, err := conn.ReadMessage(); err != nil || !hmac.Equal(said, []byte(c.proof(nonce))) {
		return blocked // opened, and cut or answered by somebody else
	}
	return selfFinding(SocketReached, Good, t)
}

// SelfTargets are the places to look at for listeners of ours: by loopback (what a
// listener on all addresses has), by this machine's address in its network, and by
// the public address with the ports of the outside. Invalid addresses are left out.
func SelfTargets(host string, listen netip.AddrPort, secure bool, local, public netip.Addr, outer uint16) (all []Target) {
	add := func(way Way, addr netip.Addr, port uint16) {
		if addr.IsValid() && port != 0 {
			all = append(all, Target{Way: way, TLS: secure, Host: host, Address: netip.AddrPortFrom(addr, port)})
		}
	}
	at := listen.Addr().Unmap()
	switch {
	case at.IsUnspecified() && at.Is4():
		add(Loopback, netip.AddrFrom4([4]byte{127, 0, 0, 1}), listen.Port())
		add(LAN, local, listen.Port())
	case at.IsUnspecified():
		add(Loopback, netip.IPv6Loopback(), listen.Port())
		add(LAN, local, listen.Port())
	case at.IsLoopback():
		add(Loopback, at, listen.Port())
	default:
		add(LAN, at, listen.Port())
	}
	add(Outside, public, outer)
	return all
}
