package zone

import "net/netip"

// Target is where a name should lead, and how its certificate is obtained.
type Target struct {
	IPv4       []netip.Addr // this portal's public addresses
	IPv6       []netip.Addr
	CNAME      string   // the dynamic-DNS name that the record should point at; "" when it should hold the address
	CAIssuers  []string // names that CAA records know the authority by, such as letsencrypt.org; empty: CAA is not judged
	Account    string   // the account's address at the authority, for CAA; "" before there is one
	Challenges []string // "http-01", "tls-alpn-01", "dns-01"; empty: all
	TXT        []string // values that the authority will look for at _acme-challenge
}
