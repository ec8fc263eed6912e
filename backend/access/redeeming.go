package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/limit"
)

// Entered is a session that has just begun. Token is the cookie's value.
type Entered struct {
	Token   string
	Session Session
	Target  string
}

// What can be wrong with a link or a code.
var (
	ErrWrongEmail = fault.New(fault.Invalid, "access.wrong_email", "That is not the address this link was made for.")
	ErrBadCode    = fault.New(fault.Unauthenticated, "access.bad_code", "This code does not work. It may be mistyped, too old, or asked for in another browser. Ask for a new one.")
	// ErrLinkOver is one answer for used, expired, withdrawn and unknown links.
	ErrLinkOver = fault.New(fault.Gone, "access.link_over", "This link is no longer valid. Ask for a new one.")
	errNoCookie = fault.New(fault.Gone, "access.no_cookie", "This browser did not keep the link. Open it again from the mail.")
)

// Redeem uses the link behind the landing cookie, once, and begins a session in
// the same transaction. Faults: ErrLinkOver, ErrWrongEmail (the link is not used
// up, one of its tries is), limit.reached for tokens that were never ours.
func (s *Service) Redeem(ctx context.Context, b Browser, email string) (Entered, error) {
	token, ok := s.unseal(b.Landed)
	if !ok {
		return Entered{}, errNoCookie
	}
	l, ok, err := s.proven(ctx, s.DB.Read(), token)
	if err != nil {
		return Entered{}, err
	}
	if !ok {
		return Entered{}, s.forged(ctx, b)
	}
	if !l.Used.IsZero() {
		if session, err := s.session(ctx, b.Session); err == nil && session.ID == l.UsedSession {
			return Entered{Token: b.Session, Session: session, Target: l.Target}, nil // a double click
		}
		return Entered{}, ErrLinkOver
	}
	var out Entered
	var refused error
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		refused = nil
		// What may have become of the link since it was read, useLink asks for.
		person, m, policy, err := s.entrant(ctx, tx, l)
		if err != nil {
			return err
		}
		asks, err := s.asksEmail(ctx, tx, policy, l, b)
		if err != nil {
			return err
		}
		if asks {
			typed, ok, err := s.People.PersonByEmail(ctx, tx, email)
			if err != nil {
				return err
			}
			if !ok || typed.ID != person.ID {
				refused = ErrWrongEmail
				return missLink(ctx, tx, l.ID) // kept: the try is used up
			}
		}
		out, err = s.enter(ctx, tx, b, l, person, m)
		return err
	})
	if err == nil {
		err = refused
	}
	if fault.KindOf(err) == fault.Forbidden || errors.Is(err, ErrNoContact) {
		err = ErrLinkOver // why somebody is refused is not told at the door
	}
	if err != nil {
		return Entered{}, err
	}
	return out, nil
}

// forged counts a token that was never ours. Expired and used links never count:
// an office behind one address would lock itself out.
func (s *Service) forged(ctx context.Context, b Browser) error {
	limits, err := limit.Load(ctx, s.DB.Read())
	if err != nil {
		return err
	}
	rules := limits.ForgedToken.For("forged:" + limit.AddressKey(b.Address))
	if wait, ok, err := s.Limits.Peek(ctx, s.DB.Read(), s.DB.Clock().Now(), rules); err != nil {
		return err
	} else if !ok {
		return limit.TooMany(wait)
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := s.Limits.Allow(ctx, tx, rules)
		return err
	}); err != nil {
		return err
	}
	return ErrLinkOver
}

// RedeemCode signs in with the code of a mail that this browser asked for. Wrong
// code, other browser and too late are one answer.
func (s *Service) RedeemCode(ctx context.Context, b Browser, email, code string) (Entered, error) {
	policy, err := s.Policy(ctx, auth.System())
	if err != nil {
		return Entered{}, err
	}
	if !policy.CodeSignIn {
		return Entered{}, ErrBadCode
	}
	var out Entered
	var refused error
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		refused = ErrBadCode
		req, err := requestByCookie(ctx, tx, hashSecret(b.Asked))
		if err != nil {
			return found(err, nil)
		}
		l, err := linkByRequest(ctx, tx, req.ID)
		if err != nil {
			return found(err, nil)
		}
		person, m, _, err := s.entrant(ctx, tx, l)
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				return err
			}
			return nil
		}
		typed, ok, err := s.People.PersonByEmail(ctx, tx, email)
		if err != nil {
			return err
		}
		if !ok || typed.ID != person.ID || !sameCode(code, s.Keys.code(l)) {
			return missLink(ctx, tx, l.ID)
		}
		refused = nil
		out, err = s.enter(ctx, tx, b, l, person, m)
		return err
	})
	if err == nil {
		err = refused
	}
	if errors.Is(err, ErrLinkOver) {
		err = ErrBadCode
	}
	if err != nil {
		return Entered{}, err
	}
	return out, nil
}

