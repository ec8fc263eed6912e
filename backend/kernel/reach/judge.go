package reach

import (
	"net/netip"
	"slices"
)

// Judge says what a router and the public address mean together: whether a forward
// in that router would help at all. local are this machine's addresses; forwards are
// what a person would have to enter by hand. It asks nobody.
func Judge(r Router, p Public, local []netip.Addr, forwards ...Forward) []Finding {
	all := judgeAddress(p)
	if p.IPv4.IsValid() && slices.Contains(local, p.IPv4) {
		return append(all, Finding{Code: AddressDirect, Severity: Good, Subject: p.IPv4.String(), Params: map[string]any{"address": p.IPv4.String()}})
	}
	return append(append(all, judgeRouter(r, p, forwards)), judgePinholes(r, p, local, forwards)...)
}

// judgePinholes says whether the router would let IPv6 in: asked only where the
// world sees an address of this machine itself, and something listens at the very
// port that is let in.
func judgePinholes(r Router, p Public, local []netip.Addr, forwards []Forward) []Finding {
	at := slices.IndexFunc(forwards, func(f Forward) bool { return f.External == f.Internal })
	if at < 0 || !slices.Contains(local, p.IPv6) || r.Open || !r.Gateway.Address.IsValid() {
		return nil
	}
	f := Finding{Code: RouterClosed, Severity: Tells, Subject: text(p.IPv6), Params: map[string]any{"gateway": text(r.Gateway.Address), "address": text(p.IPv6)}}
	if len(r.Pinholes) > 0 {
		f.Code, f.Severity, f.Params["method"] = RouterPinhole, Good, string(r.Pinholes[0])
		return []Finding{f}
	}
	f.Remedies = []Remedy{pinholeByHand(r.Gateway, p.IPv6, forwards[at].External)}
	return []Finding{f}
}

func judgeRouter(r Router, p Public, forwards []Forward) Finding {
	gateway := text(r.Gateway.Address)
	f := Finding{Subject: gateway, Params: map[string]any{"gateway": gateway, "external": text(r.External), "name": r.Name, "local": text(r.Gateway.Local), "public": text(p.IPv4), "method": ""}}
	if len(r.Methods) > 0 {
		f.Params["method"] = string(r.Methods[0])
	}
	is := func(code Code, s Severity, remedies ...Remedy) Finding {
		f.Code, f.Severity, f.Remedies = code, s, remedies
		return f
	}
	byHand := forwardByHand(r.Gateway, forwards...)
	switch {
	case gateway == "":
		return is(RouterNone, Blocks)
	case shared(r.External):
		return is(RouterCGNAT, Blocks, waysAround(p)...)
	case shared(r.Gateway.Local): // a modem without a router, straight in the provider's network
		f.Params["external"] = text(r.Gateway.Local)
		return is(RouterCGNAT, Blocks, waysAround(p)...)
	case r.Offline:
		return is(RouterOffline, Blocks, Remedy{Cure: CureWait})
	case len(r.Methods) == 0:
		return is(RouterSilent, Warns, Remedy{Cure: CureUPnP, Params: map[string]any{"gateway": gateway}}, byHand)
	case r.External.IsValid() && !Routable(r.External):
		bridge := Remedy{Cure: CureBridge, Params: map[string]any{"gateway": gateway, "external": text(r.External)}}
		return is(RouterDouble, Blocks, append([]Remedy{bridge}, waysAround(p)...)...)
	case r.External.IsValid() && p.IPv4.IsValid() && r.External != p.IPv4:
		return is(RouterDiffers, Warns, waysAround(p)...)
	}
	return is(RouterFound, Good)
}

// waysAround are what does work where no forward helps.
func waysAround(p Public) []Remedy {
	all := []Remedy{{Cure: CureAskProvider}}
	if p.IPv6.IsValid() {
		all = append(all, Remedy{Cure: CureIPv6, Params: map[string]any{"address": p.IPv6.String()}})
	}
	return append(all, Remedy{Cure: CureVPS}, Remedy{Cure: CureTunnel})
}

func judgeAddress(p Public) (all []Finding) {
	v4, v6 := text(p.IPv4), text(p.IPv6)
	switch {
	case len(p.Answers) == 0:
		return []Finding{{Code: AddressUnasked, Severity: Tells, Params: map[string]any{}}}
	case v4 == "" && v6 == "":
		return []Finding{{Code: AddressUnknown, Severity: Warns, Params: map[string]any{"count": len(p.Answers)}, Remedies: []Remedy{{Cure: CureWait}}}}
	case v4 == "":
		all = append(all, Finding{Code: AddressV6Only, Severity: Warns, Subject: v6, Params: map[string]any{"address": v6}, Remedies: []Remedy{{Cure: CureVPS}, {Cure: CureTunnel}}})
	default:
		all = append(all, Finding{Code: AddressKnown, Severity: Good, Subject: v4, Params: map[string]any{"ipv4": v4, "ipv6": v6}})
		if v6 == "" {
			all = append(all, Finding{Code: AddressNoV6, Severity: Tells, Subject: v4, Params: map[string]any{"ipv4": v4}})
		}
	}
	for _, chosen := range []netip.Addr{p.IPv4, p.IPv6} {
		for _, a := range p.Answers {
			if a.Addr.IsValid() && chosen.IsValid() && a.Addr.Is4() == chosen.Is4() && a.Addr != chosen {
				all = append(all, Finding{Code: AddressDisagrees, Severity: Warns, Subject: chosen.String(), Params: map[string]any{"one": chosen.String(), "other": a.Addr.String()}})
				break
			}
		}
	}
	return all
}
