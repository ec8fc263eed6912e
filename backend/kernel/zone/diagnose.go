package zone

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// judge looks at one survey against one target.
type judge struct {
	Survey
	target Target
	views  []View // to be believed
	right  bool   // what stands there leads to us, and only to us
	said   []Diagnosis
}

// Diagnose says what is wrong with what a survey saw, the gravest first. It is
// a pure rule: the same survey may be judged against another target. Nothing
// wrong gives an empty list.
func Diagnose(s Survey, t Target) []Diagnosis {
	j := &judge{Survey: s, target: t, views: s.Sources()}
	if j.reached() {
		j.servers()
		j.records()
		j.caa()
		j.challenge()
		j.resolvers()
		j.lifetimes()
	}
	if s.Cut {
		j.say(Unfinished, Wait)
	}
	slices.SortStableFunc(j.said, func(a, b Diagnosis) int {
		if a.Severity != b.Severity {
			return slices.Index(severities, a.Severity) - slices.Index(severities, b.Severity)
		}
		return slices.Index(codes, a.Code) - slices.Index(codes, b.Code)
	})
	return j.said
}

var severities = []Severity{Error, Wait, Warning, Note}

// Green reports whether nothing among the diagnoses forbids to order a
// certificate.
func Green(all []Diagnosis) bool {
	return !slices.ContainsFunc(all, func(d Diagnosis) bool { return d.Severity == Error || d.Severity == Wait })
}

// say notes a diagnosis; params are names and values in turn.
func (j *judge) say(code Code, severity Severity, params ...any) {
	d := Diagnosis{Code: code, Severity: severity}
	if len(params) > 0 {
		d.Params = map[string]any{}
	}
	for i := 0; i+1 < len(params); i += 2 {
		d.Params[params[i].(string)] = params[i+1]
	}
	j.said = append(j.said, d)
}

// reached decides whether there is anything to judge: somebody who knows the
// zone has said what stands at the name.
func (j *judge) reached() bool {
	good := answering(authoritative(j.Servers))
	switch {
	case j.ParentRcode == "NXDOMAIN":
		j.say(NotRegistered, Error, "domain", j.Registrable)
		return false
	case !j.heard():
		j.say(Offline, Error)
		return false
	case len(good) > 0:
		return true
	case j.Apex != "" && len(j.Servers) == 0 && !j.Filtered:
		j.say(NoServers, Error, "domain", j.Apex, "servers", list(j.Nameless))
		return false
	}
	return j.indirect()
}

// heard reports whether any server replied at all.
func (j *judge) heard() bool {
	for _, views := range [][]View{j.Servers, j.Public, j.System, j.HTTPS} {
		if slices.ContainsFunc(views, func(v View) bool { return v.Failure == "" }) {
			return true
		}
	}
	return false
}

// indirect is for a zone whose own servers did not answer for it: either that
// is what is wrong, or somebody on the way keeps us from them.
func (j *judge) indirect() bool {
	between := answering(resolving(j.Servers))
	var replied, dead []View
	for _, v := range j.Servers {
		switch v.Failure {
		case "":
			replied = append(replied, v)
		case Silent, Unreachable, Garbled:
			dead = append(dead, v)
		}
	}
	switch {
	case len(between) > 0:
		found, world := addressesOf(between[0]), ""
		if good := answering(j.HTTPS); len(good) > 0 {
			world = addressesOf(good[0])
		}
		if world != "" && found != world {
			j.say(Rewritten, Warning, "found", found, "world", world)
		} else {
			j.say(Intercepted, Note)
		}
		if len(j.views) == 0 {
			j.views = between
		}
	case len(replied) > 0:
		j.say(ServersLame, Error, "zone", j.Apex, "servers", list(names(replied)), "rcode", replied[0].Rcode)
		return false
	case len(dead) > 0 && !j.Filtered:
		j.say(ServersSilent, Error, "zone", j.Apex, "servers", list(names(dead)))
		return false
	case len(j.views) == 0:
		if !j.signatures() {
			j.failing(Error)
		}
		return false
	case j.Filtered || j.Apex == "" || !j.Cut:
		j.signatures()
		j.say(Filtered, Warning)
	}
	return true
}

