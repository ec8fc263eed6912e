package zone

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"portico/backend/kernel/zone/zonetest"
)

// story is a world in which something is wrong, and what is said about it:
// `severity code name=value …`, the parameters in the order of their names.
type story struct {
	name string
	set  func(w *testWorld)
	want []string
}

func stories() []story {
	return slices.Concat(networkStories(), serverStories(), recordStories(), aliasStories(), proofStories(), cacheStories())
}

func networkStories() []story {
	return []story{
		{"all is well", func(*testWorld) {}, nil},
		{"nobody there", func(w *testWorld) {
			w.config.System, w.config.Public = nil, []Server{{"Public", w.Addr("127.0.0.99")}}
			w.config.System = append(w.config.System, w.Addr("127.0.0.98"))
		}, []string{"error dns.offline"}},
		{"router answers itself", func(w *testWorld) {
			w.both(func(s *zonetest.Server) { s.Twist(asResolver(func(*dns.Msg) {})) })
			w.config.HTTPS = []string{w.HTTPS()}
		}, []string{"note dns.intercepted"}},
		{"router lies", func(w *testWorld) {
			w.both(func(s *zonetest.Server) { s.Twist(asResolver(lie)) })
			w.config.HTTPS = []string{w.HTTPS()}
		}, []string{"warning dns.rewritten found=93.184.216.34 world=127.0.0.1"}},
		{"only the own resolver may be asked", func(w *testWorld) {
			w.both(func(s *zonetest.Server) { s.Twist(swallow) })
			w.Server("127.0.0.6").Twist(swallow)
			w.Server("127.0.0.5").Twist(swallow)
		}, []string{"warning dns.filtered"}},
		{"only HTTPS is let through", func(w *testWorld) {
			for i := 1; i < 8; i++ {
				w.Server(fmt.Sprintf("127.0.0.%d", i)).Twist(swallow)
			}
			w.shop.Set("portal A " + somebody)
			w.config.HTTPS = []string{w.HTTPS()}
		}, []string{"error dns.wrong_address found=93.184.216.34 want=127.0.0.1", "warning dns.filtered"}},
		{"stopped half way", func(w *testWorld) {
			ctx, cancel := context.WithCancel(w.ctx)
			w.ctx = ctx
			w.Server("127.0.0.3").Twist(func(dns.ResponseWriter, *dns.Msg, *dns.Msg) { cancel() })
		}, []string{"wait dns.unfinished"}},
	}
}

