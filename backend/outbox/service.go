package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/search"
)

// JobKind is the kind of job that stands for a mail to be sent; its key is the mail's id.
const JobKind = "mail"

// Dial opens a way to send with an account.
type Dial func(ctx context.Context, a mail.Account) (mail.Sender, error)

// Probe tries an account out step by step; see mail.Probe.
type Probe func(ctx context.Context, a mail.Account, to string, raw []byte, progress func(mail.Step)) []mail.StepResult

// Deps are what the room works with. Fields marked optional may be zero.
type Deps struct {
	DB         *db.DB
	Log        *slog.Logger
	Recipients Recipients
	People     search.Index // finds contacts by their words
	Brand      Brand
	Links      Links
	Inviter    Inviter
	Owner      Owner
	Jobs       *jobs.Runner
	Secrets    Secrets
	Live       Live
	FilesDir   string         // where an account of kind files keeps its .eml files
	Dial       Dial           // optional: mail.Dial
	Probe      Probe          // optional: mail.Probe
	Lease      time.Duration  // optional: 2 min; how long a dead process keeps its mails
	Dice       func() float64 // optional: spreads retries, in [0,1)
}

// Service is the outbox.
type Service struct {
	deps     Deps
	words    words
	built    map[Kind]map[string]compiled
	wakeups  chan struct{}
	urgent   atomic.Int64 // counts mails that must overtake
	holds    atomic.Int64 // refusals to go on since the last accepted mail
	testing  sync.Mutex
	compiled sync.Map // id of a custom template → compiled
}

// New makes the outbox. It fails when its words are incomplete.
func New(d Deps) (*Service, error) {
	if d.Dial == nil {
		d.Dial = func(ctx context.Context, a mail.Account) (mail.Sender, error) { return mail.Dial(ctx, a) }
	}
	if d.Probe == nil {
		d.Probe = mail.Probe
	}
	if d.Lease == 0 {
		d.Lease = 2 * time.Minute
	}
	if d.Dice == nil {
		d.Dice = rand.Float64
	}
	w, err := newWords()
	if err != nil {
		return nil, err
	}
	s := &Service{deps: d, words: w, built: map[Kind]map[string]compiled{}, wakeups: make(chan struct{}, 1)}
	for _, kind := range append([]Kind{KindTest, KindNotice, KindSeal}, editable...) {
		s.built[kind] = map[string]compiled{}
		for _, language := range w.catalogue.Languages() {
			s.built[kind][language] = compile(w.builtIn(kind, language))
		}
	}
	d.Jobs.Handle(dailyJob, s.daily)
	return s, nil
}

// Queue keeps a mail with the caller's commit and answers its id; sending begins
// after the commit. The same Key again answers the id of the first mail. Without
// an account the mail waits. It is refused, with a fault to show beside that
// recipient, when the address is wrong (Invalid) or gets no mail any more
// (Conflict, mail.suppressed).
func (s *Service) Queue(ctx context.Context, tx *db.Tx, m Mail) (string, error) {
	if err := checkMail(m); err != nil {
		return "", err
	}
	to, err := mail.CheckAddress(m.To)
	if err != nil {
		_, f := entryFault(err)
		f.Fields = []fault.Field{{Name: "to", Code: f.Code, Message: f.Message}}
		return "", f
	}
	if err := refuseSuppressed(ctx, tx, to); err != nil {
		return "", err
	}
	k, err := accountRow(ctx, tx)
	if err != nil {
		return "", fmt.Errorf("queue a mail: %w", err)
	}
	msg := Message{ID: m.ID, Kind: m.Kind, ContactID: m.ContactID, To: to, Language: m.Language, Link: m.Link,
		Data: content{Note: strings.TrimSpace(m.Note), Details: details(m.Details), Said: m.Said, ReplyTo: m.ReplyTo}, Priority: m.Priority, Created: tx.Now}
	if msg.ID == "" {
		msg.ID = NewID()
	}
	msg.MessageID = "<" + msg.ID + "@" + domainOf(k.FromAddress) + ">"
	if m.Thread != "" {
		msg.MessageID = "<" + msg.ID + "." + m.Thread + "@" + domainOf(k.FromAddress) + ">"
	}
	fresh, err := insertMessage(ctx, tx, msg, m.Key)
	if err != nil {
		return "", fmt.Errorf("queue a mail: %w", err)
	}
	if !fresh {
		id, err := messageIDByKey(ctx, tx, m.Key)
		if err != nil {
			return "", fmt.Errorf("queue a mail again: %w", err)
		}
		return id, nil
	}
	if err := jobs.Enqueue(ctx, tx, jobs.Job{Kind: JobKind, Key: msg.ID, Priority: m.Priority}); err != nil {
		return "", err
	}
	tx.AfterCommit(func() {
		if m.Priority <= PriorityLogin {
			s.urgent.Add(1)
		}
		s.Wake()
		s.deps.Live.Changed("mail", msg.ID)
	})
	return msg.ID, nil
}

func refuseSuppressed(ctx context.Context, tx *db.Tx, to string) error {
	sup, err := suppressed(ctx, tx, addressKey(to))
	switch {
	case errors.Is(err, db.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("queue a mail: %w", err)
	case sup.Reason == ReasonBounced:
		return fault.New(fault.Conflict, "mail.suppressed",
			"Mail to this address came back because it does not exist, so nothing is sent to it. Correct the address, or take it off the list of blocked addresses in the outbox.")
	}
	return fault.New(fault.Conflict, "mail.suppressed_manual",
		"This address is on the list of blocked addresses, so nothing is sent to it. Take it off that list in the outbox first.")
}

func details(given map[string]string) map[string]string {
	if len(given) == 0 {
		return nil
	}
	out := make(map[string]string, len(given))
	for k, v := range given {
		out[plain(k, 40)] = plain(v, maxDetail)
	}
	return out
}

// domainOf is the right side of Message-IDs. Without an account there is no
// domain yet; RFC 2606 keeps .invalid free.
func domainOf(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		if checked, err := mail.CheckAddress("x@" + address[at+1:]); err == nil {
			return checked[2:]
		}
	}
	return "portico.invalid"
}

