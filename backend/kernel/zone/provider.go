package zone

import (
	"slices"
	"strings"
)

// Provider is a company that keeps zones, known by the names of its servers.
type Provider struct {
	ID       string // stable: "godaddy"; guides and words are kept under it
	Name     string // a brand, not translated
	Flattens bool   // its ALIAS, ANAME or flattening lets the top of a zone lead to any name
	suffixes []string
}

// providers; a star stands for the rest of a label: awsdns-07.com.
var providers = []Provider{
	{"cloudflare", "Cloudflare", true, []string{"cloudflare.com", "foundationdns.com", "foundationdns.net", "foundationdns.org"}},
	{"godaddy", "GoDaddy", false, []string{"domaincontrol.com", "secureserver.net"}},
	{"google", "Google Domains (Squarespace)", false, []string{"googledomains.com"}},
	{"squarespace", "Squarespace", false, []string{"squarespacedns.com", "nsone-squarespace.com", "squarespace-dns.com"}},
	{"namecheap", "Namecheap", true, []string{"registrar-servers.com", "namecheaphosting.com"}},
	{"siteground", "SiteGround", false, []string{"siteground.net", "sgvps.net", "siteground.biz", "siteground.com", "siteground.eu", "sg-host.com", "sgdns.net"}},
	{"hostgator", "HostGator", false, []string{"hostgator.com", "websitewelcome.com", "hostgator.com.br", "hostgator.in"}},
	{"bluehost", "Bluehost", false, []string{"bluehost.com"}},
	{"ionos", "IONOS", false, []string{"ui-dns.com", "ui-dns.de", "ui-dns.org", "ui-dns.biz", "1and1.com", "1und1.de"}},
	{"strato", "Strato", false, []string{"rzone.de", "strato-rz.de"}},
	{"ovh", "OVHcloud", false, []string{"ovh.net", "ovh.ca", "ovh.us", "anycast.me"}},
	{"gandi", "Gandi", true, []string{"gandi.net"}},
	{"porkbun", "Porkbun", true, []string{"porkbun.com"}},
	{"hetzner", "Hetzner", false, []string{"hetzner.com", "hetzner.de", "first-ns.de", "second-ns.de", "second-ns.com", "your-server.de", "robotns2.de", "robotns3.com"}},
	{"wix", "Wix", false, []string{"wixdns.net"}},
	{"route53", "Amazon Route 53", false, []string{"awsdns-*.com", "awsdns-*.net", "awsdns-*.org", "awsdns-*.co.uk"}},
	{"azure", "Azure DNS", false, []string{"azure-dns.com", "azure-dns.net", "azure-dns.org", "azure-dns.info"}},
	{"digitalocean", "DigitalOcean", false, []string{"digitalocean.com"}},
	{"linode", "Akamai Linode", false, []string{"linode.com"}},
	{"vultr", "Vultr", false, []string{"vultr.com"}},
	{"scaleway", "Scaleway", true, []string{"scw.cloud", "scaleway.com"}},
	{"vercel", "Vercel", true, []string{"vercel-dns.com", "zeit.world"}},
	{"hostinger", "Hostinger", true, []string{"dns-parking.com", "hostinger.com", "main-hosting.eu"}},
	{"onecom", "one.com", false, []string{"one.com", "b-one-dns.net"}},
	{"inwx", "INWX", true, []string{"inwx.de", "inwx.eu", "inwx.com", "domrobot.com"}},
	{"netcup", "netcup", false, []string{"netcup.net"}},
	{"allinkl", "ALL-INKL", false, []string{"kasserver.com"}},
	{"hosteurope", "Host Europe", false, []string{"hosteurope.com", "ns.hans.hosteurope.de", "hosteurope.de"}},
	{"domainfactory", "domainfactory", false, []string{"namespace4you.de", "ispgateway.de"}},
	{"united-domains", "united-domains", false, []string{"udag.de", "udagdns.de", "udagdns.net", "united-domains.de", "ud-dns.net"}},
	{"dnsimple", "DNSimple", true, []string{"dnsimple.com", "dnsimple-edge.net", "dnsimple-edge.org", "dnsimple-edge.io", "dnsimple-edge.com"}},
	{"namecom", "Name.com", true, []string{"name.com"}},
	{"networksolutions", "Network Solutions", false, []string{"worldnic.com", "register.com"}},
	{"enom", "Enom", false, []string{"name-services.com"}},
	{"dynadot", "Dynadot", true, []string{"dynadot.com"}},
	{"hover", "Hover", false, []string{"hover.com"}},
	{"namesilo", "NameSilo", false, []string{"dnsowl.com"}},
	{"dreamhost", "DreamHost", false, []string{"dreamhost.com"}},
	{"simply", "Simply.com", true, []string{"simply.com", "unoeuro.com"}},
	{"loopia", "Loopia", false, []string{"loopia.se"}},
	{"active24", "Active24", false, []string{"active24.cz", "active24.com", "active24.sk"}},
	{"wedos", "WEDOS", false, []string{"wedos.net", "wedos.com", "wedos.eu", "wedos.cz"}},
	{"homepl", "home.pl", false, []string{"home.pl"}},
	{"transip", "TransIP", true, []string{"transip.net", "transip.nl", "transip.eu"}},
	{"infomaniak", "Infomaniak", false, []string{"infomaniak.ch", "infomaniak.com"}},
	{"aruba", "Aruba", false, []string{"technorail.com", "arubadns.net", "arubadns.cz"}},
	{"easydns", "easyDNS", true, []string{"easydns.com", "easydns.net", "easydns.org", "easydns.info"}},
	{"dnsmadeeasy", "DNS Made Easy", true, []string{"dnsmadeeasy.com"}},
	{"desec", "deSEC", false, []string{"desec.io", "desec.org"}},
	{"bunny", "bunny.net", true, []string{"bunny.net"}},
	{"he", "Hurricane Electric", true, []string{"he.net"}},
	{"cloudns", "ClouDNS", true, []string{"cloudns.net", "cloudns.uk", "cloudns.info"}},
	{"duckdns", "Duck DNS", false, []string{"duckdns.org"}},
	{"noip", "No-IP", false, []string{"no-ip.com"}},
	{"ns1", "NS1", true, []string{"nsone.net"}},
	{"netlify", "Netlify", true, []string{"netlify.com"}},
	{"wordpress", "WordPress.com", true, []string{"wordpress.com"}},
	{"shopify", "Shopify", false, []string{"shopify.com"}},
}