func serverStories() []story {
	return []story{
		{"never bought", func(w *testWorld) { w.name = "portal.none.test" }, []string{"error dns.not_registered domain=none.test"}},
		{"ending mistyped", func(w *testWorld) { w.name = "portal.shop.con" }, []string{"error dns.not_registered domain=shop.con"}},
		{"servers without addresses", func(w *testWorld) {
			w.name = "portal.bare.test"
			w.Zone("test").Set("bare.test. NS ns1.nowhere.test.")
		}, []string{"error dns.no_servers domain=bare.test servers=ns1.nowhere.test"}},
		{"all servers dead", func(w *testWorld) { w.both(func(s *zonetest.Server) { s.Silent(true) }) },
			[]string{"error dns.servers_silent servers=ns2.shop.test, ns3.shop.test zone=shop.test"}},
		{"zone not at the host", func(w *testWorld) { w.both(func(s *zonetest.Server) { s.Refuse(true) }) },
			[]string{"error dns.servers_lame rcode=REFUSED servers=ns2.shop.test, ns3.shop.test zone=shop.test"}},
		{"signatures broken", func(w *testWorld) { w.shop.Bogus(true) }, []string{"error dns.dnssec_broken resolver=Public zone=shop.test"}},
		{"the only public resolver fails", func(w *testWorld) { w.Server("127.0.0.5").Twist(only(dns.TypeA, servfail)) },
			[]string{"error dns.resolver_fails rcode=SERVFAIL resolver=Public"}},
		{"the own resolver fails", func(w *testWorld) { w.Server("127.0.0.1").Twist(only(dns.TypeAAAA, servfail)) },
			[]string{"warning dns.resolver_fails rcode=SERVFAIL resolver=127.0.0.1"}},
		{"one server dead", func(w *testWorld) { w.Server("127.0.0.3").Silent(true) }, []string{"warning dns.server_silent servers=ns3.shop.test"}},
		{"one server lame", func(w *testWorld) { w.Server("127.0.0.3").Refuse(true) }, []string{"warning dns.server_lame rcode=REFUSED servers=ns3.shop.test"}},
		{"one server does not answer AAAA", func(w *testWorld) {
			w.Server("127.0.0.3").Twist(func(out dns.ResponseWriter, request, reply *dns.Msg) {
				if request.Question[0].Qtype != dns.TypeAAAA {
					zonetest.Send(out, request, reply)
				}
			})
		}, []string{"warning dns.server_silent servers=ns3.shop.test"}},
		{"nobody listens at one server", func(w *testWorld) {
			w.Zone("test").Set("ns3.shop.test. A 127.0.0.99")
		}, []string{"warning dns.server_silent servers=ns3.shop.test"}},
		{"server mistyped at the registrar", func(w *testWorld) {
			w.Zone("test").Set("shop.test. NS ns2.shop.test.", "shop.test. NS ns3.gone.test.")
		}, []string{"warning dns.server_nameless servers=ns3.gone.test", "warning dns.servers_mismatch registry=ns2.shop.test, ns3.gone.test zone_servers=ns2.shop.test, ns3.shop.test"}},
		{"versions differ", func(w *testWorld) { w.shop.On("127.0.0.3").Set("other A 127.0.0.1") }, []string{"note dns.serial_differs serials=2, 3"}},
		{"answers differ", func(w *testWorld) { w.shop.On("127.0.0.3").Set("portal A " + somebody) },
			[]string{"wait dns.answers_differ found=127.0.0.1, 93.184.216.34 servers=ns2.shop.test, ns3.shop.test", "note dns.serial_differs serials=2, 3"}},
		{"AAAA on one server only", func(w *testWorld) { w.shop.On("127.0.0.3").Set("portal AAAA 2a01::1") },
			[]string{"wait dns.answers_differ found=127.0.0.1, 127.0.0.1, 2a01::1 servers=ns2.shop.test, ns3.shop.test", "note dns.serial_differs serials=2, 3"}},
		{"answers differ and all are right", func(w *testWorld) {
			w.target.IPv4 = ips("127.0.0.1", "127.0.0.8")
			w.shop.On("127.0.0.3").Set("portal A 127.0.0.8")
		}, []string{"note dns.serial_differs serials=2, 3", "note dns.resolver_old count=300 found=127.0.0.1 resolver=Public", "note dns.system_differs found=127.0.0.1 world=127.0.0.1, 127.0.0.8"}},
		{"answers differ and none is right", func(w *testWorld) {
			w.shop.Set("portal A " + somebody)
			w.shop.On("127.0.0.3").Set("portal A 93.184.216.35")
		}, []string{"error dns.wrong_address found=93.184.216.34, 93.184.216.35 want=127.0.0.1",
			"wait dns.answers_differ found=93.184.216.34, 93.184.216.35 servers=ns2.shop.test, ns3.shop.test", "note dns.serial_differs serials=3, 4"}},
	}
}

