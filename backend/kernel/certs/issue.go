package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"
	"go.uber.org/zap"

	"portico/backend/kernel/db"
	"portico/backend/kernel/secret"
)

const (
	// attemptTime bounds an attempt that needs no person, and dnsTime one that waits
	// for a person to publish a record: about as long as authorities keep an order.
	attemptTime = 10 * time.Minute
	dnsTime     = 6 * 24 * time.Hour
	// aboutTime bounds the question what the authority tells of itself.
	aboutTime = 10 * time.Second
	// never is the interval of certmagic's own maintenance, which must not run.
	never = 100 * 365 * 24 * time.Hour
)

// orderer says through which issuer an order goes. Each has one challenge, so that
// a failed one is not followed by a second order nobody counted.
type orderer struct {
	directory string
	challenge Challenge // "": answers challenges only
	email     string
	name      string // DNS-01 only
	ports     [2]int
	// plain: an order does not say which certificate it replaces.
	plain bool
}

// authority is certmagic set up for one orderer.
type authority struct {
	config *certmagic.Config
	issuer *certmagic.ACMEIssuer
}

// newCache makes certmagic's memory of certificates. Its own maintenance never
// runs: what is due is decided in one place only, ours.
func (m *Manager) newCache() *certmagic.Cache {
	return certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert:   func(certmagic.Certificate) (*certmagic.Config, error) { return m.production.config, nil },
		RenewCheckInterval: never, OCSPCheckInterval: never,
		Logger: zap.NewNop(),
	})
}

// newAuthority sets certmagic up. All share the one cache and the one storage.
func (m *Manager) newAuthority(o orderer) *authority {
	a := &authority{}
	a.config = certmagic.New(m.cache, certmagic.Config{
		Storage: m.storage, OnEvent: onEvent,
		ShouldEmitFunc: func(event string) bool { return event != "tls_get_certificate" },
		OCSP:           certmagic.OCSPConfig{DisableStapling: true},
		DisableARI:     o.plain,
		Issuers:        []certmagic.Issuer{}, // none of certmagic's defaults
		Logger:         zap.New(m.tee),
	})
	template := certmagic.ACMEIssuer{
		CA: o.directory, Email: o.email, Agreed: true, TrustedRoots: m.config.Roots, Profile: m.config.Profile,
		AltHTTPPort: o.ports[0], AltTLSALPNPort: o.ports[1],
		DisableHTTPChallenge:    o.challenge != "" && o.challenge != HTTP01,
		DisableTLSALPNChallenge: o.challenge != "" && o.challenge != TLSALPN01,
		NewAccountFunc:          m.keepAccountKey,
		Logger:                  zap.New(m.tee.to(o.directory)),
	}
	if o.challenge == DNS01 {
		template.DNS01Solver = &dnsSolver{manager: m, name: o.name}
	}
	a.issuer = certmagic.NewACMEIssuer(a.config, template)
	a.config.Issuers = []certmagic.Issuer{a.issuer}
	return a
}

// authorityFor finds or makes the authority for an order. They are kept because
// each has connections of its own.
func (m *Manager) authorityFor(ctx context.Context, directory, name string, c Challenge, plain bool) *authority {
	email := strings.ToLower(strings.TrimSpace(m.config.Email(ctx)))
	m.mu.Lock()
	defer m.mu.Unlock()
	o := orderer{directory: directory, challenge: c, email: email, ports: m.ports, plain: plain}
	if c == DNS01 {
		o.name = name
	}
	a := m.orderers[o]
	if a == nil {
		a = m.newAuthority(o)
		m.orderers[o] = a
	}
	return a
}

// keepAccountKey keeps the key of an account before it is registered: whoever
// registers the same key again, after a crash in between or at an authority that
// forgot, gets the same account.
func (m *Manager) keepAccountKey(ctx context.Context, iss *certmagic.ACMEIssuer, account acme.Account) (acme.Account, error) {
	contact := "default"
	if len(account.Contact) > 0 {
		contact = account.Contact[0]
	}
	key := path.Join("portico/accounts", certmagic.StorageKeys.Safe(iss.IssuerKey()), certmagic.StorageKeys.Safe(contact)+".key")
	kept, err := m.storage.Load(ctx, key)
	if err == nil {
		account.PrivateKey, err = certmagic.PEMDecodePrivateKey(kept)
		return account, err
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, secret.ErrSealed) {
		return account, err
	}
	fresh, err := certmagic.PEMEncodePrivateKey(account.PrivateKey)
	if err != nil {
		return account, err
	}
	return account, m.storage.Store(ctx, key, fresh)
}

