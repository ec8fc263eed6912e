package reach_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/reach/reachtest"
)

var ctx = context.Background()

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var world = netip.MustParseAddr("203.0.113.7")

// home is this machine behind a router, with a clock that the test moves.
type home struct {
	*reachtest.Router
	local  netip.Addr
	store  *reachtest.Store
	clk    *clock.Fake
	config reach.MapperConfig
}

func newHome(t *testing.T, o reachtest.Options) *home {
	t.Helper()
	h := &home{store: &reachtest.Store{}, clk: clock.NewFake(noon)}
	o.Clock = h.clk
	if !o.External.IsValid() {
		o.External = world
	}
	h.Router = reachtest.NewRouter(t, o)
	h.local = h.Gateway // on loopback both ends may be one
	h.config = reach.MapperConfig{
		Gateways: func(context.Context) ([]reach.Gateway, error) {
			return []reach.Gateway{{Address: h.Gateway, Local: h.local}}, nil
		},
		Search: []netip.AddrPort{}, Store: h.store, Clock: h.clk, Patience: 2 * time.Second,
	}
	if o.UPnP {
		h.config.Search = []netip.AddrPort{h.Search}
	}
	return h
}

var wanted = []reach.Forward{{External: 443, Internal: 8443}, {External: 80, Internal: 8080}}

// open are the router's forwards in words.
func (h *home) open() (all []string) {
	for _, e := range h.Table() {
		all = append(all, netip.AddrPortFrom(h.Gateway, e.External).String()[len(h.Gateway.String())+1:]+"→"+e.Internal.String()[len(e.Internal.Addr().String())+1:]+" "+e.Method)
	}
	slices.Sort(all)
	return all
}