func recordStories() []story {
	return []story{
		{"nothing there", func(w *testWorld) { w.shop.Remove("portal") }, []string{"error dns.no_record host=portal zone=shop.test"}},
		{"the form adds the domain itself", func(w *testWorld) { w.shop.Remove("portal"); w.shop.Set("portal.shop.test A 127.0.0.1") },
			[]string{"error dns.doubled_name found=portal.shop.test.shop.test host=portal"}},
		{"a star answers", func(w *testWorld) { w.shop.Remove("portal"); w.shop.Set("* A " + somebody) },
			[]string{"error dns.wildcard_hides found=93.184.216.34 host=portal zone=shop.test"}},
		{"a star answers and the record is doubled", func(w *testWorld) {
			w.shop.Remove("portal")
			w.shop.Set("* A "+somebody, "portal.shop.test A 127.0.0.1")
		}, []string{"error dns.doubled_name found=portal.shop.test.shop.test host=portal"}},
		{"a star leads to us", func(w *testWorld) { w.shop.Remove("portal"); w.shop.Set("* A 127.0.0.1") }, nil},
		{"alias and address", func(w *testWorld) { w.shop.Set("portal CNAME office.dyn.test.", "portal A "+somebody) },
			[]string{"error dns.both_records cname=office.dyn.test found=93.184.216.34"}},
		{"old host", func(w *testWorld) { w.shop.Set("portal A " + somebody) }, []string{"error dns.wrong_address found=93.184.216.34 want=127.0.0.1"}},
		{"parking page", func(w *testWorld) { w.shop.Set("portal A 15.197.142.173", "portal A 3.33.152.147") },
			[]string{"error dns.address_elsewhere found=3.33.152.147, 15.197.142.173 owner=GoDaddy want=127.0.0.1"}},
		{"office address", func(w *testWorld) { w.shop.Set("portal A 192.168.1.7") }, []string{"error dns.private_address found=192.168.1.7 want=127.0.0.1"}},
		{"provider's inner address", func(w *testWorld) { w.shop.Set("portal A 100.72.3.4") }, []string{"error dns.shared_address found=100.72.3.4 want=127.0.0.1"}},
		{"address from a manual", func(w *testWorld) { w.shop.Set("portal A 203.0.113.9") }, []string{"error dns.reserved_address found=203.0.113.9 want=127.0.0.1"}},
		{"ours and the old one", func(w *testWorld) { w.shop.Set("portal A 127.0.0.1", "portal A "+somebody) },
			[]string{"error dns.several_addresses others=93.184.216.34 want=127.0.0.1"}},
		{"stale AAAA", func(w *testWorld) { w.shop.Set("portal AAAA 2a01::1") }, []string{"error dns.stale_ipv6 found=2a01::1"}},
		{"Cloudflare in front", func(w *testWorld) {
			w.shop.Set("portal A 104.21.5.6", "portal A 172.67.1.2", "portal AAAA 2606:4700:3030::1")
		}, []string{"error dns.cloudflare_proxy found=104.21.5.6, 172.67.1.2"}},
		{"Cloudflare in front and DNS-01", func(w *testWorld) {
			w.shop.Set("portal A 104.21.5.6")
			w.target.Challenges = []string{"dns-01"}
		}, []string{"warning dns.cloudflare_proxy found=104.21.5.6"}},
		{"only IPv6", func(w *testWorld) {
			w.shop.Remove("portal")
			w.shop.Set("portal AAAA 2a01::7")
			w.target.IPv6 = ips("2a01::7")
		}, []string{"warning dns.ipv6_only"}},
		{"both kinds", func(w *testWorld) { w.shop.Set("portal AAAA 2a01::7"); w.target.IPv6 = ips("2a01::7") }, nil},
		{"own address unknown", func(w *testWorld) { w.shop.Set("portal A " + somebody); w.target = Target{} },
			[]string{"warning dns.target_unknown found=93.184.216.34"}},
		{"own address unknown, theirs private", func(w *testWorld) { w.shop.Set("portal A 10.0.0.1"); w.target = Target{} },
			[]string{"error dns.private_address found=10.0.0.1 want="}},
	}
}

