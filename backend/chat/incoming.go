package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	mime "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mail in other encodings than UTF-8
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"
)

// incoming is a mail that came, as far as it matters.
type incoming struct {
	key     string // the same mail has the same key, however often it comes
	from    string // bare address; "" when it is not exactly one
	token   string // of the conversation that it answers; "" is none of ours
	machine bool   // nobody wrote it: an out-of-office note, a bounce, a list
	verdict string // what the receiving server found to be forged; "" is nothing
	text    string
	files   int
}

// tokenSize is how many characters a reply token has: 120 bits in base32.
const tokenSize = 24

var (
	tokenInAddress = regexp.MustCompile(`\+([a-z2-7]{24})@`)
	tokenInID      = regexp.MustCompile(`\.([a-z2-7]{24})@`)
	ownID          = regexp.MustCompile(`^<?ml_[0-9a-z-]+\.[a-z2-7]{24}@`)
	forged         = regexp.MustCompile(`(?i)\b(dmarc|dkim|spf)=(fail|hardfail)\b`)
	comments       = regexp.MustCompile(`\([^()]*\)`)
)

// readMail reads a mail. What cannot be read of it is left out.
func readMail(raw []byte) (incoming, error) {
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && !mime.IsUnknownCharset(err) {
		return incoming{}, err
	}
	h := r.Header
	in := incoming{machine: byMachine(h), verdict: verdict(h.Get("Authentication-Results"))}
	if list, err := h.AddressList("From"); err == nil && len(list) == 1 {
		in.from = list[0].Address
	}
	id := h.Get("Message-Id")
	sum := sha256.Sum256([]byte(id))
	if id == "" {
		sum = sha256.Sum256(raw)
	}
	in.key = hex.EncodeToString(sum[:16])
	if ownID.MatchString(strings.TrimSpace(id)) {
		in.machine = true // our own, sent round in a circle
	}
	in.token = tokenOf(h)
	in.text, in.files = bodyOf(r)
	return in, nil
}

// tokenOf finds the token in an address that the mail went to, or in the id of
// the mail that it answers.
func tokenOf(h mail.Header) string {
	for _, name := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"} {
		for _, value := range h.Values(name) {
			if m := tokenInAddress.FindStringSubmatch(strings.ToLower(value)); m != nil {
				return m[1]
			}
		}
	}
	for _, name := range []string{"In-Reply-To", "References"} {
		all := tokenInID.FindAllStringSubmatch(strings.ToLower(h.Get(name)), -1)
		if len(all) > 0 {
			return all[len(all)-1][1]
		}
	}
	return ""
}

// byMachine reports mail that no person wrote to us (RFC 3834 §2).
func byMachine(h mail.Header) bool {
	if auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted"))); auto != "" && auto != "no" {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe"} {
		if h.Has(name) {
			return true
		}
	}
	return strings.TrimSpace(h.Get("Return-Path")) == "<>" || strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "multipart/report")
}

// verdict is what the server that took the mail found to be forged. Only its own
// header counts, which stands above all others: Get answers the first.
func verdict(results string) string {
	results = comments.ReplaceAllString(results, "")
	return strings.ToLower(forged.FindString(results))
}

// bodyOf answers the first text of a mail and how many files came with it.
func bodyOf(r *mail.Reader) (text string, files int) {
	plain, rich := "", ""
	for {
		p, err := r.NextPart()
		if p == nil || err != nil && !mime.IsUnknownCharset(err) {
			break
		}
		inline, ok := p.Header.(*mail.InlineHeader)
		if !ok {
			files++
			continue
		}
		kind, _, _ := inline.ContentType()
		raw, _ := io.ReadAll(io.LimitReader(p.Body, 1<<20)) // a mail that was cut still says something
		switch {
		case kind == "text/plain" && plain == "":
			plain = string(raw)
		case kind == "text/html" && rich == "":
			rich = string(raw)
		case !strings.HasPrefix(kind, "text/"):
			files++
		}
	}
	if strings.TrimSpace(plain) == "" {
		plain = plainText(rich)
	}
	return answer(strings.ToValidUTF8(strings.ReplaceAll(plain, "\x00", ""), "\ufffd")), files
}

