package zone

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"portico/backend/kernel/zone/zonetest"
)

// packed is a reply as bytes, for twists that write by themselves.
func packed(m *dns.Msg) []byte {
	raw, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return raw
}

func isUDP(w dns.ResponseWriter) bool {
	_, ok := w.RemoteAddr().(*net.UDPAddr)
	return ok
}

// instead makes a server answer A questions for the portal with these records.
func instead(texts ...string) zonetest.Twist {
	var records []dns.RR
	for _, text := range texts {
		rr, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		records = append(records, rr)
	}
	return func(w dns.ResponseWriter, request, reply *dns.Msg) {
		if q := request.Question[0]; q.Qtype == dns.TypeA && strings.HasPrefix(q.Name, "portal.") {
			reply.Rcode, reply.Answer, reply.Ns = dns.RcodeSuccess, slices.Clone(records), nil
			reply.Truncated = isUDP(w) && len(records) > 100 // cutting it to size would take long
			if reply.Truncated {
				reply.Answer = nil
			}
		}
		zonetest.Send(w, request, reply)
	}
}

// TestHostileServers: whatever the zone's servers send, a survey ends, what it
// says is small and printable, and nothing is believed that was not asked.
func TestHostileServers(t *testing.T) {
	for _, row := range []struct {
		name  string
		twist zonetest.Twist
		want  string // codes
	}{
		{"a lie with another id comes first", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			forged := reply.Copy()
			forged.Id++
			lie(forged)
			_, _ = w.Write(packed(forged))
			zonetest.Send(w, request, reply)
		}, ""},
		{"a lie about another name comes first", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			forged := reply.Copy()
			forged.Question[0].Name = "bank.test."
			lie(forged)
			if isUDP(w) {
				_, _ = w.Write(packed(forged))
			}
			zonetest.Send(w, request, reply)
		}, ""},
		{"only other ids", func(w dns.ResponseWriter, _, reply *dns.Msg) {
			reply.Id++
			_, _ = w.Write(packed(reply))
		}, "dns.servers_silent"},
		{"a flood of other ids", func(w dns.ResponseWriter, _, reply *dns.Msg) {
			reply.Id++
			for range 500 {
				_, _ = w.Write(packed(reply))
			}
		}, "dns.servers_silent"},
		{"a question sent back", func(w dns.ResponseWriter, request, _ *dns.Msg) { _, _ = w.Write(packed(request)) }, "dns.servers_silent"},
		{"no message at all", func(w dns.ResponseWriter, _, _ *dns.Msg) { _, _ = w.Write([]byte("hello")) }, "dns.servers_silent"},
		{"a message that ends early", func(w dns.ResponseWriter, _, reply *dns.Msg) {
			raw := packed(reply)
			_, _ = w.Write(raw[:len(raw)-3])
		}, "dns.servers_silent"},
		{"a name that points at itself", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			head := packed(&dns.Msg{MsgHdr: dns.MsgHdr{Id: request.Id, Response: true}})
			head[5] = 1 // one question, whose name is a pointer to itself
			_, _ = w.Write(append(head, 0xC0, 12, 0, 1, 0, 1))
		}, "dns.servers_silent"},
		{"records of other names", instead("bank.test. 300 IN A 127.0.0.1", "shop.test. 300 IN A 127.0.0.1"), "dns.no_record"},
		{"a circle within one reply", instead("portal.shop.test. 300 IN CNAME a.shop.test.", "a.shop.test. 300 IN CNAME portal.shop.test."), "dns.cname_dangling"},
		{"bytes that are no letters", instead(`portal.shop.test. 300 IN CNAME a\007\027\226\128\174b\000.shop.test.`), "dns.cname_dangling"},
		{"as many records as fit", func() zonetest.Twist {
			var all []string
			for i := range 3900 {
				all = append(all, fmt.Sprintf("portal.shop.test. 300 IN A 93.184.%d.%d", 100+i/250, i%250+1))
			}
			return instead(all...)
		}(), "dns.wrong_address"},
		{"does not fit and TCP is closed", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			if isUDP(w) {
				reply.Truncated = true
				zonetest.Send(w, request, reply)
			}
		}, "dns.servers_silent"},
		{"TCP that gives a promise and hangs", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			if reply.Truncated = isUDP(w); reply.Truncated {
				zonetest.Send(w, request, reply)
				return
			}
			_, _ = w.Write(nil) // an empty message: only its length
		}, "dns.servers_silent"},
		{"refers upward", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			root, _ := dns.NewRR(". 300 IN NS a.root.test.")
			reply.Authoritative, reply.Answer, reply.Ns = false, nil, []dns.RR{root}
			zonetest.Send(w, request, reply)
		}, "dns.servers_lame"},
		{"refers to itself", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			self, _ := dns.NewRR("shop.test. 300 IN NS ns2.shop.test.")
			reply.Authoritative, reply.Answer, reply.Ns = false, nil, []dns.RR{self}
			zonetest.Send(w, request, reply)
		}, "dns.servers_lame"},
		{"knows nothing newer than 1987", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			if request.IsEdns0() != nil {
				reply = new(dns.Msg).SetRcode(request, dns.RcodeFormatError)
			}
			zonetest.Send(w, request, reply)
		}, ""},
		{"refuses without repeating the question", func(w dns.ResponseWriter, request, _ *dns.Msg) {
			reply := new(dns.Msg).SetRcode(request, dns.RcodeRefused)
			reply.Question = nil
			zonetest.Send(w, request, reply)
		}, "dns.servers_lame"},
		{"a code that nobody knows", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			reply.Rcode = 15
			zonetest.Send(w, request, reply)
		}, "dns.servers_lame"},
		{"upper case everywhere", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			for _, rr := range slices.Concat(reply.Answer, reply.Ns, reply.Extra) {
				rr.Header().Name = strings.ToUpper(rr.Header().Name)
			}
			zonetest.Send(w, request, reply)
		}, ""},
		{"times that never end", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			for _, rr := range reply.Answer {
				rr.Header().Ttl = 1<<32 - 1
			}
			zonetest.Send(w, request, reply)
		}, "dns.ttl_long"},
		{"texts without end", func(w dns.ResponseWriter, request, reply *dns.Msg) {
			if q := request.Question[0]; q.Qtype == dns.TypeTXT && strings.HasPrefix(q.Name, "_acme-challenge.portal.shop.test.") && !strings.Contains(q.Name, "shop.test.shop") {
				reply.Rcode, reply.Ns = dns.RcodeSuccess, nil
				for i := range 60 {
					reply.Answer = append(reply.Answer, &dns.TXT{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 1}, Txt: []string{fmt.Sprint(i, strings.Repeat("\x1b[2J", 50)), strings.Repeat("y", 255), strings.Repeat("z", 255)}})
				}
			}
			zonetest.Send(w, request, reply)
		}, "dns.challenge_leftover"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.both(func(s *zonetest.Server) { s.Twist(row.twist) })
			s := w.survey()
			var got []string
			for _, c := range w.codes(s) {
				got = append(got, string(c))
			}
			if list(got) != row.want && !(row.want == "dns.wrong_address" && slices.Contains(got, row.want)) {
				t.Errorf("said %v, not %s, of %.2000s", got, row.want, fmt.Sprintf("%+v", s))
			}
			raw, err := json.Marshal([]any{s, Diagnose(s, w.target)})
			if err != nil || len(raw) > 96<<10 {
				t.Errorf("%v, %d bytes", err, len(raw))
			}
			if i := strings.IndexFunc(string(raw), func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 || strings.Contains(string(raw), `\u00`) && !strings.Contains(string(raw), `\u003`) {
				t.Errorf("not printable: %.200q", raw[max(i, 0):])
			}
		})
	}
}

