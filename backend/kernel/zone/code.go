package zone

import "slices"

// Severity says what a diagnosis means for the one who waits.
type Severity string

// The severities, the gravest first.
const (
	Error   Severity = "error"   // somebody must change something before a certificate is ordered
	Wait    Severity = "wait"    // time will do it; do not order yet
	Warning Severity = "warning" // works, and will hurt somebody
	Note    Severity = "note"    // good to know
)

// Code names a diagnosis. Values are stable: rooms keep words for them.
type Code string

// The diagnoses. After the dash: its parameters, which the words may use. A list
// is one string with commas; a count or a number of seconds is an int.
const (
	// Offline: no server replied at all, neither the zone's nor any resolver.
	Offline Code = "dns.offline"
	// Intercepted: questions to the zone's servers are answered by somebody in
	// between, so far with the right answers.
	Intercepted Code = "dns.intercepted"
	// Rewritten: somebody in between, the router most often, answers differently
	// from what the world sees — found, world.
	Rewritten Code = "dns.rewritten"
	// Filtered: this network lets nobody ask the zone's servers; what is shown
	// comes from resolvers and may be old.
	Filtered Code = "dns.filtered"
	// Unfinished: the survey ran out of time; what it says may lack something.
	Unfinished Code = "dns.unfinished"

	// NotRegistered: the registry knows no such domain: not bought, mistyped,
	// expired or on hold — domain.
	NotRegistered Code = "dns.not_registered"
	// NoServers: the registry knows the domain and names no server of it that
	// has an address — domain, servers.
	NoServers Code = "dns.no_servers"
	// ServersSilent: none of the zone's servers replies — zone, servers.
	ServersSilent Code = "dns.servers_silent"
	// ServersLame: the zone's servers reply, and none knows the zone: the DNS
	// host does not have it, or it was entered for another host — zone, servers,
	// rcode.
	ServersLame Code = "dns.servers_lame"
	// DNSSECBroken: resolvers refuse the name, and answer when told not to check
	// signatures — zone, resolver.
	DNSSECBroken Code = "dns.dnssec_broken"
	// ResolverFails: resolvers cannot answer although the zone's servers do, and
	// DNSSEC is not why — resolver, rcode.
	ResolverFails Code = "dns.resolver_fails"

	// NoRecord: neither A, AAAA nor CNAME stands at the name — host, zone.
	NoRecord Code = "dns.no_record"
	// DoubledName: the record stands at portal.shop.com.shop.com, because the
	// form adds the domain itself — host, found.
	DoubledName Code = "dns.doubled_name"
	// WildcardHides: the name itself has no record; the answer is that of a
	// wildcard and leads elsewhere — host, zone, found.
	WildcardHides Code = "dns.wildcard_hides"
	// BothRecords: an alias and addresses stand at the name side by side, or one
	// server has one and another the other — cname, found.
	BothRecords Code = "dns.both_records"
	// WrongAddress: the A records are somebody else's — found, want.
	WrongAddress Code = "dns.wrong_address"
	// AddressElsewhere: the A records belong to a known website builder or a
	// parking page — found, want, owner.
	AddressElsewhere Code = "dns.address_elsewhere"
	// PrivateAddress: the A or AAAA records hold an address that works only
	// inside an office or this computer — found, want.
	PrivateAddress Code = "dns.private_address"
	// SharedAddress: the A record holds an address of a provider's inner network
	// (100.64.0.0/10), which nobody outside reaches — found, want.
	SharedAddress Code = "dns.shared_address"
	// ReservedAddress: the records hold an address that no computer on the
	// Internet has (documentation, multicast, 0.0.0.0) — found, want.
	ReservedAddress Code = "dns.reserved_address"
	// SeveralAddresses: our address stands there, and others too — others, want.
	SeveralAddresses Code = "dns.several_addresses"
	// StaleIPv6: AAAA records that are not ours. Authorities and most visitors
	// try them first — found.
	StaleIPv6 Code = "dns.stale_ipv6"
	// CloudflareProxy: Cloudflare answers in our place (orange cloud) — found.
	// A warning only when DNS-01 is used.
	CloudflareProxy Code = "dns.cloudflare_proxy"
	// IPv6Only: only AAAA stands there; visitors without IPv6 do not reach it.
	IPv6Only Code = "dns.ipv6_only"
	// TargetUnknown: records stand there, and this computer's own address is not
	// known, so nobody can say whether they are right — found.
	TargetUnknown Code = "dns.target_unknown"

	// CNAMEAtApex: a CNAME stands at the top of the zone, where it hides
	// everything else, mail included — zone, cname.
	CNAMEAtApex Code = "dns.cname_at_apex"
	// ApexNeedsAddress: the name is the top of its zone and what it should lead
	// to is a name: only ALIAS or flattening can do that — zone, cname.
	ApexNeedsAddress Code = "dns.apex_needs_address"
	// Flattened: the top of the zone answers with the addresses of the name it
	// should lead to: as it should be — cname.
	Flattened Code = "dns.flattened"
	// WrongCNAME: the alias leads to somebody else — cname, want.
	WrongCNAME Code = "dns.wrong_cname"
	// CNAMEElsewhere: the alias leads to a known website builder — cname, owner,
	// want.
	CNAMEElsewhere Code = "dns.cname_elsewhere"
	// CNAMEDangling: the alias leads to a name that does not exist — cname, last.
	CNAMEDangling Code = "dns.cname_dangling"
	// CNAMELoop: the aliases lead in a circle — chain.
	CNAMELoop Code = "dns.cname_loop"
	// CNAMETooLong: more than eight aliases in a row — count.
	CNAMETooLong Code = "dns.cname_too_long"
	// CNAMEUnanswered: the servers of the alias's target do not answer — cname,
	// last.
	CNAMEUnanswered Code = "dns.cname_unanswered"
	// DynamicStale: the alias is right, and the dynamic-DNS name behind it holds
	// an old address — cname, found, want.
	DynamicStale Code = "dns.dynamic_stale"

	// CAAForbids: a CAA record names other authorities only — at, allowed, want.
	CAAForbids Code = "dns.caa_forbids"
	// CAACritical: a CAA record with the critical mark and a word that
	// authorities do not know: all of them refuse — at, tag.
	CAACritical Code = "dns.caa_critical"
	// CAAAccount: a CAA record allows our authority for another account only —
	// at, account.
	CAAAccount Code = "dns.caa_account"
	// CAAMethod: a CAA record allows none of our ways of proof — at, methods.
	CAAMethod Code = "dns.caa_method"
	// CAAFails: the question for CAA records is not answered: authorities then
	// refuse — at.
	CAAFails Code = "dns.caa_fails"

	// ChallengeDoubled: the TXT record for the certificate stands at a name with
	// the domain twice in it — zone, host.
	ChallengeDoubled Code = "dns.challenge_doubled"
	// ChallengeMissing: a TXT value that the authority will look for is not there
	// on all servers yet — host, values, servers.
	ChallengeMissing Code = "dns.challenge_missing"
	// ChallengeLeftover: TXT values of former certificates stand at
	// _acme-challenge; they do no harm — host, count.
	ChallengeLeftover Code = "dns.challenge_leftover"
	// ChallengeDelegated: _acme-challenge is an alias: TXT values belong there —
	// host, cname.
	ChallengeDelegated Code = "dns.challenge_delegated"

	// AnswersDiffer: the zone's servers give different answers, as they do for
	// some minutes after a change — servers, found.
	AnswersDiffer Code = "dns.answers_differ"
	// ServerSilent: some of the zone's servers do not reply — servers.
	ServerSilent Code = "dns.server_silent"
	// ServerLame: some of the zone's servers do not know the zone — servers,
	// rcode.
	ServerLame Code = "dns.server_lame"
	// ServerNameless: a server's name leads to no address: mistyped at the
	// registrar, or gone — servers.
	ServerNameless Code = "dns.server_nameless"
	// ServersMismatch: the registry names other servers than the zone does —
	// registry, zone_servers.
	ServersMismatch Code = "dns.servers_mismatch"
	// SerialDiffers: the zone's servers hold different versions of it: a change
	// is on its way — serials.
	SerialDiffers Code = "dns.serial_differs"
	// ResolverOld: a public resolver still gives the old answer — resolver,
	// found, count (the seconds that are left of it).
	ResolverOld Code = "dns.resolver_old"
	// SystemDiffers: this computer, or its network, sees the name elsewhere than
	// the world does — found, world.
	SystemDiffers Code = "dns.system_differs"
	// TTLLong: answers are kept for long; a change of address is noticed late —
	// count (of seconds).
	TTLLong Code = "dns.ttl_long"
	// TTLShort: answers are hardly kept; the portal is slower to open than it
	// could be — count (of seconds).
	TTLShort Code = "dns.ttl_short"
)

