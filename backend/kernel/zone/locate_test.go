package zone

import (
	"strings"
	"testing"

	"portico/backend/kernel/zone/zonetest"
)

// TestLocate: the zone is found in every way in which zones are kept.
func TestLocate(t *testing.T) {
	for _, row := range []struct {
		name    string
		set     func(w *testWorld)
		apex    string
		parent  string
		servers string
		host    string
	}{
		{"delegated", func(*testWorld) {}, "shop.test", "ns2.shop.test, ns3.shop.test", "ns2.shop.test, ns3.shop.test", "portal"},
		{"the top itself", func(w *testWorld) { w.name = "shop.test" }, "shop.test", "ns2.shop.test, ns3.shop.test", "ns2.shop.test, ns3.shop.test", "@"},
		{"a name that does not exist", func(w *testWorld) { w.name = "a.b.shop.test" }, "shop.test", "ns2.shop.test, ns3.shop.test", "ns2.shop.test, ns3.shop.test", "a.b"},
		{"delegated once more", func(w *testWorld) { w.Zone("portal.shop.test", "127.0.0.4").Set("@ A 127.0.0.1") },
			"portal.shop.test", "ns4.portal.shop.test", "ns4.portal.shop.test", "@"},
		{"a zone below on the same server", func(w *testWorld) { w.Zone("portal.shop.test", "127.0.0.2", "127.0.0.3").Set("@ A 127.0.0.1") },
			"portal.shop.test", "", "ns2.portal.shop.test, ns3.portal.shop.test", "@"},
		{"registry and zone on the same server", func(w *testWorld) {
			w.name = "portal.inn.test"
			w.Zone("inn.test", "127.0.0.6").Set("portal A 127.0.0.1")
		},
			"inn.test", "", "ns6.inn.test", "portal"},
		{"an alias at the name", func(w *testWorld) { w.shop.Remove("portal"); w.shop.Set("portal CNAME office.dyn.test.") },
			"shop.test", "ns2.shop.test, ns3.shop.test", "ns2.shop.test, ns3.shop.test", "portal"},
		{"servers of another zone", func(w *testWorld) {
			w.dyn.Set("dns A 127.0.0.2", "alias CNAME dns2", "dns2 A 127.0.0.3")
			for _, z := range []*zonetest.Zone{w.Zone("test"), w.shop} {
				z.Set("shop.test. NS dns.dyn.test.", "shop.test. NS alias.dyn.test.")
			}
		}, "shop.test", "alias.dyn.test, dns.dyn.test", "alias.dyn.test, dns.dyn.test", "portal"},
		{"two labels of registry", func(w *testWorld) {
			w.name = "portal.shop.co.uk"
			w.Zone("uk", "127.0.0.6")
			w.Zone("shop.co.uk", "127.0.0.2").Set("portal A 127.0.0.1")
		}, "shop.co.uk", "ns2.shop.co.uk", "ns2.shop.co.uk", "portal"},
		{"dead servers", func(w *testWorld) { w.both(func(s *zonetest.Server) { s.Silent(true) }) }, "shop.test", "ns2.shop.test, ns3.shop.test", "ns2.shop.test, ns3.shop.test", "portal"},
		{"a company's own", func(w *testWorld) {
			w.name = "portal.firma.internal"
			w.config.Public = []Server{}
			w.Zone("firma.internal", "127.0.0.4").Set("portal A 127.0.0.1")
			w.Zone("internal").Remove("internal.", "NS") // no such ending in the world
		}, "firma.internal", "", "ns4.firma.internal", "portal"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.set(w)
			s := w.survey()
			if s.Apex != row.apex || list(s.ParentNS) != row.parent || list(names(s.Servers)) != row.servers || s.Host() != row.host {
				t.Errorf("apex %q, above %v, servers %v, host %q", s.Apex, s.ParentNS, names(s.Servers), s.Host())
			}
			if s.IsApex() != (row.host == "@") {
				t.Error("the top is not known")
			}
		})
	}
}

// TestSurveySees: what the screen shows of a survey beside its diagnoses.
func TestSurveySees(t *testing.T) {
	w := newWorld(t)
	w.shop.Set("portal 120 A 127.0.0.1", "portal 60 AAAA ::1", `portal CAA 128 issue "letsencrypt.org"`, "*.portal A 127.0.0.8")
	w.Server("127.0.0.5").Cache("portal.shop.test. 77 A 127.0.0.9")
	s := w.survey()
	first, public := s.Servers[0], s.Public[0]
	if first.Server.Name != "ns2.shop.test" || first.TTL.Seconds() != 60 || first.Serial != 3 || !first.AA || first.RA || addressesOf(first) != "127.0.0.1, ::1" {
		t.Errorf("%+v", first)
	}
	if public.TTL.Seconds() != 77 || !public.RA || addressesOf(public) != "127.0.0.9" || s.System[0].Server.Name != "127.0.0.1" {
		t.Errorf("%+v %+v", public, s.System)
	}
	if s.CAA.At != "portal.shop.test" || len(s.CAA.Records) != 1 || !s.CAA.Records[0].Critical || !s.Wildcard.Empty() || !s.At.Equal(w.clock.Now()) {
		t.Errorf("%+v", s)
	}
	w.shop.Remove("portal")
	if s = w.survey(); s.Servers[0].Rcode != "NOERROR" || s.Servers[0].TTL.Seconds() != 60 { // ENT; the least of the SOA
		t.Errorf("%+v", s.Servers[0])
	}
}

// TestNobodyOutside: who has not agreed to it is not talked about to others.
func TestNobodyOutside(t *testing.T) {
	w := newWorld(t)
	w.config.Public = []Server{}
	if s := w.survey(); len(s.Public) != 0 || len(w.codes(s)) != 0 {
		t.Errorf("%+v", s)
	}
	if asked := w.Server("127.0.0.5").Asked(); len(asked) != 0 {
		t.Errorf("%v", asked)
	}
	for _, q := range w.Server("127.0.0.6").Asked() { // nor the registry, about more than it must know
		if !strings.HasPrefix(q, "portal.shop.test. SOA") && !strings.HasPrefix(q, "test. ") {
			t.Errorf("the registry was asked for %s", q)
		}
	}
}

func TestDefaults(t *testing.T) {
	c := New(Config{})
	if c.config.Port != 53 || len(c.config.Public) != 3 || len(c.config.HTTPS) == 0 || c.config.Dial == nil || c.config.Clock == nil || c.config.Patience == 0 {
		t.Errorf("%+v", c.config)
	}
	for _, address := range DefaultHTTPS() {
		if name := hostOf(address); !strings.HasPrefix(address, "https://") || strings.Trim(name, "0123456789.") != "" {
			t.Errorf("%s needs the DNS to be reached", address)
		}
	}
	for _, address := range []string{"http://192.0.2.1/dns-query", "https://", "::"} {
		if reply, failure := c.askHTTPS(t.Context(), address, query{name: "x"}); reply != nil || failure != Unreachable {
			t.Errorf("%s: %v", address, failure)
		}
	}
	systemResolvers() // whatever they are here, asking for them does no harm
}
