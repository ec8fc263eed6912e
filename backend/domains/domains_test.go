package domains_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"portico/backend/backendtest"
	"portico/backend/domains"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/zone"
)

type m = backendtest.Map

const at = "/api/staff/domain"

// The name is set up, shown and dropped; the address stays what it was.
func TestANameIsChosenAndDropped(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		r := w.Staff.Must("GET", at, nil, 200)
		if r.Text("state") != "default" || r.Text("url") != backendtest.PortalURL || len(r.List("records")) != 0 {
			t.Fatalf("before: %s", r.Body)
		}
		r = w.Staff.Must("PUT", at, m{"name": " HTTPS://Portal.BÄCKEREI-Meier.de./login "}, 200)
		name := object(r, "name")
		if name["name"] != "portal.xn--bckerei-meier-bfb.de" || name["display"] != "portal.bäckerei-meier.de" || name["host"] != "portal" || name["zone"] != "bäckerei-meier.de" || name["apex"] != false {
			t.Errorf("the name: %v", name)
		}
		if r.Text("state") != "waiting" || r.Text("url") != backendtest.PortalURL || r.At("active") != nil {
			t.Errorf("choosing moved the portal: %s", r.Body)
		}
		if one := r.List("records")[0]; one["type"] != "A" || one["host"] != "portal" || one["value"] != "" {
			t.Errorf("the record: %v", one)
		}
		r = w.Staff.Must("PUT", at, m{"name": "portal.shop-of-the-test.com", "record": "alias", "alias": "myshop.duckdns.org."}, 200)
		if list := r.List("records"); len(list) != 1 || list[0]["type"] != "CNAME" || list[0]["value"] != "myshop.duckdns.org" {
			t.Errorf("the alias: %v", list)
		}
		if r = w.Staff.Must("DELETE", at+"/name", nil, 200); r.Text("state") != "default" {
			t.Errorf("dropped: %s", r.Body)
		}
	})
}

func TestNamesAreRefusedInWords(t *testing.T) {
	w := backendtest.New(t, "")
	for _, s := range []struct{ name, record, alias, field, code string }{
		{"portal", "", "", "name", "zone.name_no_dot"},
		{"192.0.2.7", "", "", "name", "zone.name_is_address"},
		{"portal.local", "", "", "name", "zone.name_reserved"},
		{"portal.example", "", "", "name", "zone.name_reserved"},
		{"*.shop-of-the-test.com", "", "", "name", "zone.name_wildcard"},
		{"shop.myshopify.com", "", "", "name", "zone.name_platform"},
		{"shop-of-the-test.com", "alias", "myshop.duckdns.org", "record", "domains.alias_apex"},
		{"portal.shop-of-the-test.com", "alias", "", "alias", "domains.alias_missing"},
		{"portal.shop-of-the-test.com", "alias", "portal.shop-of-the-test.com", "alias", "domains.alias_self"},
		{"portal.shop-of-the-test.com", "alias", "nodot", "alias", "zone.name_no_dot"},
	} {
		in := m{"name": s.name, "alias": s.alias}
		if s.record != "" {
			in["record"] = s.record
		}
		r := w.Staff.Must("PUT", at, in, 422)
		wrong := r.List("errors")
		if len(wrong) != 1 || wrong[0]["field"] != s.field || wrong[0]["code"] != s.code {
			t.Errorf("%s %s: %s", s.name, s.record, r.Body)
		}
	}
	w.Staff.Must("DELETE", at+"/former/nobody.example.com", nil, 404)
	w.Staff.Must("GET", at+"/instructions", nil, 409)
}

