package chat

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	render "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// markdown knows what people write in a chat (emphasis, code, lists, quotes,
// links) and nothing that changes the page: no headings, pictures or HTML.
var markdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewListParser(), 300), util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700), util.Prioritized(parser.NewBlockquoteParser(), 800), util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100), util.Prioritized(parser.NewLinkParser(), 200), util.Prioritized(parser.NewEmphasisParser(), 500)),
	)),
	goldmark.WithExtensions(extension.Strikethrough, extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}))),
	goldmark.WithRendererOptions(render.WithHardWraps()),
)

// safe is the second wall behind markdown: what is not listed here is not shown.
var safe = safePolicy()

func safePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}

// formatted is a text as safe HTML, made anew whenever it is read: what is stored
// is what was written.
func formatted(text string) string {
	if isPlain(text) {
		return plainHTML(text)
	}
	var b bytes.Buffer
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return plainHTML(text)
	}
	return strings.TrimSpace(safe.Sanitize(b.String()))
}

// isPlain reports that a text says nothing in Markdown, as most messages do; they
// are many, and reading Markdown costs fifty times as much.
func isPlain(text string) bool {
	if strings.ContainsAny(text, "*_`[]<>~\\&@") || strings.Contains(text, "://") || strings.Contains(text, "www.") {
		return false
	}
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t")
		if line != "" && (strings.IndexByte("-+", line[0]) >= 0 || line[0] >= '0' && line[0] <= '9') {
			return false
		}
	}
	return true
}

func plainHTML(text string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			b.WriteString("<p>")
			b.WriteString(strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n"))
			b.WriteString("</p>")
		}
	}
	return b.String()
}