// codes are all diagnoses in the order in which they are told within a severity.
var codes = []Code{
	Offline, NotRegistered, NoServers, ServersSilent, ServersLame, DNSSECBroken, ResolverFails, Rewritten, Intercepted, Filtered, Unfinished,
	DoubledName, WildcardHides, NoRecord, BothRecords, CNAMEAtApex, ApexNeedsAddress,
	CNAMELoop, CNAMETooLong, CNAMEDangling, CNAMEUnanswered, CNAMEElsewhere, WrongCNAME, DynamicStale,
	CloudflareProxy, PrivateAddress, SharedAddress, ReservedAddress, AddressElsewhere, WrongAddress, SeveralAddresses, StaleIPv6, TargetUnknown,
	CAACritical, CAAForbids, CAAAccount, CAAMethod, CAAFails, ChallengeDoubled, ChallengeMissing,
	AnswersDiffer, ServerNameless, ServerLame, ServerSilent, ServersMismatch, SerialDiffers,
	IPv6Only, Flattened, ResolverOld, SystemDiffers, ChallengeDelegated, ChallengeLeftover, TTLLong, TTLShort,
}

// Codes are all diagnoses, so that whoever keeps the words can check them.
func Codes() []Code { return slices.Clone(codes) }

// Diagnosis is one thing worth saying about a survey. Params fill the words of
// the code; their values are strings and ints.
type Diagnosis struct {
	Code     Code           `json:"code"`
	Severity Severity       `json:"severity"`
	Params   map[string]any `json:"params,omitempty"`
}