// servers compares the zone's own servers with each other and with what the
// zone above says.
func (j *judge) servers() {
	good := answering(authoritative(j.Servers))
	if len(good) == 0 {
		return
	}
	var silent, lame, silent6 []View
	six := 0
	for _, v := range j.Servers {
		is6 := v.Server.Addr.Addr().Is6()
		if is6 {
			six++
		}
		switch {
		case v.Failure == NoRoute || v.Failure == OutOfTime || v.Answers() && v.AA:
		case v.Failure == "":
			lame = append(lame, v)
		case is6:
			silent6 = append(silent6, v)
		default:
			silent = append(silent, v)
		}
	}
	if len(silent6) < six { // otherwise it is this computer's IPv6 that is broken
		silent = append(silent, silent6...)
	}
	if len(silent) > 0 {
		j.say(ServerSilent, Warning, "servers", list(names(silent)))
	}
	if len(lame) > 0 {
		j.say(ServerLame, Warning, "servers", list(names(lame)), "rcode", lame[0].Rcode)
	}
	if len(j.Nameless) > 0 {
		j.say(ServerNameless, Warning, "servers", list(j.Nameless))
	}
	if len(j.ParentNS) > 0 && len(j.ChildNS) > 0 && !slices.Equal(j.ParentNS, j.ChildNS) {
		j.say(ServersMismatch, Warning, "registry", list(j.ParentNS), "zone_servers", list(j.ChildNS))
	}
	var serials []string
	for _, v := range good {
		if text := fmtUint(v.Serial); v.Serial != 0 && !slices.Contains(serials, text) {
			serials = append(serials, text)
		}
	}
	if len(serials) > 1 {
		j.say(SerialDiffers, Note, "serials", list(serials))
	}
}

// signatures tells of resolvers that refuse the name over DNSSEC.
func (j *judge) signatures() bool {
	for _, v := range slices.Concat(j.Public, j.System, j.HTTPS) {
		if v.Bogus {
			j.say(DNSSECBroken, Error, "zone", j.Apex, "resolver", v.Server.Name)
			return true
		}
	}
	return false
}

// failing tells of resolvers that cannot answer; an authority's resolver hardly
// does better than all of them.
func (j *judge) failing(severity Severity) {
	for _, v := range slices.Concat(j.Public, j.HTTPS, j.System) {
		if v.Failure == "" && !v.Answers() && !v.Bogus {
			j.say(ResolverFails, severity, "resolver", v.Server.Name, "rcode", v.Rcode)
			return
		}
	}
}

// resolvers compares what the world still sees with what stands there now.
func (j *judge) resolvers() {
	if len(answering(authoritative(j.Servers))) == 0 {
		return
	}
	if !j.signatures() && j.Chain.End == "" { // nobody can answer for a circle
		severity := Warning
		if len(answering(j.Public)) == 0 && len(j.Public) > 0 {
			severity = Error
		}
		j.failing(severity)
	}
	if !j.right {
		return
	}
	now := joined(j.A(), j.AAAA())
	for _, v := range answering(j.Public) {
		if found := addressesOf(v); found != now {
			j.say(ResolverOld, Note, "resolver", v.Server.Name, "found", found, "count", int(v.TTL/time.Second))
		}
	}
	for _, v := range answering(j.System) {
		if found := addressesOf(v); found != now {
			j.say(SystemDiffers, Note, "found", found, "world", now)
			break
		}
	}
}

const (
	longTTL  = 4 * time.Hour
	shortTTL = 30 * time.Second
)

// lifetimes looks at how long the right answer is kept.
func (j *judge) lifetimes() {
	if !j.right {
		return
	}
	switch ttl := j.views[0].TTL; {
	case ttl > longTTL:
		j.say(TTLLong, Note, "count", int(ttl/time.Second))
	case ttl < shortTTL && len(authoritative(j.views)) > 0: // resolvers tell what is left
		j.say(TTLShort, Note, "count", int(ttl/time.Second))
	}
}

// A are the IPv4 addresses that the name leads to, by whatever way.
func (j *judge) A() []netip.Addr { return j.ends(func(r Records) []netip.Addr { return r.A }) }

// AAAA are the IPv6 addresses.
func (j *judge) AAAA() []netip.Addr { return j.ends(func(r Records) []netip.Addr { return r.AAAA }) }

func (j *judge) ends(of func(Records) []netip.Addr) []netip.Addr {
	if len(j.Chain.Names) > 0 {
		return of(j.Chain.Records)
	}
	var all []netip.Addr
	for _, v := range j.views {
		all = append(all, of(v.Records)...)
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

func resolving(views []View) []View {
	var all []View
	for _, v := range views {
		if v.RA && !v.AA {
			all = append(all, v)
		}
	}
	return all
}

// names are those of the servers, each once.
func names(views []View) []string {
	var all []string
	for _, v := range views {
		if !slices.Contains(all, v.Server.Name) {
			all = append(all, v.Server.Name)
		}
	}
	return all
}

func addressesOf(v View) string { return joined(v.A, v.AAAA) }

func joined(groups ...[]netip.Addr) string {
	var all []string
	for _, ip := range slices.Concat(groups...) {
		all = append(all, ip.String())
	}
	return list(all)
}

func list(parts []string) string { return strings.Join(parts, ", ") }
