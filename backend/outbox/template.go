package outbox

import (
	"slices"
	"strings"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// Template is the text of a kind of mail in a language. Body holds paragraphs
// parted by empty lines; all four may mention values.
type Template struct {
	ID       string // of a custom text; "" for the built-in one
	Key      Kind
	Language string
	Subject  string
	Heading  string
	Body     string
	Button   string
}

// Custom reports whether staff wrote it.
func (t Template) Custom() bool { return t.ID != "" }

// TextProblem points at something wrong in a template. Start and End count
// UTF-16 units, as browsers do.
type TextProblem struct {
	Part       string // subject, heading, body or button
	Start, End int
	Name       string
	Code       string
	Message    string
	Suggestion string
}

// example shows how a value is written, in sentences about one that cannot be read.
const example = `{{contact.first_name | default: "there"}}`

// editable are the templates that staff may change, in the order shown.
var editable = []Kind{KindInvitation, KindLogin, KindLoginMail, KindNewDevice, KindChat}

// builtIn is the text that comes with Portico.
func (w words) builtIn(key Kind, language string) Template {
	part := func(name string) string { return w.say(language, "mail.template."+string(key)+"."+name) }
	return Template{Key: key, Language: language, Subject: part("subject"), Heading: part("heading"), Body: part("body"), Button: part("button")}
}

type part struct {
	name, text string
	limit      int
	line       bool // one line only
	required   bool
}

func (t Template) parts() []part {
	return []part{
		{"subject", t.Subject, 200, true, true},
		{"heading", t.Heading, 200, true, false},
		{"body", t.Body, maxText, false, true},
		{"button", t.Button, 60, true, true},
	}
}

// problems finds everything wrong with the values of a template.
func (t Template) problems(w words, language string) []TextProblem {
	out := []TextProblem{}
	for _, p := range t.parts() {
		add := func(f flaw, suggestion string) {
			out = append(out, TextProblem{Part: p.name, Start: units(p.text, f.start), End: units(p.text, f.end), Name: f.name,
				Code: f.code, Message: w.say(language, f.code, "name", f.name, "suggestion", suggestion, "example", example), Suggestion: suggestion})
		}
		for _, f := range lint(p.text, p.name == "body", t.Key) {
			near := ""
			if f.code == "mail.text_unknown" {
				if near = suggestion(f.name, t.Key); near != "" {
					f.code = "mail.text_unknown_near"
				}
			}
			add(f, near)
		}
	}
	return out
}

// lint finds what cannot be read, is not known, or may not stand here.
func lint(text string, body bool, kind Kind) []flaw {
	_, flaws := parse(text)
	at := 0
	for at < len(text) {
		open := strings.Index(text[at:], "{{")
		if open < 0 {
			break
		}
		open += at
		s, end, code := readValue(text, open)
		if code == "" {
			if v, known := valueNamed(s.value); !known {
				flaws = append(flaws, flaw{open, end, s.value, "mail.text_unknown"})
			} else if !v.in(kind) {
				flaws = append(flaws, flaw{open, end, s.value, "mail.text_elsewhere"})
			} else if v.Body && !body {
				flaws = append(flaws, flaw{open, end, s.value, "mail.text_body_only"})
			}
		}
		at = end
	}
	slices.SortStableFunc(flaws, func(a, b flaw) int { return a.start - b.start })
	return flaws
}

// check refuses a template that cannot be saved; positions are in the fault.
func (t Template) check(w words, language string) error {
	var c fault.Collector
	for _, p := range t.parts() {
		switch {
		case p.required && strings.TrimSpace(p.text) == "":
			c.Add(p.name, fault.New(fault.Invalid, "mail.text_missing", "This text must not be empty."))
		case !utf8.ValidString(p.text):
			c.Add(p.name, fault.New(fault.Invalid, "mail.text_bytes", "This text holds bytes that are no letters. Type it again instead of pasting it."))
		case utf8.RuneCountInString(p.text) > p.limit:
			c.Add(p.name, fault.New(fault.Invalid, "mail.text_long", "This text is too long. Shorten it to at most {max} characters.", "max", p.limit))
		case p.line && strings.ContainsAny(p.text, "\r\n\u2028\u2029"):
			c.Add(p.name, fault.New(fault.Invalid, "mail.text_line", "This text must stay on one line."))
		}
	}
	for _, p := range t.problems(w, language) {
		f := fault.New(fault.Invalid, p.Code, p.Message, "name", p.Name, "suggestion", p.Suggestion, "example", example, "start", p.Start, "end", p.End)
		c.Add(p.Part, f)
	}
	return c.Fault()
}

// editableKey answers the key as the kind of a template that staff may change.
func editableKey(key string) (Kind, error) {
	for _, k := range editable {
		if string(k) == key {
			return k, nil
		}
	}
	return "", fault.New(fault.NotFound, "mail.template_missing", "There is no template named {key}.", "key", key)
}
