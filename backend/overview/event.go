package overview

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"portico/backend/kernel/search"
)

// event is a fact as it was kept.
type event struct {
	id      string
	at      time.Time
	name    string
	subject string
	actor   string // kind
	last    string // the oldest fact that is told with this one; "" when it is told alone
	data    *details
}

// details are the data of a fact. They are read when somebody asks for them: on most
// pages most facts are passed over or told by their names.
type details struct {
	text   string // JSON; what is no object is no data
	values map[string]any
}

func (d *details) all() map[string]any {
	if d.values == nil && (json.Unmarshal([]byte(d.text), &d.values) != nil || d.values == nil) {
		d.values = map[string]any{}
	}
	return d.values
}

// Item is a fact in words.
type Item struct {
	ID          string
	At          time.Time
	Kind        string
	ContactID   string
	ContactName string
	Actor       string // staff, client or system
	Text        string
	Data        map[string]any
}

// rewriting is how long changes of one contact by the same kind of person are told
// as one: a form that saves each field makes a fact of each.
const rewriting = 10 * time.Minute

// together tells neighbouring changes of the same contact's details as the newest
// of them, with the fields of all. What is kept stays as it is. Facts come newest
// first.
func together(events []event) []event {
	var out []event
	for _, e := range events {
		if n := len(out); n > 0 && out[n-1].continues(e) {
			out[n-1].last = e.id
			out[n-1].data.all()["fields"] = merged(out[n-1].list("fields"), e.list("fields"))
			continue
		}
		out = append(out, e)
	}
	return out
}

// continues reports whether e goes on with what before began.
func (e event) continues(before event) bool {
	return e.name == "contacts.updated" && before.name == e.name && before.subject == e.subject && before.actor == e.actor && e.at.Sub(before.at) <= rewriting
}

func merged(newer, older []string) []any {
	var out []any
	for _, field := range append(older, newer...) {
		if !slices.Contains(out, any(field)) {
			out = append(out, field)
		}
	}
	return out
}

// end is the fact after which the next page begins.
func (e event) end() string { return cmp.Or(e.last, e.id) }

// text is a string of the fact's data, or "".
func (e event) text(name string) string {
	s, _ := e.data.all()[name].(string)
	return s
}

// flag is a boolean of the fact's data.
func (e event) flag(name string) bool {
	b, _ := e.data.all()[name].(bool)
	return b
}

// list is a list of strings of the fact's data.
func (e event) list(name string) []string {
	var out []string
	items, _ := e.data.all()[name].([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// by is who did it, as the API tells: whoever is not signed in and touches a
// contact's links is taken for that contact.
func (e event) by() string {
	switch e.actor {
	case "staff", "system":
		return e.actor
	}
	return "client"
}

// matches reports whether each word typed stands somewhere in the texts, folded
// for case and accents.
func matches(typed string, texts ...string) bool {
	body := search.Fold(strings.Join(texts, "\n"))
	for _, word := range strings.Fields(search.Fold(typed)) {
		if !strings.Contains(body, word) {
			return false
		}
	}
	return true
}