// Providers are all DNS hosts that are recognised, so that whoever keeps guides
// for them can check that none is left out.
func Providers() []Provider { return slices.Clone(providers) }

// ProviderOf is the provider with that id.
func ProviderOf(id string) (Provider, bool) {
	for _, p := range providers {
		if p.ID == id {
			return p, true
		}
	}
	return Provider{}, false
}

// Host is the id of the DNS host whose servers keep the zone, "" when it is not
// one of Providers. What the zone above says counts, since those servers are
// asked by everybody.
func Host(s Survey) string {
	names := s.ParentNS
	if len(names) == 0 {
		names = s.ChildNS
	}
	counts := map[string]int{}
	best := ""
	for _, name := range names {
		if id := hostOfServer(name); id != "" {
			if counts[id]++; counts[id] > counts[best] {
				best = id
			}
		}
	}
	return best
}

// hostOfServer is the provider of one server; the longest suffix counts.
func hostOfServer(server string) (id string) {
	length := 0
	for _, p := range providers {
		for _, suffix := range p.suffixes {
			if len(suffix) > length && fits(server, suffix) {
				length, id = len(suffix), p.ID
			}
		}
	}
	return id
}

func fits(server, suffix string) bool {
	before, after, star := strings.Cut(suffix, "*")
	for name := server; name != ""; name = parent(name) {
		label, rest, _ := strings.Cut(name, ".")
		if name == suffix || star && strings.HasPrefix(label, before) && "."+rest == after {
			return true
		}
	}
	return false
}
