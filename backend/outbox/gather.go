package outbox

import (
	"context"
	"fmt"
)

// bundle is what the letters of several mails have in common, asked for once.
type bundle struct {
	messages []Message
	business Business
	people   map[string]Recipient
	custom   map[Kind]map[string]compiled
	blocked  map[string]bool // address keys
	links    map[string]Link // by selector; only where mails are sent
}

// business answers who sends. Until the owner gave the business a name, the name
// of the mail account stands in: it is theirs, and says more than an address.
func (s *Service) business(ctx context.Context) (Business, error) {
	b, err := s.deps.Brand.Business(ctx)
	if err != nil || b.Name != "" {
		return logoType(b), err
	}
	k, err := accountRow(ctx, s.deps.DB.Read())
	b.Name = k.FromName
	return logoType(b), err
}

func (s *Service) gather(ctx context.Context, list []Message) (*bundle, error) {
	b := &bundle{messages: list, custom: map[Kind]map[string]compiled{}}
	var err error
	if b.business, err = s.business(ctx); err != nil {
		return nil, fmt.Errorf("asking who sends: %w", err)
	}
	var contacts, keys []string
	for _, m := range list {
		if m.ContactID != "" {
			contacts = append(contacts, m.ContactID)
		}
		keys = append(keys, addressKey(m.To))
	}
	if len(contacts) > 0 {
		if b.people, err = s.deps.Recipients.Recipients(ctx, contacts); err != nil {
			return nil, fmt.Errorf("asking for recipients: %w", err)
		}
	}
	if b.blocked, err = suppressedAmong(ctx, s.deps.DB.Read(), keys); err != nil {
		return nil, fmt.Errorf("reading suppressions: %w", err)
	}
	custom, err := currentTemplates(ctx, s.deps.DB.Read())
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	for _, t := range custom {
		if b.custom[t.Key] == nil {
			b.custom[t.Key] = map[string]compiled{}
		}
		b.custom[t.Key][t.Language] = s.compiledOf(t)
	}
	return b, nil
}

// gatherLinks is gather for mails that are about to go out: with their links.
func (s *Service) gatherLinks(ctx context.Context, list []Message) (*bundle, error) {
	b, err := s.gather(ctx, list)
	if err != nil {
		return nil, err
	}
	var selectors []string
	for _, m := range list {
		if m.Link != "" {
			selectors = append(selectors, m.Link)
		}
	}
	if len(selectors) > 0 {
		if b.links, err = s.deps.Links.Materialise(ctx, selectors); err != nil {
			return nil, fmt.Errorf("asking for links: %w", err)
		}
	}
	return b, nil
}

// compiledOf remembers parsed texts; a row never changes, so its id is enough.
func (s *Service) compiledOf(t Template) compiled {
	if c, ok := s.compiled.Load(t.ID); ok {
		return c.(compiled)
	}
	c := compile(t)
	s.compiled.Store(t.ID, c)
	return c
}

// letter is a mail ready to be written, but for its link.
func (b *bundle) letter(s *Service, m Message) letter {
	who := b.people[m.ContactID]
	language := s.words.match(m.Language, who.Language, b.business.Language)
	text, ok := b.custom[m.Kind][language]
	if !ok {
		text = s.built[m.Kind][language]
	}
	return letter{kind: m.Kind, language: language, text: text, to: m.To, who: who, business: b.business, data: m.Data}
}
