package zone

// platforms are the endings of names that website builders, shops and the like
// hand out to their customers, with the brand. The private section of the public
// suffix list knows many more; these are the ones whose names people enter, and
// some that the list lacks.
var platforms = map[string]string{
	"myshopify.com": "Shopify", "shopify.com": "Shopify", "shopifypreview.com": "Shopify",
	"wixsite.com": "Wix", "wix.com": "Wix", "wixdns.net": "Wix", "editorx.io": "Wix", "wixstudio.com": "Wix",
	"squarespace.com": "Squarespace", "sqsp.net": "Squarespace",
	"wordpress.com": "WordPress.com", "wpcomstaging.com": "WordPress.com", "wpengine.com": "WP Engine",
	"weebly.com": "Weebly", "weeblysite.com": "Weebly", "square.site": "Square",
	"webflow.io": "Webflow", "webflow.com": "Webflow", "framer.app": "Framer", "framer.website": "Framer",
	"godaddysites.com": "GoDaddy", "secureserver.net": "GoDaddy", "jimdosite.com": "Jimdo", "jimdofree.com": "Jimdo", "jimdo.com": "Jimdo",
	"strikingly.com": "Strikingly", "mystrikingly.com": "Strikingly", "carrd.co": "Carrd", "notion.site": "Notion",
	"business.site": "Google", "blogspot.com": "Google", "google.com": "Google", "googlehosted.com": "Google", "web.app": "Google Firebase", "firebaseapp.com": "Google Firebase",
	"appspot.com": "Google", "run.app": "Google", "github.io": "GitHub", "gitlab.io": "GitLab", "netlify.app": "Netlify", "netlify.com": "Netlify",
	"vercel.app": "Vercel", "vercel-dns.com": "Vercel", "now.sh": "Vercel", "pages.dev": "Cloudflare", "workers.dev": "Cloudflare", "herokuapp.com": "Heroku", "herokudns.com": "Heroku",
	"azurewebsites.net": "Microsoft Azure", "azurestaticapps.net": "Microsoft Azure", "cloudfront.net": "Amazon", "amazonaws.com": "Amazon", "amplifyapp.com": "Amazon", "elasticbeanstalk.com": "Amazon",
	"onrender.com": "Render", "fly.dev": "Fly.io", "hubspot.com": "HubSpot", "hs-sites.com": "HubSpot", "hubspotpagebuilder.com": "HubSpot", "hscoscdn-na1.net": "HubSpot", "leadconnectorhq.com": "HighLevel", "msgsndr.com": "HighLevel",
	"clickfunnels.com": "ClickFunnels", "kajabi.com": "Kajabi", "mykajabi.com": "Kajabi", "teachable.com": "Teachable", "thinkific.com": "Thinkific",
	"bigcartel.com": "Big Cartel", "mybigcommerce.com": "BigCommerce", "ecwid.com": "Ecwid", "etsy.com": "Etsy", "facebook.com": "Facebook", "instagram.com": "Instagram", "linktr.ee": "Linktree",
	"ts.net": "Tailscale", "ngrok.io": "ngrok", "ngrok.app": "ngrok", "ngrok-free.app": "ngrok", "ngrok.dev": "ngrok", "trycloudflare.com": "Cloudflare", "cfargotunnel.com": "Cloudflare",
	"mystrato.com": "Strato", "rapidspace.de": "Strato", "ionos.space": "IONOS", "live-website.com": "IONOS", "sgvps.net": "SiteGround", "hostinger.website": "Hostinger", "hostingersite.com": "Hostinger", "zyrosite.com": "Hostinger",
	"parkingcrew.net": "ParkingCrew", "sedoparking.com": "Sedo", "bodis.com": "Bodis", "above.com": "Above.com",
}

