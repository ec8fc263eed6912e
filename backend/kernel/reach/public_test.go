package reach_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/reach/reachtest"
)

func listenAll(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func line(addr string) *reachtest.Line {
	l := &reachtest.Line{}
	if addr != "" {
		l.Set(netip.MustParseAddr(addr))
	}
	return l
}

func TestFind(t *testing.T) {
	right, wrong, v6 := line("203.0.113.7"), line("198.51.100.66"), line("2001:db8::7")
	stun := func(l *reachtest.Line) string { return reachtest.STUN(t, "127.0.0.1:0", l) }
	echo := func(l *reachtest.Line) string { return reachtest.Echo(t, "127.0.0.1:0", l) }
	stun6, echo6 := reachtest.STUN(t, "[::1]:0", v6), reachtest.Echo(t, "[::1]:0", v6)
	odd := "http://" + serve(t, false, page(200, nil, "<html>your address is 203.0.113.9")).String()
	gone := "http://" + closed(t).String()
	for _, s := range []struct {
		story      string
		stun, echo []string
		v4, v6     string
		codes      []string
	}{
		{"nobody is set", nil, nil, "", "", []string{"address.unasked "}},
		{"one server", []string{stun(right)}, nil, "203.0.113.7", "", []string{"address.known 203.0.113.7", "address.no_ipv6 203.0.113.7"}},
		{"one page", nil, []string{echo(right)}, "203.0.113.7", "", []string{"address.known 203.0.113.7", "address.no_ipv6 203.0.113.7"}},
		{"both families", []string{stun(right), stun6}, []string{echo6}, "203.0.113.7", "2001:db8::7", []string{"address.known 203.0.113.7"}},
		{"IPv6 only", []string{stun6}, nil, "", "2001:db8::7", []string{"address.ipv6_only 2001:db8::7"}},
		{"one that lies is outvoted", []string{stun(wrong), stun(right)}, []string{echo(right)}, "203.0.113.7", "", []string{"address.disagrees 203.0.113.7", "address.known 203.0.113.7", "address.no_ipv6 203.0.113.7"}},
		{"a page that says something else, and one that is down", []string{stun(right)}, []string{odd, gone}, "203.0.113.7", "", []string{"address.known 203.0.113.7", "address.no_ipv6 203.0.113.7"}},
		{"nobody knows", []string{"127.0.0.1:9"}, []string{odd, gone}, "", "", []string{"address.unknown "}},
	} {
		t.Run(s.story, func(t *testing.T) {
			p := reach.NewFinder(reach.AddressConfig{STUN: s.stun, Echo: s.echo, Patience: time.Second}).Find(ctx)
			if s.v4 != addrText(p.IPv4) || s.v6 != addrText(p.IPv6) || len(p.Answers) != 2*(len(s.stun)+len(s.echo)) {
				t.Errorf("%+v", p)
			}
			router := reach.Router{Gateway: reach.Gateway{Address: netip.MustParseAddr("192.168.1.1")}, Methods: []reach.Method{reach.UPnP}, External: world}
			got := codes(reach.Judge(router, p, nil))
			equal(t, "findings", slices.DeleteFunc(got, func(c string) bool { return c == "router.found 192.168.1.1" }), s.codes)
		})
	}
	direct := reach.NewFinder(reach.AddressConfig{STUN: []string{stun(line(""))}}).Find(ctx) // told the truth: the address is ours
	equal(t, "no NAT", codes(reach.Judge(reach.Router{}, direct, []netip.Addr{netip.MustParseAddr("127.0.0.1")})), []string{"address.direct 127.0.0.1", "address.known 127.0.0.1", "address.no_ipv6 127.0.0.1"})
	// A caller who leaves is not waited for.
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	left, leave := context.WithCancel(ctx)
	time.AfterFunc(10*time.Millisecond, leave)
	if p := reach.NewFinder(reach.AddressConfig{STUN: []string{silent.LocalAddr().String()}, Patience: time.Hour}).Find(left); p.IPv4.IsValid() || p.Answers[0].Err == nil {
		t.Errorf("%+v", p)
	}
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// What the router's other side and the public address mean together.
func TestJudge(t *testing.T) {
	addr := func(s string) (a netip.Addr) {
		if s != "" {
			a = netip.MustParseAddr(s)
		}
		return a
	}
	home := reach.Gateway{Address: addr("192.168.1.1"), Local: addr("192.168.1.5")}
	upnp := []reach.Method{reach.UPnP}
	for _, s := range []struct {
		story  string
		r      reach.Router
		v4, v6 string
		local  []netip.Addr
		code   reach.Code
		sev    reach.Severity
		cures  []reach.Cure
	}{
		{"no default route", reach.Router{}, "", "", nil, reach.RouterNone, reach.Blocks, nil},
		{"opens ports", reach.Router{Gateway: home, Methods: upnp, External: addr("203.0.113.7")}, "203.0.113.7", "", nil, reach.RouterFound, reach.Good, nil},
		{"silent", reach.Router{Gateway: home}, "203.0.113.7", "", nil, reach.RouterSilent, reach.Warns, []reach.Cure{reach.CureUPnP, reach.CureForward}},
		{"not connected", reach.Router{Gateway: home, Methods: upnp, Offline: true}, "", "", nil, reach.RouterOffline, reach.Blocks, []reach.Cure{reach.CureWait}},
		{"carrier-grade NAT", reach.Router{Gateway: home, Methods: upnp, External: addr("100.72.3.4")}, "198.51.100.1", "2001:db8::1", nil, reach.RouterCGNAT, reach.Blocks,
			[]reach.Cure{reach.CureAskProvider, reach.CureIPv6, reach.CureVPS, reach.CureTunnel}},
		{"DS-Lite", reach.Router{Gateway: home, Methods: upnp, External: addr("192.0.0.2")}, "198.51.100.1", "", nil, reach.RouterCGNAT, reach.Blocks, []reach.Cure{reach.CureAskProvider, reach.CureVPS, reach.CureTunnel}},
		{"a modem in the provider's network", reach.Router{Gateway: reach.Gateway{Address: addr("100.64.0.1"), Local: addr("100.64.9.9")}}, "198.51.100.1", "", nil, reach.RouterCGNAT, reach.Blocks,
			[]reach.Cure{reach.CureAskProvider, reach.CureVPS, reach.CureTunnel}},
		{"two routers", reach.Router{Gateway: home, Methods: upnp, External: addr("192.168.178.20")}, "203.0.113.7", "", nil, reach.RouterDouble, reach.Blocks,
			[]reach.Cure{reach.CureBridge, reach.CureAskProvider, reach.CureVPS, reach.CureTunnel}},
		{"seen as another", reach.Router{Gateway: home, Methods: upnp, External: addr("203.0.113.7")}, "198.51.100.1", "", nil, reach.RouterDiffers, reach.Warns, []reach.Cure{reach.CureAskProvider, reach.CureVPS, reach.CureTunnel}},
		{"no NAT", reach.Router{Gateway: reach.Gateway{Address: addr("203.0.113.1"), Local: addr("203.0.113.7")}}, "203.0.113.7", "", []netip.Addr{addr("203.0.113.7")}, reach.AddressDirect, reach.Good, nil},
	} {
		all := reach.Judge(s.r, reach.Public{IPv4: addr(s.v4), IPv6: addr(s.v6), Answers: []reach.Answer{{Addr: addr(s.v4)}}}, s.local, reach.Forward{External: 443, Internal: 8443}, reach.Forward{External: 80, Internal: 8080})
		f := all[len(all)-1]
		var cures []reach.Cure
		for _, r := range f.Remedies {
			cures = append(cures, r.Cure)
			if r.Cure == reach.CureForward && (r.Params["forwards"] != "443→8443, 80→8080" || r.Params["local"] != "192.168.1.5") {
				t.Errorf("%s: %v", s.story, r.Params)
			}
		}
		if f.Code != s.code || f.Severity != s.sev || !slices.Equal(cures, s.cures) {
			t.Errorf("%s: %s %s %v", s.story, f.Code, f.Severity, cures)
		}
	}
	for a, want := range map[string]bool{"8.8.8.8": true, "10.1.2.3": false, "100.63.255.255": true, "100.64.0.0": false, "100.127.255.255": false, "127.0.0.1": false, "169.254.1.1": false,
		"224.0.0.1": false, "::ffff:192.168.1.1": false, "fe80::1": false, "fd00::1": false, "2a00::1": true} {
		if reach.Routable(addr(a)) != want {
			t.Errorf("Routable(%s) is %v", a, !want)
		}
	}
}

// What a Watcher tells, turn by turn.
func TestWatcher(t *testing.T) {
	clk := clock.NewFake(noon)
	local, public := []netip.Addr{netip.MustParseAddr("192.168.1.5")}, reach.Public{}
	finds := 0
	w := reach.NewWatcher(reach.WatcherConfig{Clock: clk, Interfaces: func() ([]netip.Addr, error) { return local, nil },
		Find: func(context.Context) reach.Public { finds++; return public }})
	turn := func(advance time.Duration) (events []string) {
		clk.Advance(advance)
		w.Step(ctx, func(c reach.Change) {
			events = append(events, string(c.Event)+" "+addrText(c.Previous.IPv4)+">"+addrText(c.Public.IPv4))
		})
		return events
	}
	equal(t, "the beginning, offline", turn(0), nil)
	public.IPv4 = world
	equal(t, "not asked again at once", turn(15*time.Second), nil)
	clk.Advance(-10 * time.Second)
	equal(t, "the clock was set back", turn(0), []string{"resumed >203.0.113.7", "address_changed >203.0.113.7"})
	for range 20 {
		equal(t, "nothing", turn(15*time.Second), nil)
	}
	if finds != 3 {
		t.Errorf("the world was asked %d times", finds)
	}
	local = append(local, netip.MustParseAddr("2001:db8:1::5"))
	public.IPv6 = netip.MustParseAddr("2001:db8:1::5")
	equal(t, "another network", turn(15*time.Second), []string{"network_changed 203.0.113.7>203.0.113.7", "address_changed 203.0.113.7>203.0.113.7"})
	public = reach.Public{}
	equal(t, "the line is down", turn(5*time.Minute), []string{"resumed 203.0.113.7>203.0.113.7"})
	public.IPv4 = netip.MustParseAddr("203.0.113.8")
	equal(t, "a new address", turn(8*time.Hour), []string{"resumed 203.0.113.7>203.0.113.8", "address_changed 203.0.113.7>203.0.113.8"})
	equal(t, "a day", turn(16*time.Hour), []string{"resumed 203.0.113.8>203.0.113.8", "daily 203.0.113.8>203.0.113.8"})

	running, stop := context.WithCancel(ctx)
	told := make(chan reach.Change, 1)
	done := make(chan error)
	again := reach.NewWatcher(reach.WatcherConfig{Clock: clock.System{}, Find: func(context.Context) reach.Public { return public }, Every: time.Millisecond})
	go func() { done <- again.Run(running, func(c reach.Change) { told <- c }) }()
	if c := <-told; c.Event != reach.AddressChanged {
		t.Errorf("%+v", c)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
