package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
)

// Templates lists the texts in use, of every kind in every language.
func (s *Service) Templates(ctx context.Context, actor auth.Actor) ([]Template, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	custom, err := currentTemplates(ctx, s.deps.DB.Read())
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	var out []Template
	for _, kind := range editable {
		for _, language := range s.words.catalogue.Languages() {
			out = append(out, pick(custom, s.words.builtIn(kind, language)))
		}
	}
	return out, nil
}

// pick is the custom text in place of the built-in one, where there is one.
func pick(custom []Template, built Template) Template {
	for _, t := range custom {
		if t.Key == built.Key && t.Language == built.Language {
			return t
		}
	}
	return built
}

// SaveTemplate replaces a text. It is refused, with the positions, while it
// mentions values that do not exist (Invalid). Mails that were sent keep the
// text they were sent with.
func (s *Service) SaveTemplate(ctx context.Context, actor auth.Actor, t Template) (Template, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Template{}, err
	}
	if err := s.checkKey(string(t.Key), t.Language); err != nil {
		return Template{}, err
	}
	if err := t.check(s.words, actor.Language); err != nil {
		return Template{}, err
	}
	t.ID = ident.New("tp")
	return t, s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := retireTemplate(ctx, tx, t.Key, t.Language); err != nil {
			return fmt.Errorf("save a template: %w", err)
		}
		if err := insertTemplate(ctx, tx, t, tx.Now); err != nil {
			return fmt.Errorf("save a template: %w", err)
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.template_saved", Subject: t.ID, Detail: map[string]any{"key": string(t.Key), "language": t.Language}})
	})
}

// ResetTemplate goes back to the built-in text; doing it twice is no mistake.
func (s *Service) ResetTemplate(ctx context.Context, actor auth.Actor, key, language string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	if err := s.checkKey(key, language); err != nil {
		return err
	}
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		changed, err := retireTemplate(ctx, tx, Kind(key), language)
		if err != nil || !changed {
			return err
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.template_reset", Detail: map[string]any{"key": key, "language": language}})
	})
}

func (s *Service) checkKey(key, language string) error {
	if _, err := editableKey(key); err != nil {
		return err
	}
	if !slices.Contains(s.words.catalogue.Languages(), language) {
		return fault.New(fault.NotFound, "mail.template_language", "Portico has no mails in the language {language}.", "language", language)
	}
	return nil
}

// Preview shows a text as a contact would read it, with sample links, and what
// is wrong with it. Without a contact the values are samples too.
func (s *Service) Preview(ctx context.Context, actor auth.Actor, t Template, contactID string) (Rendered, []TextProblem, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Rendered{}, nil, err
	}
	if err := s.checkKey(string(t.Key), t.Language); err != nil {
		return Rendered{}, nil, err
	}
	for _, p := range t.parts() {
		if len(p.text) > 4*maxText {
			return Rendered{}, nil, fault.InvalidField(p.name, "mail.text_long", "This text is too long. Shorten it to at most {max} characters.", "max", p.limit)
		}
	}
	r, err := s.sample(ctx, t.Key, t.Language, compile(t), contactID, "")
	return r, t.problems(s.words, actor.Language), err
}

// PreviewMail shows the mail that Queue would send to a contact or, when they
// are none yet, to an address; links are samples. From is who it would come from.
func (s *Service) PreviewMail(ctx context.Context, actor auth.Actor, m Mail) (r Rendered, from string, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return r, "", err
	}
	if err := checkMail(m); err != nil {
		return r, "", err
	}
	k, err := accountRow(ctx, s.deps.DB.Read())
	if err != nil {
		return r, "", fmt.Errorf("preview a mail: %w", err)
	}
	b, err := s.gather(ctx, []Message{{Kind: m.Kind, ContactID: m.ContactID, To: m.To, Language: m.Language, Data: content{Note: m.Note, Details: details(m.Details)}}})
	if err != nil {
		return r, "", err
	}
	l := b.letter(s, b.messages[0])
	l.link = sampleLink(m.Kind, b.business, s.deps.DB.Clock().Now())
	if l.to == "" {
		l.to = l.who.Email
	}
	r, err = s.words.render(l)
	a := k.sender("", b.business.Name)
	from = a.FromAddress
	if a.FromName != "" && from != "" {
		from = a.FromName + " <" + from + ">"
	}
	return r, from, err
}

func (s *Service) sample(ctx context.Context, kind Kind, language string, text compiled, contactID, note string) (Rendered, error) {
	business, err := s.business(ctx)
	if err != nil {
		return Rendered{}, fmt.Errorf("preview a mail: %w", err)
	}
	who := sampleRecipient
	if contactID != "" {
		found, err := s.deps.Recipients.Recipients(ctx, []string{contactID})
		if err != nil {
			return Rendered{}, fmt.Errorf("preview a mail: %w", err)
		}
		var ok bool
		if who, ok = found[contactID]; !ok {
			return Rendered{}, fault.InvalidField("contact_id", "mail.contact_missing", "There is no such contact any more. Choose another one.")
		}
	}
	now := s.deps.DB.Clock().Now()
	return s.words.render(letter{kind: kind, language: language, text: text, to: who.Email, who: who, business: business,
		link: sampleLink(kind, business, now),
		data: sampleContent(s.words, kind, language, note, now)})
}

// sampleContent is what a mail of a kind may carry.
func sampleContent(w words, kind Kind, language, note string, now time.Time) content {
	out := content{Note: note, Details: map[string]string{"device": "Firefox on Linux", "time": now.Format("2006-01-02T15:04:05Z07:00")}}
	if kind == KindChat {
		out.Details["author"] = "Mia"
		out.Said = []Said{{Author: "Mia", Text: w.say(language, "mail.sample.said")}}
	}
	return out
}

var sampleRecipient = Recipient{Name: "Ana Petrović", FirstName: "Ana", Email: "ana@example.com", Company: "Petrović Design"}

// fillSubjects renders the subjects of mails that have not been written yet.
func (s *Service) fillSubjects(ctx context.Context, list []Message) error {
	var open []Message
	for _, m := range list {
		if m.Subject == "" {
			open = append(open, m)
		}
	}
	if len(open) == 0 {
		return nil
	}
	b, err := s.gather(ctx, open)
	if err != nil {
		return err
	}
	for i, m := range list {
		if m.Subject == "" {
			l := b.letter(s, m)
			l.link = sampleLink(m.Kind, b.business, s.deps.DB.Clock().Now())
			list[i].Subject = l.line(s.words, l.text.subject)
		}
	}
	return nil
}

// samples renders mails as their readers see them, with sample links. One that
// was sent is shown in the text it was sent with.
func (s *Service) samples(ctx context.Context, list []Message) ([]Rendered, error) {
	b, err := s.gather(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]Rendered, len(list))
	for i, m := range list {
		l := b.letter(s, m)
		if m.Template != l.text.id && !m.FirstAt.IsZero() {
			if l.text, err = s.textOf(ctx, m, l.language); err != nil {
				return nil, err
			}
		}
		l.link = sampleLink(m.Kind, b.business, m.Created)
		if out[i], err = s.words.render(l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) textOf(ctx context.Context, m Message, language string) (compiled, error) {
	if m.Template == "" {
		return s.built[m.Kind][language], nil
	}
	t, err := templateByID(ctx, s.deps.DB.Read(), m.Template)
	if errors.Is(err, db.ErrNoRows) {
		return s.built[m.Kind][language], nil
	}
	return compile(t), err
}
