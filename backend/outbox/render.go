package outbox

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"portico/backend/kernel/i18n"
	"portico/backend/kernel/mail"
)

// Rendered is a mail as its reader sees it.
type Rendered struct {
	Subject string
	HTML    string
	Text    string
}

// letter is everything that one mail is written from.
type letter struct {
	kind     Kind
	language string
	text     compiled
	to       string
	who      Recipient
	business Business
	link     Link // real while sending, a sample everywhere else
	data     content
	inline   bool // the logo travels with the mail; otherwise it is written into the page
}

// compiled is a template with its texts parsed.
type compiled struct {
	id                             string
	subject, heading, body, button []segment
}

func compile(t Template) compiled {
	read := func(text string) []segment { s, _ := parse(strings.ReplaceAll(text, "\r\n", "\n")); return s }
	return compiled{id: t.ID, subject: read(t.Subject), heading: read(t.Heading), body: read(t.Body), button: read(t.Button)}
}

// carriesLink are the kinds whose link signs somebody in.
func carriesLink(kind Kind) bool {
	return kind == KindInvitation || kind == KindLogin || kind == KindLoginMail || kind == KindChat
}

// sampleLink stands in for a link wherever a mail is only looked at.
func sampleLink(kind Kind, business Business, now time.Time) Link {
	l := Link{URL: business.BaseURL + "/k/SAMPLE", Target: "/", ExpiresAt: now.Add(7 * 24 * time.Hour)}
	switch kind {
	case KindLogin:
		l.Code, l.ExpiresAt = "SAMPLE00", now.Add(10*time.Minute)
	case KindLoginMail, KindChat:
		l.ExpiresAt = now.Add(24 * time.Hour)
	}
	return l
}

// value is what a name stands for, fit for one line of plain text. Escaping for
// HTML happens later, over whole paragraphs: there is no text that skips it.
func (l letter) value(w words, name string) string {
	switch name {
	case "contact.first_name":
		return harmless(l.who.FirstName)
	case "contact.name":
		return harmless(l.who.Name)
	case "contact.email":
		return plain(l.to, maxDetail*2)
	case "contact.company":
		return harmless(l.who.Company)
	case "business.name":
		return l.sender()
	case "business.support_email":
		return plain(l.business.SupportEmail, maxDetail*2)
	case "portal.url":
		return l.business.BaseURL
	case "portal_link":
		return l.business.BaseURL + l.target()
	case "magic_link":
		return l.link.URL
	case "link.expires":
		return l.expires(w)
	case "sign_in.device":
		return harmless(i18n.Device(w.catalogue.Text, l.language, l.data.Details["device"]))
	case "log.entries":
		return plain(l.data.Details["entries"], maxDetail)
	case "log.seal":
		return plain(l.data.Details["seal"], maxDetail)
	case "sign_in.time", "log.time":
		return l.signInTime(w)
	case "chat.author":
		if name := harmless(l.data.Details["author"]); name != "" {
			return name
		}
		return l.sender()
	case "chat.title":
		return harmless(l.data.Details["title"])
	case "notice.title":
		return harmless(l.data.Details["title"])
	case "notice.text":
		return plain(l.data.Note, maxText)
	}
	return ""
}

// harmless is a value that somebody else chose: it must not become a link in
// the reader's mail program.
func harmless(s string) string { return plain(strings.ReplaceAll(s, "://", ": "), maxDetail) }

func (l letter) target() string {
	if strings.HasPrefix(l.link.Target, "/") {
		return l.link.Target
	}
	return "/"
}

// sender is the business's name, or the portal's address while it has none.
func (l letter) sender() string {
	if name := plain(l.business.Name, maxDetail); name != "" {
		return name
	}
	if u, err := url.Parse(l.business.BaseURL); err == nil {
		return u.Hostname()
	}
	return ""
}

func (l letter) zone() string {
	if l.who.TimeZone != "" {
		return l.who.TimeZone
	}
	return l.business.TimeZone
}

