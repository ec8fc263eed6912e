package certs

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"

	"portico/backend/kernel/secret"
)

// Update publishes records by dynamic update (RFC 2136), signed with a key that
// the zone's server knows (RFC 8945).
type Update struct {
	Server    string // host or host:port of the zone's primary server
	Zone      string // apex
	Key       string // name of the key
	Secret    secret.Secret
	Algorithm string // "" is hmac-sha256.
}

const (
	updateTime = 10 * time.Second
	recordTTL  = 60
	signFudge  = 300 // seconds that the clocks may differ (RFC 8945 §10)
)

// Publish adds the record.
func (u Update) Publish(ctx context.Context, r Record) error {
	return u.send(ctx, r, func(m *dns.Msg, rr []dns.RR) { m.Insert(rr) })
}

// Withdraw takes the record out, and no other at the same name.
func (u Update) Withdraw(ctx context.Context, r Record) error {
	return u.send(ctx, r, func(m *dns.Msg, rr []dns.RR) { m.Remove(rr) })
}

func (u Update) send(ctx context.Context, r Record, change func(*dns.Msg, []dns.RR)) error {
	m := new(dns.Msg)
	m.SetUpdate(dns.Fqdn(u.Zone))
	change(m, []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: dns.Fqdn(r.Name), Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: recordTTL}, Txt: []string{r.Value}}})
	algorithm := dns.HmacSHA256
	if u.Algorithm != "" {
		algorithm = dns.Fqdn(strings.ToLower(u.Algorithm))
	}
	key := dns.Fqdn(strings.ToLower(u.Key))
	m.SetTsig(key, algorithm, signFudge, 0) // 0: the library takes the time when it signs
	server := u.Server
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(server, "53")
	}
	client := dns.Client{Net: "tcp", Timeout: updateTime, TsigSecret: map[string]string{key: u.Secret.Reveal()}}
	answer, _, err := client.ExchangeContext(ctx, m, server)
	if err != nil {
		return fmt.Errorf("updating the zone %s at %s: %w", u.Zone, server, err)
	}
	if answer.Rcode != dns.RcodeSuccess {
		return fmt.Errorf("updating the zone %s at %s: %s", u.Zone, server, dns.RcodeToString[answer.Rcode])
	}
	return nil
}
