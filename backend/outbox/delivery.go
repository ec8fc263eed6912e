package outbox

import (
	"context"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

// Delivery is what became of a mail, in the words of a language.
type Delivery struct {
	State State
	What  string
	Do    string
}

// Deliveries answers for those of the mails that are still known, by id; for
// other rooms, which show it beside the people the mails went to.
func (s *Service) Deliveries(ctx context.Context, q db.Q, language string, ids []string) (map[string]Delivery, error) {
	out := make(map[string]Delivery, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	found, err := messagesByID(ctx, q, ids)
	if err != nil {
		return nil, fmt.Errorf("reading what became of mails: %w", err)
	}
	for id, m := range found {
		what, do := s.words.meaning(language, m.Problem)
		out[id] = Delivery{m.State, what, do}
	}
	return out, nil
}

// Standing answers how the mail account stands, in the words of the actor's
// language; for other rooms.
func (s *Service) Standing(ctx context.Context, actor auth.Actor) (state AccountState, what, do string, err error) {
	a, err := s.Account(ctx, actor)
	if err != nil {
		return "", "", "", err
	}
	key, _ := a.Status.Waiting(s.deps.DB.Clock().Now())
	what, do = s.words.meaning(actor.Language, key)
	return a.Status.State, what, do, nil
}
