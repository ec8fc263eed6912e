package zone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// query is one question.
type query struct {
	name      string
	kind      uint16
	recursive bool // RD: ask on our behalf
	unchecked bool // CD: give the answer even if its signatures are broken
	once      bool // there are others to ask: do not try again
}

const (
	udpSize = 1232 // what passes every network without fragments
	strays  = 64   // packets that are read while waiting for the right one
)

// message is the question on the wire.
func (q query) message(edns bool) *dns.Msg {
	m := new(dns.Msg).SetQuestion(dns.Fqdn(q.name), q.kind)
	m.RecursionDesired, m.CheckingDisabled = q.recursive, q.unchecked
	if edns {
		m.SetEdns0(udpSize, false)
	}
	return m
}

// answers reports whether reply belongs to the question: whoever can guess an id
// must not be able to slip in something else.
func (q query) answers(m, reply *dns.Msg) bool {
	if reply.Id != m.Id || !reply.Response || reply.Opcode != m.Opcode {
		return false
	}
	if len(reply.Question) == 0 { // as some do when they refuse
		return reply.Rcode != dns.RcodeSuccess && len(reply.Answer) == 0
	}
	asked := reply.Question[0]
	return len(reply.Question) == 1 && asked.Qtype == q.kind && asked.Qclass == dns.ClassINET && strings.EqualFold(asked.Name, dns.Fqdn(q.name))
}

// ask gets the reply of one server: by UDP, twice, by TCP when it does not fit,
// and in the plain form of 1987 when the server knows nothing newer.
func (c *Client) ask(ctx context.Context, server netip.AddrPort, q query) (*dns.Msg, Failure) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, OutOfTime
	}
	reply, failure := c.try(ctx, "udp", server, q, true)
	if failure == Silent && !q.once {
		reply, failure = c.try(ctx, "udp", server, q, true)
	}
	edns := true
	if failure == "" && (reply.Rcode == dns.RcodeFormatError || reply.Rcode == dns.RcodeNotImplemented || reply.Rcode == dns.RcodeBadVers) {
		edns = false
		reply, failure = c.try(ctx, "udp", server, q, edns)
	}
	if failure == "" && reply.Truncated {
		reply, failure = c.try(ctx, "tcp", server, q, edns)
	}
	return reply, failure
}

func (c *Client) try(ctx context.Context, network string, server netip.AddrPort, q query, edns bool) (*dns.Msg, Failure) {
	within, cancel := context.WithTimeout(ctx, c.config.Patience)
	defer cancel()
	raw, err := c.config.Dial(within, network, server.String())
	if err != nil {
		return nil, failureOf(ctx, err)
	}
	defer func() { _ = raw.Close() }()
	// The deadline is the context's, whichever way it ends.
	stop := context.AfterFunc(within, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := &dns.Conn{Conn: raw, UDPSize: dns.DefaultMsgSize}
	m := q.message(edns)
	if err := conn.WriteMsg(m); err != nil {
		return nil, failureOf(ctx, err)
	}
	garbled := false
	for range strays {
		reply, err := conn.ReadMsg()
		switch {
		case err == nil && q.answers(m, reply):
			return reply, ""
		case isNetwork(err) && !garbled, network == "tcp" && isNetwork(err):
			return nil, failureOf(ctx, err)
		case isNetwork(err), network == "tcp":
			return nil, Garbled
		}
		garbled = true // and the right one may still come
	}
	return nil, Garbled
}

// isNetwork tells errors of the connection from those of the message.
func isNetwork(err error) bool {
	var netErr net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &netErr)
}

// Windows reports sockets with its own numbers.
const (
	wsaNetworkDown        = syscall.Errno(10050)
	wsaNetworkUnreachable = syscall.Errno(10051)
	wsaHostUnreachable    = syscall.Errno(10065)
	wsaNoAddress          = syscall.Errno(10049)
)

// failureOf sorts an error of the network; ctx is the whole survey's.
func failureOf(ctx context.Context, err error) Failure {
	for _, code := range []syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
		wsaNetworkDown, wsaNetworkUnreachable, wsaHostUnreachable, wsaNoAddress,
	} {
		if errors.Is(err, code) {
			return NoRoute
		}
	}
	var netErr net.Error
	switch {
	case ctx.Err() != nil:
		return OutOfTime
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return Silent
	default:
		return Unreachable
	}
}

// askHTTPS gets the reply of a resolver over HTTPS (RFC 8484).
func (c *Client) askHTTPS(ctx context.Context, address string, q query) (*dns.Msg, Failure) {
	within, cancel := context.WithTimeout(ctx, c.config.Patience)
	defer cancel()
	to, err := url.Parse(address)
	if err != nil || !safeURL(to.Scheme, to.Hostname()) {
		return nil, Unreachable
	}
	m := q.message(true)
	m.Id = 0 // so that caches on the way may help
	packed, err := m.Pack()
	if err != nil {
		return nil, Garbled
	}
	request, err := http.NewRequestWithContext(within, http.MethodPost, address, bytes.NewReader(packed))
	if err != nil {
		return nil, Unreachable
	}
	request.Header.Set("Content-Type", "application/dns-message")
	request.Header.Set("Accept", "application/dns-message")
	response, err := c.web.Do(request)
	if err != nil {
		return nil, failureOf(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	reply, err := readHTTPS(response)
	switch {
	case within.Err() != nil:
		return nil, failureOf(ctx, within.Err())
	case err != nil || !q.answers(m, reply):
		return nil, Garbled
	}
	return reply, ""
}

func readHTTPS(response *http.Response) (*dns.Msg, error) {
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, dns.MaxMsgSize))
	if err != nil {
		return nil, err
	}
	reply := new(dns.Msg)
	return reply, reply.Unpack(raw)
}

// first asks servers, wave at a time, and gives the first usable reply; the
// others of its wave are cut off. When none is usable it gives any reply, or nil.
func (c *Client) first(ctx context.Context, servers []Server, wave int, q query, usable func(*dns.Msg) bool) (*dns.Msg, Server) {
	var fallback *dns.Msg
	var from Server
	for len(servers) > 0 && ctx.Err() == nil {
		now := servers[:min(wave, len(servers))]
		servers = servers[len(now):]
		reply, server := c.race(ctx, now, q, usable)
		if reply != nil && usable(reply) {
			return reply, server
		}
		if reply != nil {
			fallback, from = reply, server
		}
	}
	return fallback, from
}

func (c *Client) race(ctx context.Context, servers []Server, q query, usable func(*dns.Msg) bool) (*dns.Msg, Server) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		reply *dns.Msg
		from  Server
	}
	results := make(chan result, len(servers))
	for _, server := range servers {
		go func() {
			reply, _ := c.ask(ctx, server.Addr, q)
			results <- result{reply, server}
		}()
	}
	var best result
	done := false
	for range servers { // all of them, so that none is left behind
		r := <-results
		if done || r.reply == nil {
			continue
		}
		if best = r; usable(r.reply) {
			done = true
			cancel()
		}
	}
	return best.reply, best.from
}
