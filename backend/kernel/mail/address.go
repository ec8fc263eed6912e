package mail

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// RFC 5321 §4.5.3.1 with erratum 1690: a path of 256 octets holds an address
// of 254; its local part has at most 64.
const (
	maxAddress = 254
	maxLocal   = 64
	maxName    = 200
)

// Address is one person in a header. Name may be empty and may hold any
// letters; Addr is a bare address as CheckAddress wants it.
type Address struct {
	Name string
	Addr string
}

// lookup maps an international domain to its ASCII form the way browsers do.
// Transitional mapping is off: it would turn straße.example into strasse.example,
// which may belong to somebody else.
var lookup = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// CheckAddress accepts exactly one bare address and returns the form that goes
// to the server: local part as given, domain in lower case, an international
// domain as punycode ("a@Bücher.example" → "a@xn--bcher-kva.example").
// It refuses, as *Problem of class Invalid with its own sentence each: nothing,
// two addresses, a name or brackets around it, more than 254 octets, control
// characters, a quoted local part, letters outside ASCII before the @ (they
// need SMTPUTF8, which many servers lack: RFC 6531), and an invalid domain.
func CheckAddress(addr string) (string, error) {
	out, key := checkAddress(addr)
	if key != "" {
		return "", invalid("address", key)
	}
	return out, nil
}

// checkAddress returns the canonical form or the key of what is wrong.
func checkAddress(addr string) (out, key string) {
	if strings.TrimSpace(addr) == "" {
		return "", "mail.address_missing"
	}
	// Nearly every address is as simple as this, and each mail asks several times.
	if local, domain, _ := strings.Cut(addr, "@"); len(local) <= maxLocal && len(addr) <= maxAddress && isDotAtom(local) && isASCII(domain) {
		if domain, ok := asciiDomain(domain); ok {
			return local + "@" + domain, ""
		}
	}
	if key := oneLine(addr); key != "" {
		return "", key
	}
	if len(addr) > maxAddress {
		return "", "mail.address_long"
	}
	parsed, err := mail.ParseAddress(addr)
	if err != nil || strings.TrimSpace(addr) != addr {
		if list, err := mail.ParseAddressList(addr); err == nil && len(list) > 1 {
			return "", "mail.address_many"
		}
		return "", "mail.address_syntax"
	}
	if parsed.Name != "" || strings.ContainsAny(addr, "<>()") {
		return "", "mail.address_named"
	}
	at := strings.LastIndexByte(addr, '@')
	local, domain := addr[:at], addr[at+1:]
	switch {
	case !isASCII(local):
		return "", "mail.address_letters"
	case !isDotAtom(local):
		return "", "mail.address_syntax"
	case len(local) > maxLocal:
		return "", "mail.address_long"
	}
	domain, ok := asciiDomain(domain)
	if !ok {
		return "", "mail.address_domain"
	}
	out = local + "@" + domain
	if len(out) > maxAddress {
		return "", "mail.address_long"
	}
	return out, ""
}

// asciiDomain returns the lower-case ASCII form of a domain or host name.
func asciiDomain(domain string) (string, bool) {
	if !isASCII(domain) {
		mapped, err := lookup.ToASCII(domain)
		if err != nil {
			return "", false
		}
		domain = mapped
	}
	domain = strings.ToLower(domain)
	if domain == "" || len(domain) > 253 {
		return "", false
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return "", false
		}
	}
	// "ann@10.0.0.1" and a mistyped IP address are no names.
	return domain, strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// isDotAtom: the local part that everybody uses. The quoted form ("a b"@example.com)
// is legal, practically unused and a classic way to smuggle: it is refused.
func isDotAtom(s string) bool {
	before := byte('.')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '.' && before == '.' || c != '.' && !isAlnum(c) && strings.IndexByte("!#$%&'*+/=?^_`{|}~-", c) < 0 {
			return false
		}
		before = c
	}
	return before != '.'
}

// isLabel: one part of a host name (RFC 1123 §2.1).
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '-' && !isAlnum(s[i]) {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
