package zone

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/zone/zonetest"
)

// somebody is an address on the Internet that is not ours; it stands in records
// only.
const somebody = "93.184.216.34"

// testWorld is a zone on two servers with a portal that is as it should be.
type testWorld struct {
	*zonetest.Net
	t      *testing.T
	shop   *zonetest.Zone
	dyn    *zonetest.Zone
	config Config
	clock  *clock.Fake
	ctx    context.Context
	name   Name
	target Target
}

func newWorld(t *testing.T) *testWorld {
	n := zonetest.Start(t)
	w := &testWorld{Net: n, t: t, ctx: context.Background(), name: "portal.shop.test", clock: clock.NewFake(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))}
	n.Zone("test", "127.0.0.6")
	w.shop = n.Zone("shop.test", "127.0.0.2", "127.0.0.3")
	w.shop.Set("portal A 127.0.0.1")
	w.dyn = n.Zone("dyn.test", "127.0.0.4")
	w.dyn.Set("office 60 A 127.0.0.1")
	n.Server("127.0.0.5").Resolve(true)
	w.config = Config{
		Public: []Server{{Name: "Public", Addr: n.Addr("127.0.0.5")}}, System: []netip.AddrPort{n.Resolver()}, HTTPS: []string{},
		Port: n.Port(), Clock: w.clock, Patience: 500 * time.Millisecond, Dial: n.Dial,
	}
	w.target = Target{IPv4: ips("127.0.0.1"), CAIssuers: []string{"letsencrypt.org"}}
	return w
}

func (w *testWorld) survey() Survey { return New(w.config).Survey(w.ctx, w.name) }

func (w *testWorld) codes(s Survey) []Code {
	var all []Code
	for _, d := range Diagnose(s, w.target) {
		all = append(all, d.Code)
	}
	return all
}

// both are the servers of shop.test.
func (w *testWorld) both(do func(*zonetest.Server)) {
	do(w.Server("127.0.0.2"))
	do(w.Server("127.0.0.3"))
}

func ips(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func swallow(dns.ResponseWriter, *dns.Msg, *dns.Msg) {}

// only twists replies to questions of one type.
func only(kind uint16, twist func(reply *dns.Msg)) zonetest.Twist {
	return func(w dns.ResponseWriter, request, reply *dns.Msg) {
		if request.Question[0].Qtype == kind {
			twist(reply)
		}
		zonetest.Send(w, request, reply)
	}
}

func servfail(reply *dns.Msg) { *reply = *reply.SetRcode(reply, dns.RcodeServerFailure) }

// asResolver is what a router does that answers every question itself.
func asResolver(change func(reply *dns.Msg)) zonetest.Twist {
	return func(w dns.ResponseWriter, request, reply *dns.Msg) {
		reply.Authoritative, reply.RecursionAvailable = false, true
		change(reply)
		zonetest.Send(w, request, reply)
	}
}

func lie(reply *dns.Msg) {
	for _, rr := range reply.Answer {
		if a, ok := rr.(*dns.A); ok {
			a.A = netip.MustParseAddr(somebody).AsSlice()
		}
	}
}
