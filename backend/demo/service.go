package demo

import (
	"context"
	"embed"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

// Messages are this room's words.
//
//go:embed messages/*.json
var Messages embed.FS

// Deps are what the room is built on.
type Deps struct {
	DB     *db.DB
	People People
	Door   Door
	Look   Look
	Mail   Mail
}

// Service holds the verbs of the room.
type Service struct{ Deps }

// New makes the room.
func New(d Deps) *Service { return &Service{d} }

// made is what the demo put there, so that exactly that can be taken away.
type made struct {
	Contacts []string `json:"contacts"`
	Files    bool     `json:"files"`
	Named    bool     `json:"named"`
}

var madeKey = settings.Key[made]{Name: "demo"}

var errThere = fault.New(fault.Conflict, "demo.there", "The demo business is there already. Remove it first to start again.")

// BusinessName is what the demo business is called.
const BusinessName = "Harbour Physiotherapy"

// How many of the people are invited, and how many of those have joined.
const (
	invited = 44
	joined  = 27
)

// There tells whether anything of the demo business is there, and how many of its
// contacts: fewer than all when adding or removing it was cut off. Staff only.
func (s *Service) There(ctx context.Context, actor auth.Actor) (there bool, contacts int, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return false, 0, err
	}
	m, err := settings.Get(ctx, s.DB.Read(), madeKey)
	return m.Files || m.Named || len(m.Contacts) > 0, len(m.Contacts), err
}

// Add makes the business and answers how many contacts it has. Staff only. When
// it is interrupted, Remove takes away what was made so far.
func (s *Service) Add(ctx context.Context, actor auth.Actor) (int, error) {
	if err := actor.MustBeStaff(); err != nil {
		return 0, err
	}
	m, err := settings.Get(ctx, s.DB.Read(), madeKey)
	if err != nil {
		return 0, err
	}
	if len(m.Contacts) > 0 {
		return 0, errThere
	}
	if err := s.dress(ctx, actor, &m); err != nil {
		return 0, err
	}
	for _, p := range people() {
		id, err := s.People.Add(ctx, actor, p)
		if err != nil {
			return 0, fmt.Errorf("adding %s: %w", p.Name, err)
		}
		m.Contacts = append(m.Contacts, id)
		if err := s.keep(ctx, m); err != nil {
			return 0, err
		}
	}
	if err := s.Door.Invite(ctx, actor, m.Contacts[:invited]); err != nil {
		return 0, err
	}
	for i, id := range m.Contacts[:joined] {
		if err := s.Door.Join(ctx, actor, id, browsers[i%len(browsers)]); err != nil {
			return 0, fmt.Errorf("letting %s in: %w", id, err)
		}
	}
	return len(m.Contacts), nil
}

// dress names a business that has no name and chooses files when there is no mail account.
func (s *Service) dress(ctx context.Context, actor auth.Actor, m *made) error {
	files, err := s.Mail.UseFiles(ctx, actor)
	if err != nil {
		return err
	}
	m.Files = m.Files || files // an earlier try may have done it already
	name, err := s.Look.Name(ctx)
	if err != nil {
		return err
	}
	if name == "" {
		m.Named = true
		if err := s.Look.Rename(ctx, actor, BusinessName); err != nil {
			return err
		}
	}
	return s.keep(ctx, *m)
}

func (s *Service) keep(ctx context.Context, m made) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return settings.Set(ctx, tx, madeKey, m) })
}

// Remove takes away what Add made: contacts for good, with their mails and links;
// the name and the mail account if they are the demo's. Staff only.
func (s *Service) Remove(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	m, err := settings.Get(ctx, s.DB.Read(), madeKey)
	if err != nil {
		return err
	}
	for len(m.Contacts) > 0 {
		if err := s.People.Erase(ctx, actor, m.Contacts[0]); err != nil && fault.KindOf(err) != fault.NotFound {
			return fmt.Errorf("erasing: %w", err)
		}
		m.Contacts = m.Contacts[1:]
		if err := s.keep(ctx, m); err != nil {
			return err
		}
	}
	if m.Files {
		if err := s.Mail.Forget(ctx, actor); err != nil {
			return err
		}
	}
	if name, err := s.Look.Name(ctx); m.Named && err == nil && name == BusinessName {
		if err := s.Look.Unname(ctx, actor); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return settings.Reset(ctx, tx, madeKey) })
}
