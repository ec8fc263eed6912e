package app

import (
	"context"
	"crypto/x509"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"portico/backend"
	"portico/backend/kernel/reach"
)

// domainFlags say whom the portal's own address may ask, for companies with a
// certificate authority, DNS or address service of their own.
type domainFlags struct {
	directory, staging, roots string
	router                    string
	resolvers, lookups        []string
	dnsPort                   uint16
}

func (d *domainFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&d.directory, "acme-dir", "", "get certificates from this authority: the `address` of its ACME directory (default: Let's Encrypt)")
	flags.StringVar(&d.staging, "acme-staging-dir", "", "rehearse orders at this `address` first (default: Let's Encrypt's rehearsal area, or none with --acme-dir)")
	flags.StringVar(&d.roots, "acme-ca", "", "trust the certificates in this PEM `file` when talking to the authority")
	flags.StringSliceVar(&d.resolvers, "resolver", nil, "ask this DNS `server` (address or address:port) instead of this computer's and the public ones; can be repeated")
	flags.StringSliceVar(&d.lookups, "address-lookup", nil, "ask this `service` for the public address: stun:host:port, an https address, or off; can be repeated")
	flags.StringVar(&d.router, "router", "", "ask the router at this `address` to let clients in, instead of this computer's own; off asks none")
	flags.Uint16Var(&d.dnsPort, "dns-port", 53, "the `port` on which zones' name servers answer, in networks of their own")
}

// config checks the flags.
func (d domainFlags) config() (backend.DomainConfig, error) {
	c := backend.DomainConfig{Directory: d.directory, Staging: d.staging, DNSPort: d.dnsPort}
	for flag, text := range map[string]string{"acme-dir": d.directory, "acme-staging-dir": d.staging} {
		if u, err := url.Parse(text); text != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			return c, usage("--%s takes an address that begins with https://, not %q.", flag, text)
		}
	}
	if d.roots != "" {
		pem, err := os.ReadFile(d.roots)
		if err != nil {
			return c, usage("--acme-ca: the file %s cannot be read: %s.", d.roots, reason(err))
		}
		if c.Roots = x509.NewCertPool(); !c.Roots.AppendCertsFromPEM(pem) {
			return c, usage("--acme-ca: %s holds no certificate in PEM form.", d.roots)
		}
	}
	for _, text := range d.resolvers {
		at, err := netip.ParseAddrPort(text)
		if err != nil {
			ip, bare := netip.ParseAddr(text)
			if bare != nil {
				return c, usage("--resolver takes the address of a DNS server, such as 10.0.0.53 or 10.0.0.53:5353, not %q.", text)
			}
			at = netip.AddrPortFrom(ip, 53)
		}
		c.Resolvers = append(c.Resolvers, at)
	}
	for _, text := range d.lookups {
		if text == "off" {
			if len(d.lookups) > 1 {
				return c, usage("--address-lookup off stands alone.")
			}
			c.Sources = []string{}
			break
		}
		if err := checkLookup(text); err != nil {
			return c, err
		}
		c.Sources = append(c.Sources, text)
	}
	return c, d.routed(&c)
}

// routed says which router is asked.
func (d domainFlags) routed(c *backend.DomainConfig) error {
	switch d.router {
	case "":
		return nil
	case "off":
		c.Routerless = true
		return nil
	}
	at, err := netip.ParseAddr(d.router)
	if err != nil || !at.Is4() {
		return usage("--router takes the IPv4 address of a router, such as 192.168.1.1, or off, not %q.", d.router)
	}
	c.Gateways = func(context.Context) ([]reach.Gateway, error) { return []reach.Gateway{reach.GatewayAt(at)}, nil }
	return nil
}

// checkLookup admits what tells an address to nobody in between: STUN, https, and
// http within this computer.
func checkLookup(text string) error {
	if server, ok := strings.CutPrefix(text, "stun:"); ok {
		_, _, err := splitAddress("address-lookup", server)
		return err
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && hostReach(u.Hostname()) == reachHere) {
		return usage("--address-lookup takes stun:host:port, an address that begins with https://, or off, not %q.", text)
	}
	return nil
}
