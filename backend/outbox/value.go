package outbox

import (
	"slices"
	"strings"
)

// Value is a custom value that texts may mention: {{contact.first_name}}.
type Value struct {
	Name   string
	Sample string
	Link   bool   // a web address: stands on a line of its own
	Body   bool   // in the body only: a sign-in link has no place in a subject or on a button
	Only   []Kind // the templates that have it; nil: all
}

// values is the whole catalogue; what is not here does not exist. Their
// descriptions are the words `mail.value.<name>`.
var values = []Value{
	{Name: "contact.first_name", Sample: "Ana"},
	{Name: "contact.name", Sample: "Ana Petrović"},
	{Name: "contact.email", Sample: "ana@example.com"},
	{Name: "contact.company", Sample: "Petrović Design"},
	{Name: "business.name", Sample: "Corner Shop"},
	{Name: "business.support_email", Sample: "hello@example.com"},
	{Name: "portal.url", Sample: "https://portal.example.com"},
	{Name: "portal_link", Sample: "https://portal.example.com/", Link: true, Body: true},
	{Name: "magic_link", Sample: "https://portal.example.com/k/SAMPLE", Link: true, Body: true, Only: []Kind{KindInvitation, KindLogin, KindLoginMail, KindChat}},
	{Name: "link.expires", Sample: "2 March 2026, 14:10", Only: []Kind{KindInvitation, KindLogin, KindLoginMail, KindChat}},
	{Name: "sign_in.device", Sample: "Firefox on Linux", Only: []Kind{KindLogin, KindNewDevice}},
	{Name: "chat.author", Sample: "Mia", Only: []Kind{KindChat}},
	{Name: "chat.title", Sample: "Garden club", Only: []Kind{KindChat}},
	{Name: "notice.title", Sample: "Your public address has changed", Only: []Kind{KindNotice}},
	{Name: "notice.text", Sample: "The portal is at another address now.", Body: true, Only: []Kind{KindNotice}},
	{Name: "sign_in.time", Sample: "2 March 2026, 14:02", Only: []Kind{KindLogin, KindNewDevice}},
}

// Values lists the catalogue.
func Values() []Value { return slices.Clone(values) }

func valueNamed(name string) (Value, bool) {
	i := slices.IndexFunc(values, func(v Value) bool { return v.Name == name })
	if i < 0 {
		return Value{}, false
	}
	return values[i], true
}

func (v Value) in(kind Kind) bool { return v.Only == nil || slices.Contains(v.Only, kind) }

// suggestion is the known name that somebody who wrote name most likely meant, or "".
func suggestion(name string, kind Kind) string {
	fold := func(s string) string {
		return strings.NewReplacer(".", "", "_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	want, best, least := fold(name), "", 1000
	for _, v := range values {
		if !v.in(kind) {
			continue
		}
		have := fold(v.Name)
		d := distance(want, have)
		if _, last, ok := strings.Cut(v.Name, "."); ok {
			d = min(d, distance(want, fold(last)))
		}
		if d < least {
			best, least = v.Name, d
		}
	}
	if least > max(2, len(want)/3) {
		return ""
	}
	return best
}

// distance counts the letters to insert, remove or replace (Levenshtein).
func distance(a, b string) int {
	if len(a) > 100 {
		return 1000
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, cost)
		}
	}
	return row[len(b)]
}