// run is one try within certmagic, which reports to it through the context.
type run struct {
	cancel context.CancelFunc
	tries  int
	err    error
}

type runKey struct{}

// onEvent lets certmagic order only when we told it to, and only once: its own
// retry would begin a minute later, whatever the authority said.
func onEvent(ctx context.Context, event string, data map[string]any) error {
	r, ours := ctx.Value(runKey{}).(*run)
	switch event {
	case "cert_obtaining":
		if !ours || r.tries > 0 {
			return certmagic.ErrNoRetry{Err: errors.New("only Portico's own schedule orders certificates")}
		}
		r.tries++
	case "cert_failed":
		if err, ok := data["error"].(error); ours && ok {
			r.err = err
			r.cancel()
		}
	}
	return nil
}

// patience is how long an attempt may take.
func (m *Manager) patience(name string) time.Duration {
	if m.dnsOf(name).byHand() {
		return dnsTime
	}
	return attemptTime
}

// try makes one order with one challenge and loads what came of it.
func (m *Manager) try(ctx context.Context, n *managed, c Challenge, t task, replaces bool) error {
	bounded, cancel := context.WithTimeout(ctx, m.patience(n.name))
	defer cancel()
	r := &run{cancel: cancel}
	a := m.authorityFor(ctx, m.config.Directory, n.name, c, !replaces)
	inside := context.WithValue(bounded, runKey{}, r)
	var err error
	if t == renew {
		err = a.config.RenewCertAsync(inside, n.name, true)
	} else {
		err = a.config.ObtainCertAsync(inside, n.name)
	}
	if r.err != nil {
		err = r.err
	}
	if err == nil && r.tries == 0 {
		return m.load(ctx, n, false) // another node had it
	}
	if err != nil {
		return err
	}
	if err := m.load(ctx, n, true); err != nil {
		return fmt.Errorf("saving assets: %w", err)
	}
	return nil
}

// load serves the newest stored certificate of a name, and notes its dates. One
// that cannot be read is removed, so that it is ordered anew. fresh says that it
// has just been stored.
func (m *Manager) load(ctx context.Context, n *managed, fresh bool) error {
	n.loading.Lock()
	defer n.loading.Unlock()
	site := certmagic.StorageKeys.CertsSitePrefix(m.production.issuer.IssuerKey(), n.name)
	info, err := m.storage.Stat(ctx, certmagic.StorageKeys.SiteCert(m.production.issuer.IssuerKey(), n.name))
	if errors.Is(err, fs.ErrNotExist) {
		return m.unload(ctx, n)
	}
	if err != nil || !fresh && info.Modified.Equal(n.modified) {
		return err
	}
	cert, err := m.production.config.CacheManagedCertificate(ctx, n.name)
	if errors.Is(err, fs.ErrNotExist) {
		return m.unload(ctx, n) // a part of it is missing: the process died while keeping it
	}
	if err != nil {
		return m.damaged(ctx, n, site, err)
	}
	old := n.hash
	n.hash, n.modified = cert.Hash(), info.Modified
	if old != "" && old != n.hash {
		m.cache.Remove([]string{old}) // only now: handshakes always find one
	}
	return m.noteCertificate(ctx, n.name, cert)
}

// noteCertificate keeps the dates of the certificate that is served.
func (m *Manager) noteCertificate(ctx context.Context, name string, cert certmagic.Certificate) error {
	mo, err := m.memo(ctx, m.config.DB.Read(), name)
	if err != nil || mo.Hash == cert.Hash() {
		return err
	}
	return m.change(ctx, name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		if mo.Hash == cert.Hash() {
			return nil, nil
		}
		mo.Hash, mo.NotBefore, mo.NotAfter = cert.Hash(), cert.Leaf.NotBefore.UTC(), cert.Leaf.NotAfter.UTC()
		mo.Wish, mo.Alarms = wish{}, 0
		return []Entry{{Kind: KindIssued, Until: mo.NotAfter}}, nil
	})
}

