package zone

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"portico/backend/kernel/clock"
)

// Config is whom a Client may ask. The zero value asks as a person at this
// computer would expect: its own resolver, three public ones, and the servers of
// the zone.
type Config struct {
	Public   []Server         // resolvers to compare with; nil: DefaultPublic, empty: nobody outside is told which name is looked up
	System   []netip.AddrPort // this computer's resolvers; nil: as its system says
	HTTPS    []string         // DNS over HTTPS, when port 53 is closed; nil: DefaultHTTPS, empty: never. http:// only for loopback
	Port     uint16           // of the zones' servers; 0: 53
	Clock    clock.Clock      // nil: the machine's
	Patience time.Duration    // for one reply, asked for twice; a survey takes at most five times that; 0: 2 s
	// Dial connects: to numbers, and to a name only for an update address that
	// holds one. It returns what net.Dialer returns; nil: net.Dialer. Tests refuse
	// here whatever is not loopback.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// DefaultPublic are three resolvers that everybody may ask, of three companies.
func DefaultPublic() []Server {
	return []Server{
		{"Cloudflare", netip.MustParseAddrPort("1.1.1.1:53")},
		{"Google", netip.MustParseAddrPort("8.8.8.8:53")},
		{"Quad9", netip.MustParseAddrPort("9.9.9.9:53")},
	}
}

// DefaultHTTPS are resolvers over HTTPS that are reached without asking for
// their name first.
func DefaultHTTPS() []string {
	return []string{"https://1.1.1.1/dns-query", "https://8.8.8.8/dns-query"}
}

// Client asks. It may be used by many at once.
type Client struct {
	config Config
	web    *http.Client
	slots  chan struct{} // questions under way
}

// atOnce is how many questions are under way at the same time: enough for a
// zone with eight servers, few enough for a home router.
const atOnce = 48

// New makes a Client.
func New(config Config) *Client {
	if config.Public == nil {
		config.Public = DefaultPublic()
	}
	if config.HTTPS == nil {
		config.HTTPS = DefaultHTTPS()
	}
	if config.Port == 0 {
		config.Port = 53
	}
	if config.Clock == nil {
		config.Clock = clock.System{}
	}
	if config.Patience == 0 {
		config.Patience = 2 * time.Second
	}
	if config.Dial == nil {
		config.Dial = (&net.Dialer{}).DialContext
	}
	return &Client{config: config, web: webClient(config), slots: make(chan struct{}, atOnce)}
}

// webClient neither follows redirects, keeps connections nor heeds a proxy: it
// speaks to the address it was given, or not at all.
func webClient(config Config) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: config.Dial, DisableKeepAlives: true, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 16 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// system are the resolvers of this computer.
func (c *Client) system() []Server {
	addresses := c.config.System
	if addresses == nil {
		addresses = systemResolvers()
	}
	var all []Server
	for _, a := range addresses[:min(len(addresses), 3)] {
		all = append(all, Server{Name: a.Addr().String(), Addr: a})
	}
	return all
}

// safeURL reports whether an address may be fetched: https, or http within this
// computer.
func safeURL(scheme, host string) bool {
	ip, err := netip.ParseAddr(host)
	return host != "" && (scheme == "https" || scheme == "http" && (err == nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")))
}

// at is the server of a zone at an address.
func (c *Client) at(ip netip.Addr) netip.AddrPort { return netip.AddrPortFrom(ip, c.config.Port) }
