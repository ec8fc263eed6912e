package chat

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // how large a picture is
	_ "image/png"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
)

// sheet is a PDF that is being written. Its font is bundled, because the built-in
// ones of the format know western letters only.
type sheet struct {
	*fpdf.Fpdf
	letters *sfnt.Font
	buffer  sfnt.Buffer
}

const (
	pdfFont   = "DejaVu"
	pdfMargin = 18.0 // mm
	pdfWidth  = 210 - 2*pdfMargin
)

func newSheet(r *record, say says) (*sheet, error) {
	regular, err := assets.ReadFile("assets/DejaVuSansCondensed.ttf")
	if err != nil {
		return nil, err
	}
	bold, err := assets.ReadFile("assets/DejaVuSansCondensed-Bold.ttf")
	if err != nil {
		return nil, err
	}
	p := &sheet{Fpdf: fpdf.New("P", "mm", "A4", "")}
	if p.letters, err = sfnt.Parse(regular); err != nil {
		return nil, fmt.Errorf("reading the font: %w", err)
	}
	p.AddUTF8FontFromBytes(pdfFont, "", regular)
	p.AddUTF8FontFromBytes(pdfFont, "B", bold)
	p.SetCreationDate(r.Made) // the same record gives the same bytes
	p.SetModificationDate(r.Made)
	p.SetCatalogSort(true)
	p.SetTitle(r.Title, true)
	p.SetMargins(pdfMargin, pdfMargin, pdfMargin)
	p.SetAutoPageBreak(true, pdfMargin+8)
	p.AliasNbPages("{nb}")
	p.SetFooterFunc(func() {
		p.SetY(-pdfMargin)
		p.SetFont(pdfFont, "", 7)
		p.SetTextColor(110, 110, 110)
		p.CellFormat(0, 4, "SHA-256 "+r.SHA256, "", 1, "L", false, 0, "")
		p.CellFormat(0, 4, say("chat.export_page", map[string]any{"n": p.PageNo(), "total": "{nb}"}), "", 0, "L", false, 0, "")
	})
	p.AddPage()
	return p, nil
}

// pdf is the record as a document to be printed and kept.
func (r *record) pdf(say says, picture func(File) []byte) ([]byte, error) {
	p, err := newSheet(r, say)
	if err != nil {
		return nil, err
	}
	p.write("B", 16, r.Title)
	p.Ln(1)
	p.soft(say("chat.export_made", map[string]any{"time": r.shownTime(r.Made)}))
	p.soft(say("chat.export_count", map[string]any{"n": len(r.Messages)}))
	p.soft(say("chat.export_record", nil))
	left := maxPictures
	for _, m := range r.Messages {
		p.Ln(4)
		head := fmt.Sprint(m.Seq, " · ", r.authorOf(m, say), " · ", r.shownTime(m.Created))
		if traces := r.traces(m, say); traces != "" {
			head += " · " + traces
		}
		p.soft(head)
		if m.Quoted != nil && m.Quoted.Excerpt != "" {
			p.soft("> " + m.Quoted.Excerpt)
		}
		if m.Text != "" {
			p.write("", 10, m.Text)
		}
		for _, f := range m.Files {
			if raw := picture(f.File); raw != nil && len(raw) <= left {
				left -= len(raw)
				p.picture(f.ID, raw)
			}
			p.soft(fmt.Sprintf("%s (%s)", f.Name, fileSize(f.Size)))
		}
	}
	var b bytes.Buffer
	err = p.Output(&b)
	return b.Bytes(), err
}

func (p *sheet) write(style string, size float64, text string) {
	p.SetFont(pdfFont, style, size)
	p.SetTextColor(20, 20, 20)
	p.MultiCell(pdfWidth, size*0.5, p.printable(text), "", "L", false)
}

func (p *sheet) soft(text string) {
	p.SetFont(pdfFont, "", 8)
	p.SetTextColor(110, 110, 110)
	p.MultiCell(pdfWidth, 4, p.printable(text), "", "L", false)
}

// printable writes what the font has no letter for as its number, so that nothing
// is lost without a trace.
func (p *sheet) printable(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\t", "    ") {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r < ' ', r == 0x7f, r == 0xfe0f, r == 0x200d: // joins emoji
		default:
			if n, err := p.letters.GlyphIndex(&p.buffer, r); err != nil || n == 0 || r > 0xffff {
				fmt.Fprintf(&b, "[U+%04X]", r)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// picture shows a thumbnail, at most as wide as half the page.
func (p *sheet) picture(id string, raw []byte) {
	const most = pdfWidth / 2
	size, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || size.Width == 0 || size.Height == 0 {
		return
	}
	width := min(most, float64(size.Width)*25.4/96)
	height := width * float64(size.Height) / float64(size.Width)
	if height > most {
		width, height = width*most/height, most
	}
	if _, bottom := p.GetPageSize(); p.GetY()+height > bottom-pdfMargin-8 {
		p.AddPage()
	}
	options := fpdf.ImageOptions{ImageType: kind}
	p.RegisterImageOptionsReader(id, options, bytes.NewReader(raw))
	p.ImageOptions(id, pdfMargin, p.GetY()+1, width, height, true, options, 0, "")
	p.Ln(1)
}
