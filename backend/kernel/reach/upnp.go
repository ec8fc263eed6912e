package reach

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/huin/goupnp"
	"github.com/huin/goupnp/dcps/internetgateway2"
	"github.com/huin/goupnp/soap"
)

// connection is what the three generations of gateway have in common.
type connection interface {
	GetServiceClient() *goupnp.ServiceClient
	GetStatusInfoCtx(ctx context.Context) (status, lastError string, uptime uint32, err error)
	GetExternalIPAddressCtx(ctx context.Context) (string, error)
	GetSpecificPortMappingEntryCtx(ctx context.Context, remoteHost string, port uint16, protocol string) (internalPort uint16, internalClient string, enabled bool, description string, lease uint32, err error)
	AddPortMappingCtx(ctx context.Context, remoteHost string, port uint16, protocol string, internalPort uint16, internalClient string, enabled bool, description string, lease uint32) error
	DeletePortMappingCtx(ctx context.Context, remoteHost string, port uint16, protocol string) error
}

// upnp speaks UPnP-IGD to one connection of a router.
type upnp struct {
	c           connection
	firewall    *internetgateway2.WANIPv6FirewallControl1 // nil: it has none for IPv6
	name, udn   string
	description string
}

// Errors of WANIPConnection:1 and :2 that mean something to us.
const (
	upnpActionFailed   = 501
	upnpNotAuthorized  = 606
	upnpNoSuchEntry    = 714
	upnpConflict       = 718
	upnpOnlyPermanent  = 725
	upnpOtherMechanism = 729
	upnpInvalidIndex   = 713
)

// connections are the ways out of a router that a description names, new ones first.
func connections(root *goupnp.RootDevice, client *http.Client) (all []connection) {
	loc := &root.URLBase
	if found, err := internetgateway2.NewWANIPConnection2ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range found {
			all = append(all, c)
		}
	}
	if found, err := internetgateway2.NewWANIPConnection1ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range found {
			all = append(all, c)
		}
	}
	if found, err := internetgateway2.NewWANPPPConnection1ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range found {
			all = append(all, c)
		}
	}
	for _, c := range all {
		c.GetServiceClient().SOAPClient.HTTPClient = *client
	}
	return all
}

// connected chooses the connection that is up; a router may describe several and
// use one (PPP beside IP).
func connected(ctx context.Context, all []connection) connection {
	for _, c := range all {
		if status, _, _, err := c.GetStatusInfoCtx(ctx); err == nil && status == "Connected" {
			return c
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

func (u *upnp) method() Method { return UPnP }

func (u *upnp) device() string { return u.udn }

func (u *upnp) external(ctx context.Context) (netip.Addr, time.Duration, error) {
	text, err := u.c.GetExternalIPAddressCtx(ctx)
	if err != nil {
		return netip.Addr{}, 0, explain(err)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}, 0, errOffline
	}
	return addr, 0, nil
}

func (u *upnp) open(ctx context.Context, m Mapping, lease time.Duration) (granted, error) {
	port, client := m.Forward.External, m.Internal.Addr().String()
	// Some routers hand a port over to whoever asks last: look first.
	if to, ours, err := u.entry(ctx, port); err == nil && to != m.Internal {
		if to.Addr() != m.Internal.Addr() || !ours {
			return granted{}, &conflict{to.String()}
		}
		if err := u.c.DeletePortMappingCtx(ctx, "", port, "TCP"); err != nil { // left from another port of ours
			return granted{}, explain(err)
		}
	}
	add := func(lease time.Duration) error {
		return u.c.AddPortMappingCtx(ctx, "", port, "TCP", m.Internal.Port(), client, true, u.description, uint32(lease/time.Second))
	}
	err := add(lease)
	if code(err) == upnpOnlyPermanent {
		lease = 0
		err = add(0)
	}
	switch code(err) {
	case upnpConflict, upnpOtherMechanism:
		return granted{}, &conflict{}
	}
	if err != nil {
		return granted{}, explain(err)
	}
	external, _, _ := u.external(ctx) // unknown is no reason to give the port back
	return granted{external: netip.AddrPortFrom(external, port), lease: lease}, nil
}

func (u *upnp) close(ctx context.Context, m Mapping) error {
	to, _, err := u.entry(ctx, m.External.Port())
	if errors.Is(err, errGone) || err == nil && to != m.Internal {
		return nil // it is gone, or somebody else's by now and not ours to close
	}
	err = u.c.DeletePortMappingCtx(ctx, "", m.External.Port(), "TCP")
	if err != nil && !errors.Is(explain(err), errGone) {
		return explain(err)
	}
	return nil
}

func (u *upnp) shows(ctx context.Context, m Mapping) (bool, error) {
	to, _, err := u.entry(ctx, m.External.Port())
	if errors.Is(err, errGone) {
		return false, nil
	}
	return to == m.Internal, err
}

var errGone = errors.New("the router has no such forward")

// entry is where a port goes to, and whether it is labelled as ours.
func (u *upnp) entry(ctx context.Context, port uint16) (to netip.AddrPort, ours bool, err error) {
	internal, client, _, description, _, err := u.c.GetSpecificPortMappingEntryCtx(ctx, "", port, "TCP")
	if err != nil {
		return netip.AddrPort{}, false, explain(err)
	}
	addr, err := netip.ParseAddr(client)
	if err != nil {
		return netip.AddrPort{}, false, errGone // an empty entry
	}
	return netip.AddrPortFrom(addr, internal), description == u.description, nil
}

func code(err error) int {
	var f *soap.SOAPFaultError
	if errors.As(err, &f) {
		return f.Detail.UPnPError.Errorcode
	}
	return 0
}

// explain turns a SOAP fault into our words.
func explain(err error) error {
	var f *soap.SOAPFaultError
	var network net.Error
	switch n := code(err); {
	case n == upnpNoSuchEntry, n == upnpInvalidIndex:
		return errGone
	case errors.As(err, &f):
		answer := f.Detail.UPnPError.ErrorDescription
		if answer == "" {
			answer = f.FaultString
		}
		return &refused{answer: cut(strconv.Itoa(n) + " " + answer), disabled: n == upnpNotAuthorized}
	case errors.As(err, &network) && network.Timeout():
		return errSilent
	}
	return err
}

// cut keeps what a router says short and on one line: it is shown and stored.
func cut(s string) string {
	line := make([]rune, 0, 120)
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			r = ' '
		}
		if line = append(line, r); len(line) == cap(line) {
			break
		}
	}
	return string(line)
}
