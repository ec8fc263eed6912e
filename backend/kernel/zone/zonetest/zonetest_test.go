package zonetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// ask sends one question and tells the reply in a line.
func ask(t *testing.T, n *Net, ip, network, name, kind string, change func(*dns.Msg)) string {
	t.Helper()
	m := new(dns.Msg).SetQuestion(name, dns.StringToType[kind])
	m.RecursionDesired = false
	if change != nil {
		change(m)
	}
	reply, _, err := (&dns.Client{Net: network, Timeout: 10 * time.Second}).Exchange(m, n.Addr(ip).String())
	if err != nil {
		t.Fatalf("%s %s at %s: %v", name, kind, ip, err)
	}
	return told(reply)
}

func told(m *dns.Msg) string {
	var b strings.Builder
	b.WriteString(dns.RcodeToString[m.Rcode])
	for _, flag := range []struct {
		on   bool
		name string
	}{{m.Authoritative, "aa"}, {m.RecursionAvailable, "ra"}, {m.Truncated, "tc"}} {
		if flag.on {
			b.WriteString(" " + flag.name)
		}
	}
	for i, section := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for _, rr := range section {
			if rr.Header().Rrtype == dns.TypeOPT || rr.Header().Rrtype == dns.TypeTSIG {
				continue
			}
			text := strings.Fields(rr.String())
			if rr.Header().Rrtype == dns.TypeSOA {
				text = text[:4]
			}
			fmt.Fprintf(&b, " %s[%s]", []string{"an", "ns", "ex"}[i], strings.Join(append(text[:1:1], text[3:]...), " "))
		}
	}
	return b.String()
}

func recursive(m *dns.Msg) { m.RecursionDesired = true }

func world(t *testing.T) (*Net, *Zone) {
	n := Start(t)
	shop := n.Zone("shop.test", "127.0.0.2", "127.0.0.3")
	shop.Set("portal A 127.0.0.1", "www CNAME portal", "out CNAME office.dyn.test.", "*.wild A 127.0.0.8", "deep.ent TXT x", "loop CNAME loop2", "loop2 CNAME loop")
	n.Zone("dyn.test", "127.0.0.4").Set("office 60 A 127.0.0.5")
	return n, shop
}

func TestServersAndResolver(t *testing.T) {
	n, shop := world(t)
	for _, row := range []struct {
		at, name, kind, want string
		change               func(*dns.Msg)
	}{
		{"127.0.0.2", "portal.shop.test.", "A", "NOERROR aa an[portal.shop.test. A 127.0.0.1]", nil},
		{"127.0.0.2", "PORTAL.shop.test.", "AAAA", "NOERROR aa ns[shop.test. SOA]", nil},
		{"127.0.0.3", "none.shop.test.", "A", "NXDOMAIN aa ns[shop.test. SOA]", nil},
		{"127.0.0.2", "ent.shop.test.", "A", "NOERROR aa ns[shop.test. SOA]", nil},
		{"127.0.0.2", "a.b.wild.shop.test.", "A", "NOERROR aa an[a.b.wild.shop.test. A 127.0.0.8]", nil},
		{"127.0.0.2", "www.shop.test.", "A", "NOERROR aa an[www.shop.test. CNAME portal.shop.test.] an[portal.shop.test. A 127.0.0.1]", nil},
		{"127.0.0.2", "out.shop.test.", "A", "NOERROR aa an[out.shop.test. CNAME office.dyn.test.]", nil},
		{"127.0.0.2", "office.dyn.test.", "A", "REFUSED", nil},
		{"127.0.0.1", "portal.shop.test.", "A", "NOERROR ra ns[shop.test. NS ns2.shop.test.] ns[shop.test. NS ns3.shop.test.] ex[ns2.shop.test. A 127.0.0.2] ex[ns3.shop.test. A 127.0.0.3]", nil},
		{"127.0.0.1", "absent.test.", "A", "NXDOMAIN aa ra ns[test. SOA]", nil},
		{"127.0.0.1", "portal.shop.test.", "A", "NOERROR ra an[portal.shop.test. A 127.0.0.1]", recursive},
		{"127.0.0.1", "out.shop.test.", "A", "NOERROR ra an[out.shop.test. CNAME office.dyn.test.] an[office.dyn.test. A 127.0.0.5]", recursive},
		{"127.0.0.1", "loop.shop.test.", "A", "SERVFAIL ra", recursive},
		{"127.0.0.1", "absent.test.", "A", "NXDOMAIN ra ns[test. SOA]", recursive},
		{"127.0.0.1", "elsewhere.invalid.", "A", "NXDOMAIN ra", recursive},
		{"127.0.0.1", "shop.test.", "NS", "NOERROR ra an[shop.test. NS ns2.shop.test.] an[shop.test. NS ns3.shop.test.]", recursive},
	} {
		for _, network := range []string{"udp", "tcp"} {
			if got := ask(t, n, row.at, network, row.name, row.kind, row.change); got != row.want {
				t.Errorf("%s %s at %s: %s\nnot %s", row.name, row.kind, row.at, got, row.want)
			}
		}
	}
	if !slices.Contains(n.Server("127.0.0.2").Asked(), "portal.shop.test. A") {
		t.Error("questions are not counted")
	}
	if again := n.Zone("shop.test"); len(again.copies) != 2 || shop.Texts("portal", "A")[0] != "127.0.0.1" {
		t.Errorf("%+v", again)
	}
}

