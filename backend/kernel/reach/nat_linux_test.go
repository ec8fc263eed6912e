package reach_test

import (
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"

	"portico/backend/kernel/reach"
	"portico/backend/kernel/reach/reachtest"
)

// said is what the machine behind the router says (playHome).
type said struct {
	Router reach.Router
	Public reach.Public
	Codes  []reach.Code
}

// A portal behind a real NAT, in networks of their own: what it finds out, whether
// the world gets in, and that nothing stays open afterwards.
func TestBehindNAT(t *testing.T) {
	const home, public = "192.168.1.5", "203.0.113.7"
	for _, s := range []struct {
		story   string
		router  reachtest.Options
		hairpin bool
		carrier string // the router's other side when another NAT follows
		byHand  bool   // a person has set up the forward in the router
		codes   []reach.Code
		outside reach.Code // what somebody in the world finds at the public address
	}{
		{"UPnP, and the router lets us back in", reachtest.Options{UPnP: true}, true, "", false,
			[]reach.Code{reach.MappingActive, reach.AddressKnown, reach.AddressNoV6, reach.RouterFound, reach.SelfReached, reach.SelfReached, reach.SelfReached}, reach.SelfReached},
		{"PCP and NAT-PMP, and the router does not let us back in", reachtest.Options{PCP: true, NATPMP: true}, false, "", false,
			[]reach.Code{reach.MappingUnproven, reach.AddressKnown, reach.AddressNoV6, reach.RouterFound, reach.SelfReached, reach.SelfReached, reach.SelfHairpin}, reach.SelfReached},
		{"a router that opens nothing", reachtest.Options{}, true, "", false,
			[]reach.Code{reach.AddressKnown, reach.AddressNoV6, reach.RouterSilent, reach.SelfReached, reach.SelfReached, reach.SelfHairpin}, reach.SelfUnreachable},
		{"a router that opens nothing, set up by hand", reachtest.Options{}, true, "", true,
			[]reach.Code{reach.AddressKnown, reach.AddressNoV6, reach.RouterSilent, reach.SelfReached, reach.SelfReached, reach.SelfReached}, reach.SelfReached},
		{"carrier-grade NAT behind a router that says yes", reachtest.Options{UPnP: true}, true, "100.72.0.2", false,
			[]reach.Code{reach.MappingActive, reach.AddressKnown, reach.AddressNoV6, reach.RouterCGNAT, reach.SelfReached, reach.SelfReached, reach.SelfHairpin}, reach.SelfUnreachable},
		{"another router behind the router", reachtest.Options{NATPMP: true}, true, "10.9.0.2", false,
			[]reach.Code{reach.MappingUnproven, reach.AddressKnown, reach.AddressNoV6, reach.RouterDouble, reach.SelfReached, reach.SelfReached, reach.SelfHairpin}, reach.SelfUnreachable},
		{"a carrier that shares borrowed addresses", reachtest.Options{UPnP: true}, true, "198.51.100.77", false,
			[]reach.Code{reach.MappingActive, reach.AddressKnown, reach.AddressNoV6, reach.RouterDiffers, reach.SelfReached, reach.SelfReached, reach.SelfHairpin}, reach.SelfUnreachable},
	} {
		t.Run(s.story, func(t *testing.T) {
			house, router, world := reachtest.NewNet(t, "home"), reachtest.NewNet(t, "router"), reachtest.NewNet(t, "world")
			reachtest.Wire(house, "eth0", home+"/24", router, "lan0", "192.168.1.1/24")
			house.Gateway("192.168.1.1")
			world.Run("ip", "address", "add", "198.51.100.10/32", "dev", "lo")
			external := netip.MustParseAddr(public)
			outer := router // who has the public address
			if s.carrier != "" {
				external = netip.MustParseAddr(s.carrier)
				outer = reachtest.NewNet(t, "carrier")
				reachtest.Wire(router, "wan0", "198.18.66.2/30", outer, "lan0", "198.18.66.1/30")
				router.Gateway("198.18.66.1")
				outer.Route(netip.PrefixFrom(external, 32), "198.18.66.2")
				reachtest.NewNAT(outer, "lan0", netip.MustParseAddr(public), true)
			}
			reachtest.Wire(outer, "up0", "198.18.77.2/30", world, "down0", "198.18.77.1/30")
			outer.Gateway("198.18.77.1")
			world.Route(netip.MustParsePrefix(public+"/32"), "198.18.77.2")

			nat := reachtest.NewNAT(router, "lan0", external, s.hairpin)
			if s.byHand {
				nat.Forward(80, netip.MustParseAddrPort(home+":8080"))
			}
			o := s.router
			o.Address, o.External = netip.MustParseAddr("192.168.1.1"), external
			o.Changed = func(e reachtest.Entry, on bool) {
				if to := e.Internal; on {
					nat.Forward(e.External, to)
				} else {
					nat.Forward(e.External, netip.AddrPort{})
				}
			}
			var box *reachtest.Router
			router.In(func() {
				lan, err := net.InterfaceByName("lan0")
				if err != nil {
					t.Fatal(err)
				}
				if o.UPnP {
					o.Group = lan
				}
				box = reachtest.NewRouter(t, o)
			})
			var stun, echo string
			world.In(func() {
				stun, echo = reachtest.STUN(t, "198.51.100.10:3478", line("")), reachtest.Echo(t, "198.51.100.10:80", line(""))
			})

			got, leave := atHome(t, house, stun, echo)
			equal(t, "found", words(got.Codes), words(s.codes))
			if got.Public.IPv4 != netip.MustParseAddr(public) || got.Router.Gateway.Address != o.Address || got.Router.Gateway.Local != netip.MustParseAddr(home) || got.Router.Gateway.Interface != "eth0" {
				t.Errorf("%+v", got)
			}
			for _, a := range got.Public.Answers {
				if a.Family == 4 && a.Addr != got.Public.IPv4 {
					t.Errorf("%s says %s", a.Source, a.Addr)
				}
			}
			if f := outside(t, world, public+":80"); f.Code != s.outside {
				t.Errorf("the world finds %+v, want %s", f, s.outside)
			}
			leave()
			if len(box.Table()) != 0 {
				t.Errorf("left open: %v", box.Table())
			}
			if f := outside(t, world, public+":80"); (f.Code == reach.SelfReached) && !s.byHand {
				t.Errorf("the world still gets in: %+v", f)
			}
		})
	}
}

func words(codes []reach.Code) (all []string) {
	for _, c := range codes {
		all = append(all, string(c))
	}
	slices.Sort(all)
	return all
}

// atHome starts the portal in its network; leave ends it.
func atHome(t *testing.T, n *reachtest.Net, stun, echo string) (got said, leave func()) {
	t.Helper()
	cmd := n.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "REACH_PLAY=home", "REACH_STUN="+stun, "REACH_ECHO="+echo)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	leave = func() { _ = stdin.Close(); _ = cmd.Wait() }
	if err := json.NewDecoder(stdout).Decode(&got); err != nil {
		leave()
		t.Fatal(err)
	}
	return got, leave
}

// outside fetches our page from the world.
func outside(t *testing.T, n *reachtest.Net, at string) (f reach.Finding) {
	t.Helper()
	cmd := n.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "REACH_PLAY=outside", "REACH_AT="+at)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return f
}