// ownRecords are endings in the private section of the public suffix list under
// which everybody decides himself where his name leads: dynamic DNS, and
// registries run by companies.
var ownRecords = []string{
	"duckdns.org", "dedyn.io", "dynv6.net", "v6.rocks", "nsupdate.info", "ddnss.de", "ddnss.org", "dyn-ip24.de", "dyndns1.de", "dyn.ddnss.de", "spdns.de", "spdns.eu", "spdns.org",
	"goip.de", "home-webserver.de", "selfip.com", "selfip.net", "selfip.org", "selfip.biz", "selfip.info", "selfhost.eu", "my-gateway.de", "my-router.de",
	"ddns.net", "ddns.me", "hopto.org", "hopto.me", "zapto.org", "sytes.net", "myftp.org", "myftp.biz", "myvnc.com", "no-ip.biz", "no-ip.info", "no-ip.org", "no-ip.co.uk", "noip.me", "noip.us",
	"serveftp.com", "servehttp.com", "servebeer.com", "redirectme.net", "bounceme.net", "freedynamicdns.net", "freedynamicdns.org", "webhop.me", "gotdns.ch",
	"dyndns.org", "dyndns.biz", "dyndns.info", "dyndns.tv", "dyndns.ws", "dyndns-home.com", "dyndns-office.com", "dyndns-web.com", "dyndns-work.com", "dyndns-server.com", "dyndns-at-home.com", "dyndns-at-work.com",
	"dnsalias.com", "dnsalias.net", "dnsalias.org", "dnsdojo.com", "dnsdojo.net", "dnsdojo.org", "gotdns.com", "gotdns.org", "homedns.org", "homeftp.net", "homeftp.org", "homeip.net", "homelinux.com", "homelinux.net", "homelinux.org",
	"homeunix.com", "homeunix.net", "homeunix.org", "is-a-geek.com", "is-a-geek.net", "is-a-geek.org", "dynalias.com", "dynalias.net", "dynalias.org", "dynathome.net", "ath.cx", "webhop.net", "webhop.org", "webhop.biz", "webhop.info",
	"mooo.com", "us.to", "chickenkiller.com", "crabdance.com", "ignorelist.com", "jumpingcrab.com", "strangled.net", "twilightparadox.com", "freeddns.org", "freeddns.us", "giize.com", "gleeze.com", "kozow.com", "loseyourip.com", "ooguy.com", "theworkpc.com", "camdvr.org", "accesscam.org", "casacam.net", "ddnsfree.com", "ddnsgeek.com", "mywire.org", "webredirect.org",
	"myfritz.net", "synology.me", "diskstation.me", "dscloud.me", "dscloud.biz", "dscloud.mobi", "dsmynas.com", "dsmynas.net", "dsmynas.org", "familyds.com", "familyds.net", "familyds.org", "i234.me", "myds.me", "vpnplus.to", "direct.quickconnect.to",
	"myqnapcloud.com", "mycloudnas.com", "mynascloud.com", "alpha-myqnapcloud.com", "dev-myqnapcloud.com", "asuscomm.com", "tplinkdns.com", "keenetic.pro", "keenetic.link", "dyn.home-webserver.de",
	"uk.com", "us.com", "eu.com", "de.com", "gb.com", "gb.net", "uk.net", "se.net", "jp.net", "in.net", "hu.net", "br.com", "cn.com", "jpn.com", "ru.com", "sa.com", "se.com", "za.com", "za.bz", "gr.com", "us.org", "ae.org", "com.de", "com.se", "co.com", "com.ai", "co.nl", "co.no", "co.pl",
	"eu.org", "pp.ru", "pp.ua", "biz.ua", "co.ua", "radio.am", "radio.fm", "co.ca", "co.ro", "shop.ro", "co.dk", "biz.dk", "firm.dk", "reg.dk", "store.dk", "co.business", "co.education", "co.events", "co.financial", "co.network", "co.place", "co.technology", "it.com", "de.cool", "firm.ng",
	"za.net", "za.org", "org.ru", "net.ru", "msk.ru", "spb.ru", "nov.ru", "blogsite.org", "blogsite.xyz", "is-a.dev", "my.id",
}

// platformOf is the brand that hands out the names around this one, "" when none
// is known.
func platformOf(name string) string {
	for ; name != ""; name = parent(name) {
		if brand := platforms[name]; brand != "" {
			return brand
		}
	}
	return ""
}
