package mail

import (
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Security is how a connection is protected.
type Security string

// The ways of protection. SecurityNone never sends a password, and only talks
// to loopback, private (RFC 1918, RFC 4193), link-local and shared (RFC 6598)
// addresses: mails carry sign-in links, which must not cross the internet in
// the clear.
const (
	SecurityTLS      Security = "tls"      // TLS from the first byte, usually port 465 (RFC 8314)
	SecurityStartTLS Security = "starttls" // STARTTLS, required: without it nothing is sent; usually port 587
	SecurityNone     Security = "none"     // a relay in the own network, no login
)

const (
	defaultTimeout = 60 * time.Second
	connectTimeout = 20 * time.Second // a server that takes longer to accept is not there
	// maxCredential keeps a login within one command line of the library.
	maxCredential = 1024
)

// Password is a secret that prints, logs and marshals as "…". Convert it with
// string(p) where it is really needed, which is one place in this package.
type Password string

// Format answers every verb of fmt, %d and %#v too.
func (Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "…") }

// String hides the secret.
func (Password) String() string { return "…" }

// GoString hides the secret from %#v.
func (Password) GoString() string { return `"…"` }

// MarshalText hides the secret from JSON and from slog's handlers.
func (Password) MarshalText() ([]byte, error) { return []byte("…"), nil }

// Account is a mail account to send with.
type Account struct {
	Host        string         // name or IP address of the server, no port
	Port        int            // 1–65535
	Security    Security       // see the constants
	Username    string         // "" for a server that needs no login
	Password    Password       // set exactly when Username is
	FromName    string         // shown name of the sender; may be empty
	FromAddress string         // bare address of the sender
	HeloName    string         // full name for EHLO; "" takes the domain of FromAddress
	RootCAs     *x509.CertPool // trusted issuers; nil takes the computer's own
	Timeout     time.Duration  // for each command and its reply; 0 is 60 s. Connecting takes at most 20 s of it
}

// Validate reports the first bad entry as a *Problem of class Invalid (or
// InsecureRefused for a password without encryption) whose Field names it and
// whose Meaning is its own sentence. It does not touch the network.
func (a Account) Validate() error {
	if _, p := a.ready(); p != nil {
		return p
	}
	return nil
}

// ready returns the account with names in their wire form and defaults set.
func (a Account) ready() (Account, *Problem) {
	var p *Problem
	if a.Host, p = checkHost(a.Host); p != nil {
		return a, p
	}
	if a.Port < 1 || a.Port > 65535 {
		return a, invalid("port", "mail.port_range")
	}
	if p := a.checkLogin(); p != nil {
		return a, p
	}
	if a.FromAddress, p = (Address{Name: a.FromName, Addr: a.FromAddress}).check("from"); p != nil {
		return a, p
	}
	domain := a.FromAddress[strings.LastIndexByte(a.FromAddress, '@')+1:]
	if !strings.Contains(domain, ".") {
		return a, invalid("from", "mail.from_incomplete")
	}
	if a.HeloName == "" {
		a.HeloName = domain
	}
	// "localhost" makes exim stall for five seconds on some connections, and
	// others refuse it outright.
	name, ok := asciiDomain(a.HeloName)
	if !ok || !strings.Contains(name, ".") {
		return a, invalid("helo_name", "mail.hello_invalid")
	}
	a.HeloName = name
	if a.Timeout < 0 {
		return a, invalid("timeout", "mail.timeout_range")
	}
	if a.Timeout == 0 {
		a.Timeout = defaultTimeout
	}
	return a, nil
}

func checkHost(host string) (string, *Problem) {
	if strings.TrimSpace(host) == "" {
		return "", invalid("host", "mail.host_missing")
	}
	if net.ParseIP(host) != nil {
		return host, nil
	}
	if strings.ContainsAny(host, ":/@ ") {
		return "", invalid("host", "mail.host_not_name")
	}
	name, ok := asciiDomain(host)
	if !ok {
		return "", invalid("host", "mail.host_invalid")
	}
	return name, nil
}

// checkLogin: both or neither, nothing invisible (a NUL would split the fields
// of AUTH PLAIN, RFC 4616), and never without encryption.
func (a Account) checkLogin() *Problem {
	switch a.Security {
	case SecurityTLS, SecurityStartTLS:
	case SecurityNone:
		if a.Username != "" || a.Password != "" {
			p := invalid("security", "mail.password_in_clear")
			p.Class = InsecureRefused
			return p
		}
	default:
		return invalid("security", "mail.security_unknown")
	}
	for _, entry := range []struct{ field, value string }{{"username", a.Username}, {"password", string(a.Password)}} {
		if len(entry.value) > maxCredential {
			return invalid(entry.field, "mail.credentials_long")
		}
		if oneLine(entry.value) != "" {
			return invalid(entry.field, "mail.credentials_control")
		}
	}
	if a.Username == "" && a.Password != "" {
		return invalid("username", "mail.username_missing")
	}
	if a.Username != "" && a.Password == "" {
		return invalid("password", "mail.password_missing")
	}
	return nil
}

// isLocal: may mail travel to this address without encryption?
func isLocal(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return false
	}
	ip := tcp.IP
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || sharedSpace.Contains(ip)
}

// sharedSpace is RFC 6598, where overlay networks such as Tailscale live.
var sharedSpace = net.IPNet{IP: net.IPv4(100, 64, 0, 0).To4(), Mask: net.CIDRMask(10, 32)}
