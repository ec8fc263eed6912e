package reach_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"portico/backend/kernel/reach"
	"portico/backend/kernel/reach/reachtest"
)

// newHome6 is a home whose router keeps IPv6 out unless it is asked, and the
// machine's address there: with PCP it is that of loopback, which has no other.
func newHome6(t *testing.T, o reachtest.Options) (*home, netip.Addr) {
	t.Helper()
	h, mine := newHome(t, o), netip.MustParseAddr("2001:db8::5")
	if o.PCP6 {
		mine = reachtest.Sixth()
		h.config.Gateways = func(context.Context) ([]reach.Gateway, error) {
			return []reach.Gateway{{Address: h.Gateway, Local: h.local, Six: reachtest.Sixth()}}, nil
		}
	}
	return h, mine
}

// holes are what the router lets in, in words.
func (h *home) holes() (all []string) {
	for _, e := range h.Holes() {
		all = append(all, e.Internal.String()+" "+e.Method)
	}
	slices.Sort(all)
	return all
}

// IPv6 let in, shown, renewed at half time, closed at the end, taken on after a
// crash and asked for again after a power cut: in each language.
func TestPinholes(t *testing.T) {
	for _, s := range []struct {
		method reach.Method
		o      reachtest.Options
		says   string
	}{
		{reach.UPnP6, reachtest.Options{UPnP: true, Firewall: true}, "pinhole.active"},
		{reach.PCP6, reachtest.Options{PCP6: true}, "pinhole.unproven"},
		{reach.UPnP6, reachtest.Options{UPnP: true, Firewall: true, PCP6: true}, "pinhole.active"},
	} {
		t.Run(string(s.method), func(t *testing.T) {
			h, mine := newHome6(t, s.o)
			hole := reach.Forward{External: 443, Internal: 443, To: mine}
			there := []string{netip.AddrPortFrom(mine, 443).String() + " " + string(s.method)}
			m := reach.NewMapper(h.config)
			if r := m.Explore(ctx); len(r.Pinholes) == 0 || r.Pinholes[0] != s.method || slices.Contains(r.Methods, s.method) || len(h.Holes()) != 0 {
				t.Fatalf("explored: %+v, %v", r, h.Holes())
			}
			m.Want(hole)
			m.Step(ctx)
			equal(t, "open", h.holes(), there)
			equal(t, "findings", codes(m.State().Findings), []string{s.says + " 443"})
			if got := m.State().Mappings; len(got) != 1 || got[0].Internal != netip.AddrPortFrom(mine, 443) || !got[0].Expires.Equal(noon.Add(time.Hour)) {
				t.Errorf("state %+v", got)
			}
			h.clk.Advance(31 * time.Minute)
			m.Step(ctx)
			h.clk.Advance(50 * time.Minute)
			equal(t, "after its first lease", h.holes(), there)
			if n := len(h.Holes()); n != 1 {
				t.Errorf("%d holes: renewing made another", n)
			}
			h.Restart()
			h.clk.Advance(5 * time.Minute)
			m.Step(ctx)
			equal(t, "after a power cut", h.holes(), there)

			again := reach.NewMapper(h.config) // it crashed, and nobody wants it any more
			again.Step(ctx)
			equal(t, "closed after a crash", h.holes(), nil)
			again.Want(hole)
			again.Step(ctx)
			equal(t, "open again", h.holes(), there)
			again.Finish(ctx)
			equal(t, "at the end", h.holes(), nil)
			if left, _ := h.store.Remembered(ctx); len(left) != 0 {
				t.Errorf("still remembered: %v", left)
			}
		})
	}
}

// A hole beside forwards: each in its own language, one port number or not.
func TestPinholesBesideForwards(t *testing.T) {
	h, mine := newHome6(t, reachtest.Options{UPnP: true, Firewall: true})
	m := reach.NewMapper(h.config)
	m.Want(reach.Forward{External: 443, Internal: 443}, reach.Forward{External: 443, Internal: 443, To: mine})
	m.Step(ctx)
	equal(t, "forwards", h.open(), []string{"443→443 upnp"})
	equal(t, "holes", h.holes(), []string{"[2001:db8::5]:443 upnp6"})
	if left, _ := h.store.Remembered(ctx); len(left) != 2 {
		t.Errorf("remembered %v", left)
	}
	moved := netip.MustParseAddr("2001:db8:1::5") // the provider gave another network
	m.Want(reach.Forward{External: 443, Internal: 443, To: moved})
	m.Step(ctx)
	equal(t, "one forward less", h.open(), nil)
	equal(t, "the new address", h.holes(), []string{"[2001:db8:1::5]:443 upnp6"})
	m.Finish(ctx)
	equal(t, "at the end", h.holes(), nil)
}

