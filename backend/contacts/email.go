package contacts

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/idna"

	"portico/backend/kernel/fault"
)

// local is the part of an address before the @ as RFC 5321 §4.1.2 allows it
// unquoted; quoted local parts are not in use and not accepted.
var local = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+)*$`)

// maxEmail is the longest address in octets (RFC 5321 §4.5.3.1.3, less the brackets).
const maxEmail = 254

// NormalEmail answers an address as it is kept (domain in lower case) and the key
// under which it is found: all lower case, domain in punycode (RFC 5891).
func NormalEmail(typed string) (email, key string, err error) {
	typed = strings.TrimSpace(typed)
	typed = strings.TrimPrefix(typed, "mailto:")
	at := strings.LastIndexByte(typed, '@')
	if at < 1 || at == len(typed)-1 {
		return "", "", badEmail(typed)
	}
	user, domain := typed[:at], strings.ToLower(strings.TrimSuffix(typed[at+1:], "."))
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || len(user) > 64 || !local.MatchString(user) || !strings.Contains(ascii, ".") || strings.Contains("."+ascii+".", "..") {
		return "", "", badEmail(typed)
	}
	if len(user)+1+len(ascii) > maxEmail {
		return "", "", badEmail(typed)
	}
	return user + "@" + domain, strings.ToLower(user) + "@" + ascii, nil
}

func badEmail(typed string) error {
	return fault.New(fault.Invalid, "contacts.email", "“{value}” is not an email address. It should look like name@example.com.", "value", typed)
}

// normalEmails keeps the order (the first is the login) and drops repetitions.
func normalEmails(typed []string, wrong *fault.Collector) ([]string, error) {
	if len(typed) > maxLists {
		return nil, fault.New(fault.Invalid, "contacts.too_many", "At most {limit} fit here.", "limit", maxLists)
	}
	out := []string{}
	seen := map[string]bool{}
	for i, t := range typed {
		if strings.TrimSpace(t) == "" {
			continue
		}
		email, key, err := NormalEmail(t)
		if err != nil {
			wrong.Add(fmt.Sprintf("emails[%d]", i), err)
			continue
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, email)
		}
	}
	return out, nil
}

// emailKeys are the keys of addresses that are normal already.
func emailKeys(emails []string) []string {
	keys := make([]string, 0, len(emails))
	for _, e := range emails {
		if _, key, err := NormalEmail(e); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}
