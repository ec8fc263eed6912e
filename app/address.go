package app

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// The addresses when nothing else is asked for.
const (
	defaultListen = "127.0.0.1:8080"
	defaultStaff  = "127.0.0.1:8081"
)

// extent is how far an address goes: whoever can send something to it.
type extent int

const (
	reachHere    extent = iota // this computer
	reachPrivate               // the local network
	reachEvery                 // every network of this computer, whatever they are
	reachPublic                // the internet
)

// hostReach judges a host. A name that only a local network can know (a single
// word, .local, .lan …) counts as private: the public internet has no such names.
func hostReach(host string) extent {
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "" {
		return reachEvery
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nameReach(host)
	}
	ip = ip.Unmap()
	switch {
	case ip.IsUnspecified():
		return reachEvery
	case ip.IsLoopback():
		return reachHere
	case ip.IsPrivate(), ip.IsLinkLocalUnicast():
		return reachPrivate
	}
	return reachPublic
}

func nameReach(name string) extent {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return reachHere
	}
	if !strings.Contains(name, ".") {
		return reachPrivate
	}
	for _, end := range []string{".local", ".lan", ".internal", ".home.arpa", ".intranet", ".test"} {
		if strings.HasSuffix(name, end) {
			return reachPrivate
		}
	}
	return reachPublic
}

// splitAddress reads host:port as --listen and --staff take it.
func splitAddress(flag, address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		return "", "", usage("--%s takes an address and a port, such as 127.0.0.1:8080, not %q.", flag, address)
	}
	if n, err := net.LookupPort("tcp", port); err != nil || n < 0 || n > 65535 {
		return "", "", usage("--%s: %q is not a port (0 to 65535).", flag, port)
	}
	if host == "localhost" {
		host = "127.0.0.1" // one listener, one address: the name can mean two
	}
	return host, port, nil
}

// staffAddress admits only this computer: until staff have accounts with a
// second factor, being here is what keeps others out.
func staffAddress(address string) (string, error) {
	host, port, err := splitAddress("staff", address)
	if err != nil {
		return "", err
	}
	if hostReach(host) != reachHere {
		return "", usage("--staff %s would offer the staff dashboard to other computers, which is not possible yet. Use an address of this computer, such as %s (for example with ssh -L from elsewhere).", address, defaultStaff)
	}
	return net.JoinHostPort(host, port), nil
}

// portalAddress decides whether the portal may listen there in clear. encrypted says
// that clients come by https, to a proxy in front or to --listen-tls: what the
// listener in clear then serves is challenges, redirects and the local preview.
func portalAddress(listen, base string, encrypted bool) (string, error) {
	host, port, err := splitAddress("listen", listen)
	if err != nil {
		return "", err
	}
	switch hostReach(host) {
	case reachPublic:
		if !encrypted {
			return "", usage("--listen %s is a public address, and the portal is never served in clear there. Add --listen-tls, listen on 127.0.0.1 behind a proxy that does HTTPS, or on an address of your local network.", listen)
		}
	case reachEvery:
		if strings.HasPrefix(base, "https:") && !encrypted {
			return "", usage("--listen %s serves every network in clear while --base-url is https. Add --listen-tls, name the proxy in front with --trusted-proxy, or listen on the one address it uses.", listen)
		}
	}
	return net.JoinHostPort(host, port), nil
}

// baseURL checks the address that links and mails are made with; "" stays "".
func baseURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Opaque != "" {
		return "", usage("--base-url takes a web address, such as https://portal.example.com, not %q.", text)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", usage("--base-url takes only a scheme, a host and a port: the portal always is the whole site. %q has more.", text)
	}
	far := hostReach(u.Hostname())
	if far == reachEvery {
		return "", usage("--base-url %s is no address that anybody can open. Use the name or address of this computer.", text)
	}
	if u.Scheme == "http" && far == reachPublic {
		return "", usage("--base-url %s is a public address without HTTPS, and the portal is never offered in clear there. Put a proxy that does HTTPS in front and use https://%s.", text, u.Hostname())
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// urlOf is the address of a listener for a browser on this computer.
func urlOf(l net.Listener) string {
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, portOf(l))
}

func portOf(l net.Listener) string {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return ""
	}
	return port
}

// trustedProxies reads --trusted-proxy; a single address is a network of one.
func trustedProxies(list []string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range list {
		if ip, err := netip.ParseAddr(text); err == nil {
			networks = append(networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, usage("--trusted-proxy takes a network such as 10.0.0.0/8 or a single address, not %q.", text)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}