// Query narrows a listing of mails.
type Query struct {
	State     string
	ContactID string
	Search    string // words of who it went to: name, address, company
	Before    string // id of the last mail seen; "" from the newest
	Limit     int
}

// Messages lists mails, newest first, and answers where the next page begins.
func (s *Service) Messages(ctx context.Context, actor auth.Actor, q Query) (list []Message, next string, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	if q.State != "" && !isState(q.State) {
		return nil, "", fault.InvalidField("state", "mail.state", "There is no state named {state}.", "state", q.State)
	}
	if q.Before == "" {
		q.Before = "ml_~" // after every id
	}
	limit, read := page(q.Limit), s.deps.DB.Read()
	l := listing{state: q.State, contactID: q.ContactID, people: s.deps.People, query: search.Parse(q.Search), before: q.Before, limit: limit + 1}
	list, err = listMessages(ctx, read, l)
	if err == nil && len(list) == 0 && !l.query.Empty() {
		var better bool
		if l.query, _, better, err = l.people.Correct(ctx, read, l.query); better {
			list, err = listMessages(ctx, read, l)
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("list mails: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID
	}
	return list, next, s.fillSubjects(ctx, list)
}

func isState(name string) bool {
	for _, st := range states {
		if string(st) == name {
			return true
		}
	}
	return false
}

func page(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 200)
}

// Message answers one mail and what its reader sees or will see; links and codes
// are samples.
func (s *Service) Message(ctx context.Context, actor auth.Actor, id string) (Message, Rendered, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Message{}, Rendered{}, err
	}
	m, err := messageByID(ctx, s.deps.DB.Read(), id)
	if err != nil {
		return Message{}, Rendered{}, missing(id, err)
	}
	list := []Message{m}
	r, err := s.samples(ctx, list)
	if err != nil {
		return Message{}, Rendered{}, err
	}
	if list[0].Subject == "" {
		list[0].Subject = r[0].Subject
	}
	return list[0], r[0], nil
}

func missing(id string, err error) error {
	if errors.Is(err, db.ErrNoRows) {
		return fault.New(fault.NotFound, "mail.missing", "There is no such mail.")
	}
	return fmt.Errorf("mail %s: %w", id, err)
}

// Counts answers how many mails are in each state.
func (s *Service) Counts(ctx context.Context, actor auth.Actor) (map[State]int, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	return countMessages(ctx, s.deps.DB.Read())
}

// Retry sends a mail once more, now, with the same Message-ID. A mail that was
// accepted is not sent again (Conflict), nor is one that is on its way.
func (s *Service) Retry(ctx context.Context, actor auth.Actor, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := messageByID(ctx, tx, id)
		if err != nil {
			return missing(id, err)
		}
		if err := refuseSuppressed(ctx, tx, m.To); err != nil {
			return err
		}
		again, err := requeueMessage(ctx, tx, id, tx.Now)
		if err != nil {
			return fmt.Errorf("retry mail %s: %w", id, err)
		}
		if !again && m.State == StateAccepted {
			return fault.New(fault.Conflict, "mail.accepted_already", "The mail server has taken this mail already. Send a new one instead.")
		}
		if !again {
			return errOnItsWay
		}
		// The old job may wait for a later time. While it is leased it stays: whoever
		// holds it finds the mail queued anew and gives the job back.
		if _, err := jobs.Cancel(ctx, tx, JobKind, id); err != nil {
			return err
		}
		if err := jobs.Enqueue(ctx, tx, jobs.Job{Kind: JobKind, Key: id, Priority: m.Priority}); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.Wake(); s.deps.Live.Changed("mail", id) })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.retried", Subject: id})
	})
}

// Cancel stops a mail that has not left. One that is on its way or over cannot
// be stopped (Conflict).
func (s *Service) Cancel(ctx context.Context, actor auth.Actor, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := messageByID(ctx, tx, id)
		if err != nil {
			return missing(id, err)
		}
		stopped, err := cancelMessage(ctx, tx, id, "mail.cancelled_by_staff", tx.Now)
		if err != nil {
			return fmt.Errorf("cancel mail %s: %w", id, err)
		}
		if !stopped && m.State == StateSending {
			return errOnItsWay
		}
		if !stopped {
			return fault.New(fault.Conflict, "mail.over", "This mail is over already; there is nothing to stop.")
		}
		if _, err := jobs.Cancel(ctx, tx, JobKind, id); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.deps.Live.Changed("mail", id) })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.cancelled", Subject: id})
	})
}

// Withdraw stops a mail that has not left and says nothing new any more; false
// when it has. For other rooms.
func (s *Service) Withdraw(ctx context.Context, tx *db.Tx, id string) (bool, error) {
	stopped, err := cancelMessage(ctx, tx, id, "mail.not_needed", tx.Now)
	if err != nil || !stopped {
		return false, err
	}
	if _, err := jobs.Cancel(ctx, tx, JobKind, id); err != nil {
		return false, err
	}
	tx.AfterCommit(func() { s.deps.Live.Changed("mail", id) })
	return true, nil
}

var errOnItsWay = fault.New(fault.Conflict, "mail.on_its_way", "This mail is being handed over right now. Wait a minute and look again.")
