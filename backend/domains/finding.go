package domains

import (
	"cmp"
	"slices"
)

// Severity says what a finding means for the owner.
type Severity string

// The severities, from what stands in the way to what is only good to know.
const (
	Blocks Severity = "error"   // no certificate is ordered while it holds
	Waits  Severity = "wait"    // time will do it; no certificate is ordered before
	Warns  Severity = "warning" // works, but not for everybody or not for long
	Tells  Severity = "info"
	Fine   Severity = "ok"
)

// Finding is one thing that a check found, as values: code and params choose its
// words, `domains.<code>.what` and `.do`.
type Finding struct {
	Code     string         `json:"code"`
	Severity Severity       `json:"severity"`
	Area     Area           `json:"area"`
	Subject  string         `json:"subject"` // what it is about: a name, a server, a port
	Params   map[string]any `json:"params"`
	Remedies []Remedy       `json:"remedies"` // what helps, best first
}

// Remedy is one way to mend a finding, as exact as this computer allows. Its words
// are `domains.cure.<cure>`.
type Remedy struct {
	Cure     string         `json:"cure"`
	Admin    bool           `json:"admin"`    // the commands need an administrator
	Path     string         `json:"path"`     // a file to write before the commands, ""
	Mode     string         `json:"mode"`     // its mode, as chmod takes it
	Text     string         `json:"text"`     // what it holds
	Commands []string       `json:"commands"` // to type, in order
	Undo     []string       `json:"undo"`     // what takes them back
	Params   map[string]any `json:"params"`
}

// Area is where a finding belongs on the screen.
type Area string

// The areas, in the order in which things have to work.
const (
	AreaComputer    Area = "computer" // clock, internet, ports
	AreaRouter      Area = "router"
	AreaDNS         Area = "dns"
	AreaOutside     Area = "outside" // reached through the public address
	AreaCertificate Area = "certificate"
)

var (
	severities = []Severity{Blocks, Waits, Warns, Tells, Fine}
	areas      = []Area{AreaComputer, AreaRouter, AreaDNS, AreaOutside, AreaCertificate}
)

// sorted puts what must be dealt with first, and within that what comes first.
func sorted(list []Finding) []Finding {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(slices.Index(areas, a.Area), slices.Index(areas, b.Area)))
	})
	return list
}

// worst is the severity of the worst finding; Fine when there is none.
func worst(list []Finding) Severity {
	at := len(severities) - 1
	for _, f := range list {
		at = min(at, slices.Index(severities, f.Severity))
	}
	return severities[at]
}

// Action is what a button beside a finding can do about it; "" when only the owner can.
type Action string

// The actions.
const (
	DoCheck   Action = "check"    // look again
	DoGuide   Action = "guide"    // open the provider's guide
	DoMapping Action = "mapping"  // let Portico open the router
	DoUpdate  Action = "update"   // press Update Domain
	DoRetry   Action = "retry"    // try the certificate again now
	DoMethod  Action = "method"   // prove the name by a DNS record instead
	DoDynamic Action = "dynamic"  // set up dynamic DNS
	DoRecord  Action = "record"   // choose the other kind of record
	DoSupport Action = "instruct" // send the instructions to whoever runs the domain
	DoNothing Action = ""
)

// actions are the buttons that go with a code; a finding without one has only words.
var actions = map[string]Action{
	"dns.no_record": DoGuide, "dns.doubled_name": DoGuide, "dns.wildcard_hides": DoGuide, "dns.both_records": DoGuide, "dns.wrong_address": DoGuide, "dns.address_elsewhere": DoGuide,
	"dns.private_address": DoGuide, "dns.reserved_address": DoGuide, "dns.several_addresses": DoGuide, "dns.stale_ipv6": DoGuide, "dns.wrong_cname": DoGuide, "dns.cname_elsewhere": DoGuide,
	"dns.cname_dangling": DoGuide, "dns.caa_forbids": DoGuide, "dns.caa_critical": DoGuide, "dns.challenge_missing": DoGuide, "dns.challenge_doubled": DoGuide, "dns.ttl_long": DoGuide, "dns.ttl_short": DoGuide,
	"dns.cname_at_apex": DoRecord, "dns.apex_needs_address": DoRecord, "dns.cloudflare_proxy": DoMethod, "dns.caa_method": DoMethod, "dns.dynamic_stale": DoDynamic,
	"listen.ipv6_port": DoGuide, "dns.offline": DoCheck, "dns.unfinished": DoCheck, "dns.answers_differ": DoCheck, "dns.serial_differs": DoCheck, "dns.servers_silent": DoCheck,
	"router.found": DoMapping, "router.pinhole": DoMapping, "self.unreachable": DoMapping, "mapping.disabled": DoCheck, "authority.unreachable": DoCheck, "address.unknown": DoCheck, "clock.wrong": DoCheck,
	"options.server": DoMethod, "options.update_url": DoDynamic, "certificate.none": DoUpdate, "certificate.expiring": DoRetry, "certificate.expired": DoRetry,
}

// actionOf is the button beside a finding.
func actionOf(f Finding) Action { return actions[f.Code] }
