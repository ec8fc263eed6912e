package branding

import (
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// DefaultAccent is the colour of a business that has not chosen one.
const DefaultAccent = "#0f766e"

// The longest texts, in letters.
const (
	maxName        = 80
	maxDescription = 500
	maxCopyright   = 120
)

// Input is what the owner types.
type Input struct {
	Name         string
	Description  string
	Accent       string // #rrggbb
	Accent2      string // #rrggbb, or "" for none
	SupportEmail string // or ""
	Copyright    string
}

// Brand is the business as its clients know it. Every text may be empty: a
// portal without a name or a picture is still complete.
type Brand struct {
	Input
	Version  int64
	CSSURL   string // on the portal, as are the next three
	LogoURL  string // "" without one
	IconURL  string // always there: without a picture it is made of the initials
	CoverURL string // "" without one
	Light    Palette
	Dark     Palette
	pictures map[Kind]string // ids of blobs
}

// Has reports whether the owner gave a picture of this kind.
func (b Brand) Has(kind Kind) bool { return b.pictures[kind] != "" }

// Chosen reports whether the owner gave the business a look of its own.
func (b Brand) Chosen() bool {
	return b.Accent != DefaultAccent || b.Has(Logo) || b.Has(Icon) || b.Has(Cover)
}

// accent is the first colour as given. Stored colours were checked when they came
// in; one that is none all the same is shown as the default.
func (b Brand) accent() RGB {
	c, ok := ParseColor(b.Accent)
	if !ok {
		c, _ = ParseColor(DefaultAccent)
	}
	return c
}

// complete fills what follows from the rest.
func (b Brand) complete() Brand {
	v := "?v=" + strconv.FormatInt(b.Version, 10)
	b.CSSURL, b.IconURL = "/brand.css"+v, "/brand/icon-192.png"+v
	if b.Has(Logo) {
		b.LogoURL = "/brand/logo" + v
	}
	if b.Has(Cover) {
		b.CoverURL = "/brand/cover" + v
	}
	second, ok := ParseColor(b.Accent2)
	if !ok {
		second = b.accent()
	}
	b.Light, b.Dark = PaletteOn(LightGround, b.accent(), second), PaletteOn(DarkGround, b.accent(), second)
	return b
}

// Normalised trims and checks everything at once; the fault names each wrong field.
func (in Input) Normalised() (Input, error) {
	in.Name, in.Copyright = strings.Join(strings.Fields(in.Name), " "), strings.Join(strings.Fields(in.Copyright), " ")
	in.Description, in.SupportEmail = strings.TrimSpace(in.Description), strings.TrimSpace(in.SupportEmail)
	var c fault.Collector
	switch {
	case in.Name == "":
		c.Add("name", fault.New(fault.Invalid, "branding.name_missing", "The business needs a name; clients see it on every page and in every mail."))
	default:
		c.Add("name", checkText(in.Name, maxName))
	}
	c.Add("description", checkText(in.Description, maxDescription))
	c.Add("copyright", checkText(in.Copyright, maxCopyright))
	c.Add("accent", checkColor(&in.Accent))
	if in.Accent2 = strings.TrimSpace(in.Accent2); in.Accent2 != "" {
		c.Add("accent_2", checkColor(&in.Accent2))
	}
	c.Add("support_email", checkEmail(in.SupportEmail))
	return in, c.Fault()
}

func checkText(text string, longest int) error {
	if utf8.RuneCountInString(text) > longest {
		return fault.New(fault.Invalid, "branding.text_long", "This is too long: at most {letters} letters fit.", "letters", longest)
	}
	for _, r := range text {
		if r != '\n' && unicode.IsControl(r) || r == utf8.RuneError {
			return fault.New(fault.Invalid, "branding.text_unreadable", "This holds a character that cannot be shown. Type the text instead of pasting it.")
		}
	}
	return nil
}

// checkColor puts a colour into its one spelling.
func checkColor(text *string) error {
	c, ok := ParseColor(strings.TrimSpace(*text))
	if !ok {
		return fault.New(fault.Invalid, "branding.color", "Give a colour as # and six digits or letters a to f, for example #0f766e.")
	}
	*text = c.Hex()
	return nil
}

func checkEmail(text string) error {
	if text == "" {
		return nil
	}
	parsed, err := mail.ParseAddress(text)
	_, domain, _ := strings.Cut(text, "@")
	if err != nil || parsed.Address != text || len(text) > 254 || !strings.Contains(strings.Trim(domain, "."), ".") {
		return fault.New(fault.Invalid, "branding.email", "This is no email address that mail could reach. Write it like help@example.com, or leave it empty.")
	}
	return nil
}

// changedFields names what differs, as the API names it.
func changedFields(a, b Input) []string {
	fields := []string{}
	for _, f := range []struct{ name, a, b string }{
		{"name", a.Name, b.Name}, {"description", a.Description, b.Description}, {"accent", a.Accent, b.Accent},
		{"accent_2", a.Accent2, b.Accent2}, {"support_email", a.SupportEmail, b.SupportEmail}, {"copyright", a.Copyright, b.Copyright},
	} {
		if f.a != f.b {
			fields = append(fields, f.name)
		}
	}
	return fields
}
