package access

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/limit"
	"portico/backend/kernel/settings"
	"portico/backend/pages"
)

// Browser is who stands at the door, as far as a request tells.
type Browser struct {
	Address   string
	Agent     string // User-Agent
	Navigated bool   // Sec-Fetch-Mode: navigate: a person, or a scanner that looks like one
	Session   string // session cookie, valid or not
	Landed    string // landing cookie
	Asked     string // login request cookie
}

func (b Browser) name() string { return pages.DescribeBrowser(b.Agent) }

// loginJob looks up who asked for a mail and queues it, behind the answer: the
// request itself does the same work for everybody.
const loginJob = "access.login"

type loginPayload struct {
	Request string `json:"request"`
	Email   string `json:"email"`
	Next    string `json:"next"`
}

// RequestLogin takes a request for a login mail and answers the value of the
// cookie that lets this browser type the code. It behaves the same for every
// address that parses: known, unknown, suspended, or over its limit.
func (s *Service) RequestLogin(ctx context.Context, b Browser, email, next string) (cookie string, err error) {
	cookie = newSecret()
	limits, err := limit.Load(ctx, s.DB.Read())
	if err != nil {
		return "", err
	}
	network := limits.LoginNetwork.For("login:net:" + limit.AddressKey(b.Address))
	// A flood from one place is not even written down.
	if _, ok, err := s.Limits.Peek(ctx, s.DB.Read(), s.DB.Clock().Now(), network); err != nil || !ok {
		return cookie, err
	}
	typed := normalTyped(email)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id := ident.New("rq")
		if err := insertRequest(ctx, tx, id, hashSecret(cookie), b.name()); err != nil {
			return fmt.Errorf("noting a login request: %w", err)
		}
		rules := append(network, limits.LoginAddress.For("login:addr:"+typed)...)
		rules = append(rules, limits.LoginTotal.For("login:total")...)
		if _, ok, err := s.Limits.Allow(ctx, tx, rules); err != nil || !ok {
			return err
		}
		tx.AfterCommit(func() { s.Jobs.Wake(loginJob) })
		return jobs.Enqueue(ctx, tx, jobs.Job{Kind: loginJob, Key: id, Payload: loginPayload{id, email, next}})
	})
	return cookie, err
}

// normalTyped is what limits count an address under.
func normalTyped(email string) string {
	const longest = 320
	if len(email) > longest {
		email = email[:longest]
	}
	return lower(email)
}

func (s *Service) mailLogin(ctx context.Context, c jobs.Claimed) error {
	var in loginPayload
	if err := json.Unmarshal(c.Payload, &in); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		person, ok, err := s.People.PersonByEmail(ctx, tx, in.Email)
		if err != nil || !ok {
			return err
		}
		// The address typed may be another one of theirs; mail goes to the one on file.
		return s.loginMail(ctx, tx, person, in.Request, in.Next)
	})
}

// loginMail queues a fresh login mail when the policy lets this person in. Who is
// refused hears nothing: that is the point.
func (s *Service) loginMail(ctx context.Context, tx *db.Tx, person Person, requestID, next string) error {
	policy, err := settings.Get(ctx, tx, policyKey)
	if err != nil {
		return err
	}
	m, err := memberOf(ctx, tx, person.ID)
	if err != nil {
		return err
	}
	if MaySignIn(policy, m, person.Email != "") != nil {
		return nil
	}
	if _, err := linkByRequest(ctx, tx, requestID); err == nil {
		return nil // the job ran before
	}
	limits, err := limit.Load(ctx, tx)
	if err != nil {
		return err
	}
	if _, ok, err := s.Limits.Allow(ctx, tx, limits.Recipient.For("mail:"+person.EmailKey)); err != nil || !ok {
		return err
	}
	req, err := requestByID(ctx, tx, requestID)
	if err != nil {
		return found(err, nil)
	}
	l, err := s.makeLink(ctx, tx, LoginLink, person, loginTTL, next, requestID)
	if err != nil {
		return err
	}
	if err := revokeKind(ctx, tx, person.ID, LoginLink, maxOpenLogins); err != nil {
		return err
	}
	mail := Mail{Kind: "login", ContactID: person.ID, To: person.Email, Language: person.Language, Link: l.Selector, Details: map[string]string{"device": req.Browser, "time": req.Created.Format(time.RFC3339)}}
	if _, err := s.Mail.Queue(ctx, tx, mail); err != nil {
		if fault.KindOf(err) == fault.Internal {
			return err
		}
		return nil // the address bounced before or is suppressed; staff see that in the outbox
	}
	return tx.Emit(auth.System(), LoginRequested{person.ID, req.Browser})
}

// Land takes an opened link: it answers the sealed value of the landing cookie,
// for good and bad tokens alike, and counts the visit. GET changes nothing else.
func (s *Service) Land(ctx context.Context, b Browser, token string) (cookie string, err error) {
	l, ok, err := s.proven(ctx, s.DB.Read(), token)
	if err != nil {
		return "", err
	}
	if ok && l.Used.IsZero() {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.opened(ctx, tx, b, l.ID) }); err != nil {
			return "", err
		}
	}
	return s.seal(token), nil
}

