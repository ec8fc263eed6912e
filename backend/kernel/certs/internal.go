package certs

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/caddyserver/certmagic"

	"portico/backend/kernel/secret"
)

// internal is the authority of this installation. Its root is kept in the store,
// so that people in the house may trust it and all nodes have the same; the
// certificate it signs lives in memory.
type internal struct {
	served atomic.Pointer[tls.Certificate]

	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

const (
	internalRoot = "portico/internal/root.crt"
	internalKey  = "portico/internal/root.key"
	rootLife     = 10 * 365 * 24 * time.Hour
	leafLife     = 397 * 24 * time.Hour // browsers believe no longer ones
	backdated    = time.Hour            // for clocks that are behind
)

// open loads the root, or makes one.
func (i *internal) open(ctx context.Context, s *Storage, now time.Time) (err error) {
	const lock = "portico_internal"
	if i.root, i.key, err = loadRoot(ctx, s, now); err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, secret.ErrSealed) && !errors.Is(err, errRoot) {
		return fmt.Errorf("the internal authority: %w", err)
	}
	if err := s.Lock(ctx, lock); err != nil {
		return fmt.Errorf("the internal authority: %w", err)
	}
	defer func() { err = errors.Join(err, s.Unlock(context.WithoutCancel(ctx), lock)) }()
	if i.root, i.key, err = loadRoot(ctx, s, now); err == nil {
		return nil // another node was faster
	}
	return i.create(ctx, s, now)
}

// errRoot says that the stored root is none, or ends soon.
var errRoot = errors.New("certs: the internal root is of no use")

func loadRoot(ctx context.Context, s *Storage, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certPEM, err := s.Load(ctx, internalRoot)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err := s.Load(ctx, internalKey)
	if err != nil {
		return nil, nil, err
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, nil, errors.Join(errRoot, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || now.Add(leafLife).After(pair.Leaf.NotAfter) {
		return nil, nil, errRoot
	}
	return pair.Leaf, key, nil
}

func (i *internal) create(ctx context.Context, s *Storage, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Portico (this installation)"},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(rootLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("making the internal root: %w", err)
	}
	keyPEM, err := certmagic.PEMEncodePrivateKey(key)
	if err != nil {
		return fmt.Errorf("making the internal root: %w", err)
	}
	if err := s.Store(ctx, internalKey, keyPEM); err != nil {
		return err
	}
	if err := s.Store(ctx, internalRoot, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})); err != nil {
		return err
	}
	i.key = key
	i.root, err = x509.ParseCertificate(der)
	return err
}

// mint signs a certificate for the hosts and this computer. Managed names are not
// in it: whoever scans addresses would read off whose portal it is.
func (i *internal) mint(hosts []string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Portico"},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range append([]string{"localhost", "127.0.0.1", "::1"}, hosts...) {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if !slices.Contains(template.DNSNames, host) {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.root, &key.PublicKey, i.key)
	if err != nil {
		return fmt.Errorf("making the internal certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("making the internal certificate: %w", err)
	}
	i.served.Store(&tls.Certificate{Certificate: [][]byte{der, i.root.Raw}, PrivateKey: key, Leaf: leaf})
	return nil
}

// ending reports that the internal certificate should be made anew.
func (i *internal) ending(now time.Time) bool {
	leaf := i.served.Load().Leaf
	return now.Add(leafLife/4).After(leaf.NotAfter) || now.Before(leaf.NotBefore)
}

// serial is random, as it should be.
func serial() *big.Int {
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // never fails (crypto/rand)
	return n
}

func (m *Manager) managedNames() []string {
	var names []string
	for name := range *m.served.Load() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
