package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"unicode"
	"unicode/utf8"

	"portico/backend/kernel/i18n"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Pages renders the script-free pages. Make one at start and share it: it is
// immutable and safe for concurrent use.
type Pages struct {
	style     style
	catalogue *i18n.Catalogue
	templates map[string]*template.Template // by language
}

// Frame is what every page shares: whose portal it is and in which language
// the person reads.
type Frame struct {
	// Language is a tag from Pages.Language; an unknown one falls back to English.
	Language string
	Brand    Brand
}

// Brand is the business as its clients know it. Every field may be empty:
// a portal without a name or a picture is still complete.
type Brand struct {
	Name         string
	LogoURL      string
	CoverURL     string // shown beside the page on wide screens only
	SupportEmail string
	Copyright    string
	CSSURL       string // the owner's colours, versioned: /brand.css?v=7
}

// page is what a template sees.
type page struct {
	Frame
	Dir      string
	StyleURL string
	Wide     bool // room for the cover picture
	View     any
}

// New parses the embedded templates, once per language. It panics when they
// do not parse, which a test would have shown.
func New() *Pages {
	p := &Pages{
		style:     newStyle(),
		catalogue: loadCatalogue(),
		templates: map[string]*template.Template{},
	}
	for _, language := range p.catalogue.Languages() {
		p.templates[language] = template.Must(template.New("").
			Funcs(template.FuncMap{
				"t":       p.speak(language),
				"initial": initial,
			}).
			ParseFS(templateFiles, "templates/*.html"))
	}
	return p
}

// render fills the named template. Views are plain values and the buffer
// cannot fail, so an error here is a template that no test has executed.
func (p *Pages) render(name string, frame Frame, view any, wide bool) []byte {
	frame.Language = p.Language(frame.Language, "")
	var out bytes.Buffer
	out.Grow(6 << 10)
	err := p.templates[frame.Language].ExecuteTemplate(&out, name, page{
		Frame:    frame,
		Dir:      i18n.Direction(frame.Language),
		StyleURL: p.style.path,
		Wide:     wide && frame.Brand.CoverURL != "",
		View:     view,
	})
	if err != nil {
		panic(fmt.Sprintf("pages: render %s: %v", name, err))
	}
	return out.Bytes()
}

// initial is the letter that stands in for a missing logo.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return ""
}

// firstRunes returns at most n leading runes of s.
func firstRunes(s string, n int) string {
	end := 0
	for range n {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end]
}
