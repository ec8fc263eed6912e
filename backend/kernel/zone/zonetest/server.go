package zonetest

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Twist has the last word on what a server sends: it writes reply, or something
// else, or nothing. Resolvers of the same Net do not see it.
type Twist func(w dns.ResponseWriter, request, reply *dns.Msg)

// Server is one name server. What it is told holds until it is told otherwise.
type Server struct {
	net *Net
	ip  string
	tcp net.Listener
	udp net.PacketConn

	// Guarded by net.mu.
	zones     map[string]*content
	recursive bool
	silent    bool
	refusing  bool
	rcodes    map[string]int
	cached    *content
	delay     time.Duration
	twist     Twist
	asked     []dns.Question
}

func (s *Server) tell(do func()) {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	do()
}

// Silent makes the server swallow every question, or speak again.
func (s *Server) Silent(silent bool) { s.tell(func() { s.silent = silent }) }

// Refuse makes the server answer REFUSED, as one does that does not have the zone.
func (s *Server) Refuse(refusing bool) { s.tell(func() { s.refusing = refusing }) }

// Rcode makes the server answer questions for the name and all below it with
// nothing but that code; dns.RcodeSuccess ends it.
func (s *Server) Rcode(name string, rcode int) {
	s.tell(func() {
		if s.rcodes == nil {
			s.rcodes = map[string]int{}
		}
		s.rcodes[dns.CanonicalName(name)] = rcode
	})
}

// Delay makes the server wait before it answers.
func (s *Server) Delay(d time.Duration) { s.tell(func() { s.delay = d }) }

// Twist gives t the last word; nil takes it back.
func (s *Server) Twist(t Twist) { s.tell(func() { s.twist = t }) }

// Resolve makes the server resolve for whoever asks it to, or stop it.
func (s *Server) Resolve(resolves bool) { s.tell(func() { s.recursive = resolves }) }

// Cache makes a resolver answer with these records (names in full) instead of
// asking: what it remembers. None empties the cache.
func (s *Server) Cache(lines ...string) {
	s.net.t.Helper()
	remembered := newContent(".")
	for _, rr := range (&Zone{net: s.net, apex: "."}).parse(lines) {
		remembered.add(rr)
	}
	s.tell(func() { s.cached = remembered })
}

// Asked are the questions so far, `name TYPE`, in the order they came.
func (s *Server) Asked() []string {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	var all []string
	for _, q := range s.asked {
		all = append(all, strings.ToLower(q.Name)+" "+dns.TypeToString[q.Qtype])
	}
	return all
}

// serve answers until the test ends.
func (s *Server) serve(t testing.TB) {
	done := make(chan error, 2)
	accept := func(h dns.Header) dns.MsgAcceptAction {
		if h.Bits&(1<<15) != 0 {
			return dns.MsgIgnore
		}
		return dns.MsgAccept
	}
	secrets := map[string]string{KeyName: KeySecret}
	both := []*dns.Server{
		{Listener: s.tcp, Handler: s, MsgAcceptFunc: accept, TsigSecret: secrets},
		{PacketConn: s.udp, Handler: s, MsgAcceptFunc: accept, TsigSecret: secrets},
	}
	for _, server := range both {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { done <- server.ActivateAndServe() }()
		<-started
	}
	t.Cleanup(func() {
		for _, server := range both {
			_ = server.Shutdown()
		}
		for range both {
			if err := <-done; err != nil {
				t.Errorf("zonetest: %s: %v", s.ip, err)
			}
		}
	})
}

// ServeDNS answers one message.
func (s *Server) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	s.net.mu.Lock()
	reply := s.reply(w, request).Copy() // a Twist may change it
	delay, twist, silent := s.delay, s.twist, s.silent
	s.net.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	switch {
	case silent:
	case twist != nil:
		twist(w, request, reply)
	default:
		Send(w, request, reply)
	}
}