// enter uses the link and begins the session: one transaction, so that of a
// hundred parallel uses one gets in and nothing is ever half used.
func (s *Service) enter(ctx context.Context, tx *db.Tx, b Browser, l Link, person Person, m Member) (Entered, error) {
	session := Session{ID: ident.New("se"), ContactID: person.ID, LinkID: l.ID, Browser: b.name(), Created: tx.Now, LastSeen: tx.Now, Expires: tx.Now.Add(sessionAbsolute)}
	n, err := useLink(ctx, tx, l, session.ID, session.Browser, network(b.Address))
	if err != nil {
		return Entered{}, fmt.Errorf("using link %s: %w", l.ID, err)
	}
	if n != 1 {
		return Entered{}, ErrLinkOver
	}
	first := m.Joined.IsZero()
	if first {
		m.Joined = tx.Now
	}
	m.LastSeen, session.Epoch = tx.Now, m.Epoch
	if err := saveMember(ctx, tx, m); err != nil {
		return Entered{}, fmt.Errorf("saving member %s: %w", person.ID, err)
	}
	unusual, others := false, 0
	if !first { // who never joined has no session yet
		if unusual, others, err = s.unusual(ctx, tx, session); err != nil {
			return Entered{}, err
		}
	}
	token := newSecret()
	if err := insertSession(ctx, tx, session, hashSecret(token)); err != nil {
		return Entered{}, fmt.Errorf("beginning a session of %s: %w", person.ID, err)
	}
	if others >= maxSessions {
		ended, err := trimSessions(ctx, tx, person.ID, maxSessions)
		if err != nil {
			return Entered{}, fmt.Errorf("ending the oldest sessions of %s: %w", person.ID, err)
		}
		tx.AfterCommit(func() {
			for _, id := range ended {
				s.Live.DropSession(id)
			}
		})
	}
	if err := s.announce(ctx, tx, b, m, session, person, first, unusual); err != nil {
		return Entered{}, err
	}
	return Entered{Token: token, Session: session, Target: l.Target}, nil
}

// unusual reports a kind of browser in which the contact has no session, and how
// many sessions there are.
func (s *Service) unusual(ctx context.Context, tx *db.Tx, now Session) (unusual bool, others int, err error) {
	sessions, err := sessionsOf(ctx, tx, now.ContactID)
	if err != nil {
		return false, 0, err
	}
	unusual = !slices.ContainsFunc(sessions, func(other Session) bool { return other.Browser == now.Browser })
	return unusual, len(sessions), nil
}

// announce keeps the facts of a sign-in and tells the client by mail when it was
// from a kind of browser not seen before.
func (s *Service) announce(ctx context.Context, tx *db.Tx, b Browser, m Member, session Session, person Person, first, unusual bool) error {
	actor := auth.Actor{Kind: auth.KindClient, ContactID: person.ID, SessionID: session.ID, Name: person.Name, Via: "portal", Address: b.Address, Browser: b.Agent}
	if first {
		if err := tx.Emit(actor, Joined{person.ID, !m.Invited.IsZero()}); err != nil {
			return err
		}
	}
	if err := tx.Emit(actor, SignedIn{person.ID, session.ID, session.Browser, unusual}); err != nil {
		return err
	}
	if unusual && person.Email != "" {
		mail := Mail{Kind: "new_device", ContactID: person.ID, To: person.Email, Language: person.Language, Details: map[string]string{"device": session.Browser, "time": tx.Now.Format(time.RFC3339)}}
		if _, err := s.Mail.Queue(ctx, tx, mail); err != nil && fault.KindOf(err) == fault.Internal {
			return err
		}
	}
	return s.audited(tx, actor, "access.sign_in", person.ID, map[string]any{"session": session.ID, "link": session.LinkID, "first": first})
}

// Renew sends a fresh login mail to the address that an ended link belonged to.
// Whatever becomes of it, the answer is the same; cookie lets this browser type
// the code of the new mail.
func (s *Service) Renew(ctx context.Context, b Browser) (cookie string, err error) {
	cookie = newSecret()
	token, ok := s.unseal(b.Landed)
	if !ok {
		return cookie, nil
	}
	l, ok, err := s.proven(ctx, s.DB.Read(), token)
	if err != nil || !ok {
		return cookie, err
	}
	limits, err := limit.Load(ctx, s.DB.Read())
	if err != nil {
		return "", err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id := ident.New("rq")
		if err := insertRequest(ctx, tx, id, hashSecret(cookie), b.name()); err != nil {
			return err
		}
		rules := append(limits.LoginNetwork.For("login:net:"+limit.AddressKey(b.Address)), limits.LoginTotal.For("login:total")...)
		if _, ok, err := s.Limits.Allow(ctx, tx, rules); err != nil || !ok {
			return err
		}
		person, ok, err := s.People.Person(ctx, tx, l.ContactID)
		// A link to an address that was given up does not reach the new one.
		if err != nil || !ok || l.EmailHash != s.Keys.emailHash(person.EmailKey) {
			return err
		}
		return s.loginMail(ctx, tx, person, id, l.Target)
	})
	return cookie, err
}

// landPurpose binds the sealed cookie to its use.
const landPurpose = "land"

// seal makes the landing cookie: the token, unreadable to anybody but us, so that
// neither the address bar nor the browser's store holds a live link.
func (s *Service) seal(token string) string {
	return encode(s.Box.Seal([]byte(token), landPurpose))
}

func (s *Service) unseal(cookie string) (string, bool) {
	raw, err := decode(cookie)
	if err != nil || cookie == "" {
		return "", false
	}
	token, err := s.Box.Open(raw, landPurpose)
	return string(token), err == nil
}

func lower(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// zone is a contact's time zone, or UTC.
func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}