// plainText is a page without its marks, and without what it quotes.
func plainText(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(strings.ReplaceAll(string(z.Text()), "\u00a0", " "))
			}
		case html.StartTagToken:
			hidden = tag(z, &b, hidden, 1)
		case html.EndTagToken:
			hidden = tag(z, &b, hidden, -1)
		case html.SelfClosingTagToken:
			hidden = tag(z, &b, hidden, 0)
		}
	}
}

// tag answers how many tags around the next text hide it.
func tag(z *html.Tokenizer, b *strings.Builder, hidden, step int) int {
	raw, _ := z.TagName()
	name := string(raw)
	switch name {
	case "blockquote", "style", "script", "head", "title":
		hidden = max(0, hidden+step)
	case "br", "p", "div", "li", "tr", "h1", "h2", "h3":
		if hidden == 0 && (step <= 0 || name == "br") {
			b.WriteString("\n")
		}
	}
	return hidden
}

var (
	// attribution leads what is quoted below it.
	attribution = regexp.MustCompile(`(?i)^\s*((on|am|le|el|il|op|den|em|w dniu) .{0,250}(wrote|schrieb|geschrieben|a écrit|escribió|ha scritto|schreef|skrev|escreveu|napisał)\b.{0,120}:)\s*$`)
	divider     = regexp.MustCompile(`(?i)^\s*(-{2,}\s*(original message|ursprüngliche nachricht|forwarded message|weitergeleitete nachricht|message d'origine|mensaje original)\s*-{2,}|_{20,})\s*$`)
	headerBlock = regexp.MustCompile(`(?i)^\s*\*?(from|von|de|da):\*?\s.*`)
	headerNext  = regexp.MustCompile(`(?i)^\s*\*?(sent|date|gesendet|datum|envoyé|enviado|inviato|to|an):\*?\s`)
	device      = regexp.MustCompile(`(?i)^\s*(sent from my .{1,40}|von meinem .{1,30} gesendet|gesendet von .{1,40}|get outlook for .{1,20}|envoyé de mon .{1,30})\.?\s*$`)
)

// answer is what somebody wrote in a mail, without what they quote and sign with.
// An answer that stands below the quote, or between its lines, is kept.
func answer(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	top, rest := lines, []string(nil)
	for i, line := range lines {
		joined := line
		if i+1 < len(lines) { // mail programs break the line that leads a quote
			joined += " " + strings.TrimSpace(lines[i+1])
		}
		switch {
		case attribution.MatchString(line):
			top, rest = lines[:i], lines[i+1:]
		case attribution.MatchString(joined):
			top, rest = lines[:i], lines[i+2:]
		case divider.MatchString(line), headerBlock.MatchString(line) && i+1 < len(lines) && headerNext.MatchString(lines[i+1]):
			top = lines[:i]
		default:
			continue
		}
		break
	}
	if out := own(top); out != "" {
		if below := own(rest); below != "" && quotes(rest) {
			return out + "\n\n" + below
		}
		return out
	}
	return own(rest)
}

func quotes(lines []string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, ">") {
			return true
		}
	}
	return false
}

// own are the lines that are neither quoted nor a signature.
func own(lines []string) string {
	var out []string
	for _, line := range lines {
		if line == "-- " || line == "--" || device.MatchString(line) {
			break
		}
		if !strings.HasPrefix(line, ">") {
			out = append(out, strings.TrimRight(line, " \t"))
		}
	}
	text := strings.TrimSpace(strings.Join(out, "\n"))
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	if utf8.RuneCountInString(text) > maxText {
		text = shortened(text, maxText)
	}
	return text
}
