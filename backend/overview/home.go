package overview

import (
	"context"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
)

// problemsFor is how long a mail that failed counts as a problem.
const problemsFor = 30 * 24 * time.Hour

// recentItems is how many facts the home page shows.
const recentItems = 12

// Numbers are the figures at the top of the home page.
type Numbers struct {
	Contacts     int64 // active ones
	Invited      int64 // with at least one invitation
	Joined       int64 // who ever signed in
	Undelivered  int64 // invited, and the mail failed
	MailWaiting  int64
	MailProblems int64
}

// Need is something that waits for a person.
type Need struct{ Key, What, Do, Href string }

// Overview is everything on the staff's home page.
type Overview struct {
	Numbers Numbers
	Setup   Setup
	Needs   []Need
	Recent  []Item
}

// Overview answers the staff's home page. Staff only.
func (s *Service) Overview(ctx context.Context, actor auth.Actor) (Overview, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Overview{}, err
	}
	var o Overview
	language, err := s.languageOf(ctx, actor)
	if err != nil {
		return o, err
	}
	actor.Language = language
	if o.Numbers, err = s.numbers(ctx); err != nil {
		return o, err
	}
	mail, err := s.Mail.MailStatus(ctx, actor)
	if err != nil {
		return o, fmt.Errorf("asking for the mail account: %w", err)
	}
	if o.Setup, err = s.setupOf(ctx, o.Numbers, mail); err != nil {
		return o, err
	}
	o.Needs = s.needs(language, o, s.healthOf(ctx, language, mail))
	events, err := latest(ctx, s.DB.Read(), picks(onHome), recentItems)
	if err != nil {
		return o, fmt.Errorf("reading recent facts: %w", err)
	}
	o.Recent, err = s.told(ctx, language, events)
	return o, err
}

func (s *Service) numbers(ctx context.Context) (n Numbers, err error) {
	q := s.DB.Read()
	if n.Contacts, err = countContacts(ctx, q); err != nil {
		return n, fmt.Errorf("counting contacts: %w", err)
	}
	if n.Invited, n.Joined, n.Undelivered, err = countMembers(ctx, q); err != nil {
		return n, fmt.Errorf("counting members: %w", err)
	}
	n.MailWaiting, n.MailProblems, err = countMails(ctx, q, s.DB.Clock().Now().Add(-problemsFor))
	if err != nil {
		return n, fmt.Errorf("counting mails: %w", err)
	}
	return n, nil
}

// needs are what is not in order, then mails and invitations that did not arrive.
// While the first start runs, it asks for the mail account in its own way.
func (s *Service) needs(language string, o Overview, h Health) []Need {
	out := []Need{}
	for _, item := range h.Items {
		if item.State == OK || item.Key == "mail" && item.unset && !o.Setup.Finished {
			continue
		}
		out = append(out, Need{item.Key, item.What, item.Do, item.Href})
	}
	count := func(key string, n int64, href string) {
		if n > 0 {
			params := map[string]any{"count": n}
			out = append(out, Need{key, s.word(language, "needs."+key, params), s.word(language, "needs."+key+"_do", nil), href})
		}
	}
	count("mail_problems", o.Numbers.MailProblems, "/outbox?state=failed")
	count("undelivered", o.Numbers.Undelivered, "/portal?list=undelivered")
	return out
}