func TestFaults(t *testing.T) {
	n, shop := world(t)
	portal := func(ip string, change func(*dns.Msg)) string {
		return ask(t, n, ip, "udp", "portal.shop.test.", "A", change)
	}
	shop.On("127.0.0.3").Set("portal A 127.0.0.9")
	if got := portal("127.0.0.3", nil); !strings.Contains(got, "127.0.0.9") || !strings.Contains(portal("127.0.0.2", nil), "127.0.0.1") {
		t.Errorf("copies do not differ: %s", got)
	}
	if serial := shop.copies[1].content.serial(); serial != 3 || shop.copies[0].content.serial() != 2 {
		t.Errorf("serials %d %d", shop.copies[0].content.serial(), serial)
	}
	n.Server("127.0.0.2").Refuse(true)
	if got := portal("127.0.0.2", nil); got != "REFUSED" {
		t.Error(got)
	}
	if got := portal("127.0.0.1", recursive); !strings.Contains(got, "127.0.0.9") {
		t.Errorf("the resolver does not ask the other server: %s", got)
	}
	n.Server("127.0.0.3").Silent(true)
	if got := portal("127.0.0.1", recursive); got != "SERVFAIL ra" {
		t.Error(got)
	}
	n.Server("127.0.0.1").Cache("portal.shop.test. 77 A 127.0.0.7")
	if got := portal("127.0.0.1", recursive); !strings.Contains(got, "127.0.0.7") {
		t.Errorf("the cache is not used: %s", got)
	}
	n.Server("127.0.0.1").Cache()
	n.Server("127.0.0.2").Refuse(false)
	shop.Bogus(true)
	if got := portal("127.0.0.1", recursive); got != "SERVFAIL ra" {
		t.Error(got)
	}
	if got := portal("127.0.0.1", func(m *dns.Msg) { m.RecursionDesired, m.CheckingDisabled = true, true }); !strings.Contains(got, "127.0.0.1]") {
		t.Error(got)
	}
	n.Server("127.0.0.2").Rcode("portal.shop.test", dns.RcodeServerFailure)
	if got := portal("127.0.0.2", nil); got != "SERVFAIL" {
		t.Error(got)
	}
	n.Server("127.0.0.2").Twist(func(w dns.ResponseWriter, request, reply *dns.Msg) {
		reply.Rcode = dns.RcodeNotImplemented
		Send(w, request, reply)
	})
	if got := portal("127.0.0.2", nil); got != "NOTIMP" {
		t.Error(got)
	}
}

func TestTruncation(t *testing.T) {
	n, shop := world(t)
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("many A 127.0.1.%d", i+1))
	}
	shop.Set(many...)
	if got := ask(t, n, "127.0.0.2", "udp", "many.shop.test.", "A", nil); !strings.Contains(got, " tc") {
		t.Error(got)
	}
	if got := ask(t, n, "127.0.0.2", "tcp", "many.shop.test.", "A", nil); strings.Count(got, "127.0.1.") != 100 {
		t.Error(got)
	}
}