func (l letter) expires(w words) string {
	if l.link.ExpiresAt.IsZero() {
		return ""
	}
	return w.moment(l.language, l.link.ExpiresAt, l.zone())
}

func (l letter) signInTime(w words) string {
	given := l.data.Details["time"]
	if t, err := time.Parse(time.RFC3339, given); err == nil {
		return w.moment(l.language, t, l.zone())
	}
	return harmless(given)
}

// linkMark parts links from words inside a body; plain text never holds it.
const linkMark = "\x00"

// fill puts values into parsed text. In a body links are set on a paragraph of their own.
func (l letter) fill(w words, segments []segment, body bool) string {
	var b strings.Builder
	for i, s := range segments {
		if s.value == "" {
			b.WriteString(strings.ReplaceAll(s.words, linkMark, ""))
			continue
		}
		v, _ := valueNamed(s.value)
		text := l.value(w, s.value)
		switch {
		case text == "":
			text = plain(s.fallback, maxDetail)
		case v.Link && body:
			text = "\n\n" + linkMark + text + "\n\n"
		}
		if text == "" && i+1 < len(segments) && startsWithMark(segments[i+1].words) {
			// "Hello {{contact.first_name}}," without a name is "Hello,".
			before := strings.TrimRight(b.String(), " ")
			b.Reset()
			b.WriteString(before)
		}
		b.WriteString(text)
	}
	return b.String()
}

func startsWithMark(s string) bool { return s != "" && strings.ContainsRune(",.!?;:", rune(s[0])) }

// line is a text that must stay one line: subject, heading, button.
func (l letter) line(w words, segments []segment) string {
	return plain(l.fill(w, segments, false), 400)
}

// paragraph is a piece of a body: lines of words, or a link.
type paragraph struct {
	Lines []string
	Link  string
}

func (l letter) paragraphs(w words) []paragraph { return paragraphsOf(l.fill(w, l.text.body, true)) }

func paragraphsOf(text string) []paragraph {
	var out []paragraph
	for _, block := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		block = strings.Trim(block, "\n")
		if link, ok := strings.CutPrefix(block, linkMark); ok {
			out = append(out, paragraph{Link: link})
			continue
		}
		if strings.Trim(block, " \t\n.,:;!?") == "" {
			continue // what is left of a sentence around a link
		}
		var p paragraph
		for _, line := range strings.Split(block, "\n") {
			p.Lines = append(p.Lines, plain(line, maxText))
		}
		out = append(out, p)
	}
	return out
}

// render writes a mail. The same letter gives the same bytes.
func (w words) render(l letter) (Rendered, error) {
	v := w.view(l)
	html, err := layoutHTML(v)
	if err != nil {
		return Rendered{}, fmt.Errorf("rendering a %s mail: %w", l.kind, err)
	}
	return Rendered{Subject: v.Subject, HTML: html, Text: layoutText(v)}, nil
}

// message is the letter as the transport composes it.
func (l letter) message(m Message, r Rendered, from mail.Account) mail.Message {
	out := mail.Message{
		MessageID: m.MessageID, Date: m.Created,
		From: mail.Address{Name: from.FromName, Addr: from.FromAddress},
		To:   mail.Address{Name: plain(l.who.Name, 200), Addr: m.To},
		// Out-of-office programs do not answer such mail (RFC 3834).
		Headers: []mail.Header{{Name: "Auto-Submitted", Value: "auto-generated"}},
		Subject: r.Subject, Text: r.Text, HTML: r.HTML,
	}
	if a, err := mail.CheckAddress(l.data.ReplyTo); err == nil {
		out.ReplyTo = &mail.Address{Name: plain(l.business.Name, 200), Addr: a}
	} else if a, err := mail.CheckAddress(l.business.SupportEmail); err == nil && a != from.FromAddress {
		out.ReplyTo = &mail.Address{Name: plain(l.business.Name, 200), Addr: a}
	}
	if len(l.business.Logo) > 0 {
		out.Inline = []mail.Inline{{ContentID: logoID, ContentType: l.business.LogoType, Name: "logo", Data: l.business.Logo}}
	}
	return out
}
