package domains

import (
	"fmt"
	"strings"
)

// Guide is a provider's guide, written for a name.
type Guide struct {
	Provider Provider
	Title    string
	Steps    []string
	Form     string
	Fields   []GuideField
	Notes    []string
}

// GuideField is a field of the provider's form with what belongs there.
type GuideField struct {
	Key   string // type, host, value or ttl
	Label string // as the form names it
	Value string
}

// teller finds words in one language; it answers the key itself for one that is
// missing, which a test rules out.
type teller struct {
	words    Words
	language string
}

func (t teller) say(key string, params map[string]any) string {
	text, ok := t.words(t.language, key, params)
	if !ok {
		return key
	}
	return text
}

// maybe is say for words that need not be there.
func (t teller) maybe(key string, params map[string]any) string {
	text, _ := t.words(t.language, key, params)
	return text
}

// name is what a provider is called; the general guide has words for it.
func (t teller) provider(p Provider) string {
	if p.Name == "" {
		return t.say("domains.guide.general.name", nil)
	}
	return p.Name
}

// guide writes a provider's guide for the records of a view.
func (t teller) guide(p Provider, v View) Guide {
	v.Provider = p
	list := v.records()
	first := DNSRecord{Type: "A", Host: "portal", Short: "portal", Full: "portal.example.com"}
	if len(list) > 0 {
		first = list[0]
	}
	apex := v.apex()
	if apex == "" {
		apex = "example.com"
	}
	value := first.Value
	if value == "" {
		value = t.say("domains.record.value_unknown", nil)
	}
	params := map[string]any{"type": first.Type, "host": display(first.Host), "short": display(first.Short), "full": display(first.Full), "value": value, "zone": display(apex)}
	key := "domains.guide." + p.ID + "."
	g := Guide{Provider: p, Title: t.say("domains.guide_title", map[string]any{"provider": t.provider(p), "zone": display(apex)}), Form: t.say(key+"form", params)}
	for i := range p.Steps {
		g.Steps = append(g.Steps, t.say(fmt.Sprintf("%s%d", key, i+1), params))
	}
	for _, f := range []GuideField{{"type", "", first.Type}, {"host", "", first.Host}, {"value", "", first.Value}, {"ttl", "", ""}} {
		if f.Label = t.maybe(key+"field_"+f.Key, nil); f.Label != "" {
			g.Fields = append(g.Fields, f)
		}
	}
	if note := t.maybe(key+"note", params); note != "" {
		g.Notes = append(g.Notes, note)
	}
	if len(list) > 1 {
		g.Notes = append(g.Notes, t.say("domains.guide_again", map[string]any{"type": list[1].Type, "value": list[1].Value}))
	}
	return g
}

// Instructions are a mail to whoever runs the owner's domain.
type Instructions struct{ Subject, Text string }

// instructions writes them: every record with both spellings of the host, so
// that whoever reads it needs no guide.
func (t teller) instructions(v View, business string) Instructions {
	name := display(v.Plan.Name)
	var text strings.Builder
	part := func(key string, params map[string]any) { text.WriteString(t.say(key, params) + "\n\n") }
	part("domains.instructions.greeting", nil)
	part("domains.instructions.wish", map[string]any{"name": name, "zone": display(v.apex())})
	for _, r := range v.records() {
		value := r.Value
		if value == "" {
			value = t.say("domains.record.value_unknown", nil)
		}
		part("domains.instructions.record", map[string]any{"type": r.Type, "short": display(r.Short), "full": display(r.Full), "value": value})
	}
	part("domains.instructions.only", map[string]any{"name": name})
	part("domains.instructions.proxy", nil)
	text.WriteString(t.say("domains.instructions.thanks", nil) + "\n" + business)
	return Instructions{Subject: t.say("domains.instructions.subject", map[string]any{"name": name}), Text: strings.TrimSpace(text.String()) + "\n"}
}