func TestOptionsAreCheckedAndSecretsStay(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		change := func(in m, want int) backendtest.Reply { return w.Staff.Must("PATCH", at+"/options", in, want) }
		for _, wrong := range []m{
			{"email": "nobody"}, {"method": "dns_update"}, {"dynamic": "url"}, {"hsts": true},
			{"dynamic": "url", "update_url": "http://dyn.shop-of-the-test.com/?ip={ip}"},
			{"dynamic": "dns_update", "server": "ns1.example.com", "key_name": "k", "algorithm": "md5", "secret": "c2VjcmV0"},
		} {
			change(wrong, 422)
		}
		change(m{"email": "owner@shop-of-the-test.com", "dynamic": "url", "update_url": "https://dyn.shop-of-the-test.com/?ip={ip}&pw=canary-pw"}, 200)
		r := change(m{"method": "dns_update", "server": "ns1.shop-of-the-test.com", "zone": "shop-of-the-test.com.", "key_name": "portico", "secret": "Y2FuYXJ5LXNlY3JldA=="}, 200)
		o := object(r, "options")
		if o["email"] != "owner@shop-of-the-test.com" || o["zone"] != "shop-of-the-test.com" || o["has_secret"] != true || o["has_update_url"] != true || o["dynamic"] != "url" {
			t.Errorf("options: %v", o)
		}
		if strings.Contains(r.Body, "canary") || strings.Contains(r.Body, "Y2Fu") {
			t.Errorf("a secret is shown: %s", r.Body)
		}
		if r = change(m{"secret": ""}, 200); object(r, "options")["has_secret"] != true {
			t.Error("an empty secret took the one that was there")
		}
	})
}

// Every guide has its words in both languages, for a name and without one.
func TestGuidesAreWrittenForTheName(t *testing.T) {
	w := backendtest.New(t, "")
	for _, name := range []string{"", "portal.shop-of-the-test.com"} {
		if name != "" {
			w.Staff.Must("PUT", at, m{"name": name}, 200)
		}
		for _, g := range w.Staff.Must("GET", at+"/guides", nil, 200).List("items") {
			for _, language := range []string{"en", "de"} {
				r := in(w, language).Must("GET", at+"/guides/"+fmt.Sprint(g["id"]), nil, 200)
				if strings.Contains(r.Body, "domains.") || strings.ContainsAny(strings.Join(texts(r.JSON["steps"]), ""), "{}") || len(r.List("fields")) < 3 {
					t.Errorf("%s in %s: %s", g["id"], language, r.Body)
				}
				if name != "" && !strings.Contains(r.Body, "portal") {
					t.Errorf("%s does not say what to enter: %s", g["id"], r.Body)
				}
			}
		}
	}
	if r := w.Staff.Must("GET", at+"/guides/hostgator", nil, 200); r.List("fields")[1]["value"] != "portal.shop-of-the-test.com" {
		t.Errorf("a form that wants whole names is given a part: %s", r.Body)
	}
	w.Staff.Must("GET", at+"/guides/who-knows", nil, 404)
	mail := w.Staff.Must("GET", at+"/instructions", nil, 200).Text("text")
	for _, part := range []string{"Type: A", "Host: portal (", "portal.shop-of-the-test.com"} {
		if !strings.Contains(mail, part) {
			t.Errorf("the mail lacks %q:\n%s", part, mail)
		}
	}
}

// The report says all that the screen does, in both languages, and no secret.
func TestTheReportIsForSomebodyElse(t *testing.T) {
	w := backendtest.New(t, "")
	w.Staff.Must("GET", at+"/report", nil, 409)
	w.Staff.Must("PATCH", at+"/options", m{"email": "owner@shop-of-the-test.com", "dynamic": "url", "update_url": "https://dyn.shop-of-the-test.com/?ip={ip}&pw=canary-pw"}, 200)
	w.Staff.Must("PUT", at, m{"name": "portal.shop-of-the-test.com"}, 200)
	w.Staff.Must("POST", at+"/check", m{}, 200)
	for language, head := range map[string]string{"en": "== What was found ==", "de": "== Was gefunden wurde =="} {
		r := in(w, language).Must("GET", at+"/report", nil, 200)
		text := r.Text("text")
		for _, part := range []string{"Portico test", "portal.shop-of-the-test.com (address)", head, "listen.stopped [portal.shop-of-the-test.com]", "dynamic url"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in:\n%s", language, part, text)
			}
		}
		if strings.Contains(text, "canary") || strings.Contains(text, "owner@") || strings.Contains(text, "domains.") || strings.Contains(text, "%!") {
			t.Errorf("%s:\n%s", language, text)
		}
	}
}