// A registry, too, may say too much: a thousand servers are not a thousand questions.
func TestManyServers(t *testing.T) {
	w := newWorld(t)
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("shop.test. NS ns%d.many.test.", i), fmt.Sprintf("ns%d.many.test. A 127.0.0.2", i))
	}
	w.Zone("test").Set(many...)
	s := w.survey()
	if len(s.Servers) > mostAddress || len(s.ParentNS) > mostRecords || len(w.Server("127.0.0.2").Asked()) > 200 {
		t.Errorf("%d servers, %d names, %d questions", len(s.Servers), len(s.ParentNS), len(w.Server("127.0.0.2").Asked()))
	}
}

// Ten chains of aliases, each as long as may be, across zones.
func TestSlowChain(t *testing.T) {
	w := newWorld(t)
	w.shop.Remove("portal")
	w.shop.Set("portal CNAME a.dyn.test.")
	w.dyn.Set("a CNAME b", "b CNAME c", "c CNAME d", "d A 127.0.0.1")
	w.Server("127.0.0.4").Delay(20 * time.Millisecond)
	s := w.survey()
	if got := list(s.Chain.Names); got != "a.dyn.test, b.dyn.test, c.dyn.test, d.dyn.test" || s.Chain.End != "" || s.Cut {
		t.Errorf("%+v", s.Chain)
	}
}