func aliasStories() []story {
	alias := func(records ...string) func(w *testWorld) {
		return func(w *testWorld) {
			w.shop.Remove("portal")
			if len(records) == 0 {
				records = []string{"portal CNAME office.dyn.test."}
			}
			w.shop.Set(records...)
			w.target.CNAME = "office.dyn.test"
		}
	}
	and := func(first, then func(w *testWorld)) func(w *testWorld) {
		return func(w *testWorld) { first(w); then(w) }
	}
	var long []string
	for i := range 10 {
		long = append(long, fmt.Sprintf("c%d CNAME c%d", i, i+1))
	}
	return []story{
		{"alias to the dynamic name", alias(), nil},
		{"the dynamic name is behind", and(alias(), func(w *testWorld) { w.dyn.Set("office A " + somebody) }),
			[]string{"error dns.dynamic_stale cname=office.dyn.test found=93.184.216.34 want=127.0.0.1"}},
		{"own address unknown, alias right", and(alias(), func(w *testWorld) { w.dyn.Set("office A " + somebody); w.target.IPv4 = nil }), nil},
		{"alias to somebody", and(alias("portal CNAME other.dyn.test."), func(w *testWorld) { w.dyn.Set("other A " + somebody) }),
			[]string{"error dns.wrong_cname cname=other.dyn.test want=office.dyn.test"}},
		{"alias where addresses were asked for", and(alias("portal CNAME other.dyn.test."), func(w *testWorld) { w.target.CNAME = ""; w.dyn.Set("other A " + somebody) }),
			[]string{"error dns.wrong_cname cname=other.dyn.test want=127.0.0.1"}},
		{"alias to a shop", and(alias("portal CNAME shops.myshopify.com."), func(w *testWorld) { w.Zone("myshopify.com", "127.0.0.7").Set("shops A 23.227.38.74") }),
			[]string{"error dns.cname_elsewhere cname=shops.myshopify.com owner=Shopify want=office.dyn.test"}},
		{"alias to nothing", alias("portal CNAME gone.dyn.test."), []string{"error dns.cname_dangling cname=gone.dyn.test last=gone.dyn.test"}},
		{"alias to an unbought domain", alias("portal CNAME a.none.test."), []string{"error dns.cname_dangling cname=a.none.test last=a.none.test"}},
		{"circle", alias("portal CNAME b", "b CNAME c", "c CNAME b"), []string{"error dns.cname_loop chain=portal.shop.test, b.shop.test, c.shop.test, b.shop.test"}},
		{"alias to itself", alias("portal CNAME portal"), []string{"error dns.cname_loop chain=portal.shop.test, portal.shop.test"}},
		{"too many aliases", alias(append([]string{"portal CNAME c0", "c10 A 127.0.0.1"}, long...)...), []string{"error dns.cname_too_long count=9"}},
		{"the alias's servers are dead", and(alias(), func(w *testWorld) { w.Server("127.0.0.4").Silent(true) }),
			[]string{"error dns.cname_unanswered cname=office.dyn.test last=office.dyn.test"}},
		{"alias at the top", func(w *testWorld) { w.name = "shop.test"; w.shop.Set("@ CNAME office.dyn.test.") },
			[]string{"error dns.cname_at_apex cname=office.dyn.test zone=shop.test"}},
		{"the top wants an alias", func(w *testWorld) { w.name = "shop.test"; w.target.CNAME = "office.dyn.test" },
			[]string{"error dns.no_record host=@ zone=shop.test", "warning dns.apex_needs_address cname=office.dyn.test zone=shop.test"}},
		{"the top is flattened", func(w *testWorld) {
			w.name = "shop.test"
			w.target.CNAME = "office.dyn.test"
			w.shop.Set("@ A 127.0.0.1")
		}, []string{"note dns.flattened cname=office.dyn.test"}},
	}
}

