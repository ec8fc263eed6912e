package reach

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/huin/goupnp"
	"github.com/huin/goupnp/dcps/internetgateway2"
)

// upnp6 asks a router's IPv6 firewall for holes (WANIPv6FirewallControl:1). The router
// knows each by a number, and gives the same one to who asks for the same hole again.
type upnp6 struct{ *upnp }

// Errors of WANIPv6FirewallControl:1 that mean something to us.
const (
	upnpFirewallDisabled = 702
	upnpInboundForbidden = 703
	upnpNoSuchPinhole    = 704
)

// protocolTCP is its number, as the router is asked by.
const protocolTCP = 6

// firewall is that of a router's description, nil when it names none.
func firewall(root *goupnp.RootDevice, client *http.Client) *internetgateway2.WANIPv6FirewallControl1 {
	found, err := internetgateway2.NewWANIPv6FirewallControl1ClientsFromRootDevice(root, &root.URLBase)
	if err != nil || len(found) == 0 {
		return nil
	}
	found[0].SOAPClient.HTTPClient = *client
	return found[0]
}

func (u upnp6) method() Method { return UPnP6 }

// external finds out whether holes are given; the address is this machine's own.
func (u upnp6) external(ctx context.Context) (netip.Addr, time.Duration, error) {
	on, allowed, err := u.firewall.GetFirewallStatusCtx(ctx)
	switch {
	case err != nil:
		return netip.Addr{}, 0, explain(err)
	case !on: // everything comes in: there is nothing to ask for
		return netip.Addr{}, 0, errOpen
	case !allowed:
		return netip.Addr{}, 0, &refused{answer: "InboundPinholeAllowed=0", disabled: true}
	}
	return netip.Addr{}, 0, nil
}

var errOpen = errors.New("the router has no firewall for IPv6")

func (u upnp6) open(ctx context.Context, m Mapping, lease time.Duration) (granted, error) {
	number, err := u.ask(ctx, m, lease)
	if err != nil {
		return granted{}, err
	}
	return granted{external: m.Internal, lease: lease, number: number}, nil
}

// ask opens a hole or renews it.
func (u upnp6) ask(ctx context.Context, m Mapping, lease time.Duration) (uint16, error) {
	number, err := u.firewall.AddPinholeCtx(ctx, "", 0, m.Internal.Addr().String(), m.Internal.Port(), protocolTCP, uint32(lease/time.Second))
	if n := code(err); n == upnpFirewallDisabled || n == upnpInboundForbidden {
		return 0, &refused{answer: cut(err.Error()), disabled: true}
	}
	if err != nil {
		return 0, explain(err)
	}
	return number, nil
}

// close finds the number out first when nobody noted it, by asking for the same hole.
func (u upnp6) close(ctx context.Context, m Mapping) error {
	number := m.Number
	if number == 0 {
		var err error
		if number, err = u.ask(ctx, m, time.Minute); err != nil {
			return err
		}
	}
	if err := u.firewall.DeletePinholeCtx(ctx, number); err != nil && code(err) != upnpNoSuchPinhole {
		return explain(err)
	}
	return nil
}

func (u upnp6) shows(ctx context.Context, m Mapping) (bool, error) {
	_, err := u.firewall.GetPinholePacketsCtx(ctx, m.Number)
	if code(err) == upnpNoSuchPinhole {
		return false, nil
	}
	if err != nil {
		return false, explain(err)
	}
	return true, nil
}

// pcp6 asks for a hole by PCP: over IPv6, and from the very address that it is for
// (RFC 6887, 8.1).
type pcp6 struct{ *pcp }

func (p pcp6) method() Method { return PCP6 }

// at speaks from the address that a hole is for.
func (p pcp6) at(m Mapping) *pcp {
	return &pcp{Gateway{Address: p.gateway.Address, Local: m.Internal.Addr()}}
}

func (p pcp6) open(ctx context.Context, m Mapping, lease time.Duration) (granted, error) {
	return p.at(m).open(ctx, m, lease)
}

func (p pcp6) close(ctx context.Context, m Mapping) error { return p.at(m).close(ctx, m) }
