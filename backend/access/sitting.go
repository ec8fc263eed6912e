package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

var (
	errNoSession = fault.New(fault.Unauthenticated, "auth.sign_in", "You are not signed in. Ask for a new link and sign in again.")
	errGone      = fault.New(fault.NotFound, "access.no_session", "This device is signed out already.")
)

// sighting is a session that was used; it is written down at most once a minute
// and never while somebody waits.
type sighting struct {
	session Session
	at      time.Time
}

// session answers the running session of a cookie.
func (s *Service) session(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, errNoSession
	}
	session, err := sessionByToken(ctx, s.DB.Read(), hashSecret(token))
	if err != nil {
		return Session{}, found(err, errNoSession)
	}
	if session.Ended(s.DB.Clock().Now()) {
		return Session{}, errNoSession
	}
	return session, nil
}

// Client answers the actor of a session cookie; an anonymous one when the session
// is over.
func (s *Service) Client(ctx context.Context, token string) (auth.Actor, error) {
	session, err := s.session(ctx, token)
	if errors.Is(err, errNoSession) {
		return auth.Actor{Kind: auth.KindAnonymous, Via: "portal"}, nil
	}
	if err != nil {
		return auth.Actor{}, err
	}
	if now := s.DB.Clock().Now(); now.Sub(session.LastSeen) >= seenEvery {
		select {
		case s.seen <- sighting{session, now}:
		default: // the next request will do
		}
	}
	return auth.Client(session.ContactID, session.ID), nil
}

// Holds reports whether a session cookie is still good, without counting as use:
// an open page must not keep an idle session alive.
func (s *Service) Holds(ctx context.Context, token string) (bool, error) {
	_, err := s.session(ctx, token)
	if errors.Is(err, errNoSession) {
		return false, nil
	}
	return err == nil, err
}

// Run writes sightings down until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case sight := <-s.seen:
			if err := s.DB.Write(ctx, func(tx *db.Tx) error {
				if err := seenSession(ctx, tx, sight.session.ContactID, sight.session.ID, sight.at); err != nil {
					return err
				}
				return touchMember(ctx, tx, sight.session.ContactID, sight.at)
			}); err != nil && ctx.Err() == nil {
				s.Log.Warn("last seen was not written", "error", err)
			}
		}
	}
}

// Sessions answers the client's own running sessions, last used first.
func (s *Service) Sessions(ctx context.Context, actor auth.Actor) ([]Session, error) {
	if err := actor.MustBeClient(); err != nil {
		return nil, err
	}
	return s.running(ctx, actor.ContactID)
}

func (s *Service) running(ctx context.Context, contactID string) ([]Session, error) {
	all, err := sessionsOf(ctx, s.DB.Read(), contactID)
	if err != nil {
		return nil, err
	}
	out := []Session{}
	for _, session := range all {
		if !session.Ended(s.DB.Clock().Now()) {
			out = append(out, session)
		}
	}
	return out, nil
}

// SignOut ends one of the client's own sessions.
func (s *Service) SignOut(ctx context.Context, actor auth.Actor, sessionID string) error {
	if err := actor.MustBeClient(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := removeSession(ctx, tx, actor.ContactID, sessionID)
		if err != nil {
			return fmt.Errorf("ending session %s: %w", sessionID, err)
		}
		if n == 0 {
			return errGone
		}
		tx.AfterCommit(func() {
			s.Live.DropSession(sessionID)
			s.Live.ClientChanged(actor.ContactID, "sessions")
		})
		if err := tx.Emit(actor, SignedOut{actor.ContactID, sessionID}); err != nil {
			return err
		}
		return s.audited(tx, actor, "access.sign_out", actor.ContactID, map[string]any{"session": sessionID})
	})
}

// SignOutOthers ends every session of the client but the one that asks.
func (s *Service) SignOutOthers(ctx context.Context, actor auth.Actor) error {
	others, err := s.Sessions(ctx, actor)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := removeSessions(ctx, tx, actor.ContactID, actor.SessionID); err != nil {
			return fmt.Errorf("ending other sessions: %w", err)
		}
		tx.AfterCommit(func() {
			for _, o := range others {
				if o.ID != actor.SessionID {
					s.Live.DropSession(o.ID)
				}
			}
			s.Live.ClientChanged(actor.ContactID, "sessions")
		})
		return s.audited(tx, actor, "access.sign_out_others", actor.ContactID, nil)
	})
}

// Suspend keeps a contact out at once: sessions, links and sockets end. Staff only.
func (s *Service) Suspend(ctx context.Context, actor auth.Actor, contactID string) error {
	return s.decide(ctx, actor, contactID, "suspended", func(tx *db.Tx, m *Member) {
		if m.Suspended.IsZero() {
			m.Suspended = tx.Now
		}
		m.Epoch++
	})
}

// Restore lets a suspended contact in again, with new links. Staff only.
func (s *Service) Restore(ctx context.Context, actor auth.Actor, contactID string) error {
	return s.decide(ctx, actor, contactID, "restored", func(_ *db.Tx, m *Member) { m.Suspended = time.Time{} })
}

// SignOutEverywhere ends every session and link of a contact. Staff only.
func (s *Service) SignOutEverywhere(ctx context.Context, actor auth.Actor, contactID string) error {
	return s.decide(ctx, actor, contactID, "signed_out_everywhere", func(_ *db.Tx, m *Member) { m.Epoch++ })
}

func (s *Service) decide(ctx context.Context, actor auth.Actor, contactID, what string, change func(*db.Tx, *Member)) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, ok, err := s.People.Person(ctx, tx, contactID); err != nil {
			return err
		} else if !ok {
			return ErrNoContact
		}
		m, err := memberOf(ctx, tx, contactID)
		if err != nil {
			return err
		}
		before := m.Epoch
		change(tx, &m)
		if m.Epoch != before {
			err = s.endAccess(ctx, tx, m)
		} else {
			err = saveMember(ctx, tx, m)
		}
		if err != nil {
			return err
		}
		if err := tx.Emit(actor, Changed{contactID, what}); err != nil {
			return err
		}
		return s.audited(tx, actor, "access."+what, contactID, nil)
	})
}
