package reach

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/huin/goupnp"
	"golang.org/x/net/ipv4"
)

// ssdpGroup is where UPnP devices listen. Some firewalls drop the answers to a
// multicast, so the gateway is asked by its own address as well.
func ssdpGroup() netip.AddrPort { return netip.MustParseAddrPort("239.255.255.250:1900") }

const ssdpPort = 1900

// searched are the kinds of device that are asked for.
func searched() []string {
	return []string{"urn:schemas-upnp-org:device:InternetGatewayDevice:2", "urn:schemas-upnp-org:device:InternetGatewayDevice:1"}
}

// settle is how long further answers are waited for after the first.
const settle = 200 * time.Millisecond

// discover finds the gateway by UPnP: nil when it does not answer. Only the gateway
// is heard, and only descriptions at the gateway are read.
func discover(ctx context.Context, g Gateway, search []netip.AddrPort, description string) *upnp {
	if search == nil {
		search = []netip.AddrPort{netip.AddrPortFrom(g.Address, ssdpPort)}
		if !g.Address.IsLoopback() { // a group is heard outside this computer only
			search = append(search, ssdpGroup())
		}
	}
	client := guarded(g.Address)
	for _, location := range ask(ctx, g, search) {
		root, err := describe(ctx, client, location)
		if err != nil {
			continue
		}
		if c := connected(ctx, connections(root, client)); c != nil {
			return &upnp{c: c, firewall: firewall(root, client), name: cut(root.Device.FriendlyName), udn: cut(root.Device.UDN), description: description}
		}
	}
	return nil
}

// ask sends the search and collects the places of descriptions.
func ask(ctx context.Context, g Gateway, to []netip.AddrPort) (locations []*url.URL) {
	if len(to) == 0 {
		return nil
	}
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(g.Local, 0)))
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	if all, err := net.Interfaces(); err == nil {
		for _, i := range all {
			if i.Name == g.Interface {
				_ = ipv4.NewPacketConn(conn).SetMulticastInterface(&i) // else the system chooses by our address
			}
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	send := func() {
		for _, there := range to {
			for _, kind := range searched() {
				request := "M-SEARCH * HTTP/1.1\r\nHOST: " + ssdpGroup().String() + "\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: " + kind + "\r\n\r\n"
				_, _ = conn.WriteToUDPAddrPort([]byte(request), there) // a firewall may refuse one of them
			}
		}
	}
	send()
	again := time.AfterFunc(firstWait*2, send) // datagrams get lost
	defer again.Stop()
	seen, packet := map[string]bool{}, make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(packet)
		if err != nil {
			return locations
		}
		if from.Addr().Unmap() != g.Address {
			continue // a printer, or somebody who would like to be the router
		}
		if at := locationIn(packet[:n], g.Address); at != nil && !seen[at.String()] {
			if len(seen) == 0 {
				soon := time.AfterFunc(settle, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
				defer soon.Stop()
			}
			seen[at.String()] = true
			locations = append(locations, at)
		}
	}
}

// locationIn is the place of the description in an answer, nil unless it lies at the
// gateway itself.
func locationIn(packet []byte, gateway netip.Addr) *url.URL {
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(packet)), nil)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil
	}
	_ = answer.Body.Close()
	at, err := answer.Location()
	if err != nil || at.Scheme != "http" {
		return nil
	}
	if addr, err := netip.ParseAddr(at.Hostname()); err != nil || addr.Unmap() != gateway {
		return nil
	}
	return at
}

// describe reads a device's description.
func describe(ctx context.Context, client *http.Client, at *url.URL) (*goupnp.RootDevice, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New(answer.Status)
	}
	var root goupnp.RootDevice
	decoder := xml.NewDecoder(answer.Body)
	decoder.DefaultSpace = goupnp.DeviceXMLNamespace
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	base := at
	if root.URLBaseStr != "" {
		if base, err = url.Parse(root.URLBaseStr); err != nil {
			return nil, err
		}
	}
	root.SetURLBase(base)
	return &root, nil
}

// mostBytes is more than any router has to say.
const mostBytes = 256 << 10

// guarded is a client that connects to the gateway and nowhere else, follows no
// redirect and reads no more than it should: a device's words are not trusted.
func guarded(gateway netip.Addr) *http.Client {
	var dialer net.Dialer
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{&http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				there, err := netip.ParseAddrPort(address)
				if err != nil || there.Addr().Unmap() != gateway {
					return nil, errors.New("the description points away from the router: " + address)
				}
				return dialer.DialContext(ctx, network, address)
			},
		}},
	}
}

// bounded cuts answers off at mostBytes.
type bounded struct{ next http.RoundTripper }

// RoundTrip is http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, mostBytes), answer.Body}
	}
	return answer, err
}
