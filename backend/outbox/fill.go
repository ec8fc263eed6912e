package outbox

import (
	"context"
	"fmt"

	"portico/backend/kernel/fault"
)

// CheckText refuses a text of another room that mentions values which do not exist
// or belong to a kind of mail; for texts that people read before they send them.
func (s *Service) CheckText(language, text string) error {
	var c fault.Collector
	for _, p := range (Template{Body: text}).problems(s.words, language) {
		if p.Part == "body" {
			c.Add("text", fault.New(fault.Invalid, p.Code, p.Message, "name", p.Name, "suggestion", p.Suggestion, "example", example, "start", p.Start, "end", p.End))
		}
	}
	return c.Fault()
}

// FillText puts what is known of a contact and the business into a text; of
// nobody ("") the defaults are taken.
func (s *Service) FillText(ctx context.Context, contactID, text string) (string, error) {
	business, err := s.business(ctx)
	if err != nil {
		return "", fmt.Errorf("asking who writes: %w", err)
	}
	l := letter{business: business}
	if contactID != "" {
		found, err := s.deps.Recipients.Recipients(ctx, []string{contactID})
		if err != nil {
			return "", fmt.Errorf("asking for %s: %w", contactID, err)
		}
		l.who = found[contactID]
		l.to = l.who.Email
	}
	segments, _ := parse(text)
	return l.fill(s.words, segments, false), nil
}