func codes(findings []reach.Finding) (all []string) {
	for _, f := range findings {
		all = append(all, string(f.Code)+" "+f.Subject)
	}
	slices.Sort(all)
	return all
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// Opened, shown, renewed at half time, closed at the end: in each language.
func TestForwards(t *testing.T) {
	for _, s := range []struct {
		method reach.Method
		o      reachtest.Options
		says   string
	}{
		{reach.UPnP, reachtest.Options{UPnP: true}, "mapping.active"},
		{reach.NATPMP, reachtest.Options{NATPMP: true}, "mapping.unproven"},
		{reach.PCP, reachtest.Options{PCP: true}, "mapping.unproven"},
		{reach.PCP, reachtest.Options{PCP: true, NATPMP: true, NoOptions: true}, "mapping.unproven"},
		{reach.UPnP, reachtest.Options{UPnP: true, PCP: true, NATPMP: true}, "mapping.active"},
	} {
		t.Run(string(s.method), func(t *testing.T) {
			h := newHome(t, s.o)
			m := reach.NewMapper(h.config)
			if m.Step(ctx); len(h.Heard()) != 0 {
				t.Errorf("the router was asked %v though nobody wanted anything", h.Heard())
			}
			m.Want(wanted...)
			m.Step(ctx)
			open := []string{"443→8443 " + string(s.method), "80→8080 " + string(s.method)}
			equal(t, "open", h.open(), open)
			equal(t, "findings", codes(m.State().Findings), []string{s.says + " 443", s.says + " 80"})
			state := m.State()
			if len(state.Mappings) != 2 || state.Mappings[0].External != netip.AddrPortFrom(world, 443) || !state.Mappings[0].Expires.Equal(noon.Add(time.Hour)) || state.Router.External != world {
				t.Errorf("state %+v", state)
			}
			before := len(asked(h, s.method))
			h.clk.Advance(29 * time.Minute)
			if m.Step(ctx); len(asked(h, s.method)) != before {
				t.Errorf("renewed before half of the time: %v", asked(h, s.method)[before:])
			}
			h.clk.Advance(2 * time.Minute)
			if m.Step(ctx); len(asked(h, s.method)) != before+2 {
				t.Errorf("not renewed at half of the time: %v", asked(h, s.method)[before:])
			}
			h.clk.Advance(50 * time.Minute)
			equal(t, "after its first lease", h.open(), open)
			if got := m.State().Mappings[1].Expires; !got.Equal(noon.Add(91 * time.Minute)) {
				t.Errorf("expires %s", got)
			}
			m.Want(wanted[0])
			m.Step(ctx)
			equal(t, "one less", h.open(), open[:1])
			m.Finish(ctx)
			equal(t, "at the end", h.open(), nil)
			if left, _ := h.store.Remembered(ctx); len(left) != 0 {
				t.Errorf("still remembered: %v", left)
			}
		})
	}
}

// asked are the requests that open a forward.
func asked(h *home, method reach.Method) (all []string) {
	for _, r := range h.Heard() {
		if r == map[reach.Method]string{reach.UPnP: "upnp AddPortMapping", reach.PCP: "pcp MAP", reach.NATPMP: "natpmp 2"}[method] {
			all = append(all, r)
		}
	}
	if method == reach.PCP && len(all) > 2 && h.lacksOptions() {
		return all[:len(all)/2] // each was asked twice
	}
	return all
}

func (h *home) lacksOptions() (no bool) {
	h.Change(func(o *reachtest.Options) { no = o.NoOptions })
	return no
}

// What a crash leaves behind is taken on when it is still wanted and closed when not.
func TestAfterACrash(t *testing.T) {
	for _, method := range []reachtest.Options{{UPnP: true}, {NATPMP: true}, {PCP: true}} {
		h := newHome(t, method)
		first := reach.NewMapper(h.config)
		first.Want(wanted...)
		first.Step(ctx)
		if len(h.open()) != 2 {
			t.Fatalf("open %v", h.open())
		}
		h.clk.Advance(10 * time.Minute) // it crashes, and comes back wanting one of them
		second := reach.NewMapper(h.config)
		second.Want(wanted[1])
		second.Step(ctx)
		if got := h.open(); len(got) != 1 || !strings.HasPrefix(got[0], "80→8080") {
			t.Errorf("after the restart: %v", got)
		}
		if got := second.State().Mappings; len(got) != 1 || !got[0].Expires.Equal(h.clk.Now().Add(time.Hour)) {
			t.Errorf("renewed at once: %+v", got)
		}
		third := reach.NewMapper(h.config) // another crash, and the owner switched it off meanwhile
		third.Step(ctx)
		equal(t, "nobody wants any", h.open(), nil)
		if left, _ := h.store.Remembered(ctx); len(left) != 0 {
			t.Errorf("still remembered: %v", left)
		}
	}
}

// brokenStore cannot write.
type brokenStore struct{ *reachtest.Store }

func (brokenStore) Remember(context.Context, reach.Mapping) error { return errors.New("disk full") }

// What cannot be remembered is not opened: nobody would close it after a crash.
func TestNothingOpensUnremembered(t *testing.T) {
	h := newHome(t, reachtest.Options{UPnP: true})
	h.config.Store = brokenStore{h.store}
	m := reach.NewMapper(h.config)
	m.Want(wanted...)
	m.Step(ctx)
	equal(t, "open", h.open(), nil)
}

// Everything a router may say instead of yes.
func TestRefusals(t *testing.T) {
	theirs := reachtest.Entry{External: 443, Internal: netip.MustParseAddrPort("192.168.1.77:443"), Method: "upnp", Description: "NAS"}
	for _, s := range []struct {
		story string
		o     reachtest.Options
		open  *reachtest.Entry
		want  string
		param [2]any
	}{
		{"somebody else's forward, UPnP", reachtest.Options{UPnP: true}, &theirs, "mapping.conflict 443", [2]any{"holder", "192.168.1.77:443"}},
		{"somebody else's forward, PCP", reachtest.Options{PCP: true}, &theirs, "mapping.conflict 443", [2]any{"holder", ""}},
		{"somebody else's forward, NAT-PMP", reachtest.Options{NATPMP: true}, &theirs, "mapping.other_port 443", [2]any{"got", 2443}},
		{"switched off, UPnP", reachtest.Options{UPnP: true, Disabled: true}, nil, "mapping.disabled 443", [2]any{"answer", "606 Action not authorized"}},
		{"switched off, PCP", reachtest.Options{PCP: true, Disabled: true}, nil, "mapping.disabled 443", [2]any{"method", "pcp"}},
		{"switched off, NAT-PMP", reachtest.Options{NATPMP: true, Disabled: true}, nil, "mapping.disabled 443", [2]any{"method", "natpmp"}},
		{"another port, NAT-PMP", reachtest.Options{NATPMP: true, OtherPort: true}, nil, "mapping.other_port 443", [2]any{"got", 1443}},
		{"another port, PCP", reachtest.Options{PCP: true, OtherPort: true}, nil, "mapping.conflict 443", [2]any{"method", "pcp"}},
		{"yes, and nothing happens", reachtest.Options{UPnP: true, Forgetful: true}, nil, "mapping.lost 443", [2]any{"method", "upnp"}},
		{"the other side is not connected", reachtest.Options{PCP: true}, nil, "mapping.refused 443", [2]any{"answer", "the router is not connected"}},
	} {
		t.Run(s.story, func(t *testing.T) {
			h := newHome(t, s.o)
			if s.want == "mapping.refused 443" {
				h.Change(func(o *reachtest.Options) { o.External = netip.Addr{} })
			}
			if s.open != nil {
				h.Open(*s.open)
			}
			m := reach.NewMapper(h.config)
			m.Want(wanted[0])
			m.Step(ctx)
			got := m.State().Findings
			if len(got) != 1 || string(got[0].Code)+" "+got[0].Subject != s.want || got[0].Params[s.param[0].(string)] != s.param[1] || got[0].Severity != reach.Blocks {
				t.Errorf("%+v, want %s with %v", got, s.want, s.param)
			}
			if len(m.State().Mappings) != 0 {
				t.Errorf("mappings %v", m.State().Mappings)
			}
			left, _ := h.store.Remembered(ctx)
			if s.open == nil && len(h.Table()) != 0 || s.open != nil && !slices.Equal(h.Table(), []reachtest.Entry{theirs}) || len(left) != 0 {
				t.Errorf("the router has %v, remembered %v", h.Table(), left)
			}
			m.Want()
			m.Step(ctx)
			m.Finish(ctx)
			if s.open != nil && !slices.Equal(h.Table(), []reachtest.Entry{theirs}) {
				t.Errorf("somebody else's forward was touched: %v", h.Table())
			}
		})
	}
}

// Another program of this very machine has the port: it is not taken from it either.
func TestAnotherProgramOfOurs(t *testing.T) {
	h := newHome(t, reachtest.Options{UPnP: true})
	h.Open(reachtest.Entry{External: 443, Internal: netip.AddrPortFrom(h.local, 32400), Method: "upnp", Description: "Media"})
	h.Open(reachtest.Entry{External: 80, Internal: netip.AddrPortFrom(h.local, 9999), Method: "upnp", Description: "Portico"})
	m := reach.NewMapper(h.config)
	m.Want(wanted...)
	m.Step(ctx)
	equal(t, "open", h.open(), []string{"443→32400 upnp", "80→8080 upnp"})
	equal(t, "findings", codes(m.State().Findings), []string{"mapping.active 80", "mapping.conflict 443"})
}

// A power cut, a person who deletes it, a router that was replaced, and silence.
func TestForwardsComeBack(t *testing.T) {
	for _, o := range []reachtest.Options{{UPnP: true}, {NATPMP: true}, {PCP: true}} {
		h := newHome(t, o)
		m := reach.NewMapper(h.config)
		m.Want(wanted...)
		m.Step(ctx)
		before := h.open()
		h.clk.Advance(5 * time.Minute)
		h.Restart()
		h.clk.Advance(5 * time.Minute)
		m.Step(ctx)
		equal(t, "after the power cut", h.open(), before)
		if got := codes(m.State().Findings); !slices.Contains(got, "mapping.lost 443") {
			t.Errorf("nobody told: %v", got)
		}
		h.clk.Advance(5 * time.Minute)
		m.Step(ctx)
		if got := codes(m.State().Findings); slices.Contains(got, "mapping.lost 443") {
			t.Errorf("told again: %v", got)
		}
	}
}

// The router answers no more: what is open stays remembered until it is over.
func TestSilence(t *testing.T) {
	h := newHome(t, reachtest.Options{NATPMP: true})
	h.config.Patience = 300 * time.Millisecond
	m := reach.NewMapper(h.config)
	m.Want(wanted[0])
	m.Step(ctx)
	h.Change(func(o *reachtest.Options) { o.NATPMP, o.PCP = false, true }) // nobody speaks NAT-PMP any more
	h.Change(func(o *reachtest.Options) { o.PCP = false })
	m.Refresh()
	m.Step(ctx)
	equal(t, "findings", codes(m.State().Findings), []string{"mapping.unanswered 443"})
	if left, _ := h.store.Remembered(ctx); len(left) != 1 {
		t.Errorf("remembered %v", left)
	}
	m.Want()
	m.Step(ctx)
	equal(t, "findings", codes(m.State().Findings), []string{"mapping.left_behind 443"})
	h.clk.Advance(2 * time.Hour)
	m.Step(ctx)
	if left, _ := h.store.Remembered(ctx); len(left) != 0 || len(m.State().Findings) != 0 {
		t.Errorf("over, and still remembered: %v %v", left, m.State().Findings)
	}
}

// The machine got another address in its network: the old forward goes, a new one comes.
func TestNewAddressAtHome(t *testing.T) {
	h := newHome(t, reachtest.Options{UPnP: true})
	m := reach.NewMapper(h.config)
	m.Want(wanted[0])
	m.Step(ctx)
	h.local = netip.MustParseAddr("127.0.0.9")
	m.Refresh()
	m.Step(ctx)
	if got := h.Table(); len(got) != 1 || got[0].Internal != netip.MustParseAddrPort("127.0.0.9:8443") {
		t.Errorf("%v", got)
	}
	equal(t, "findings", codes(m.State().Findings), []string{"mapping.active 443"})
}

// What is another machine's by now is not ours to close, and another router at the
// same address is not asked about what the first one has.
func TestNotOursToClose(t *testing.T) {
	h := newHome(t, reachtest.Options{UPnP: true})
	m := reach.NewMapper(h.config)
	m.Want(wanted[0])
	m.Step(ctx)
	theirs := reachtest.Entry{External: 443, Internal: netip.MustParseAddrPort("192.168.1.77:443"), Method: "upnp"}
	h.Restart()
	h.Open(theirs)
	m.Finish(ctx)
	if got := h.Table(); !slices.Equal(got, []reachtest.Entry{theirs}) {
		t.Errorf("another machine's: %v", got)
	}

	h.Restart()
	m.Step(ctx)
	h.Change(func(o *reachtest.Options) { o.UDN = "uuid:another" }) // the laptop is somewhere else
	m.Want()
	m.Refresh()
	m.Step(ctx)
	equal(t, "another router's", h.open(), []string{"443→8443 upnp"})
	equal(t, "findings", codes(m.State().Findings), []string{"mapping.left_behind 443"})
}

func TestPermanent(t *testing.T) {
	h := newHome(t, reachtest.Options{UPnP: true, Permanent: true})
	m := reach.NewMapper(h.config)
	m.Want(wanted[0])
	m.Step(ctx)
	equal(t, "findings", codes(m.State().Findings), []string{"mapping.active 443", "mapping.permanent 443"})
	h.clk.Advance(1000 * time.Hour)
	m.Step(ctx)
	if n := len(asked(h, reach.UPnP)); n != 2 { // with a lease, which it refused, and without
		t.Errorf("asked %d times", n)
	}
	m.Finish(ctx)
	equal(t, "at the end", h.open(), nil)
}

// Who is asked and who is believed.
func TestExplore(t *testing.T) {
	t.Run("no default route", func(t *testing.T) {
		m := reach.NewMapper(reach.MapperConfig{Gateways: func(context.Context) ([]reach.Gateway, error) { return nil, nil }})
		if r := m.Explore(ctx); r.Gateway.Address.IsValid() || len(r.Methods) != 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("all languages", func(t *testing.T) {
		h := newHome(t, reachtest.Options{UPnP: true, PCP: true, NATPMP: true, Name: "FRITZ!Box 7590"})
		r := reach.NewMapper(h.config).Explore(ctx)
		if !slices.Equal(r.Methods, []reach.Method{reach.UPnP, reach.PCP, reach.NATPMP}) || r.Name != "FRITZ!Box 7590" || r.External != world || r.Offline {
			t.Errorf("%+v", r)
		}
		if slices.ContainsFunc(h.Heard(), func(s string) bool { return strings.Contains(s, "AddPort") || strings.Contains(s, "MAP") }) {
			t.Errorf("exploring opened something: %v", h.Heard())
		}
	})
	t.Run("not connected", func(t *testing.T) {
		h := newHome(t, reachtest.Options{UPnP: true, NATPMP: true})
		h.Change(func(o *reachtest.Options) { o.External = netip.Addr{} })
		if r := reach.NewMapper(h.config).Explore(ctx); !r.Offline || len(r.Methods) != 2 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a description elsewhere is not read", func(t *testing.T) {
		trap := reachtest.NewRouter(t, reachtest.Options{UPnP: true, External: world})
		h := newHome(t, reachtest.Options{UPnP: true, Location: "http://" + trap.Search.String() + "/root.xml"})
		h.config.Patience = 600 * time.Millisecond
		if r := reach.NewMapper(h.config).Explore(ctx); len(r.Methods) != 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a device that is not the gateway is not heard", func(t *testing.T) {
		h, printer := newHome(t, reachtest.Options{}), reachtest.NewRouter(t, reachtest.Options{UPnP: true, External: world})
		h.config.Search, h.config.Patience = []netip.AddrPort{printer.Search}, 600*time.Millisecond
		if r := reach.NewMapper(h.config).Explore(ctx); len(r.Methods) != 0 {
			t.Errorf("%+v", r)
		}
		if len(printer.Heard()) == 0 {
			t.Error("the search did not reach it, so this proves nothing")
		}
	})
	t.Run("not even when it speaks of the gateway", func(t *testing.T) {
		h := newHome(t, reachtest.Options{UPnP: true})
		printer := reachtest.NewRouter(t, reachtest.Options{UPnP: true, Location: h.Description})
		h.config.Search, h.config.Patience = []netip.AddrPort{printer.Search}, 600*time.Millisecond
		if r := reach.NewMapper(h.config).Explore(ctx); len(r.Methods) != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// Run itself: it opens, tells, and closes when it ends.
func TestRun(t *testing.T) {
	h := newHome(t, reachtest.Options{UPnP: true})
	told := make(chan reach.Reached, 10)
	h.config.OnChange = func(r reach.Reached) { told <- r }
	m := reach.NewMapper(h.config)
	running, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- m.Run(running) }()
	m.Want(wanted...)
	for r := range told {
		if len(r.Mappings) == 2 {
			break
		}
	}
	equal(t, "open", h.open(), []string{"443→8443 upnp", "80→8080 upnp"})
	h.Restart()
	m.Refresh()
	for r := range told {
		if slices.Contains(codes(r.Findings), "mapping.lost 443") {
			break
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	equal(t, "open after the end", h.open(), nil)
}
