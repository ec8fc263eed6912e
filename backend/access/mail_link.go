package access

import (
	"context"
	"fmt"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/settings"
)

// MailLink makes a link to a page for a mail of another room, with its commit, and
// answers its selector. Who may not sign in, was never asked in or has no address
// gets none (false), and so no mail.
func (s *Service) MailLink(ctx context.Context, tx *db.Tx, contactID, target string) (selector string, ok bool, err error) {
	if target, err = normalTarget(target); err != nil {
		return "", false, err
	}
	policy, err := settings.Get(ctx, tx, policyKey)
	if err != nil {
		return "", false, err
	}
	person, exists, err := s.People.Person(ctx, tx, contactID)
	if err != nil {
		return "", false, err
	}
	m, err := memberOf(ctx, tx, contactID)
	if err != nil {
		return "", false, fmt.Errorf("reading member %s: %w", contactID, err)
	}
	asked := !m.Invited.IsZero() || !m.Given.IsZero() || !m.Joined.IsZero()
	if MaySignIn(policy, m, exists) != nil || !asked || person.Email == "" {
		return "", false, nil
	}
	l, err := s.makeLink(ctx, tx, LoginMail, person, time.Duration(policy.LoginMailTTL)*time.Second, target, "")
	return l.Selector, err == nil, err
}

// Admits says whether a contact may use the portal, asked for mail that they
// answer; it is the same decision as at the door.
func (s *Service) Admits(ctx context.Context, contactID string) (bool, error) {
	policy, err := settings.Get(ctx, s.DB.Read(), policyKey)
	if err != nil {
		return false, err
	}
	_, exists, err := s.People.Person(ctx, s.DB.Read(), contactID)
	if err != nil {
		return false, err
	}
	m, err := memberOf(ctx, s.DB.Read(), contactID)
	if err != nil {
		return false, fmt.Errorf("reading member %s: %w", contactID, err)
	}
	return MaySignIn(policy, m, exists) == nil, nil
}

// EndMailLink ends the link of a mail that did not go out.
func (s *Service) EndMailLink(ctx context.Context, tx *db.Tx, selector string) error {
	l, err := linkBySelector(ctx, tx, selector)
	if err != nil {
		return found(err, nil)
	}
	return s.undoLink(ctx, tx, l)
}