func (s *Service) opened(ctx context.Context, tx *db.Tx, b Browser, linkID string) error {
	l, err := linkByID(ctx, tx, linkID)
	if err != nil {
		return found(err, nil)
	}
	var navigated time.Time // a scanner that fetches the link first must not hide the person who opens it
	if b.Navigated {
		navigated = tx.Now
	}
	if err := openLink(ctx, tx, l.ID, navigated, l.withOpener(b.name(), b.Address)); err != nil {
		return fmt.Errorf("counting an opened link: %w", err)
	}
	if !b.Navigated || !l.Opened.IsZero() {
		return nil
	}
	if l.Kind == Invite {
		m, err := memberOf(ctx, tx, l.ContactID)
		if err != nil {
			return err
		}
		if m.Opened.IsZero() {
			m.Opened = tx.Now
			if err := saveMember(ctx, tx, m); err != nil {
				return err
			}
			tx.AfterCommit(func() { s.Live.Changed("portal", l.ContactID) })
		}
	}
	return tx.Emit(auth.System(), LinkOpened{l.ContactID, l.ID, l.Kind, b.name()})
}

// proven answers the link of a token whose verifier is right.
func (s *Service) proven(ctx context.Context, q db.Q, token string) (Link, bool, error) {
	selector, verifier, ok := parseToken(token)
	if !ok {
		return Link{}, false, nil
	}
	l, err := linkBySelector(ctx, q, selector)
	if err != nil {
		return Link{}, false, found(err, nil)
	}
	return l, hmac.Equal(verifier, s.Keys.verifier(l)), nil
}

// Door is what the landing page shows.
type Door struct {
	State    string // open, over, signed_in or no_cookie
	Known    bool   // the link is one of ours, so it can be renewed
	Email    string // of an open link, to be masked
	Welcome  bool
	AskEmail bool
	Browser  string // who asked for the mail
	AskedAt  time.Time
	Target   string // where a browser that is signed in by this link goes on
	Language string
}

// Look answers what stands behind the landing cookie. It changes nothing.
func (s *Service) Look(ctx context.Context, b Browser) (Door, error) {
	token, ok := s.unseal(b.Landed)
	if !ok {
		return Door{State: "no_cookie"}, nil
	}
	q := s.DB.Read()
	l, ok, err := s.proven(ctx, q, token)
	if err != nil || !ok {
		return Door{State: "over"}, err
	}
	if !l.Used.IsZero() {
		if session, err := s.session(ctx, b.Session); err == nil && session.ID == l.UsedSession {
			return Door{State: "signed_in", Target: l.Target}, nil
		}
	}
	person, _, policy, err := s.entrant(ctx, q, l)
	if err != nil {
		if fault.KindOf(err) == fault.Internal {
			return Door{}, err
		}
		return Door{State: "over", Known: true}, nil
	}
	door := Door{State: "open", Known: true, Email: person.Email, Language: person.Language, Target: l.Target, Welcome: l.Kind == Invite}
	if door.AskEmail, err = s.asksEmail(ctx, q, policy, l, b); err != nil {
		return Door{}, err
	}
	if l.RequestID != "" {
		if req, err := requestByID(ctx, q, l.RequestID); err == nil {
			door.Browser, door.AskedAt = req.Browser, req.Created.In(zone(person.TimeZone))
		}
	}
	return door, nil
}

// entrant answers whose link it is when it still lets them in.
func (s *Service) entrant(ctx context.Context, q db.Q, l Link) (Person, Member, Policy, error) {
	// The owner's choice needs no transaction of ours, and is kept in memory.
	policy, err := settings.Get(ctx, s.DB.Read(), policyKey)
	if err != nil {
		return Person{}, Member{}, Policy{}, err
	}
	person, exists, err := s.People.Person(ctx, q, l.ContactID)
	if err != nil {
		return Person{}, Member{}, Policy{}, err
	}
	m, err := memberOf(ctx, q, l.ContactID)
	if err != nil {
		return Person{}, Member{}, Policy{}, err
	}
	if err := MaySignIn(policy, m, exists); err != nil {
		return Person{}, Member{}, Policy{}, err
	}
	if l.State(s.DB.Clock().Now()) != "open" || l.EmailHash != s.Keys.emailHash(person.EmailKey) {
		return Person{}, Member{}, Policy{}, ErrLinkOver
	}
	return person, m, policy, nil
}

// asksEmail reports whether the address must be typed: the link was opened by
// different browsers, somebody else is signed in here, or the owner wants it on
// browsers that are new.
func (s *Service) asksEmail(ctx context.Context, q db.Q, policy Policy, l Link, b Browser) (bool, error) {
	if l.EmailHash == s.Keys.emailHash("") {
		return false, nil // a contact without an address has none to type
	}
	if l.Suspicious() {
		return true, nil
	}
	if session, err := s.session(ctx, b.Session); err == nil && session.ContactID != l.ContactID {
		return true, nil
	}
	if policy.AskEmail != AskNewBrowser {
		return false, nil
	}
	known, err := sessionTokenKnown(ctx, q, l.ContactID, hashSecret(b.Session))
	return !known, err
}