// TestSurveyLetsGo: it ends at once with the caller, and by itself when nobody
// ever answers; and nothing of it stays behind either way.
func TestSurveyLetsGo(t *testing.T) {
	w := newWorld(t)
	w.config.HTTPS = []string{w.HTTPS()}
	w.config.Patience = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	w.ctx = ctx
	w.both(func(s *zonetest.Server) {
		s.Twist(func(dns.ResponseWriter, *dns.Msg, *dns.Msg) { cancel() })
	})
	if s := w.survey(); !s.Cut || Green(Diagnose(s, w.target)) {
		t.Errorf("%+v", s)
	}
	nothingLeft(t)
	w.ctx, w.config.Patience = context.Background(), 20*time.Millisecond
	for i := 1; i <= 8; i++ {
		w.Server(fmt.Sprintf("127.0.0.%d", i)).Silent(true)
	}
	w.config.HTTPS = []string{"http://127.0.0.99:" + fmt.Sprint(w.Port())}
	if s := w.survey(); s.Apex != "" || len(s.Sources()) != 0 {
		t.Errorf("%+v", s)
	}
	nothingLeft(t)
}

// nothingLeft waits until no goroutine of a survey exists any more; one that
// stays makes the test run out of time.
func nothingLeft(t *testing.T) {
	t.Helper()
	for {
		all := make([]byte, 1<<20)
		stacks := string(all[:runtime.Stack(all, true)])
		left := 0
		for stack := range strings.SplitSeq(stacks, "\n\n") {
			if strings.Contains(stack, "zone.(*Client)") || strings.Contains(stack, "zone.(*lookups)") || strings.Contains(stack, "net/http.(*persistConn)") {
				left++
			}
		}
		if left == 0 {
			return
		}
		runtime.Gosched()
	}
}

// TestManySurveys: one client, many at once.
func TestManySurveys(t *testing.T) {
	w := newWorld(t)
	client := New(w.config)
	done := make(chan Survey)
	for range 20 {
		go func() { done <- client.Survey(w.ctx, w.name) }()
	}
	for range 20 {
		if s := <-done; len(Diagnose(s, w.target)) != 0 {
			t.Errorf("%+v", Diagnose(s, w.target))
		}
	}
}

// The library spells odd bytes in letters already; nobody here relies on it.
func TestShown(t *testing.T) {
	for in, want := range map[string]string{"Portal.Shop.Test.": "portal.shop.test", ".": "", "a\x1b[2J\u202e\x00.x": "a?[2j??.x", strings.Repeat("a", 300): strings.Repeat("a", 252) + "~"} {
		if got := shown(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
