package zone

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"portico/backend/kernel/fault"
)

// Updater keeps the address of a name right where the address changes. A fault
// of kind Unavailable may be tried again later; any other needs a person first,
// and trying again may get an account locked.
type Updater interface {
	// Update makes name lead to these addresses and to no others; at least one.
	Update(ctx context.Context, name Name, addresses []netip.Addr) error
}

// Dynamic is a zone that takes signed updates (RFC 2136, RFC 8945).
type Dynamic struct {
	Server    string // the name or address of the server that takes them, with :port if it is not Config.Port
	Zone      string // "": found out
	Key       string // the key's name
	Algorithm string // "": hmac-sha256; see Algorithms
	Secret    string // in base64, as providers show it
}

// Algorithms are the ways to sign that are known, the usual one first. MD5 is
// none of them.
func Algorithms() []string {
	return []string{"hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1"}
}

// updateTTL is short because whoever updates by himself does so often.
const updateTTL = 60

var noAddress = fault.New(fault.Unavailable, "zone.update_no_address", "The public address of this computer is not known yet, so nothing was changed. Portico tries again when it is.")

// Signed is an Updater that signs what it sends. It also sets the TXT records of
// DNS-01.
type Signed struct {
	client *Client
	to     Dynamic
}

// Signed checks the entries and makes the updater; nothing is sent yet.
func (c *Client) Signed(d Dynamic) (*Signed, error) {
	d.Server, d.Secret = strings.TrimSpace(d.Server), strings.Join(strings.Fields(d.Secret), "")
	d.Algorithm = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(d.Algorithm)), ".")
	if d.Algorithm == "" {
		d.Algorithm = Algorithms()[0]
	}
	d.Key, d.Zone = dns.CanonicalName(strings.TrimSpace(d.Key)), strings.TrimSpace(d.Zone)
	raw, err := base64.StdEncoding.DecodeString(d.Secret)
	switch _, validName := dns.IsDomainName(d.Key); {
	case d.Server == "":
		return nil, fault.New(fault.Invalid, "zone.update_server_missing", "Enter the name server that takes the updates, such as ns1.yourprovider.com.")
	case d.Key == "." || !validName:
		return nil, fault.New(fault.Invalid, "zone.update_key_missing", "Enter the name of the key as your DNS provider shows it.")
	case err != nil || len(raw) == 0:
		return nil, fault.New(fault.Invalid, "zone.update_secret", "The secret of the key is not complete. Copy it whole; it is made of letters, digits, + and /, and often ends in =.")
	case !slices.Contains(Algorithms(), d.Algorithm):
		return nil, fault.New(fault.Invalid, "zone.update_algorithm", "Portico does not know this way of signing. Choose one of {algorithms}.", "algorithms", list(Algorithms()))
	}
	return &Signed{client: c, to: d}, nil
}

// Update replaces the A and AAAA records of name.
func (u *Signed) Update(ctx context.Context, name Name, addresses []netip.Addr) error {
	if len(addresses) == 0 {
		return noAddress
	}
	owner := dns.Fqdn(string(name))
	var records []dns.RR
	for _, ip := range addresses {
		ip = ip.Unmap()
		h := dns.RR_Header{Name: owner, Rrtype: dns.TypeAAAA, Class: dns.ClassINET, Ttl: updateTTL}
		if ip.Is4() {
			h.Rrtype = dns.TypeA
			records = append(records, &dns.A{Hdr: h, A: ip.AsSlice()})
		} else {
			records = append(records, &dns.AAAA{Hdr: h, AAAA: ip.AsSlice()})
		}
	}
	return u.send(ctx, string(name), func(m *dns.Msg) {
		m.RemoveRRset([]dns.RR{&dns.A{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeA}}, &dns.AAAA{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeAAAA}}})
		m.Insert(records)
	})
}

// AddTXT adds a value beside those that stand at name, which may be any name of
// the zone, such as _acme-challenge.portal.shop.com.
func (u *Signed) AddTXT(ctx context.Context, name, value string) error {
	return u.send(ctx, name, func(m *dns.Msg) { m.Insert([]dns.RR{textRecord(name, value)}) })
}

// RemoveTXT takes one value away; that it is gone already is fine.
func (u *Signed) RemoveTXT(ctx context.Context, name, value string) error {
	return u.send(ctx, name, func(m *dns.Msg) { m.Remove([]dns.RR{textRecord(name, value)}) })
}

func textRecord(name, value string) dns.RR {
	return &dns.TXT{Hdr: dns.RR_Header{Name: dns.Fqdn(name), Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: updateTTL}, Txt: []string{value}}
}

// send makes the message, signs it and judges the reply.
func (u *Signed) send(ctx context.Context, name string, fill func(*dns.Msg)) error {
	ctx, cancel := context.WithTimeout(ctx, 5*u.client.config.Patience)
	defer cancel()
	apex := strings.TrimSuffix(u.to.Zone, ".")
	if apex == "" {
		if apex = u.client.lookups().locate(ctx, name).apex; apex == "" {
			return fault.New(fault.Unavailable, "zone.update_no_zone", "The zone of {name} was not found, so nothing was changed. Check the name, and whether this computer is online.", "name", name)
		}
	}
	server, err := u.server(ctx)
	if err != nil {
		return err
	}
	m := new(dns.Msg).SetUpdate(dns.Fqdn(apex))
	fill(m)
	reply, err := u.exchange(ctx, "udp", server, m)
	if err == nil && reply.Truncated {
		reply, err = u.exchange(ctx, "tcp", server, m)
	}
	if reply == nil {
		return fault.New(fault.Unavailable, "zone.update_silent", "The name server {server} does not answer, so nothing was changed. Portico tries again; if it stays like this, check the server's name and whether this network lets questions to port {port} out.",
			"server", u.to.Server, "port", int(server.Port())).Because(err)
	}
	return u.verdict(reply, err, apex, name)
}

