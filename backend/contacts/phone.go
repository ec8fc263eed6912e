package contacts

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"portico/backend/kernel/fault"
)

// NormalPhone answers a number in E.164. Without a leading + the country (ISO
// 3166-1) says how to read it.
func NormalPhone(typed, country string) (string, error) {
	typed = strings.TrimSpace(typed)
	if rest, ok := strings.CutPrefix(typed, "00"); ok {
		typed = "+" + rest
	}
	if !strings.HasPrefix(typed, "+") && country == "" {
		return "", fault.New(fault.Invalid, "contacts.phone_country", "Write “{value}” with its country code, such as +49 30 901820, or choose the country of the address.", "value", typed)
	}
	number, err := phonenumbers.Parse(typed, country)
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", fault.New(fault.Invalid, "contacts.phone", "“{value}” is not a phone number. Write it with its country code, such as +49 30 901820.", "value", typed)
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

func normalPhones(typed []string, country string, wrong *fault.Collector) ([]string, error) {
	if len(typed) > maxLists {
		return nil, fault.New(fault.Invalid, "contacts.too_many", "At most {limit} fit here.", "limit", maxLists)
	}
	out := []string{}
	seen := map[string]bool{}
	for i, t := range typed {
		if strings.TrimSpace(t) == "" {
			continue
		}
		phone, err := NormalPhone(t, country)
		if err != nil {
			wrong.Add(fmt.Sprintf("phones[%d]", i), err)
			continue
		}
		if !seen[phone] {
			seen[phone] = true
			out = append(out, phone)
		}
	}
	return out, nil
}