// Send writes a reply as an honest server does: cut to what the asker takes.
func Send(w dns.ResponseWriter, request, reply *dns.Msg) {
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if opt := request.IsEdns0(); opt != nil {
			size = max(size, int(opt.UDPSize()))
		}
		reply.Truncate(size)
	}
	if t := reply.IsTsig(); t != nil && t.Error != dns.RcodeSuccess && t.Error != dns.RcodeBadTime {
		if raw, err := reply.Pack(); err == nil { // refusals over the key are not signed
			_, _ = w.Write(raw)
		}
		return
	}
	_ = w.WriteMsg(reply)
}

// reply is called with the lock held.
func (s *Server) reply(w dns.ResponseWriter, request *dns.Msg) *dns.Msg {
	if len(request.Question) != 1 {
		return new(dns.Msg).SetRcode(request, dns.RcodeFormatError)
	}
	q := request.Question[0]
	s.asked = append(s.asked, q)
	if request.Opcode == dns.OpcodeUpdate {
		return s.update(w, request)
	}
	var reply *dns.Msg
	if request.RecursionDesired && s.recursive {
		reply = s.resolve(q, request.CheckingDisabled)
	} else {
		reply = s.answer(q)
	}
	rcode := reply.Rcode
	reply.SetReply(request)
	reply.Rcode = rcode
	reply.RecursionAvailable, reply.Compress = s.recursive, true
	if opt := request.IsEdns0(); opt != nil {
		reply.SetEdns0(1232, false)
	}
	return reply
}

// answer is what the server says as a server of its zones: an answer, a
// referral, or a refusal.
func (s *Server) answer(q dns.Question) *dns.Msg {
	reply := &dns.Msg{}
	name := dns.CanonicalName(q.Name)
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		if rcode := s.rcodes[name[off:]]; rcode != dns.RcodeSuccess {
			reply.Rcode = rcode
			return reply
		}
	}
	c := s.zoneOf(name)
	if c == nil || s.refusing {
		reply.Rcode = dns.RcodeRefused
		return reply
	}
	if ns := c.cut(name); ns != nil {
		reply.Ns = slices.Clone(ns)
		for _, rr := range ns {
			host := dns.CanonicalName(rr.(*dns.NS).Ns)
			if dns.IsSubDomain(c.apex, host) { // glue
				reply.Extra = append(reply.Extra, c.records[host][dns.TypeA]...)
			}
		}
		return reply
	}
	reply.Authoritative = true
	s.fill(reply, c, name, q.Qtype, 0)
	return reply
}

// fill writes the answer and follows aliases within the zone.
func (s *Server) fill(reply *dns.Msg, c *content, name string, kind uint16, depth int) {
	records, found := c.at(name)
	switch {
	case !found:
		reply.Rcode = dns.RcodeNameError
	case kind == dns.TypeANY:
		for _, all := range records {
			reply.Answer = append(reply.Answer, all...)
		}
	default:
		alias := records[dns.TypeCNAME]
		if kind != dns.TypeCNAME {
			reply.Answer = append(reply.Answer, alias...)
		}
		reply.Answer = append(reply.Answer, records[kind]...)
		if len(alias) > 0 && kind != dns.TypeCNAME && len(records[kind]) == 0 {
			target := dns.CanonicalName(alias[0].(*dns.CNAME).Target)
			if depth < 8 && s.zoneOf(target) == c && c.cut(target) == nil {
				s.fill(reply, c, target, kind, depth+1)
			}
			return
		}
	}
	if len(reply.Answer) == 0 || reply.Rcode == dns.RcodeNameError {
		if soa := c.soa(); soa != nil {
			reply.Ns = append(reply.Ns, soa)
		}
	}
}

// zoneOf is the deepest zone here that holds the name.
func (s *Server) zoneOf(name string) *content {
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		if c := s.zones[name[off:]]; c != nil {
			return c
		}
	}
	return nil
}