// unload forgets a certificate that is in the store no more.
func (m *Manager) unload(ctx context.Context, n *managed) error {
	if n.hash != "" {
		m.cache.Remove([]string{n.hash})
		n.hash, n.modified = "", time.Time{}
	}
	mo, err := m.memo(ctx, m.config.DB.Read(), n.name)
	if err != nil || mo.Hash == "" {
		return err
	}
	return m.change(ctx, n.name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		mo.Hash, mo.NotBefore, mo.NotAfter, mo.Wish, mo.Alarms = "", time.Time{}, time.Time{}, wish{}, 0
		return nil, nil
	})
}

// damaged removes a stored certificate whose parts can be loaded, or can never be
// opened again, and still make none. A store that does not answer is another matter.
func (m *Manager) damaged(ctx context.Context, n *managed, site string, cause error) error {
	keys, err := m.storage.List(ctx, site, true)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := m.storage.Load(ctx, key); err != nil && !errors.Is(err, secret.ErrSealed) {
			return err
		}
	}
	if err := m.storage.Delete(ctx, site); err != nil {
		return err
	}
	if err := m.change(ctx, n.name, func(*db.Tx, *memo) ([]Entry, error) {
		return []Entry{{Kind: KindDamaged, Text: scrub(cause.Error())}}, nil
	}); err != nil {
		return err
	}
	return m.unload(ctx, n)
}

// loaded is the certificate that is served for a name.
func (m *Manager) loaded(name string) (certmagic.Certificate, bool) {
	certs := m.cache.AllMatchingCertificates(name)
	if len(certs) == 0 {
		return certmagic.Certificate{}, false
	}
	return certs[len(certs)-1], true
}

// ask finds out when the authority wants a certificate to be renewed.
func (m *Manager) ask(ctx context.Context, n *managed) error {
	cert, ok := m.loaded(n.name)
	if !ok {
		return nil
	}
	now := m.config.Clock.Now()
	bounded, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	info, err := m.production.issuer.GetRenewalInfo(bounded, cert)
	return m.change(ctx, n.name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		mo.Wish.Ask = now.Add(askAgain)
		if err != nil {
			return nil, nil // offered by few authorities; the certificate's own dates rule
		}
		if info.RetryAfter != nil && info.RetryAfter.After(now) && info.RetryAfter.Before(now.Add(7*24*time.Hour)) {
			mo.Wish.Ask = info.RetryAfter.UTC()
		}
		if !mo.Wish.Start.Equal(info.SuggestedWindow.Start) || !mo.Wish.End.Equal(info.SuggestedWindow.End) {
			mo.Wish.Start, mo.Wish.End, mo.Wish.Selected = info.SuggestedWindow.Start.UTC(), info.SuggestedWindow.End.UTC(), info.SelectedTime.UTC()
		}
		return nil, nil
	})
}

// askAgain is how long to wait when the authority does not say.
const askAgain = 6 * time.Hour

// About is what an authority tells of itself (RFC 8555, 9.7.6).
type About struct {
	Directory string   `json:"directory"`
	Terms     string   `json:"terms"`   // address of its terms of service, to which whoever lets a name be ordered agrees; "" for none
	Issuers   []string `json:"issuers"` // names by which CAA records know it
}

// About asks the authority. The error says that it does not answer, or not so that
// it could be understood.
func (m *Manager) About(ctx context.Context) (About, error) {
	ctx, cancel := context.WithTimeout(ctx, aboutTime)
	defer cancel()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: m.config.Roots}
	defer transport.CloseIdleConnections()
	about := About{Directory: m.config.Directory}
	authority := acme.Client{Directory: m.config.Directory, HTTPClient: &http.Client{Transport: transport}}
	said, err := authority.GetDirectory(ctx)
	if err != nil {
		return about, fmt.Errorf("asking the authority about itself: %w", err)
	}
	if said.Meta != nil {
		about.Terms, about.Issuers = said.Meta.TermsOfService, said.Meta.CAAIdentities
	}
	return about, nil
}
