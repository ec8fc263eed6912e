package contacts

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"portico/backend/kernel/search"
)

// A page of the list reads three JSON values for each contact, and nearly all of
// them are as plain as ["ada@example.com"]. Such a value is cut where it lies;
// whatever holds more (an escape, a space, another type) is left to encoding/json.

// readTags reads the lines of a contact's tags into the order of their keys.
func readTags(lines string) []string {
	if lines == "" {
		return nil
	}
	tags := strings.Split(lines, "\n")
	if len(tags) > 1 {
		slices.SortFunc(tags, func(a, b string) int { return cmp.Compare(search.Fold(a), search.Fold(b)) })
	}
	return tags
}

// readTexts reads a stored list of texts.
func readTexts(stored string) ([]string, error) {
	inner, ok := within(stored, '[', ']')
	if !ok {
		return decodeTexts(stored)
	}
	out := make([]string, 0, 1)
	for inner != "" {
		text, rest, ok := plainText(inner)
		if !ok {
			return decodeTexts(stored)
		}
		out = append(out, text)
		if inner, ok = following(rest); !ok {
			return decodeTexts(stored)
		}
	}
	return out, nil
}

func decodeTexts(stored string) (out []string, err error) {
	if stored == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(stored), &out)
	return out, err
}

// readAddress reads a stored address.
func readAddress(stored string) (a Address, err error) {
	inner, ok := within(stored, '{', '}')
	for ok && inner != "" {
		var name, text, rest string
		if name, rest, ok = plainText(inner); !ok || !strings.HasPrefix(rest, ":") {
			return decodeAddress(stored)
		}
		if text, rest, ok = plainText(rest[1:]); !ok || !a.set(name, text) {
			return decodeAddress(stored)
		}
		inner, ok = following(rest)
	}
	if !ok {
		return decodeAddress(stored)
	}
	return a, nil
}

func decodeAddress(stored string) (a Address, err error) {
	if stored == "" {
		return a, nil
	}
	err = json.Unmarshal([]byte(stored), &a)
	return a, err
}

// set fills the field that JSON calls name; false when there is none.
func (a *Address) set(name, text string) bool {
	switch name {
	case "street":
		a.Street = text
	case "city":
		a.City = text
	case "region":
		a.Region = text
	case "postal_code":
		a.PostalCode = text
	case "country":
		a.Country = text
	default:
		return false
	}
	return true
}

// within answers what stands between the brackets of a stored value.
func within(stored string, open, end byte) (string, bool) {
	if len(stored) < 2 || stored[0] != open || stored[len(stored)-1] != end {
		return "", false
	}
	return stored[1 : len(stored)-1], true
}

// plainText cuts a text without escapes from the front.
func plainText(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	text, rest, ok = strings.Cut(s[1:], `"`)
	return text, rest, ok && !strings.Contains(text, `\`)
}

// following steps over the comma to what must follow it.
func following(rest string) (string, bool) {
	if rest == "" {
		return "", true
	}
	return rest[1:], rest[0] == ',' && len(rest) > 1
}
