package domains

import (
	"slices"
	"strings"

	"portico/backend/kernel/fault"
)

// Provider is a company that runs DNS for names, with what differs in its form.
// Its words are `domains.guide.<id>.…`.
type Provider struct {
	ID    string
	Name  string
	Full  bool   // its form wants the whole name, not only the part before the zone
	Steps int    // how many steps its guide has
	URL   string // where the guide begins
	Alias string // what it calls a CNAME at the zone itself; "" when it has none
}

// general is the guide for everybody else.
const general = "general"

// providers are those with a guide of their own, and the general one last.
var providers = []Provider{
	{ID: "godaddy", Name: "GoDaddy", Steps: 5, URL: "https://dcc.godaddy.com/control/portfolio"},
	{ID: "google", Name: "Google Domains (Squarespace)", Steps: 5, URL: "https://account.squarespace.com/domains"},
	{ID: "squarespace", Name: "Squarespace", Steps: 5, URL: "https://account.squarespace.com/domains"},
	{ID: "namecheap", Name: "Namecheap", Steps: 5, URL: "https://ap.www.namecheap.com/domains/list/", Alias: "ALIAS"},
	{ID: "cloudflare", Name: "Cloudflare", Steps: 5, URL: "https://dash.cloudflare.com/", Alias: "CNAME flattening"},
	{ID: "siteground", Name: "SiteGround", Steps: 5, URL: "https://my.siteground.com/"},
	{ID: "hostgator", Name: "HostGator", Full: true, Steps: 5, URL: "https://portal.hostgator.com/"},
	{ID: "ionos", Name: "IONOS", Steps: 5, URL: "https://my.ionos.com/domains"},
	{ID: "ovh", Name: "OVHcloud", Steps: 6, URL: "https://www.ovh.com/manager/"},
	{ID: "gandi", Name: "Gandi", Steps: 5, URL: "https://admin.gandi.net/", Alias: "ALIAS"},
	{ID: "porkbun", Name: "Porkbun", Steps: 5, URL: "https://porkbun.com/account/domainsSpeedy", Alias: "ALIAS"},
	{ID: "hetzner", Name: "Hetzner", Steps: 5, URL: "https://console.hetzner.com/"},
	{ID: "strato", Name: "STRATO", Steps: 5, URL: "https://www.strato.de/apps/CustomerService"},
	{ID: "wix", Name: "Wix", Steps: 5, URL: "https://manage.wix.com/account/domains"},
	{ID: "route53", Name: "Amazon Route 53", Steps: 5, URL: "https://console.aws.amazon.com/route53/v2/hostedzones", Alias: "ALIAS"},
	{ID: general, Name: "", Steps: 5},
}

// Providers lists who has a guide.
func Providers() []Provider { return slices.Clone(providers) }

// providerByID answers the provider, or the general one.
func providerByID(id string) Provider {
	if i := slices.IndexFunc(providers, func(p Provider) bool { return p.ID == id }); i >= 0 {
		return providers[i]
	}
	return providers[len(providers)-1]
}

// guideOf answers the provider whose guide is asked for. Fault: domains.no_guide.
func guideOf(id string) (Provider, error) {
	if p := providerByID(id); p.ID == id {
		return p, nil
	}
	return Provider{}, fault.New(fault.NotFound, "domains.no_guide", "There is no guide of this name. Take the one for any other provider.")
}

// readable makes an id of a DNS host fit for people: `digitalocean` is known but
// has no guide of its own.
func readable(id string) string {
	if p := providerByID(id); p.ID == id && p.Name != "" {
		return p.Name
	}
	if id == "" {
		return ""
	}
	return strings.ToUpper(id[:1]) + id[1:]
}