func proofStories() []story {
	caa := func(records ...string) func(w *testWorld) { return func(w *testWorld) { w.shop.Set(records...) } }
	challenge := func(target []string, records ...string) func(w *testWorld) {
		return func(w *testWorld) {
			w.target.TXT = target
			if len(records) > 0 {
				w.shop.Set(records...)
			}
		}
	}
	return []story{
		{"CAA allows us", caa(`@ CAA 0 issue "letsencrypt.org"`, `@ CAA 0 issue "other.test"`), nil},
		{"CAA allows us below", caa(`@ CAA 0 issue "other.test"`, `portal CAA 0 issue "LetsEncrypt.org ; validationmethods=http-01"`), nil},
		{"CAA says nothing of issuing", caa(`@ CAA 0 iodef "mailto:ana@shop.test"`, `@ CAA 0 issuewild ";"`), nil},
		{"CAA allows another", caa(`@ CAA 0 issue "other.test"`), []string{"error dns.caa_forbids allowed=other.test at=shop.test want=letsencrypt.org"}},
		{"CAA allows nobody", caa(`portal CAA 0 issue ";"`), []string{"error dns.caa_forbids allowed= at=portal.shop.test want=letsencrypt.org"}},
		{"CAA at the registry", func(w *testWorld) { w.Zone("test").Set(`@ CAA 0 issue "other.test"`) },
			[]string{"error dns.caa_forbids allowed=other.test at=test want=letsencrypt.org"}},
		{"CAA behind an alias", func(w *testWorld) {
			w.shop.Remove("portal")
			w.shop.Set("portal CNAME office.dyn.test.")
			w.dyn.Set(`office CAA 0 issue "other.test"`)
		}, []string{"error dns.caa_forbids allowed=other.test at=office.dyn.test want=letsencrypt.org"}},
		{"CAA with an unknown critical word", caa(`@ CAA 128 tbs "unknown"`, `@ CAA 0 issue "letsencrypt.org"`), []string{"error dns.caa_critical at=shop.test tag=tbs"}},
		{"CAA for another account", caa(`@ CAA 0 issue "letsencrypt.org; accounturi=https://ca.test/acct/1"`),
			[]string{"error dns.caa_account account=https://ca.test/acct/1 at=shop.test"}},
		{"CAA for another way", func(w *testWorld) {
			w.target.Challenges = []string{"http-01", "tls-alpn-01"}
			w.shop.Set(`@ CAA 0 issue "letsencrypt.org; validationmethods=dns-01"`)
		}, []string{"error dns.caa_method at=shop.test methods=dns-01"}},
		{"CAA not answered", func(w *testWorld) { w.both(func(s *zonetest.Server) { s.Twist(only(dns.TypeCAA, servfail)) }) },
			[]string{"error dns.caa_fails at=portal.shop.test"}},
		{"resolvers that do not know CAA", func(w *testWorld) {
			unknown := only(dns.TypeCAA, func(reply *dns.Msg) { reply.Rcode = dns.RcodeNotImplemented })
			w.Server("127.0.0.1").Twist(unknown)
			w.Server("127.0.0.5").Twist(unknown)
		}, nil},
		{"CAA behind a dead alias", func(w *testWorld) {
			w.shop.Remove("portal")
			w.shop.Set("portal CNAME office.dyn.test.")
			w.Server("127.0.0.4").Twist(only(dns.TypeCAA, servfail))
		}, []string{"error dns.caa_fails at=office.dyn.test"}},
		{"value not there yet", challenge([]string{"abc"}), []string{"wait dns.challenge_missing host=_acme-challenge.portal servers=ns2.shop.test, ns3.shop.test values=abc"}},
		{"value on one server", func(w *testWorld) {
			w.target.TXT = []string{"abc"}
			w.shop.On("127.0.0.2").Set(`_acme-challenge.portal TXT "abc"`)
		}, []string{"wait dns.challenge_missing host=_acme-challenge.portal servers=ns3.shop.test values=abc", "note dns.serial_differs serials=3, 2"}},
		{"value there", challenge([]string{"abc"}, `_acme-challenge.portal TXT "abc"`), nil},
		{"old values", challenge(nil, `_acme-challenge.portal TXT "abc"`, `_acme-challenge.portal TXT "def"`),
			[]string{"note dns.challenge_leftover count=2 host=_acme-challenge.portal"}},
		{"value at a doubled name", challenge([]string{"abc"}, `_acme-challenge.portal.shop.test TXT "abc"`),
			[]string{"error dns.challenge_doubled host=_acme-challenge.portal zone=shop.test", "wait dns.challenge_missing host=_acme-challenge.portal servers=ns2.shop.test, ns3.shop.test values=abc"}},
		{"value where it is delegated to", func(w *testWorld) {
			w.target.TXT = []string{"abc"}
			w.shop.Set("_acme-challenge.portal CNAME proof.dyn.test.")
			w.dyn.Set(`proof TXT "abc"`)
		}, []string{"note dns.challenge_delegated cname=proof.dyn.test host=_acme-challenge.portal"}},
		{"value missing where it is delegated to", func(w *testWorld) {
			w.target.TXT = []string{"abc"}
			w.shop.Set("_acme-challenge.portal CNAME proof.dyn.test.")
		}, []string{"wait dns.challenge_missing host=_acme-challenge.portal servers=ns4.dyn.test values=abc", "note dns.challenge_delegated cname=proof.dyn.test host=_acme-challenge.portal"}},
	}
}

