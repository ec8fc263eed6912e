package domains

import (
	"net/netip"
	"strings"
	"time"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/zone"
)

// Record is how the owner points a name here.
type Record string

// The two ways; a name has one of them, never both.
const (
	ByAddress Record = "address" // A, and AAAA where there is IPv6
	ByAlias   Record = "alias"   // CNAME to a name that follows this computer (dynamic DNS)
)

// Plan is the name that the owner set up, or is setting up.
type Plan struct {
	Name   string // as DNS spells it: portal.xn--bckerei-5wa.example; "" for none
	Record Record
	Alias  string // what the CNAME points to
	Chosen time.Time
	Told   time.Time // when the owner was told that it is time for Update Domain
}

// Role is what a name is to the portal.
type Role string

// The roles.
const (
	Active Role = "active" // canonical: links are made of it
	Former Role = "former" // was active; answers and leads to the active one
)

// Hostname is a name under which the portal answers.
type Hostname struct {
	Name  string
	Role  Role
	Since time.Time
}

// URL is the address of a name for browsers.
func URL(name string) string { return "https://" + name }

// zoneOf is the zone that a name lies in. apex is what DNS said, "" before it was asked.
func zoneOf(name, apex string) string {
	if apex != "" && (name == apex || strings.HasSuffix(name, "."+apex)) {
		return apex
	}
	return zone.Name(name).Registrable()
}

// hostIn is a name as most forms want it: without the zone, @ for the zone itself.
func hostIn(name, apex string) string { return zone.Name(name).Within(apex) }

// display is a name as people read it.
func display(name string) string { return zone.Name(name).Unicode() }

// DNSRecord is a record to be made, ready to copy.
type DNSRecord struct {
	Type     string // A, AAAA, CNAME or TXT
	Host     string // as the owner's provider wants it
	Short    string
	Full     string
	Value    string // "" while it is not known
	Optional bool
	Why      string // key of a sentence, "" when there is nothing to explain
}

// addresses are what the internet knows this computer by; the zero values are unknown.
type addresses struct{ v4, v6 netip.Addr }

// records are what the plan needs at the provider. full says that the provider's
// form wants whole names.
func (p Plan) records(apex string, full bool, known addresses) []DNSRecord {
	if p.Name == "" {
		return nil
	}
	r := DNSRecord{Short: hostIn(p.Name, apex), Full: p.Name}
	r.Host = r.Short
	if full {
		r.Host = r.Full
	}
	if p.Record == ByAlias {
		r.Type, r.Value, r.Why = "CNAME", p.Alias, "domains.record.alias"
		return []DNSRecord{r}
	}
	r.Type, r.Why = "A", "domains.record.a"
	if known.v4.IsValid() {
		r.Value = known.v4.String()
	}
	list := []DNSRecord{r}
	if known.v6.IsValid() {
		r.Type, r.Value, r.Why, r.Optional = "AAAA", known.v6.String(), "domains.record.aaaa", known.v4.IsValid()
		list = append(list, r)
	}
	return list
}

// check refuses a way of pointing that cannot work.
func (p Plan) check(apex string) error {
	switch {
	case p.Record != ByAddress && p.Record != ByAlias:
		return fault.InvalidField("record", "domains.record_kind", "Choose a record: an address (A) or an alias (CNAME).")
	case p.Record == ByAlias && p.Name == apex:
		return fault.InvalidField("record", "domains.alias_apex",
			"A CNAME is not possible for {name} itself, because other records must stand beside it there. Use a name in front of it, such as portal.{name}; or an A record; or what your provider calls ALIAS, ANAME or CNAME flattening.", "name", p.Name)
	case p.Record == ByAlias && p.Alias == "":
		return fault.InvalidField("alias", "domains.alias_missing", "Enter the name that your dynamic DNS service gave you; the CNAME will point to it.")
	case p.Record == ByAlias && p.Alias == p.Name:
		return fault.InvalidField("alias", "domains.alias_self", "The CNAME cannot point to itself. Enter the name that your dynamic DNS service gave you.")
	}
	return nil
}
