package certs

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3"
)

// TLSConfig is for the public listener: HTTP/2 and HTTP/1.1, Go's defaults from
// TLS 1.2 on. A managed name gets its certificate; every other one, and a name
// that has none yet, the internal one. Nothing is ever ordered by a handshake.
func (m *Manager) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: m.certificate,
		NextProtos:     []string{"h2", "http/1.1", acmez.ACMETLS1Protocol},
	}
}

// certificate chooses for one handshake.
func (m *Manager) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acmez.ACMETLS1Protocol {
		return m.proof(hello)
	}
	if (*m.served.Load())[strings.ToLower(hello.ServerName)] {
		if cert, err := m.production.config.GetCertificate(hello); err == nil {
			return cert, nil
		}
	}
	return m.internal.served.Load(), nil
}

// errNoProof ends a handshake that checks a challenge nobody began.
var errNoProof = errors.New("certs: no such challenge is running")

// proof answers an authority that checks TLS-ALPN-01. The internal certificate
// would prove nothing: without a challenge the handshake fails. It fails before
// certmagic hears of it, whose log anybody could fill otherwise.
func (m *Manager) proof(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if !m.proving(hello.ServerName, TLSALPN01) {
		return nil, errNoProof
	}
	cert, err := m.production.config.GetCertificate(hello)
	if err != nil && m.staging != nil {
		return m.staging.config.GetCertificate(hello)
	}
	return cert, err
}

// proving reports whether such a challenge for the name may be running: one of
// this process, or of another node for a name that all of them manage. Only the
// latter is to be looked up in the store.
func (m *Manager) proving(name string, c Challenge) bool {
	if running, ok := certmagic.GetACMEChallenge(name); ok {
		return running.Type == string(c)
	}
	return !m.config.Alone && (*m.served.Load())[name]
}

// HTTPChallenge answers authorities that check HTTP-01, on every node, and passes
// everything else on; what is asked of other names never comes to the store. It
// belongs around the handler of port 80.
func (m *Manager) HTTPChallenge(next http.Handler) http.Handler {
	answer := next
	if m.staging != nil {
		answer = m.staging.issuer.HTTPChallengeHandler(answer)
	}
	answer = m.production.issuer.HTTPChallengeHandler(answer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if m.proving(host, HTTP01) {
			answer.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
