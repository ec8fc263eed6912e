package zone

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestReadyAt lets a record change before real surveys, poll by poll.
func TestReadyAt(t *testing.T) {
	for _, row := range []struct {
		name  string
		polls []string // the portal's record before each, 15 s apart
		want  time.Duration
		ready bool
	}{
		{"right at first sight", []string{"300 A 127.0.0.1"}, time.Minute, true},
		{"still wrong", []string{"300 A " + somebody}, 0, false},
		{"an hour in caches", []string{"3600 A " + somebody, "300 A 127.0.0.1", "300 A 127.0.0.1"}, 15*time.Second + time.Hour, true},
		{"a short life in caches", []string{"5 A " + somebody, "300 A 127.0.0.1"}, 15*time.Second + time.Minute, true},
		{"nothing before", []string{"", "300 A 127.0.0.1"}, 15*time.Second + time.Minute, true}, // the SOA says 60 s
		{"wrong again", []string{"300 A 127.0.0.1", "3600 A " + somebody}, 0, false},
		{"wrong in between", []string{"300 A 127.0.0.1", "600 A " + somebody, "300 A 127.0.0.1"}, 30*time.Second + 10*time.Minute, true},
		{"never looked", nil, 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			began := w.clock.Now()
			var history []Survey
			for _, record := range row.polls {
				w.shop.Remove("portal")
				if record != "" {
					w.shop.Set("portal " + record)
				}
				history = append(history, w.survey())
				w.clock.Advance(15 * time.Second)
			}
			at, ok := ReadyAt(history, w.target)
			if ok != row.ready || ok && at.Sub(began) != row.want {
				t.Errorf("%v %v, not %v %v", at.Sub(began), ok, row.want, row.ready)
			}
		})
	}
}

func TestHost(t *testing.T) {
	for servers, want := range map[string]string{
		"ada.ns.cloudflare.com bob.ns.cloudflare.com":            "cloudflare",
		"ns31.domaincontrol.com ns32.domaincontrol.com":          "godaddy",
		"ns-cloud-a1.googledomains.com":                          "google",
		"dns1.p01.nsone-squarespace.com ns01.squarespacedns.com": "squarespace",
		"dns1.registrar-servers.com":                             "namecheap",
		"ns1.siteground.net":                                     "siteground",
		"ns8001.hostgator.com":                                   "hostgator",
		"ns1036.ui-dns.biz ns1036.ui-dns.de":                     "ionos",
		"docks18.rzone.de shades03.rzone.de":                     "strato",
		"dns16.ovh.net ns16.ovh.net":                             "ovh",
		"ns-158-a.gandi.net":                                     "gandi",
		"maceio.porkbun.com":                                     "porkbun",
		"hydrogen.ns.hetzner.com oxygen.ns.hetzner.com":          "hetzner",
		"ns14.wixdns.net":                                        "wix",
		"ns-1536.awsdns-00.co.uk ns-0.awsdns-00.com":             "route53",
		"ns1-07.azure-dns.com":                                   "azure",
		"ns1.digitalocean.com":                                   "digitalocean",
		"ns1.shop.test":                                          "",
		"evilcloudflare.com cloudflare.com.evil.test":            "",
		"xawsdns-1.com awsdns-1.evil.com":                        "",
		"ns1.shop.test dns16.ovh.net ns16.ovh.net":               "ovh",
		"": "",
	} {
		if got := Host(Survey{ParentNS: strings.Fields(servers)}); got != want {
			t.Errorf("%s: %q, not %q", servers, got, want)
		}
		if got := Host(Survey{ChildNS: strings.Fields(servers)}); got != want {
			t.Errorf("%s as the zone says: %q", servers, got)
		}
	}
	ids := map[string]bool{}
	for _, p := range Providers() {
		if ids[p.ID] || p.Name == "" || len(p.suffixes) == 0 {
			t.Errorf("%+v", p)
		}
		ids[p.ID] = true
		if found, ok := ProviderOf(p.ID); !ok || found.Name != p.Name {
			t.Errorf("%s is not found", p.ID)
		}
		for _, suffix := range p.suffixes {
			if got := hostOfServer("ns1." + strings.ReplaceAll(suffix, "*", "7")); got != p.ID {
				t.Errorf("%s of %s belongs to %s", suffix, p.ID, got)
			}
		}
	}
	if _, ok := ProviderOf("nobody"); ok || len(ids) < 25 {
		t.Errorf("%d providers", len(ids))
	}
}

// The provider is recognised in a real survey, too.
func TestHostOfASurvey(t *testing.T) {
	w := newWorld(t)
	w.Zone("hetzner.com", "127.0.0.7").Set("hydrogen.ns A 127.0.0.2", "oxygen.ns A 127.0.0.3")
	ns := []string{"shop.test. NS hydrogen.ns.hetzner.com.", "shop.test. NS oxygen.ns.hetzner.com."}
	w.Zone("test").Set(ns...)
	w.shop.Set(ns...)
	if s := w.survey(); Host(s) != "hetzner" || len(w.codes(s)) != 0 {
		t.Errorf("%q %v", Host(s), w.codes(s))
	}
}

func TestTables(t *testing.T) {
	for name, want := range map[string]string{"shops.myshopify.com": "Shopify", "myshopify.com": "Shopify", "notmyshopify.com": "", "www.shop.test": "", "ghs.googlehosted.com": "Google", "a.b.netlify.app": "Netlify"} {
		if got := platformOf(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for text, want := range map[string]string{"23.227.38.65": "Shopify", "185.199.110.153": "GitHub", "198.185.159.145": "Squarespace", "162.159.140.166": "HighLevel", somebody: ""} {
		if got := ownerOf(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	j := judge{}
	for text, want := range map[string]bool{"104.16.0.1": true, "2606:4700::1": true, "::ffff:172.67.1.1": true, "162.159.140.166": false, somebody: false, "1.1.1.1": false} {
		if got := j.proxied(ips(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, o := range owners { // a range that is written wrongly would never be noticed
		for _, p := range o.ranges {
			if p.Masked() != p {
				t.Errorf("%s: %s is not where the range begins", o.name, p)
			}
		}
	}
}
