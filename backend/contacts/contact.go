package contacts

import (
	"cmp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"portico/backend/kernel/fault"
)

// State is where a contact stands.
type State string

// The states of a contact.
const (
	Active   State = "active"
	Archived State = "archived" // kept, but out of the way
	Deleted  State = "deleted"  // restorable for 30 days
)

// Contact is one person. Emails[0] is the address they sign in with.
type Contact struct {
	ID       string
	State    State
	Name     string
	Emails   []string // as typed, domain in lower case
	Phones   []string // E.164
	Company  string
	Address  Address
	Language string // BCP 47 or ""
	TimeZone string // IANA or ""
	Birthday string // YYYY-MM-DD, --MM-DD without a year, or ""
	Tags     []string
	Photo    string // blob id or ""
	Theme    string // the client's own choice: system, light or dark; "" is system
	Created  time.Time
	Updated  time.Time
}

// Address is a postal address; Country is an ISO 3166-1 alpha-2 code.
type Address struct {
	Street     string `json:"street,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"`
}

// The longest texts, in characters.
const (
	maxName  = 200
	maxLine  = 200
	maxTags  = 50
	maxLists = 20 // emails or phones
)

// Login is the address a contact signs in with, or "".
func (c Contact) Login() string {
	if len(c.Emails) == 0 {
		return ""
	}
	return c.Emails[0]
}

// titles are what a person is called before their name, in lower case without dots.
var titles = map[string]bool{"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "dr": true, "prof": true, "sir": true, "herr": true, "frau": true, "dipl-ing": true}

// FirstName is what a contact is called in a greeting: the first word that is no
// title, of "Last, First" the part behind the comma. It is "" when the name is
// only an address.
func (c Contact) FirstName() string {
	name := c.Name
	if strings.Contains(name, "@") {
		return ""
	}
	if _, after, ok := strings.Cut(name, ","); ok && strings.TrimSpace(after) != "" {
		name = after
	}
	words := strings.Fields(name)
	for i, w := range words {
		bare := strings.ToLower(strings.TrimSuffix(w, "."))
		if !titles[bare] || i == len(words)-1 {
			return w
		}
	}
	return ""
}

// Normalised answers the contact as it is stored, or a fault that names every
// wrong field. It fills in nothing but the name.
func (c Contact) Normalised() (Contact, error) {
	var wrong fault.Collector
	line := func(field, s string) string {
		clean, err := Line(s, maxLine)
		wrong.Add(field, err)
		return clean
	}
	var err error
	c.Emails, err = normalEmails(c.Emails, &wrong)
	wrong.Add("emails", err)
	if c.Name, err = Line(c.Name, maxName); err != nil {
		wrong.Add("name", err)
	} else if c.Name = cmp.Or(c.Name, c.Login()); c.Name == "" {
		wrong.Add("name", fault.New(fault.Invalid, "contacts.name_missing", "Give a name or an email address."))
	}
	c.Company = line("company", c.Company)
	c.Address = Address{line("address.street", c.Address.Street), line("address.city", c.Address.City), line("address.region", c.Address.Region),
		line("address.postal_code", c.Address.PostalCode), strings.ToUpper(strings.TrimSpace(c.Address.Country))}
	wrong.Add("address.country", checkCountry(c.Address.Country))
	c.Phones, err = normalPhones(c.Phones, c.Address.Country, &wrong)
	wrong.Add("phones", err)
	c.Language, err = normalLanguage(c.Language)
	wrong.Add("language", err)
	c.TimeZone = strings.TrimSpace(c.TimeZone)
	wrong.Add("time_zone", checkTimeZone(c.TimeZone))
	c.Birthday = strings.TrimSpace(c.Birthday)
	wrong.Add("birthday", checkBirthday(c.Birthday))
	wrong.Add("theme", checkTheme(c.Theme))
	c.Tags, err = normalTags(c.Tags)
	wrong.Add("tags", err)
	return c, wrong.Fault()
}

// Line makes a text one line: trimmed, runs of white space single, at most limit
// characters and no control characters.
func Line(s string, limit int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.New(fault.Invalid, "contacts.not_text", "This holds characters that are not text.")
	}
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > limit {
		return "", fault.New(fault.Invalid, "contacts.too_long", "This is too long; at most {limit} characters fit.", "limit", limit)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "contacts.not_text", "This holds characters that are not text.")
	}
	return s, nil
}

func normalLanguage(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	tag, err := language.Parse(s)
	if err != nil {
		return "", fault.New(fault.Invalid, "contacts.language", "“{value}” is not a language. Use a code such as en, de or pt-BR.", "value", s)
	}
	return tag.String(), nil
}

func checkCountry(s string) error {
	if s == "" {
		return nil
	}
	if region, err := language.ParseRegion(s); err != nil || len(s) != 2 || !region.IsCountry() {
		return fault.New(fault.Invalid, "contacts.country", "“{value}” is not a country. Use its two letters, such as DE or US.", "value", s)
	}
	return nil
}

func checkTimeZone(s string) error {
	if s == "" {
		return nil
	}
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return fault.New(fault.Invalid, "contacts.time_zone", "“{value}” is not a time zone. Use a name such as Europe/Berlin.", "value", s)
	}
	return nil
}

func checkBirthday(s string) error {
	if s == "" {
		return nil
	}
	full := s
	if rest, ok := strings.CutPrefix(s, "--"); ok {
		full = "2000-" + rest // a leap year, so that 29 February stands
	}
	if _, err := time.Parse(time.DateOnly, full); err != nil {
		return fault.New(fault.Invalid, "contacts.birthday", "“{value}” is not a date. Write it as 1980-05-23, or --05-23 without the year.", "value", s)
	}
	return nil
}

func checkTheme(s string) error {
	switch s {
	case "", "system", "light", "dark":
		return nil
	}
	return fault.New(fault.Invalid, "contacts.theme", "Choose light, dark, or as the device has it.")
}
