package zonetest

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/miekg/dns"
)

// resolve is what the server says as a resolver: the end of the aliases, found
// by descending through the servers of the Net. Called with the lock held.
func (s *Server) resolve(q dns.Question, unchecked bool) *dns.Msg {
	reply := &dns.Msg{}
	name := dns.CanonicalName(q.Name)
	for range 12 {
		step := s.remembered(name, q.Qtype)
		if step == nil {
			step = s.net.descend(dns.Question{Name: name, Qtype: q.Qtype, Qclass: dns.ClassINET}, unchecked, 0)
		}
		reply.Rcode, reply.Ns = step.Rcode, step.Ns
		reply.Answer = append(reply.Answer, step.Answer...)
		next := ""
		for _, rr := range step.Answer {
			if alias, ok := rr.(*dns.CNAME); ok {
				next = dns.CanonicalName(alias.Target)
			}
		}
		answered := slices.ContainsFunc(step.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype == q.Qtype })
		if next == "" || answered || step.Rcode != dns.RcodeSuccess || q.Qtype == dns.TypeCNAME {
			return reply
		}
		name = next
	}
	return &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeServerFailure}}
}

// remembered is what the cache holds, nil when it must ask.
func (s *Server) remembered(name string, kind uint16) *dns.Msg {
	if s.cached == nil || s.cached.records[name] == nil {
		return nil
	}
	reply := &dns.Msg{Answer: slices.Clone(s.cached.records[name][kind])}
	if len(reply.Answer) == 0 {
		reply.Answer = slices.Clone(s.cached.records[name][dns.TypeCNAME])
	}
	return reply
}

// descend asks the servers from the top-level domain down.
func (n *Net) descend(q dns.Question, unchecked bool, depth int) *dns.Msg {
	failure := &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeServerFailure}}
	labels := dns.SplitDomainName(q.Name)
	if depth > 4 || len(labels) == 0 {
		return failure
	}
	var addresses []string
	for ip, s := range n.servers {
		if s.zones[labels[len(labels)-1]+"."] != nil {
			addresses = append(addresses, ip)
		}
	}
	if len(addresses) == 0 {
		return &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeNameError}}
	}
	for range 10 {
		slices.Sort(addresses)
		reply, from := n.ask(addresses, q)
		if reply == nil {
			return failure
		}
		if reply.Authoritative {
			if c := from.zoneOf(q.Name); c != nil && c.bogus && !unchecked {
				return failure
			}
			return reply
		}
		addresses = nil
		for _, rr := range reply.Ns {
			ns, ok := rr.(*dns.NS)
			if !ok {
				continue
			}
			found := reply.Extra
			if !slices.ContainsFunc(found, func(rr dns.RR) bool { return dns.CanonicalName(rr.Header().Name) == dns.CanonicalName(ns.Ns) }) {
				found = n.descend(dns.Question{Name: dns.CanonicalName(ns.Ns), Qtype: dns.TypeA, Qclass: dns.ClassINET}, unchecked, depth+1).Answer
			}
			for _, rr := range found {
				if a, ok := rr.(*dns.A); ok && dns.CanonicalName(a.Hdr.Name) == dns.CanonicalName(ns.Ns) {
					addresses = append(addresses, a.A.String())
				}
			}
		}
	}
	return failure
}

// ask is the first of the servers that says something useful.
func (n *Net) ask(addresses []string, q dns.Question) (*dns.Msg, *Server) {
	for _, ip := range addresses {
		s := n.servers[ip]
		if s == nil || s.silent {
			continue
		}
		reply := s.answer(q)
		if reply.Rcode == dns.RcodeSuccess && (reply.Authoritative || len(reply.Ns) > 0) || reply.Rcode == dns.RcodeNameError {
			return reply, s
		}
	}
	return nil, nil
}

// HTTPS is the address of a DNS-over-HTTPS resolver (RFC 8484), in clear text on
// loopback, that answers as 127.0.0.1 does.
func (n *Net) HTTPS() string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(io.LimitReader(r.Body, dns.MaxMsgSize))
		if r.Method == http.MethodGet {
			raw, err = base64.RawURLEncoding.DecodeString(r.URL.Query().Get("dns"))
		}
		request := new(dns.Msg)
		if err != nil || request.Unpack(raw) != nil {
			http.Error(w, "not a DNS message", http.StatusBadRequest)
			return
		}
		n.mu.Lock()
		reply := n.servers["127.0.0.1"].reply(nil, request)
		n.mu.Unlock()
		packed, err := reply.Pack()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/dns-message")
		_, _ = w.Write(packed)
	}))
	n.t.Cleanup(server.Close)
	return server.URL + "/dns-query"
}
