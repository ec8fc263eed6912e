package outbox

import (
	"embed"
	"encoding/base64"
	"html/template"
	"math"
	"regexp"
	"strconv"
	"strings"

	"portico/backend/kernel/i18n"
)

//go:embed assets/mail.html
var layoutFile embed.FS

var layout = template.Must(template.ParseFS(layoutFile, "assets/mail.html"))

const logoID = "logo"

// view is what the layout shows. Everything of type string is escaped by
// html/template for where it stands; the few trusted types are made here.
type view struct {
	Language, Dir string
	Subject       string
	Sender        string
	Logo          template.URL
	Heading       string
	Paragraphs    []paragraph
	Note          []paragraph
	Button        string
	Link          string
	LinkIntro     string
	CodeIntro     string
	Code          string
	Expires       string
	Why           string
	Copyright     string
	Accent        template.CSS
	AccentText    template.CSS
}

func (w words) view(l letter) view {
	v := view{
		Language: l.language, Dir: i18n.Direction(l.language), Sender: l.sender(),
		Subject: l.line(w, l.text.subject), Heading: l.line(w, l.text.heading), Button: l.line(w, l.text.button),
		Paragraphs: l.paragraphs(w), Note: l.quoted(w),
		Link: l.business.BaseURL + l.target(), LinkIntro: w.say(l.language, "mail.layout.link"),
		Why:       w.say(l.language, "mail.why."+string(l.kind), "business", l.sender(), "email", plain(l.to, maxDetail*2)),
		Copyright: plain(l.business.Copyright, maxDetail),
	}
	if l.data.ReplyTo != "" {
		v.Why = w.say(l.language, "mail.layout.reply") + " " + v.Why
	}
	v.Accent, v.AccentText = colours(l.business)
	if carriesLink(l.kind) && l.link.URL != "" {
		v.Link = l.link.URL
		key := "mail.layout.expires"
		if l.link.Code != "" {
			v.CodeIntro, v.Code = w.say(l.language, "mail.layout.code"), grouped(l.link.Code)
			key = "mail.layout.expires_code"
		}
		if until := l.expires(w); until != "" {
			v.Expires = w.say(l.language, key, "time", until)
		}
	}
	if len(l.business.Logo) > 0 {
		v.Logo = template.URL("cid:" + logoID)
		if !l.inline {
			v.Logo = template.URL("data:" + l.business.LogoType + ";base64," + base64.StdEncoding.EncodeToString(l.business.Logo)) //nolint:gosec // checked by logoType
		}
	}
	return v
}

// quoted is what people wrote themselves: a note, or messages with who wrote them
// where more than one did.
func (l letter) quoted(w words) []paragraph {
	said := func(text string) []paragraph { return paragraphsOf(strings.ReplaceAll(text, linkMark, "")) }
	out := said(l.data.Note)
	for _, one := range l.data.Said {
		text := said(one.Text)
		if author := plain(one.Author, maxDetail); author != "" && len(text) > 0 && one.Author != l.data.Details["author"] {
			text[0].Lines = append([]string{author + ":"}, text[0].Lines...)
		}
		out = append(out, text...)
	}
	if more := l.data.Details["more"]; more != "" {
		out = append(out, paragraph{Lines: []string{w.say(l.language, "mail.layout.more", "n", plain(more, maxDetail))}})
	}
	return out
}

func layoutHTML(v view) (string, error) {
	var b strings.Builder
	b.Grow(6 << 10)
	err := layout.Execute(&b, v)
	return b.String(), err
}

// layoutText is the twin for people who read plain text. The link stands on a
// line of its own, as it does in the HTML, letter by letter the same.
func layoutText(v view) string {
	var b strings.Builder
	block := func(lines ...string) {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(strings.Join(lines, "\n") + "\n")
	}
	if v.Heading != "" {
		block(v.Heading)
	}
	for _, p := range v.Paragraphs {
		if p.Link != "" {
			block(p.Link)
		} else {
			block(p.Lines...)
		}
	}
	for _, p := range v.Note {
		quoted := make([]string, len(p.Lines))
		for i, line := range p.Lines {
			quoted[i] = "> " + line
		}
		block(quoted...)
	}
	block(v.Button+":", v.Link)
	if v.Code != "" {
		block(v.CodeIntro, "", "    "+v.Code)
	}
	if v.Expires != "" {
		block(v.Expires)
	}
	block("-- ", v.Why)
	if v.Copyright != "" {
		block(v.Copyright)
	}
	return b.String()
}

// grouped parts a code in the middle, as people read it aloud.
func grouped(code string) string {
	if len(code) != 8 {
		return code
	}
	return code[:4] + " " + code[4:]
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// colours are those of the button: the business's accent and what can be read on it.
func colours(b Business) (accent, on template.CSS) {
	if !colour.MatchString(b.Accent) {
		b.Accent, b.AccentText = "#0f766e", "#ffffff"
	}
	if !colour.MatchString(b.AccentText) {
		b.AccentText = "#ffffff"
		if luminance(b.Accent) > 0.18 {
			b.AccentText = "#111111"
		}
	}
	return template.CSS(b.Accent), template.CSS(b.AccentText) //nolint:gosec // six hexadecimal digits
}

// luminance is relative luminance (WCAG 2.2); above 0.18 black is read better than white.
func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return 0
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// logoType answers the business without a logo that mail programs do not show.
func logoType(b Business) Business {
	switch b.LogoType {
	case "image/png", "image/jpeg", "image/gif":
		if len(b.Logo) <= maxLogo {
			return b
		}
	}
	b.Logo, b.LogoType = nil, ""
	return b
}

// maxLogo: the logo travels with every single mail.
const maxLogo = 64 << 10