func object(r backendtest.Reply, at string) m {
	o, _ := r.At(at).(map[string]any)
	return o
}

func in(w *backendtest.World, language string) *backendtest.Client {
	c := w.Staff.Copy()
	c.Header = http.Header{"Accept-Language": {language}}
	return c
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, one := range list {
		out = append(out, fmt.Sprint(one))
	}
	return out
}

// Every word that the room may say exists.
func TestEveryWordIsThere(t *testing.T) {
	words, err := i18n.New(domains.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range domains.Providers() {
		for i := range p.Steps {
			keys = append(keys, fmt.Sprintf("domains.guide.%s.%d", p.ID, i+1))
		}
		keys = append(keys, "domains.guide."+p.ID+".form", "domains.guide."+p.ID+".field_type", "domains.guide."+p.ID+".field_host", "domains.guide."+p.ID+".field_value")
		if _, more := words.Text("en", fmt.Sprintf("domains.guide.%s.%d", p.ID, p.Steps+1), nil); more {
			t.Errorf("the guide of %s has more steps than are shown", p.ID)
		}
	}
	for _, s := range []string{"default", "waiting", "ready", "updating", "active", "trouble"} {
		keys = append(keys, "domains.state."+s+".what")
	}
	what := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, "domains."+prefix+code+".what")
		}
	}
	for _, code := range zone.Codes() {
		what("", string(code))
	}
	for _, code := range reach.Codes() {
		what("", string(code))
	}
	for _, code := range certs.Codes() {
		what("certificate.", string(code))
	}
	for _, why := range []certs.Why{certs.WhyBackoff, certs.WhyFailures, certs.WhyOrders, certs.WhyAuthority, certs.WhyInterrupted} {
		what("certificate.wait_", string(why))
	}
	for _, state := range []certs.State{certs.StateNone, certs.StateWaitingDNS, certs.StateChecking, certs.StateObtaining, certs.StateActive, certs.StateRenewing, certs.StateFailing, certs.StateExpired} {
		what("certificate_state.", string(state))
	}
	for _, kind := range []certs.Kind{certs.KindRehearsed, certs.KindIssued, certs.KindInterrupted, certs.KindResumed, certs.KindDamaged} {
		keys = append(keys, "domains.history."+string(kind))
	}
	what("certificate.", "waiting_dns", "expired", "expiring", "good", "none", "limit")
	what("", "settling", "listen.no_tls", "listen.stopped", "listen.ipv6_port", "options.server", "options.update_url")
	for _, cure := range []reach.Cure{reach.CureSysctl, reach.CureService, reach.CureSetcap, reach.CureHighPorts, reach.CureRestart, reach.CureWildcard, reach.CureStopProgram, reach.CureStopService, reach.CureFindProgram, reach.CureReleaseRange, reach.CureFirewallWindows, reach.CureFirewallMac, reach.CureFirewallUFW, reach.CureFirewalld, reach.CureForward, reach.CurePinhole, reach.CureUPnP, reach.CureBridge, reach.CureAskProvider, reach.CureIPv6, reach.CureVPS, reach.CureTunnel, reach.CureSplitDNS, reach.CureSetClock, reach.CureSignIn, reach.CureWait, reach.CureFreeMapping, reach.CureUpgradeHeader} {
		keys = append(keys, "domains.cure."+string(cure))
	}
	for _, head := range []string{"name", "line", "findings", "lookups", "update", "certificate"} {
		keys = append(keys, "domains.report."+head)
	}
	for _, notice := range []string{"ready", "switched", "expiring", "expired", "moved", "update_refused"} {
		keys = append(keys, "domains.notice."+notice+".title", "domains.notice."+notice+".text")
	}
	for _, language := range []string{"en", "de"} {
		for _, key := range keys {
			if text, ok := words.Text(language, key, nil); !ok || text == "" {
				t.Errorf("%s is not told in %s", key, language)
			}
		}
	}
	if ids := domains.Providers(); !slices.ContainsFunc(ids, func(p domains.Provider) bool { return p.ID == "strato" }) || len(ids) != 16 {
		t.Errorf("guides: %v", ids)
	}
}
