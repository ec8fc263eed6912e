package backend_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"portico/backend/kernel/reach/reachtest"
)

// forwards are what the router has open, as "port method".
func (s *street) forwards() (all []string) {
	for _, e := range s.router.Table() {
		all = append(all, fmt.Sprintf("%d→%d %s", e.External, e.Internal.Port(), e.Method))
	}
	slices.Sort(all)
	return all
}

// The router is asked once the owner wants it, says what it opened, is told when the
// program stops, and loses what a switch or another name's end makes needless.
func TestTheRouterLetsClientsIn(t *testing.T) {
	for method, o := range map[string]reachtest.Options{"upnp": {UPnP: true, Name: "Attic Box"}, "natpmp": {NATPMP: true}, "pcp": {PCP: true}} {
		o.External = netip.MustParseAddr("127.0.0.1")
		t.Run(method, func(t *testing.T) {
			streets(t, scene{router: &o}, func(t *testing.T, s *street) {
				s.dns.Zone("shop.test", "127.0.0.2").Set("portal 1 A 127.0.0.1")
				mapping := func(on bool) { s.Staff.Must("PATCH", "/api/staff/domain/options", m{"mapping": on}, 200) }
				mapping(true)
				if asked := s.router.Heard(); len(asked) != 0 {
					t.Errorf("asked before there was a name: %v", asked)
				}
				s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.shop.test"}, 200)
				s.Eventually("the forwards", func() bool { return len(s.forwards()) == 2 })
				s.Eventually("that they are shown", func() bool { return len(s.domain().List("outside.mappings")) == 2 })
				r := s.domain()
				first := r.List("outside.mappings")[0]
				if r.Text("outside.router") != o.Name || first["until"] == nil || first["verified"] != o.UPnP || first["ipv6"] != "" {
					t.Errorf("shown: %q %v", r.Text("outside.router"), first)
				}
				found := codes(s.Staff.Must("POST", "/api/staff/domain/check", m{}, 200), "findings")
				if code := map[bool]string{true: "mapping.active", false: "mapping.unproven"}[o.UPnP]; !strings.Contains(found, code) {
					t.Errorf("no %s in %s", code, found)
				}
				open := s.forwards()
				if s.Stop(); len(s.forwards()) != 0 {
					t.Errorf("left open: %v", s.forwards())
				}
				s.boot()
				s.Eventually("the forwards after a restart", func() bool { return slices.Equal(s.forwards(), open) })
				mapping(false)
				s.Eventually("that they are closed", func() bool { return len(s.forwards()) == 0 })
				s.Eventually("that this is shown", func() bool { return len(s.domain().List("outside.mappings")) == 0 })
				mapping(true)
				s.Eventually("the forwards once more", func() bool { return len(s.forwards()) == 2 })
				s.Staff.Must("DELETE", "/api/staff/domain", nil, 200)
				s.Eventually("that nobody needs them", func() bool { return len(s.forwards()) == 0 })
			})
		})
	}
}

// A port that goes to another machine is left to it, and the owner is told to whom.
func TestTheRouterKeepsWhatIsOthers(t *testing.T) {
	streets(t, scene{router: &reachtest.Options{UPnP: true, External: netip.MustParseAddr("127.0.0.1")}}, func(t *testing.T, s *street) {
		theirs := reachtest.Entry{External: uint16(s.config.Domain.Outer.TLS), Internal: netip.MustParseAddrPort("192.168.1.77:443"), Method: "upnp", Description: "NAS"}
		s.router.Open(theirs)
		s.dns.Zone("shop.test", "127.0.0.2").Set("portal 1 A 127.0.0.1")
		s.Staff.Must("PATCH", "/api/staff/domain/options", m{"mapping": true}, 200)
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.shop.test"}, 200)
		s.Eventually("the other forward", func() bool { return len(s.forwards()) == 2 })
		var told string
		for _, f := range s.Staff.Must("POST", "/api/staff/domain/check", m{}, 200).List("findings") {
			told += fmt.Sprint(f["what"], " ", f["remedies"])
		}
		if !strings.Contains(told, "already goes to another device (192.168.1.77:443)") {
			t.Errorf("told: %s", told)
		}
		s.Stop()
		if got := s.router.Table(); !slices.Equal(got, []reachtest.Entry{theirs}) {
			t.Errorf("the router has %v", got)
		}
	})
}