func TestUpdates(t *testing.T) {
	n, shop := world(t)
	send := func(zone, key, secret string, at time.Time, change func(*dns.Msg)) string {
		m := new(dns.Msg).SetUpdate(zone)
		change(m)
		client := &dns.Client{Timeout: 10 * time.Second}
		if key != "" {
			client.TsigSecret = map[string]string{key: secret}
			m.SetTsig(key, dns.HmacSHA256, 300, at.Unix())
		}
		reply, _, err := client.Exchange(m, n.Addr("127.0.0.2").String())
		if reply == nil {
			t.Fatal(err)
		}
		answer := dns.RcodeToString[reply.Rcode]
		if s := reply.IsTsig(); s != nil && s.Error != 0 {
			answer += " " + dns.RcodeToString[int(s.Error)]
		} else if err != nil {
			answer += " " + err.Error()
		}
		return answer
	}
	value, _ := dns.NewRR(`_acme-challenge.portal.shop.test. 60 IN TXT "abc"`)
	other, _ := dns.NewRR(`_acme-challenge.portal.shop.test. 60 IN TXT "def"`)
	foreign, _ := dns.NewRR(`portal.dyn.test. 60 IN A 127.0.0.1`)
	insert := func(m *dns.Msg) { m.Insert([]dns.RR{value, other}) }
	now := time.Now()
	if got := send("shop.test.", KeyName, KeySecret, now, insert); got != "REFUSED" {
		t.Errorf("not allowed yet: %s", got)
	}
	shop.AllowUpdates(true)
	for _, row := range []struct {
		name, zone, key, secret, want string
		at                            time.Time
		change                        func(*dns.Msg)
	}{
		{"unsigned", "shop.test.", "", "", "REFUSED", now, insert},
		{"unknown key", "shop.test.", "nobody.", KeySecret, "NOTAUTH BADKEY", now, insert},
		{"wrong secret", "shop.test.", KeyName, "AAAA", "NOTAUTH BADSIG", now, insert},
		{"wrong clock", "shop.test.", KeyName, KeySecret, "NOTAUTH BADTIME", now.Add(-time.Hour), insert},
		{"wrong zone", "portal.shop.test.", KeyName, KeySecret, "NOTAUTH dns: bad authentication", now, insert},
		{"outside", "shop.test.", KeyName, KeySecret, "NOTZONE", now, func(m *dns.Msg) { m.Insert([]dns.RR{foreign}) }},
		{"insert", "shop.test.", KeyName, KeySecret, "NOERROR", now, insert},
		{"insert again", "shop.test.", KeyName, KeySecret, "NOERROR", now, insert},
		{"remove one", "shop.test.", KeyName, KeySecret, "NOERROR", now, func(m *dns.Msg) { m.Remove([]dns.RR{other}) }},
	} {
		if got := send(row.zone, row.key, row.secret, row.at, row.change); got != row.want {
			t.Errorf("%s: %s, not %s", row.name, got, row.want)
		}
	}
	if got := shop.Texts("_acme-challenge.portal", "TXT"); !slices.Equal(got, []string{`"abc"`}) {
		t.Errorf("%v", got)
	}
	if got := ask(t, n, "127.0.0.3", "udp", "_acme-challenge.portal.shop.test.", "TXT", nil); !strings.Contains(got, `"abc"`) {
		t.Errorf("the other copy: %s", got)
	}
	if got := send("shop.test.", KeyName, KeySecret, now, func(m *dns.Msg) { m.RemoveRRset([]dns.RR{value}) }); got != "NOERROR" || len(shop.Texts("_acme-challenge.portal", "TXT")) != 0 {
		t.Errorf("%s", got)
	}
}

func TestHTTPS(t *testing.T) {
	n, _ := world(t)
	raw, err := new(dns.Msg).SetQuestion("out.shop.test.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(n.HTTPS(), "application/dns-message", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	reply := new(dns.Msg)
	if err := reply.Unpack(body); err != nil || !strings.Contains(told(reply), "127.0.0.5") {
		t.Errorf("%v %s", err, told(reply))
	}
}

// witness notes what would fail a test.
type witness struct {
	testing.TB
	errors []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.errors = append(w.errors, fmt.Sprintf(format, args...))
}

func TestLoopbackRefusesTheWorld(t *testing.T) {
	w := &witness{TB: t}
	for _, address := range []string{"192.0.2.1:53", "[2001:db8::1]:443", "name.invalid:80", "10.0.0.1:53"} {
		if conn, err := Loopback(w)(context.Background(), "udp", address); err == nil {
			_ = conn.Close()
			t.Errorf("%s was dialled", address)
		}
	}
	if len(w.errors) != 4 {
		t.Errorf("%v", w.errors)
	}
	n := Start(t)
	conn, err := n.Dial(context.Background(), "udp", n.Resolver().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}
