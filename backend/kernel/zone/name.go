package zone

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"portico/backend/kernel/fault"
)

// Name is a host name as the DNS spells it: lower case, xn-- for letters outside
// ASCII, no dot at the end. Only Normal makes one out of what a person typed.
type Name string

// Unicode is the name as people read it.
func (n Name) Unicode() string {
	text, err := idna.Display.ToUnicode(string(n))
	if err != nil {
		return string(n)
	}
	return text
}

// Registrable is the part that is bought at a registrar: shop.co.uk of
// portal.shop.co.uk. It is the name itself where the public suffix list, or the
// name, ends earlier.
func (n Name) Registrable() string {
	suffix := registry(string(n))
	rest, ok := strings.CutSuffix(string(n), "."+suffix)
	if !ok {
		return string(n)
	}
	return rest[strings.LastIndex(rest, ".")+1:] + "." + suffix
}

// registry is the suffix under which a public registry sells the domain of name.
func registry(name string) string {
	suffix, icann := publicsuffix.PublicSuffix(name)
	for !icann && strings.Contains(suffix, ".") { // a company's: what matters is who sold it theirs
		suffix, icann = publicsuffix.PublicSuffix(parent(suffix))
	}
	return suffix
}

// Within is the name relative to a zone above it: "portal", "@" for the zone
// itself, the whole name where zone is not above it.
func (n Name) Within(zone string) string {
	if string(n) == zone {
		return "@"
	}
	if host, ok := strings.CutSuffix(string(n), "."+zone); ok && zone != "" {
		return host
	}
	return string(n)
}

// parent is the name without its first label, "" above the last.
func parent(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}

// below reports whether name is zone or lies in it; "" is the root.
func below(name, zone string) bool {
	return zone == "" || name == zone || strings.HasSuffix(name, "."+zone)
}

// reserved are endings that no public registry hands out (RFC 2606, 6761, 6762,
// 7686, 8375, 9476; ICANN's list for private use), so that no public authority
// issues a certificate for them.
var reserved = []string{
	"localhost", "local", "internal", "intranet", "private", "lan", "home", "corp", "home.arpa", "fritz.box",
	"test", "example", "invalid", "example.com", "example.net", "example.org", "onion", "alt", "arpa",
}

var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))

// Normal turns what a person typed or pasted into a Name: an address out of a
// browser's bar, capitals, letters of any script, dots and blanks around it.
// Otherwise it refuses with a fault that says why; each reason has its own code,
// zone.name_….
//
// own are endings that are accepted although they are reserved: those of a
// company with an own certificate authority, such as "internal", and "test" in
// tests.
func Normal(typed string, own ...string) (Name, error) {
	host, err := host(typed)
	if err != nil {
		return "", err
	}
	ascii, err := ascii(host)
	if err != nil {
		return "", err
	}
	if isAddress(ascii) { // in digits of another script, or before a lonely colon
		return "", numbers
	}
	if err := registered(ascii, own); err != nil {
		return "", err
	}
	return Name(ascii), nil
}

// host takes off what people paste along with a name.
func host(typed string) (string, error) {
	text := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // invisible: zero-width blanks, direction marks
			return -1
		}
		return r
	}, typed)
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	_, rest, isURL := strings.Cut(text, "://")
	if isURL {
		text = rest
	} else {
		text = strings.TrimPrefix(text, "//")
	}
	text, _, _ = strings.Cut(text, "/")
	text, _, _ = strings.Cut(text, "?")
	text, _, _ = strings.Cut(text, "#")
	if _, after, ok := strings.Cut(text, "@"); ok {
		if !isURL {
			return "", fault.New(fault.Invalid, "zone.name_is_mail", "This is a mail address. Enter only the name for the portal, such as portal.yourshop.com.")
		}
		text = after
	}
	if isAddress(text) {
		return "", numbers
	}
	if name, port, ok := strings.Cut(text, ":"); ok && strings.Trim(port, "0123456789") == "" {
		text = name
	}
	text = strings.TrimRight(strings.TrimSpace(text), ".。．｡")
	if text == "" {
		return "", fault.New(fault.Invalid, "zone.name_missing", "Enter the name that your portal should have, such as portal.yourshop.com.")
	}
	return text, nil
}

