package chat

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"portico/backend/kernel/i18n"
)

//go:embed assets/export.html assets/DejaVuSansCondensed.ttf assets/DejaVuSansCondensed-Bold.ttf
var assets embed.FS

var exportPage = template.Must(template.ParseFS(assets, "assets/export.html"))

// says finds a sentence in the language of who exports.
type says func(key string, params map[string]any) string

type exportView struct {
	Language, Dir, Title, Made, Count, Record, Hash, Lines string
	Messages                                               []exportMessage
}

type exportMessage struct {
	Seq                int64
	Mine               bool // of the business
	Author, At, Traces string
	HTML               template.HTML
	Quote              string
	Files              []exportFile
}

type exportFile struct {
	Name, Size string
	Picture    template.URL
}

// maxPictures bounds the pictures of an export, in bytes.
const maxPictures = 64 << 20

// html is the record as one page. Texts are formatted as in the chat, by the same
// two walls, and everything else is escaped by the template.
func (r *record) html(language string, say says, picture func(File) []byte) ([]byte, error) {
	v := exportView{Language: language, Dir: i18n.Direction(language), Title: r.Title, Made: say("chat.export_made", map[string]any{"time": r.shownTime(r.Made)}),
		Count: say("chat.export_count", map[string]any{"n": len(r.Messages)}), Record: say("chat.export_record", nil), Hash: r.SHA256, Lines: r.Lines}
	left := maxPictures
	for _, m := range r.Messages {
		one := exportMessage{Seq: m.Seq, Mine: m.AuthorID == "", Author: r.authorOf(m, say), At: r.shownTime(m.Created), Traces: r.traces(m, say)}
		one.HTML = template.HTML(formatted(m.Text)) //nolint:gosec // sanitised by formatted
		if m.Quoted != nil {
			one.Quote = m.Quoted.Excerpt
		}
		for _, f := range m.Files {
			file := exportFile{Name: f.Name, Size: fileSize(f.Size)}
			if raw := picture(f.File); raw != nil && len(raw) <= left {
				if kind := http.DetectContentType(raw); strings.HasPrefix(kind, "image/") {
					left -= len(raw)
					file.Picture = template.URL(dataURL(kind, raw)) //nolint:gosec // a picture that we encoded
				}
			}
			one.Files = append(one.Files, file)
		}
		v.Messages = append(v.Messages, one)
	}
	var b bytes.Buffer
	err := exportPage.Execute(&b, v)
	return b.Bytes(), err
}

// authorOf names who wrote, also when they gave no name.
func (r *record) authorOf(m Message, say says) string {
	switch {
	case m.Author != "":
		return m.Author
	case m.AuthorID == "":
		return say("chat.export_business", nil)
	}
	return say("chat.export_somebody", nil)
}

// traces says that a message was changed or deleted.
func (r *record) traces(m Message, say says) string {
	switch {
	case !m.Deleted.IsZero():
		return say("chat.export_deleted", map[string]any{"time": r.shownTime(m.Deleted)})
	case !m.Edited.IsZero():
		return say("chat.export_edited", map[string]any{"time": r.shownTime(m.Edited)})
	}
	return ""
}

// fileSize is a size as people read it.
func fileSize(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000*1000:
		return fmt.Sprintf("%d kB", (bytes+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