// Without a way in, the name is proven by a record that the owner enters: shown ready
// to copy, waited for, and asked for no longer than it is needed.
func TestARecordByHandProvesTheName(t *testing.T) {
	streets(t, scene{}, func(t *testing.T, s *street) {
		shop := s.dns.Zone("hand.test", "127.0.0.2", "127.0.0.3")
		shop.Set("portal 1 A 127.0.0.1", "@ 1 SOA ns2 hostmaster 1 3600 600 86400 1")
		s.Staff.Must("PATCH", "/api/staff/domain/options", m{"method": "dns_manual"}, 200)
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.hand.test"}, 200)
		s.Eventually("that it is time", func() bool { return s.domain().Text("state") == "ready" })
		s.Staff.Must("POST", "/api/staff/domain/update", nil, 202)
		txt := func() (value string) {
			for _, r := range s.domain().List("records") {
				if r["type"] == "TXT" && r["full"] == "_acme-challenge.portal.hand.test" {
					value = fmt.Sprint(r["value"])
				}
			}
			return value
		}
		s.Eventually("the record to enter", func() bool { return txt() != "" })
		s.Eventually("that it is waited for", func() bool { return s.domain().Text("update.state") == "waiting" })
		step := s.domain().List("update.steps")[2]
		if !strings.Contains(fmt.Sprint(step["what"]), "TXT") || s.domain().Text("certificate.state") != "waiting_dns" {
			t.Errorf("the step: %v", step)
		}
		s.Stop() // the owner goes home for the night; the authority's order is over by then
		s.boot()
		s.Staff.Must("POST", "/api/staff/domain/retry", nil, 200)
		s.Eventually("the record once more", func() bool { return txt() != "" })
		shop.Set("_acme-challenge.portal 1 TXT " + txt())
		s.Eventually("the end", func() bool { return s.domain().Text("update.state") == "done" })
		s.must("https://portal.hand.test/login", 200, "")
		if value := txt(); value != "" {
			t.Errorf("still asked for: %s", value)
		}
	})
}

// Before the first order it is rehearsed where failing costs nothing: what is wrong
// is told there, and the authority itself is not asked.
func TestTheRehearsalComesFirst(t *testing.T) {
	streets(t, scene{rehearsal: true}, func(t *testing.T, s *street) {
		s.dns.Zone("trial.test", "127.0.0.2").Set("portal 1 A 127.0.0.1")
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.trial.test"}, 200)
		s.Eventually("that it is time", func() bool { return s.domain().Text("state") == "ready" })
		s.staging.Intercept(refuseOrders)
		s.Staff.Must("POST", "/api/staff/domain/update", nil, 202)
		s.Eventually("the wait", func() bool { return s.domain().Text("update.state") == "waiting" })
		if step := s.domain().List("update.steps")[1]; step["key"] != "trial" || step["state"] != "running" || !strings.Contains(fmt.Sprint(step["detail"]), "maintenance") {
			t.Errorf("the step: %v", step)
		}
		if accounts, orders := s.pebble.Created(); accounts+orders != 0 {
			t.Errorf("%d accounts and %d orders before the rehearsal", accounts, orders)
		}
		s.staging.Intercept(nil)
		s.Staff.Must("POST", "/api/staff/domain/retry", nil, 200)
		s.Eventually("the end", func() bool { return s.domain().Text("update.state") == "done" })
		if step := s.domain().List("update.steps")[1]; step["state"] != "done" {
			t.Errorf("the rehearsal: %v", step)
		}
		s.must("https://portal.trial.test/login", 200, "") // trusted: not the rehearsal's
		accounts, orders := s.pebble.Created()
		rehearsers, rehearsals := s.staging.Created()
		if accounts != 1 || orders != 1 || rehearsers != 1 || rehearsals != 1 {
			t.Errorf("%d accounts, %d orders; at the rehearsal %d and %d", accounts, orders, rehearsers, rehearsals)
		}
	})
}

// A company's own authority says by which names CAA records know it.
func TestCAAForACompanysOwnAuthority(t *testing.T) {
	streets(t, scene{issuers: []string{"ca.office.test"}}, func(t *testing.T, s *street) {
		zone := s.dns.Zone("caa.test", "127.0.0.2")
		zone.Set("portal 1 A 127.0.0.1", `@ 1 CAA 0 issue "letsencrypt.org"`)
		s.Staff.Must("PUT", "/api/staff/domain", m{"name": "portal.caa.test"}, 200)
		check := func() (found, told string) {
			r := s.Staff.Must("POST", "/api/staff/domain/check", m{}, 200)
			return codes(r, "findings"), r.Body
		}
		if found, told := check(); !strings.Contains(found, "error:dns.caa_forbids") || !strings.Contains(told, "ca.office.test") {
			t.Errorf("another authority's record: %s", found)
		}
		zone.Set(`@ 1 CAA 0 issue "CA.office.test"`)
		if found, _ := check(); strings.Contains(found, "caa_forbids") {
			t.Errorf("its own: %s", found)
		}
		s.Eventually("that it is time", func() bool { return s.domain().Text("state") == "ready" })
		s.moved()
	})
}