// isAddress also knows addresses with a port and what only looks like one: no
// name ends in a number.
func isAddress(text string) bool {
	bare := strings.TrimRight(text, ".")
	if _, err := netip.ParseAddr(strings.Trim(bare, "[]")); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(bare); err == nil {
		return true
	}
	last := bare[strings.LastIndex(bare, ".")+1:]
	return strings.Contains(bare, ".") && last != "" && strings.Trim(last, "0123456789") == ""
}

// ascii checks the letters and spells the name as the DNS does.
func ascii(host string) (string, error) {
	switch {
	case strings.Contains(host, "*"):
		return "", fault.New(fault.Invalid, "zone.name_wildcard", "A star stands for many names. Enter the one name that your portal should have, such as portal.yourshop.com.")
	case strings.Contains(host, "_"):
		return "", fault.New(fault.Invalid, "zone.name_underscore", "A web address cannot hold an underscore. Use a hyphen instead.")
	case strings.Contains(host, ".."), strings.HasPrefix(host, "."):
		return "", fault.New(fault.Invalid, "zone.name_gap", "There is a dot too many in this name. Check it and try again.")
	case hyphen(host):
		return "", fault.New(fault.Invalid, "zone.name_hyphen", "A part of a name cannot begin or end with a hyphen. Check the name and try again.")
	}
	name, err := lookup.ToASCII(host)
	if err != nil || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return "", wrongCharacters.Because(err)
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || hyphen(label) { // only after a disguise was taken off
			return "", wrongCharacters
		}
		if len(label) > 63 {
			return "", tooLong
		}
	}
	if len(name) > 253 {
		return "", tooLong
	}
	return name, nil
}

func hyphen(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "."), func(label string) bool {
		return strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-")
	})
}

var (
	numbers         = fault.New(fault.Invalid, "zone.name_is_address", "This is an address made of numbers. Enter a name, such as portal.yourshop.com; the address goes into a DNS record later.")
	wrongCharacters = fault.New(fault.Invalid, "zone.name_characters", "This name holds characters that no web address can hold. Use letters, digits, hyphens and dots.")
	tooLong         = fault.New(fault.Invalid, "zone.name_too_long", "This name is too long: 63 characters between two dots and 253 in all are the most.")
)

// registered checks that the name can belong to a business.
func registered(name string, own []string) error {
	for _, ending := range own {
		if ending != "" && below(name, ending) && name != ending {
			return nil
		}
	}
	for _, ending := range reserved {
		if below(name, ending) {
			return fault.New(fault.Invalid, "zone.name_reserved", "Names that end in {ending} work only inside a network, and no public authority gives out certificates for them. Enter a name of a domain that you have bought, such as portal.yourshop.com.", "ending", ending)
		}
	}
	if !strings.Contains(name, ".") {
		return fault.New(fault.Invalid, "zone.name_no_dot", "This name has no dot. Enter the whole name with your domain, such as portal.yourshop.com.")
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	owner := platformOf(name)
	if owner == "" && !icann && strings.Contains(suffix, ".") && !slices.Contains(ownRecords, suffix) {
		owner = suffix
	}
	if owner != "" {
		return fault.New(fault.Invalid, "zone.name_platform", "This name belongs to {owner}, which does not let it lead to your own portal. Enter a name of a domain that you have bought yourself, such as portal.yourshop.com.", "owner", owner)
	}
	if name == suffix {
		return fault.New(fault.Invalid, "zone.name_suffix", "{name} is an ending under which many domains are sold, not a domain. Enter the whole name, such as portal.yourshop.com.", "name", name)
	}
	return nil
}
