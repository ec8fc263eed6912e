package certs

import (
	"crypto/tls"
	"net/http"
	"strings"

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

// proof answers an authority that checks TLS-ALPN-01. The internal certificate
// would prove nothing: without a challenge the handshake fails.
func (m *Manager) proof(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	cert, err := m.production.config.GetCertificate(hello)
	if err != nil && m.staging != nil {
		return m.staging.config.GetCertificate(hello)
	}
	return cert, err
}

// HTTPChallenge answers authorities that check HTTP-01, on every node, and passes
// everything else on. It belongs around the handler of port 80.
func (m *Manager) HTTPChallenge(next http.Handler) http.Handler {
	if m.staging != nil {
		next = m.staging.issuer.HTTPChallengeHandler(next)
	}
	return m.production.issuer.HTTPChallengeHandler(next)
}