// server is where the updates go, found by its name without the system's help.
func (u *Signed) server(ctx context.Context) (netip.AddrPort, error) {
	host, port := u.to.Server, u.client.config.Port
	if h, p, err := net.SplitHostPort(host); err == nil {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil && n > 0 {
			host, port = h, uint16(n)
		}
	}
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return netip.AddrPortFrom(ip, port), nil
	}
	servers, _ := u.client.lookups().addresses(ctx, []string{shown(host)}, nil)
	if len(servers) == 0 {
		return netip.AddrPort{}, fault.New(fault.Unavailable, "zone.update_server_unknown", "The name server {server} was not found, so nothing was changed. Check its name, and whether this computer is online.", "server", u.to.Server)
	}
	return netip.AddrPortFrom(servers[0].Addr.Addr(), port), nil
}

// exchange signs and sends, twice by UDP: an update that was carried out already
// does no harm a second time. An error beside a reply is about its signature.
func (u *Signed) exchange(ctx context.Context, network string, server netip.AddrPort, m *dns.Msg) (reply *dns.Msg, err error) {
	for range 2 {
		if reply, err = u.once(ctx, network, server, m.Copy()); reply != nil || ctx.Err() != nil {
			break
		}
	}
	return reply, err
}

func (u *Signed) once(ctx context.Context, network string, server netip.AddrPort, m *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, u.client.config.Patience)
	defer cancel()
	raw, err := u.client.config.Dial(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = raw.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := &dns.Conn{Conn: raw, UDPSize: dns.DefaultMsgSize, TsigSecret: map[string]string{u.to.Key: u.to.Secret}}
	m.SetTsig(u.to.Key, dns.Fqdn(u.to.Algorithm), 300, u.client.config.Clock.Now().Unix())
	if err := conn.WriteMsg(m); err != nil {
		return nil, err
	}
	for range strays {
		reply, err := conn.ReadMsg()
		if isNetwork(err) {
			return nil, err
		}
		if reply != nil && reply.Id == m.Id && reply.Response && reply.Opcode == dns.OpcodeUpdate {
			return reply, err
		}
	}
	return nil, errors.New("only strays came")
}

// verdict puts the server's answer into words.
func (u *Signed) verdict(reply *dns.Msg, signature error, apex, name string) error {
	params := []any{"server", u.to.Server, "zone", apex, "name", name, "key", strings.TrimSuffix(u.to.Key, ".")}
	if t := reply.IsTsig(); t != nil && reply.Rcode == dns.RcodeNotAuth {
		switch t.Error {
		case dns.RcodeBadKey:
			return fault.New(fault.Invalid, "zone.update_bad_key", "The name server {server} does not know the key {key} with this way of signing. Copy the key's name and algorithm from your DNS provider again.", params...)
		case dns.RcodeBadSig:
			return fault.New(fault.Invalid, "zone.update_bad_secret", "The name server {server} knows the key {key}, but the secret is a different one. Copy it from your DNS provider again.", params...)
		case dns.RcodeBadTime:
			return fault.New(fault.Unavailable, "zone.update_bad_time", "The clock of this computer and that of the name server {server} are more than five minutes apart, so nothing was changed. Set this computer's clock.", params...)
		}
	}
	switch reply.Rcode {
	case dns.RcodeSuccess:
		if reply.IsTsig() == nil || signature != nil {
			return fault.New(fault.Unavailable, "zone.update_unsigned", "An answer came that the name server {server} did not sign, so it may come from somebody in between. Portico looks whether the record was changed and tries again.", params...).Because(signature)
		}
		return nil
	case dns.RcodeNotAuth:
		return fault.New(fault.Invalid, "zone.update_not_auth", "The name server {server} is not in charge of the zone {zone}. Enter the server that your DNS provider names for updates.", params...)
	case dns.RcodeNotZone:
		return fault.New(fault.Invalid, "zone.update_not_zone", "{name} does not lie in the zone {zone}. Check the zone.", params...)
	case dns.RcodeRefused, dns.RcodeNotImplemented:
		return fault.New(fault.Forbidden, "zone.update_refused", "The name server {server} refuses the change: it takes no updates, or the key {key} may not change {name}. Ask your DNS provider to allow it.", params...)
	case dns.RcodeServerFailure:
		return fault.New(fault.Unavailable, "zone.update_failed", "The name server {server} could not make the change because of a fault of its own. Portico tries again later.", params...)
	default:
		return fault.New(fault.Invalid, "zone.update_rcode", "The name server {server} answered the change of {name} with {rcode}. Ask your DNS provider what that means.", append(params, "rcode", rcode(reply))...)
	}
}
