package contacts

import (
	"strings"

	"portico/backend/kernel/fault"
)

// Tag groups contacts. Uses counts the contacts that carry it, deleted ones not.
type Tag struct {
	ID    string
	Name  string
	Color string
	Uses  int64
}

// colors are what a tag can be shown in; new tags take the next in turn.
var colors = []string{"teal", "blue", "green", "amber", "red", "violet", "gray"}

// maxTag is the longest name of a tag in characters.
const maxTag = 40

func normalTag(name string) (string, error) {
	name, err := Line(name, maxTag)
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", fault.New(fault.Invalid, "contacts.tag_missing", "Give the tag a name.")
	}
	return name, nil
}

func checkColor(color string) error {
	for _, c := range colors {
		if c == color {
			return nil
		}
	}
	return fault.New(fault.Invalid, "contacts.color", "Choose one of the colours offered.")
}

// normalTags drops repetitions, whatever their case; the first spelling stays.
func normalTags(names []string) ([]string, error) {
	if len(names) > maxTags {
		return nil, fault.New(fault.Invalid, "contacts.too_many", "At most {limit} fit here.", "limit", maxTags)
	}
	out := []string{}
	seen := map[string]bool{}
	for _, n := range names {
		if strings.TrimSpace(n) == "" {
			continue
		}
		n, err := normalTag(n)
		if err != nil {
			return nil, err
		}
		if key := strings.ToLower(n); !seen[key] {
			seen[key] = true
			out = append(out, n)
		}
	}
	return out, nil
}
