package certs_test

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
)

// BenchmarkHandshake compares full handshakes through the manager, for a name with
// a certificate and for a stranger, with those of bare crypto/tls with the same
// certificate. One that does not resume is the worst case.
func BenchmarkHandshake(b *testing.B) {
	r := newRig(b, nil)
	m := r.start(r.name)
	r.active(r.name)
	managed := m.TLSConfig()
	cert, err := managed.GetCertificate(&tls.ClientHelloInfo{ServerName: r.name, SupportedProtos: []string{"h2"}})
	if err != nil {
		b.Fatal(err)
	}
	bare := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*cert}, NextProtos: managed.NextProtos}
	for _, c := range []struct {
		name   string
		server *tls.Config
		sni    string
	}{{"bare", bare, r.name}, {"managed", managed, r.name}, {"stranger", managed, "stranger.test"}} {
		b.Run(c.name, func(b *testing.B) {
			client := &tls.Config{ServerName: c.sni, InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}} //nolint:gosec // only the cost matters
			b.ReportAllocs()
			for b.Loop() {
				shake(b, client, c.server)
			}
		})
	}
	b.Run("choosing", func(b *testing.B) {
		hello := &tls.ClientHelloInfo{ServerName: r.name, SupportedProtos: []string{"h2", "http/1.1"}}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := managed.GetCertificate(hello); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func shake(b *testing.B, client, server *tls.Config) {
	b.Helper()
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- tls.Server(far, server).HandshakeContext(context.Background()) }()
	if err := tls.Client(near, client).HandshakeContext(context.Background()); err != nil {
		b.Fatal(err)
	}
	_ = near.Close() // tickets are written after the handshake, to nobody
	_ = far.Close()
	<-done
}
