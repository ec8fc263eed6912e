package overview

import (
	"context"
	"fmt"
	"slices"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

// Cards that a client may put away; a card that waits for something done is not
// among them.
var cards = []string{"profile.confirm", "app.install"}

// clientItems is how many facts a client's home shows, and clientPage how many of
// their newest facts are read to find them: seldom are that many not for their eyes.
const (
	clientItems = 20
	clientPage  = 30
)

// Card is something that waits for a client.
type Card struct{ Key, Title, Text, Href, Action string }

// Activity is a fact in words for the client it is about.
type Activity struct {
	ID   string
	At   time.Time
	Kind string
	Text string
}

// Home is everything on a client's home page.
type Home struct {
	Me       Me
	Business Business
	Needs    []Card
	Recent   []Activity
	Unseen   int
}

// Home answers a client's home page. Clients only, and only about themselves.
func (s *Service) Home(ctx context.Context, actor auth.Actor) (Home, error) {
	if err := actor.MustBeClient(); err != nil {
		return Home{}, err
	}
	var h Home
	var err error
	if h.Me, err = s.Clients.Me(ctx, actor); err != nil {
		return h, err
	}
	h.Me.ContactID = actor.ContactID
	if h.Business, err = s.Brand.Business(ctx); err != nil {
		return h, fmt.Errorf("asking for the brand: %w", err)
	}
	language := actor.Language
	if h.Me.Language != "" {
		language = h.Me.Language
	}
	marks, err := marksOf(ctx, s.DB.Read(), actor.ContactID)
	if err != nil {
		return h, fmt.Errorf("marks of %s: %w", actor.ContactID, err)
	}
	newest, err := eventsOf(ctx, s.DB.Read(), actor.ContactID, "", clientPage)
	if err != nil {
		return h, fmt.Errorf("facts about %s: %w", actor.ContactID, err)
	}
	if h.Needs, err = s.cardsFor(ctx, language, h.Me, marks, newest); err != nil {
		return h, err
	}
	h.Recent, h.Unseen, err = s.activities(ctx, language, actor.ContactID, marks["seen"], newest)
	return h, err
}

// cardsFor are the cards that are not put away.
func (s *Service) cardsFor(ctx context.Context, language string, me Me, marks map[string]string, newest []event) ([]Card, error) {
	confirmed, err := s.confirmed(ctx, me, newest)
	if err != nil {
		return nil, fmt.Errorf("profile of %s: %w", me.ContactID, err)
	}
	out := []Card{}
	for _, key := range cards {
		if _, gone := marks["dismissed:"+key]; gone || key == "profile.confirm" && confirmed {
			continue
		}
		word := func(part string) string { return s.word(language, "card."+key+"."+part, nil) }
		out = append(out, Card{key, word("title"), word("text"), "/profile", word("action")})
	}
	return out, nil
}

// confirmed reports whether the client saved who they are and how they like to be
// told, or has nothing left to choose. Another theme confirms nothing.
func (s *Service) confirmed(ctx context.Context, me Me, newest []event) (bool, error) {
	if me.Name != "" && me.Language != "" && me.TimeZone != "" || slices.ContainsFunc(newest, confirms) {
		return true, nil
	}
	if len(newest) < clientPage {
		return false, nil // that was all
	}
	changes, err := ownChanges(ctx, s.DB.Read(), me.ContactID, clientItems)
	return slices.ContainsFunc(changes, confirms), err
}

func confirms(e event) bool {
	return e.name == "contacts.updated" && e.actor == "client" &&
		slices.ContainsFunc(e.list("fields"), func(field string) bool { return field == "name" || field == "language" || field == "time_zone" })
}

// activities tells a client's own facts. Unseen ones are counted from the newest;
// what only the client did is no news to them.
func (s *Service) activities(ctx context.Context, language, contactID, seen string, newest []event) ([]Activity, int, error) {
	out := s.toldClient(language, newest)
	if len(out) < clientItems && len(newest) == clientPage { // there may be more further back
		older, err := ownEvents(ctx, s.DB.Read(), contactID, forClients, byThemselves, clientItems)
		if err != nil {
			return nil, 0, fmt.Errorf("facts about %s: %w", contactID, err)
		}
		newest, out = older, s.toldClient(language, older)
	}
	unseen, news := 0, false
	for _, a := range out {
		if a.ID > seen {
			unseen++
			news = news || !slices.ContainsFunc(newest, func(e event) bool { return e.id == a.ID && e.actor == "client" })
		}
	}
	if !news {
		unseen = 0
	}
	return out, unseen, nil
}

// toldClient puts the facts that are for the client's eyes into words.
func (s *Service) toldClient(language string, events []event) []Activity {
	out := []Activity{}
	for _, e := range together(events) {
		if text, ok := s.tellClient(language, e); ok && len(out) < clientItems {
			out = append(out, Activity{e.id, e.at, sentences[e.name].kind, text})
		}
	}
	return out
}

// HomeSeen takes everything until now for seen. Clients only.
func (s *Service) HomeSeen(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeClient(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		newest, err := newestEvent(ctx, tx)
		if err != nil {
			return fmt.Errorf("marking facts about %s: %w", actor.ContactID, err)
		}
		return s.mark(ctx, tx, actor.ContactID, "seen", newest)
	})
}

// DismissCard puts a card away for good. Clients only.
func (s *Service) DismissCard(ctx context.Context, actor auth.Actor, key string) error {
	if err := actor.MustBeClient(); err != nil {
		return err
	}
	if !slices.Contains(cards, key) {
		return fault.InvalidField("key", "overview.card", "There is no such card to put away.")
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.mark(ctx, tx, actor.ContactID, "dismissed:"+key, "") })
}

func (s *Service) mark(ctx context.Context, tx *db.Tx, contactID, mark, value string) error {
	if err := setMark(ctx, tx, contactID, mark, value, tx.Now); err != nil {
		return fmt.Errorf("marking %s for %s: %w", mark, contactID, err)
	}
	tx.AfterCommit(func() { s.Live.ClientChanged(contactID, "home") })
	return nil
}