// What a process does not know the number of, because it died before it was told,
// is closed all the same.
func TestAPinholeWithoutItsNumber(t *testing.T) {
	h, mine := newHome6(t, reachtest.Options{UPnP: true, Firewall: true})
	m := reach.NewMapper(h.config)
	m.Want(reach.Forward{External: 443, Internal: 443, To: mine})
	m.Step(ctx)
	lost := m.State().Mappings[0]
	lost.Number = 0
	if err := h.store.Remember(ctx, lost); err != nil {
		t.Fatal(err)
	}
	reach.NewMapper(h.config).Step(ctx)
	equal(t, "open", h.holes(), nil)
}

// Everything a router may say instead of yes.
func TestPinholesRefused(t *testing.T) {
	for _, s := range []struct {
		story  string
		o      reachtest.Options
		change func(*reachtest.Options)
		want   []string
	}{
		{"switched off, UPnP", reachtest.Options{UPnP: true, Firewall: true}, func(o *reachtest.Options) { o.Disabled = true }, []string{"pinhole.disabled 443"}},
		{"switched off, PCP", reachtest.Options{PCP6: true}, func(o *reachtest.Options) { o.Disabled = true }, []string{"pinhole.disabled 443"}},
		{"no room", reachtest.Options{UPnP: true, Firewall: true}, func(o *reachtest.Options) { o.Full = true }, []string{"pinhole.refused 443"}},
		{"yes, and nothing happens", reachtest.Options{UPnP: true, Firewall: true, Forgetful: true}, func(*reachtest.Options) {}, []string{"pinhole.lost 443"}},
		{"no such words", reachtest.Options{UPnP: true}, func(*reachtest.Options) {}, nil},
	} {
		t.Run(s.story, func(t *testing.T) {
			h, mine := newHome6(t, s.o)
			m := reach.NewMapper(h.config)
			m.Want(reach.Forward{External: 80, Internal: 80, To: mine}) // so that it knows its languages
			m.Step(ctx)
			m.Want()
			m.Step(ctx)
			h.Change(s.change)
			m.Want(reach.Forward{External: 443, Internal: 443, To: mine})
			m.Step(ctx)
			m.Step(ctx)
			equal(t, "findings", codes(m.State().Findings), s.want)
			for _, f := range m.State().Findings {
				if f.Severity != reach.Warns || len(f.Remedies) == 0 && f.Code != reach.PinholeLost {
					t.Errorf("%+v", f)
				}
			}
			if len(h.Holes()) != 0 {
				t.Errorf("open %v", h.holes())
			}
		})
	}
}

// The router answers no more: a hole stays remembered until its time is over.
func TestPinholesInSilence(t *testing.T) {
	h, mine := newHome6(t, reachtest.Options{PCP6: true})
	h.config.Patience = 300 * time.Millisecond
	m := reach.NewMapper(h.config)
	m.Want(reach.Forward{External: 443, Internal: 443, To: mine})
	m.Step(ctx)
	h.Change(func(o *reachtest.Options) { o.PCP6 = false })
	m.Refresh()
	m.Step(ctx)
	equal(t, "findings", codes(m.State().Findings), []string{"pinhole.unanswered 443"})
	m.Want()
	m.Step(ctx)
	equal(t, "findings", codes(m.State().Findings), []string{"pinhole.left_behind 443"})
}

// Whether the router would let IPv6 in is judged where that could be of use.
func TestJudgePinholes(t *testing.T) {
	mine := netip.MustParseAddr("2001:db8::5")
	direct, moved := reach.Forward{External: 443, Internal: 443}, reach.Forward{External: 443, Internal: 8443}
	p := reach.Public{IPv4: world, IPv6: mine, Answers: []reach.Answer{{Addr: world}, {Addr: mine}}}
	for _, s := range []struct {
		story   string
		o       reachtest.Options
		local   netip.Addr
		forward reach.Forward
		want    string
	}{
		{"it would", reachtest.Options{UPnP: true, Firewall: true}, mine, direct, "router.pinhole 2001:db8::5"},
		{"it would not", reachtest.Options{UPnP: true}, mine, direct, "router.no_pinhole 2001:db8::5"},
		{"it keeps nobody out", reachtest.Options{UPnP: true, Firewall: true, Unguarded: true}, mine, direct, ""},
		{"the address is a proxy's", reachtest.Options{UPnP: true, Firewall: true}, netip.MustParseAddr("2001:db8::6"), direct, ""},
		{"nobody listens at that port", reachtest.Options{UPnP: true, Firewall: true}, mine, moved, ""},
	} {
		h := newHome(t, s.o)
		all := codes(reach.Judge(reach.NewMapper(h.config).Explore(ctx), p, []netip.Addr{s.local}, s.forward))
		all = slices.DeleteFunc(all, func(code string) bool {
			return code != "router.pinhole 2001:db8::5" && code != "router.no_pinhole 2001:db8::5"
		})
		if s.want == "" && len(all) != 0 || s.want != "" && !slices.Equal(all, []string{s.want}) {
			t.Errorf("%s: %v", s.story, all)
		}
	}
}
