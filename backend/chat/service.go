package chat

import (
	"context"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/blob"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
)

// Migrations and Messages are this room's tables and words.
var (
	//go:embed migrations/*.sql
	Migrations embed.FS
	//go:embed messages/*.json
	Messages embed.FS
)

// The answers for what is not there, or not for who asks: they look alike.
var (
	ErrNotFound    = fault.New(fault.NotFound, "chat.not_found", "This conversation is not here any more.")
	errMessageGone = fault.New(fault.NotFound, "chat.message_not_found", "This message is not here any more.")
	errNoteGone    = fault.New(fault.NotFound, "chat.note_not_found", "This note is not here any more.")
	errNoMember    = fault.New(fault.NotFound, "chat.no_member", "This contact does not take part in this conversation.")
	errReadOnly    = fault.New(fault.Forbidden, "chat.read_only", "Only the business writes here. Answer in your own conversation with it.")
	errNotYours    = fault.New(fault.Forbidden, "chat.not_yours", "Only who wrote a message can change it.")
)

// Deps are what the room is built on.
type Deps struct {
	DB       *db.DB
	Log      *slog.Logger
	Jobs     *jobs.Runner
	Blobs    *blob.Store
	Pictures *blob.Pictures
	Space    func() (free, total uint64, err error) // of the disk that holds the files
	People   People
	Live     Live
	Owner    Owner
	Mail     Mailer
	Door     Door
	Texts    Texts
	Words    Words
	Secrets  Secrets
	ReplyKey []byte // makes the addresses for answers by mail
	// MailRoots are trusted when the mailbox is read; nil: the system's.
	MailRoots *x509.CertPool
}

// Service holds the verbs of the room.
type Service struct {
	Deps
	feed    *feed
	pace    *pace
	tide    *tide
	indexer *indexer
	postman *postman
}

// New makes the room and takes on its jobs.
func New(d Deps) *Service {
	s := &Service{Deps: d, pace: newPace()}
	s.feed, s.tide, s.indexer = newFeed(s), newTide(s), newIndexer(s)
	s.postman = newPostman(s)
	d.Jobs.Handle(wakeJob, s.wake)
	d.Jobs.Handle(unreadJob, s.lookWhoRead)
	d.Jobs.Handle(mailJob, s.mailLater)
	d.Jobs.Handle(sendJob, s.send)
	return s
}

// Run delivers messages to open windows, in order, and makes them be found, and reads
// answers by mail, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, part := range []func(context.Context){s.feed.run, s.tide.run, s.indexer.run, s.postman.run} {
		wg.Go(func() { part(ctx) })
	}
	wg.Wait()
}

// person answers a contact who is still here.
func (s *Service) person(ctx context.Context, q db.Q, contactID string) (Person, error) {
	list, err := s.People.Persons(ctx, q, []string{contactID})
	if err != nil {
		return Person{}, fmt.Errorf("asking for %s: %w", contactID, err)
	}
	p, ok := list[contactID]
	if !ok {
		return Person{}, fault.New(fault.NotFound, "chat.contact_not_found", "This contact is not here any more. It may have been deleted.")
	}
	return p, nil
}

// member answers how a contact takes part in a conversation; the direct one is
// theirs before it has a row. ErrNotFound for all others.
func (s *Service) member(ctx context.Context, q db.Q, contactID, conversationID string) (Member, error) {
	if conversationID == DirectID(contactID) {
		return Member{ContactID: contactID}, nil
	}
	list, err := membersOf(ctx, q, conversationID)
	if err != nil {
		return Member{}, fmt.Errorf("members of %s: %w", conversationID, err)
	}
	for _, m := range list {
		if m.ContactID == contactID {
			return m, nil
		}
	}
	return Member{}, ErrNotFound
}

// reader answers from which message on an actor sees a conversation: clients as
// members, staff from the first. The conversation of a client may not exist yet.
func (s *Service) reader(ctx context.Context, q db.Q, actor auth.Actor, conversationID string) (since int64, err error) {
	if actor.Kind == auth.KindClient {
		m, err := s.member(ctx, q, actor.ContactID, conversationID)
		return m.Since, err
	}
	return 0, actor.MustBeStaff()
}

// missing turns "no row" into the fault for it.
func missing(err error, is error) error {
	if errors.Is(err, db.ErrNoRows) {
		return is
	}
	return err
}

// key is how an actor is named in marks, reactions and frames.
func key(actor auth.Actor) string {
	if actor.Kind == auth.KindClient {
		return actor.ContactID
	}
	return staffKey
}
