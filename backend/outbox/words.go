package outbox

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"portico/backend/kernel/i18n"
	"portico/backend/kernel/mail"
)

// Messages are the words of this room.
//
//go:embed messages/*.json
var Messages embed.FS

// words says things in the languages of Portico.
type words struct {
	catalogue *i18n.Catalogue
	zones     *sync.Map // name → *time.Location; loading one reads a file
}

func newWords() (words, error) {
	c, err := i18n.New(Messages)
	if err != nil {
		return words{}, fmt.Errorf("outbox: messages: %w", err)
	}
	return words{c, &sync.Map{}}, nil
}

// say answers the text of a key; every key used here exists, which a test proves.
func (w words) say(language, key string, params ...any) string {
	named := make(map[string]any, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		named[params[i].(string)] = params[i+1]
	}
	text, _ := w.catalogue.Text(language, key, named)
	return text
}

// match is the language that mails to somebody are written in.
func (w words) match(wishes ...string) string {
	for _, wish := range wishes {
		if wish != "" {
			return w.catalogue.Match(wish)
		}
	}
	return "en"
}

// meaning says in two sentences what a key means: what happened, what to do.
func (w words) meaning(language, key string) (what, do string) {
	if key == "" {
		return "", ""
	}
	what, ok := w.catalogue.Text(language, key+".what", nil)
	if ok {
		do, _ = w.catalogue.Text(language, key+".do", nil)
		return what, strings.TrimSpace(do)
	}
	m, _ := mail.MeaningOf(key)
	return m.What, m.Do
}

// moment writes a time as a person of that language reads it, in their zone.
func (w words) moment(language string, t time.Time, zone string) string {
	t = t.In(w.location(zone))
	month := w.say(language, fmt.Sprintf("mail.month.%d", int(t.Month())))
	name := t.Format("MST")
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		name = "UTC" + name
	}
	return w.say(language, "mail.moment", "day", t.Day(), "month", month, "year", t.Year(), "time", t.Format("15:04"), "zone", name)
}

// location is a time zone by name; one that nobody knows is UTC.
func (w words) location(zone string) *time.Location {
	if known, ok := w.zones.Load(zone); ok {
		return known.(*time.Location)
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	w.zones.Store(zone, where)
	return where
}
