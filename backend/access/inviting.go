package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/settings"
)

// Outcome is what became of one recipient: queued (or done), skipped or failed.
type Outcome struct {
	ContactID string `json:"contact_id"`
	Email     string `json:"email"`
	Status    string `json:"status" enum:"queued,done,skipped,failed"`
	Reason    string `json:"reason" doc:"Why not, in the language of who asked"`
	Why       error  `json:"-"` // what Reason tells
}

// Invitation is what goes to whom.
type Invitation struct {
	ContactIDs []string
	Emails     []string // raw addresses: the contact is found or made
	Target     string
	Note       string // plain text from the sender
}

// batchSize is how many recipients share a transaction: enough to make the
// commits cheap, few enough that nobody else waits.
const batchSize = 100

// maxNote is the longest personal note in characters.
const maxNote = 2000

var errJoined = fault.New(fault.Conflict, "access.already_joined", "Has joined already. Send a login email instead.")

// Invite queues an invitation for each recipient and answers for each; one that
// cannot be invited does not stop the others. An earlier invitation that is still
// open ends. Staff only.
func (s *Service) Invite(ctx context.Context, actor auth.Actor, in Invitation) ([]Outcome, error) {
	target, err := s.checkSending(actor, in.Target, in.Note)
	if err != nil {
		return nil, err
	}
	invite := func(tx *db.Tx, p Policy, person Person) error {
		return s.invite(ctx, tx, actor, p, person, target, strings.TrimSpace(in.Note))
	}
	results, err := s.toEach(ctx, in.ContactIDs, invite)
	if err != nil {
		return nil, err
	}
	for _, email := range in.Emails {
		r := Outcome{Email: email, Status: "queued"}
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			p, err := settings.Get(ctx, tx, policyKey)
			if err != nil {
				return err
			}
			person, err := s.People.FindOrCreate(ctx, tx, actor, email)
			if err != nil {
				return err
			}
			r.ContactID, r.Email = person.ID, person.Email
			return invite(tx, p, person)
		})
		results = append(results, r.ended(err))
	}
	return results, nil
}

func (s *Service) checkSending(actor auth.Actor, target, note string) (string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return "", err
	}
	if utf8.RuneCountInString(note) > maxNote {
		return "", fault.InvalidField("note", "access.note_too_long", "The note is too long; at most {limit} characters fit.", "limit", maxNote)
	}
	return normalTarget(target)
}

// ended fills in what an error means for one recipient.
func (r Outcome) ended(err error) Outcome {
	if err == nil {
		return r
	}
	f := fault.As(err)
	r.Status, r.Why = "failed", f
	if f.Kind == fault.Conflict || f.Kind == fault.Forbidden || errors.Is(err, ErrNoEmail) {
		r.Status = "skipped"
	}
	return r
}

// toEach does one thing for every contact, many to a transaction. A fault stops
// only its own contact; anything else stops everything.
func (s *Service) toEach(ctx context.Context, contactIDs []string, do func(*db.Tx, Policy, Person) error) ([]Outcome, error) {
	results := make([]Outcome, 0, len(contactIDs))
	for len(contactIDs) > 0 {
		n := min(batchSize, len(contactIDs))
		var part []Outcome
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			part, err = s.batch(ctx, tx, contactIDs[:n], do)
			return err
		})
		if err != nil {
			return nil, err
		}
		results, contactIDs = append(results, part...), contactIDs[n:]
	}
	return results, nil
}

func (s *Service) batch(ctx context.Context, tx *db.Tx, contactIDs []string, do func(*db.Tx, Policy, Person) error) ([]Outcome, error) {
	policy, err := settings.Get(ctx, tx, policyKey)
	if err != nil {
		return nil, err
	}
	people, err := s.People.Persons(ctx, tx, contactIDs)
	if err != nil {
		return nil, err
	}
	part := make([]Outcome, len(contactIDs))
	for i, id := range contactIDs {
		person, ok := people[id]
		part[i] = Outcome{ContactID: id, Email: person.Email, Status: "queued"}
		var err error
		if !ok {
			err = ErrNoContact
		} else {
			err = do(tx, policy, person)
		}
		var f *fault.Fault
		if err != nil && !errors.As(err, &f) {
			return nil, err
		}
		part[i] = part[i].ended(err)
	}
	return part, nil
}

