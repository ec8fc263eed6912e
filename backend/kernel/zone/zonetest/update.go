package zonetest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// KeyName and KeySecret sign the updates that the zones of every Net accept,
// with HMAC-SHA256 or any other algorithm. The key is worth nothing elsewhere.
const (
	KeyName   = "portico-update."
	KeySecret = "cG9ydGljbyB6b25ldGVzdCwgZm9yIHRlc3RzIG9ubHk="
)

// update carries out an RFC 2136 message. Called with the lock held.
func (s *Server) update(w dns.ResponseWriter, request *dns.Msg) *dns.Msg {
	reply := new(dns.Msg).SetReply(request)
	apex := dns.CanonicalName(request.Question[0].Name)
	c := s.zones[apex]
	reply.Rcode = dns.RcodeSuccess
	signature := request.IsTsig()
	switch {
	case signature != nil && w.TsigStatus() != nil:
		return refuseKey(reply, signature, w.TsigStatus())
	case c == nil:
		reply.Rcode = dns.RcodeNotAuth
	case signature == nil || !c.updates || s.refusing:
		reply.Rcode = dns.RcodeRefused
	case slices.ContainsFunc(request.Ns, func(rr dns.RR) bool { return !dns.IsSubDomain(apex, rr.Header().Name) }):
		reply.Rcode = dns.RcodeNotZone
	default:
		for _, p := range s.net.copiesOf(apex) {
			p.apply(request.Ns)
		}
	}
	if signature != nil {
		reply.SetTsig(signature.Hdr.Name, signature.Algorithm, 300, time.Now().Unix())
	}
	return reply
}

func (n *Net) copiesOf(apex string) []*content {
	var all []*content
	for _, s := range n.servers {
		if c := s.zones[apex]; c != nil {
			all = append(all, c)
		}
	}
	return all
}

// apply changes the copy as RFC 2136 §2.5 says: the class tells what to do.
func (c *content) apply(changes []dns.RR) {
	for _, rr := range changes {
		h := rr.Header()
		name := dns.CanonicalName(h.Name)
		switch {
		case h.Class == dns.ClassANY && h.Rrtype == dns.TypeANY:
			delete(c.records, name)
		case h.Class == dns.ClassANY:
			c.remove(name, h.Rrtype)
		case h.Class == dns.ClassNONE:
			gone := dns.Copy(rr)
			gone.Header().Class = dns.ClassINET
			left := slices.DeleteFunc(slices.Clone(c.records[name][h.Rrtype]), func(have dns.RR) bool { return dns.IsDuplicate(have, gone) })
			c.remove(name, h.Rrtype)
			for _, rr := range left {
				c.add(rr)
			}
		default:
			c.add(dns.Copy(rr))
		}
	}
	if soa := c.soa(); soa != nil {
		next := *soa
		next.Serial++
		c.records[c.apex][dns.TypeSOA] = []dns.RR{&next}
	}
}

// refuseKey is the refusal of RFC 8945 §5.2.
func refuseKey(reply *dns.Msg, signature *dns.TSIG, status error) *dns.Msg {
	reply.Rcode = dns.RcodeNotAuth
	answer := &dns.TSIG{
		Hdr:       dns.RR_Header{Name: signature.Hdr.Name, Rrtype: dns.TypeTSIG, Class: dns.ClassANY},
		Algorithm: signature.Algorithm, TimeSigned: signature.TimeSigned, Fudge: signature.Fudge, OrigId: reply.Id, Error: dns.RcodeBadSig,
	}
	switch {
	case errors.Is(status, dns.ErrSecret), errors.Is(status, dns.ErrKeyAlg):
		answer.Error = dns.RcodeBadKey
	case errors.Is(status, dns.ErrTime):
		answer.Error = dns.RcodeBadTime
		answer.OtherData = fmt.Sprintf("%012x", time.Now().Unix())
		answer.OtherLen = uint16(hex.DecodedLen(len(answer.OtherData)))
	}
	reply.Extra = append(reply.Extra, answer)
	return reply
}
