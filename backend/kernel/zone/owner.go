package zone

import (
	"net/netip"
	"slices"
)

// cloudflare are the addresses from which Cloudflare's proxy answers, as the
// company publishes them; they change once in several years.
var cloudflare = prefixes(
	"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20",
	"197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
	"2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32",
)

// shared is what providers use inside their networks (RFC 6598).
var shared = prefixes("100.64.0.0/10")

// unusable are addresses that no computer on the Internet has (RFC 6890).
var unusable = prefixes(
	"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
	"::/128", "100::/64", "2001:db8::/32", "3fff::/20", "ff00::/8", "fec0::/10",
)

// owners are addresses at which website builders and parking pages answer: what
// stands in a record that was never changed. Only those that the companies tell
// their customers to enter, or have answered from for years.
var owners = []struct {
	name   string
	ranges []netip.Prefix
}{
	{"HighLevel", prefixes("162.159.140.166/32")},
	{"Wix", prefixes("23.236.62.147/32", "185.230.60.0/22", "34.149.87.45/32")},
	{"Squarespace", prefixes("198.185.159.144/31", "198.49.23.144/31", "198.185.159.176/31", "198.49.23.176/31")},
	{"Shopify", prefixes("23.227.38.0/24", "2620:127:f00f::/48")},
	{"GitHub", prefixes("185.199.108.0/22", "2606:50c0:8000::/46")},
	{"GoDaddy", prefixes("76.223.105.230/32", "13.248.243.5/32", "34.102.136.180/32", "15.197.142.173/32", "3.33.152.147/32", "15.197.148.33/32", "3.33.130.190/32", "15.197.225.128/32", "3.33.251.168/32", "50.63.202.0/24", "184.168.131.241/32")},
	{"Namecheap", prefixes("192.64.119.0/24", "162.255.119.0/24")},
	{"Webflow", prefixes("75.2.70.75/32", "99.83.190.102/32", "198.202.211.1/32")},
	{"Netlify", prefixes("75.2.60.5/32", "99.83.231.61/32")},
	{"Vercel", prefixes("76.76.21.0/24", "216.198.79.0/24", "64.29.17.0/24")},
	{"WordPress.com", prefixes("192.0.78.0/24")},
	{"Weebly", prefixes("199.34.228.0/24", "74.115.51.0/24")},
	{"Framer", prefixes("31.43.160.6/32", "31.43.161.6/32")},
	{"Google", prefixes("216.239.32.21/32", "216.239.34.21/32", "216.239.36.21/32", "216.239.38.21/32")},
	{"Hostinger", prefixes("84.32.84.32/31")},
	{"Sedo", prefixes("91.195.240.0/23", "64.190.62.0/23")},
	{"Bodis", prefixes("199.59.243.0/24", "199.59.242.0/24")},
	{"ParkingCrew", prefixes("185.53.176.0/22")},
	{"Above.com", prefixes("103.224.182.0/23", "103.224.212.0/23")},
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func within(ip netip.Addr, ranges []netip.Prefix) bool {
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// ownerOf is the brand that is known to answer at an address, "" for most.
func ownerOf(ip netip.Addr) string {
	for _, o := range owners {
		if within(ip, o.ranges) {
			return o.name
		}
	}
	return ""
}

// isPrivate reports whether an address works only inside an office or a computer.
func isPrivate(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()
}