func (s *Service) invite(ctx context.Context, tx *db.Tx, actor auth.Actor, policy Policy, person Person, target, note string) error {
	m, err := s.sendable(ctx, tx, person)
	if err != nil {
		return err
	}
	if !m.Joined.IsZero() {
		return errJoined
	}
	l, err := s.makeLink(ctx, tx, Invite, person, time.Duration(policy.InvitationTTL)*time.Second, target, "")
	if err != nil {
		return err
	}
	mailID, err := s.Mail.Queue(ctx, tx, Mail{Kind: "invitation", ContactID: person.ID, To: person.Email, Language: person.Language, Link: l.Selector, Note: note})
	if err != nil {
		return errors.Join(err, s.undoLink(ctx, tx, l))
	}
	if err := revokeKind(ctx, tx, person.ID, Invite, 1); err != nil {
		return fmt.Errorf("ending earlier invitations: %w", err)
	}
	again := !m.Invited.IsZero()
	if !again {
		m.Invited = tx.Now
	}
	m.InviteLink, m.InviteMail, m.Accepted, m.Failed = l.ID, mailID, time.Time{}, time.Time{}
	if err := saveMember(ctx, tx, m); err != nil {
		return fmt.Errorf("inviting %s: %w", person.ID, err)
	}
	if err := tx.Emit(actor, Invited{person.ID, l.ID, again}); err != nil {
		return err
	}
	return s.audited(tx, actor, "access.invite", person.ID, map[string]any{"link": l.ID, "again": again})
}

// undoLink removes the link of a mail that was refused: its neighbours in the
// batch are kept, so the whole transaction cannot be undone for it.
func (s *Service) undoLink(ctx context.Context, tx *db.Tx, l Link) error {
	_, err := revokeLink(ctx, tx, l.ID)
	return err
}

// sendable answers the member when mail with a link may go to this person.
func (s *Service) sendable(ctx context.Context, tx *db.Tx, person Person) (Member, error) {
	if person.Email == "" {
		return Member{}, ErrNoEmail
	}
	m, err := memberOf(ctx, tx, person.ID)
	if err != nil {
		return Member{}, fmt.Errorf("reading member %s: %w", person.ID, err)
	}
	if !m.Suspended.IsZero() {
		return Member{}, ErrSuspended
	}
	return m, nil
}

func (s *Service) makeLink(ctx context.Context, tx *db.Tx, kind Kind, person Person, life time.Duration, target, requestID string) (Link, error) {
	l := Link{ID: ident.New("ln"), Selector: newSelector(), Kind: kind, ContactID: person.ID, EmailHash: s.Keys.emailHash(person.EmailKey),
		RequestID: requestID, Created: tx.Now, Expires: tx.Now.Add(life), Target: target}
	if err := insertLink(ctx, tx, l); err != nil {
		return Link{}, fmt.Errorf("making a link for %s: %w", person.ID, err)
	}
	return l, nil
}

// RevokeInvitations ends open invitations; who has none is skipped. Staff only.
func (s *Service) RevokeInvitations(ctx context.Context, actor auth.Actor, contactIDs []string) ([]Outcome, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	results, err := s.toEach(ctx, contactIDs, func(tx *db.Tx, _ Policy, person Person) error {
		m, err := memberOf(ctx, tx, person.ID)
		if err != nil {
			return err
		}
		n, err := revokeLink(ctx, tx, m.InviteLink)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "access.no_open_invitation", "Has no open invitation.")
		}
		if err := tx.Emit(actor, LinkRevoked{person.ID, m.InviteLink, Invite}); err != nil {
			return err
		}
		return s.audited(tx, actor, "access.revoke_invitation", person.ID, map[string]any{"link": m.InviteLink})
	})
	for i := range results {
		if results[i].Status == "queued" {
			results[i].Status = "done"
		}
	}
	return results, err
}

// SendLoginEmails queues a mail with a quick-login button for each contact. Staff only.
func (s *Service) SendLoginEmails(ctx context.Context, actor auth.Actor, contactIDs []string, target string) ([]Outcome, error) {
	target, err := s.checkSending(actor, target, "")
	if err != nil {
		return nil, err
	}
	return s.toEach(ctx, contactIDs, func(tx *db.Tx, policy Policy, person Person) error {
		m, err := s.sendable(ctx, tx, person)
		if err != nil {
			return err
		}
		l, err := s.makeLink(ctx, tx, LoginMail, person, time.Duration(policy.LoginMailTTL)*time.Second, target, "")
		if err != nil {
			return err
		}
		mail := Mail{Kind: "login_mail", ContactID: person.ID, To: person.Email, Language: person.Language, Link: l.Selector}
		if _, err := s.Mail.Queue(ctx, tx, mail); err != nil {
			return errors.Join(err, s.undoLink(ctx, tx, l))
		}
		return s.given(ctx, tx, actor, m, l, "access.send_login_email")
	})
}

