package zone

import (
	"net/netip"
	"time"
)

// Server is a name server to ask. Name is for people: a host name or a brand.
type Server struct {
	Name string         `json:"name"`
	Addr netip.AddrPort `json:"addr"`
}

// Failure says why a server gave no usable reply; "" means that it replied.
type Failure string

// The failures.
const (
	Silent      Failure = "silent"      // no reply in time, twice
	Unreachable Failure = "unreachable" // nobody listens there, or the way is closed
	NoRoute     Failure = "no_route"    // this computer has no such network, IPv6 most often: says nothing about the server
	Garbled     Failure = "garbled"     // replies that cannot be read or answer another question
	OutOfTime   Failure = "out_of_time" // the survey had to end before the reply
)

// Records are what stands at one name.
type Records struct {
	A     []netip.Addr `json:"a,omitempty"`
	AAAA  []netip.Addr `json:"aaaa,omitempty"`
	CNAME string       `json:"cname,omitempty"` // the direct target
}

// Empty reports whether nothing stands there.
func (r Records) Empty() bool { return len(r.A) == 0 && len(r.AAAA) == 0 && r.CNAME == "" }

// View is the name as one server sees it. A resolver's A and AAAA are those at
// the end of the aliases; a server of the zone gives what stands at the name.
type View struct {
	Server  Server  `json:"server"`
	Failure Failure `json:"failure,omitempty"`
	Rcode   string  `json:"rcode,omitempty"` // "NOERROR", "NXDOMAIN", "SERVFAIL", …; "" with a Failure
	AA      bool    `json:"aa,omitempty"`    // answers as a server of the zone
	RA      bool    `json:"ra,omitempty"`    // answers as a resolver
	Records
	Both   bool          `json:"both,omitempty"` // an alias and addresses side by side at the name, which the DNS forbids
	TTL    time.Duration `json:"ttl,omitempty"`  // of the answer, or for how long "there is nothing" may be kept; a resolver tells what is left of it
	Serial uint32        `json:"serial,omitempty"`
	NS     []string      `json:"ns,omitempty"`    // the zone's servers as this one names them
	TXT    []string      `json:"txt,omitempty"`   // only in Challenge
	Bogus  bool          `json:"bogus,omitempty"` // a resolver that refuses the name only because of DNSSEC
}

// Answers reports whether the server said what stands at the name, be it nothing.
func (v View) Answers() bool {
	return v.Failure == "" && (v.Rcode == "NOERROR" || v.Rcode == "NXDOMAIN")
}

// End says where a chain of aliases ends; "" means at a name with addresses.
type End string

// The ends of a chain.
const (
	Dangling   End = "dangling"   // the target does not exist or has no address
	Loop       End = "loop"       // the chain comes back to a name in it
	TooLong    End = "too_long"   // more than eight aliases
	Unanswered End = "unanswered" // the target's servers do not say
)

// Chain is what comes after the name when it is an alias.
type Chain struct {
	Names []string `json:"names,omitempty"` // in order, without the name itself
	End   End      `json:"end,omitempty"`
	Records
	TTL time.Duration `json:"ttl,omitempty"` // of the addresses at the end
}

// CAARecord is one CAA record (RFC 8659).
type CAARecord struct {
	Critical bool   `json:"critical,omitempty"`
	Tag      string `json:"tag"`
	Value    string `json:"value"`
}

// CAA is the record set that rules who may issue certificates for the name.
type CAA struct {
	At      string      `json:"at,omitempty"` // the name it stands at: the name or one above it; "" when there is none
	Records []CAARecord `json:"records,omitempty"`
	Failed  string      `json:"failed,omitempty"` // the name whose question nobody answered: authorities then refuse
}

// Challenge is what stands at _acme-challenge, where authorities look for the
// proof of DNS-01.
type Challenge struct {
	TXT     []string `json:"txt,omitempty"`     // seen on any server below
	Servers []View   `json:"servers,omitempty"` // only Server, Failure, Rcode and TXT: the zone's servers, or those of the zone it is delegated to
	CNAME   string   `json:"cname,omitempty"`   // the name that it is delegated to
	Doubled []string `json:"doubled,omitempty"` // values that stand at _acme-challenge.portal.shop.com.shop.com by mistake
}

// Survey is what the DNS says about a name at one moment.
type Survey struct {
	Name        Name      `json:"name"`
	At          time.Time `json:"at"`
	Registrable string    `json:"registrable"` // what is bought at a registrar: shop.co.uk

	Apex        string   `json:"apex,omitempty"`         // the zone that holds the name; "" when it was not found
	ParentNS    []string `json:"parent_ns,omitempty"`    // the zone's servers as the zone above names them
	ParentRcode string   `json:"parent_rcode,omitempty"` // "NXDOMAIN": the zone above knows no such domain
	ChildNS     []string `json:"child_ns,omitempty"`     // the zone's servers as they name themselves
	Nameless    []string `json:"nameless,omitempty"`     // servers named above whose own name leads to no address

	Servers []View `json:"servers,omitempty"` // the zone's own, one per address
	Public  []View `json:"public,omitempty"`
	System  []View `json:"system,omitempty"`
	HTTPS   []View `json:"https,omitempty"` // asked only when the zone's servers could not be

	Chain     Chain     `json:"chain"`
	CAA       CAA       `json:"caa"`
	Wildcard  Records   `json:"wildcard"` // what a made-up name beside this one is answered with
	Doubled   Records   `json:"doubled"`  // what stands at portal.shop.com.shop.com by mistake
	Challenge Challenge `json:"challenge"`

	Filtered bool `json:"filtered,omitempty"` // not even a registry's servers reply: this network lets nobody ask them
	Cut      bool `json:"cut,omitempty"`      // time ran out: something may be missing
}

// IsApex reports whether the name is the top of its zone, where no CNAME can stand.
func (s Survey) IsApex() bool { return s.Apex != "" && string(s.Name) == s.Apex }

// Host is the name as a DNS host's form wants it, relative to the zone:
// "portal", or "@" for the zone itself. While the zone is unknown it is
// relative to the registrable domain.
func (s Survey) Host() string {
	zone := s.Apex
	if zone == "" {
		zone = s.Registrable
	}
	return s.Name.Within(zone)
}

// Sources are the views to believe: the zone's own servers, and only when none
// of them answers for the zone those who could ask for us.
func (s Survey) Sources() []View {
	for _, views := range [][]View{authoritative(s.Servers), s.HTTPS, s.Public, s.System} {
		if good := answering(views); len(good) > 0 {
			return good
		}
	}
	return nil
}

func answering(views []View) []View {
	var good []View
	for _, v := range views {
		if v.Answers() {
			good = append(good, v)
		}
	}
	return good
}

func authoritative(views []View) []View {
	var good []View
	for _, v := range views {
		if v.AA {
			good = append(good, v)
		}
	}
	return good
}