func cacheStories() []story {
	return []story{
		{"a resolver remembers", func(w *testWorld) { w.Server("127.0.0.5").Cache("portal.shop.test. 77 A " + somebody) },
			[]string{"note dns.resolver_old count=77 found=93.184.216.34 resolver=Public"}},
		{"this network sees it elsewhere", func(w *testWorld) { w.Server("127.0.0.1").Cache("portal.shop.test. 77 A 192.168.1.7") },
			[]string{"note dns.system_differs found=192.168.1.7 world=127.0.0.1"}},
		{"kept for long", func(w *testWorld) { w.shop.Set("portal 86400 A 127.0.0.1") }, []string{"note dns.ttl_long count=86400"}},
		{"hardly kept", func(w *testWorld) { w.shop.Set("portal 5 A 127.0.0.1") }, []string{"note dns.ttl_short count=5"}},
	}
}

func TestDiagnose(t *testing.T) {
	for _, row := range stories() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.set(w)
			s := w.survey()
			var got []string
			for _, d := range Diagnose(s, w.target) {
				got = append(got, toldOf(d))
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("said\n\t%s\nnot\n\t%s\nof %+v", strings.Join(got, "\n\t"), strings.Join(row.want, "\n\t"), s)
			}
		})
	}
}

func toldOf(d Diagnosis) string {
	parts := []string{string(d.Severity), string(d.Code)}
	var params []string
	for name, value := range d.Params {
		params = append(params, fmt.Sprintf("%s=%v", name, value))
	}
	slices.Sort(params)
	return strings.Join(append(parts, params...), " ")
}

// TestEveryCode: each constant is listed once, has a story that produces it, and
// its comment names the parameters.
func TestEveryCode(t *testing.T) {
	told := map[Code]string{}
	for _, row := range stories() {
		for _, line := range row.want {
			parts := strings.Fields(line)
			told[Code(parts[1])] = line
		}
	}
	for _, code := range Codes() {
		if told[code] == "" {
			t.Errorf("no story tells of %s", code)
		}
	}
	tree, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || fmt.Sprint(spec.Type) != "Code" {
			return true
		}
		count++
		code := Code(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		if !slices.Contains(codes, code) {
			t.Errorf("%s is not in the list", code)
		}
		_, params, _ := strings.Cut(strings.Join(strings.Fields(spec.Doc.Text()), " "), "— ")
		for _, word := range strings.Fields(told[code])[2:] {
			if name, _, ok := strings.Cut(word, "="); ok && !strings.Contains(params, name) {
				t.Errorf("the comment of %s does not name the parameter %s", code, name)
			}
		}
		return true
	})
	if count != len(codes) {
		t.Errorf("%d constants, %d in the list", count, len(codes))
	}
}