func (s *Service) given(ctx context.Context, tx *db.Tx, actor auth.Actor, m Member, l Link, action string) error {
	if m.Given.IsZero() {
		m.Given = tx.Now
		if err := saveMember(ctx, tx, m); err != nil {
			return fmt.Errorf("saving member %s: %w", m.ContactID, err)
		}
	}
	if err := tx.Emit(actor, LinkMade{m.ContactID, l.ID, l.Kind, l.Target}); err != nil {
		return err
	}
	return s.audited(tx, actor, action, m.ContactID, map[string]any{"link": l.ID, "target": l.Target})
}

// Made is a link as it is shown once: its address is not kept.
type Made struct {
	Link Link
	URL  string
}

// MakeLink makes a link for staff to copy. life zero takes the policy's. It needs
// no email address and no mail account. Staff only.
func (s *Service) MakeLink(ctx context.Context, actor auth.Actor, contactID, target string, life time.Duration) (Made, error) {
	target, err := s.checkSending(actor, target, "")
	if err != nil {
		return Made{}, err
	}
	var out Made
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		policy, err := settings.Get(ctx, tx, policyKey)
		if err != nil {
			return err
		}
		seconds := int64(life / time.Second)
		if life == 0 {
			seconds = policy.StaffLinkTTL
		}
		if err := staffLinkBounds.check(seconds); err != nil {
			f := fault.As(err)
			return &fault.Fault{Kind: fault.Invalid, Code: f.Code, Message: f.Message, Params: f.Params, Fields: []fault.Field{{Name: "expires_in", Code: f.Code, Message: f.Message, Params: f.Params}}}
		}
		person, ok, err := s.People.Person(ctx, tx, contactID)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoContact
		}
		m, err := memberOf(ctx, tx, contactID)
		if err != nil {
			return err
		}
		if !m.Suspended.IsZero() {
			return ErrSuspended
		}
		l, err := s.makeLink(ctx, tx, StaffLink, person, time.Duration(seconds)*time.Second, target, "")
		if err != nil {
			return err
		}
		out = Made{l, s.url(l)}
		return s.given(ctx, tx, actor, m, l, "access.make_link")
	})
	return out, err
}

// url is the address of a link.
func (s *Service) url(l Link) string { return s.Address.Portal() + "/k/" + s.Keys.token(l) }

// RevokeLink ends an open link. Staff only.
func (s *Service) RevokeLink(ctx context.Context, actor auth.Actor, id string) (Link, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Link{}, err
	}
	var out Link
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := revokeLink(ctx, tx, id)
		if err != nil {
			return err
		}
		if out, err = linkByID(ctx, tx, id); err != nil {
			return found(err, fault.New(fault.NotFound, "access.no_link", "This link is not here any more."))
		}
		if n == 0 {
			return nil // used, expired or revoked already: it is over either way
		}
		if err := tx.Emit(actor, LinkRevoked{out.ContactID, id, out.Kind}); err != nil {
			return err
		}
		return s.audited(tx, actor, "access.revoke_link", out.ContactID, map[string]any{"link": id})
	})
	return out, err
}

// Material is what a mail's link becomes while it is written to the mail server.
type Material struct {
	URL     string
	Code    string // of login mails only
	Expires time.Time
	Target  string
	Over    string // used, revoked or expired: the mail need not be sent any more
}

// Materialise makes the addresses of mailed links, by selector, at the moment of
// sending; a link that is not here any more is missing.
func (s *Service) Materialise(ctx context.Context, selectors []string) (map[string]Material, error) {
	links, err := linksBySelectors(ctx, s.DB.Read(), selectors)
	if err != nil {
		return nil, fmt.Errorf("reading the links of mails: %w", err)
	}
	policy, err := settings.Get(ctx, s.DB.Read(), policyKey)
	if err != nil {
		return nil, err
	}
	out, now := make(map[string]Material, len(links)), s.DB.Clock().Now()
	for _, l := range links {
		m := Material{URL: s.url(l), Expires: l.Expires, Target: l.Target}
		if state := l.State(now); state != "open" {
			m = Material{Over: state}
		} else if l.Kind == LoginLink && policy.CodeSignIn {
			m.Code = s.Keys.code(l)
		}
		out[l.Selector] = m
	}
	return out, nil
}

// EnterAs signs a contact in through a link of theirs, as their own browser
// would; the demo business fills its portal with it. Staff only: whoever may make
// a link may also use it.
func (s *Service) EnterAs(ctx context.Context, actor auth.Actor, contactID string, b Browser) error {
	made, err := s.MakeLink(ctx, actor, contactID, "/", 0)
	if err != nil {
		return err
	}
	if b.Landed, err = s.Land(ctx, b, s.Keys.token(made.Link)); err != nil {
		return err
	}
	_, err = s.Redeem(ctx, b, "")
	return err
}
