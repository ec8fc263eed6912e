package contacts

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"reflect"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/blob"
	"portico/backend/kernel/db"
	"portico/backend/kernel/events"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/search"
)

// Migrations and Messages are this room's tables and words.
var (
	//go:embed migrations/*.sql
	Migrations embed.FS
	//go:embed messages/*.json
	Messages embed.FS
)

// ErrNotFound is the answer for a contact that is missing, deleted or erased.
var ErrNotFound = fault.New(fault.NotFound, "contacts.not_found", "This contact is not here any more. It may have been deleted.")

// keptDays is how long a deleted contact can be restored.
const keptDays = 30

// Deps are what the room is built on.
type Deps struct {
	DB       *db.DB
	Blobs    *blob.Store
	Pictures *blob.Pictures
	Access   Access
	Live     Live
	Jobs     *jobs.Runner
}

// Service holds the verbs of the room.
type Service struct{ Deps }

// New makes the room and takes on its jobs.
func New(d Deps) *Service {
	s := &Service{d}
	d.Jobs.Handle(purgeJob, s.purge)
	return s
}

// Create adds a contact. Staff only. Faults: invalid fields, contacts.email_taken.
func (s *Service) Create(ctx context.Context, actor auth.Actor, c Contact) (Contact, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Contact{}, err
	}
	var out Contact
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = s.create(ctx, tx, actor, c)
		return err
	})
	return out, err
}

func (s *Service) create(ctx context.Context, tx *db.Tx, actor auth.Actor, c Contact) (Contact, error) {
	c, err := c.Normalised()
	if err != nil {
		return Contact{}, err
	}
	c.ID, c.State, c.Photo, c.Created, c.Updated = ident.New("ct"), Active, "", tx.Now, tx.Now
	if err := checkEmailsFree(ctx, tx, c); err != nil {
		return Contact{}, err
	}
	if err := insertContact(ctx, tx, c); err != nil {
		return Contact{}, fmt.Errorf("creating a contact: %w", err)
	}
	if err := claimEmails(ctx, tx, c.ID, emailKeys(c.Emails)); err != nil {
		return Contact{}, fmt.Errorf("creating %s: %w", c.ID, err)
	}
	if c, err = s.setTags(ctx, tx, c, nil); err != nil {
		return Contact{}, err
	}
	if err := indexContact(ctx, tx, c); err != nil {
		return Contact{}, err
	}
	if err := tx.Emit(actor, Created{c.ID, c.Name}); err != nil {
		return Contact{}, err
	}
	return c, s.audited(tx, actor, "contacts.create", c.ID, nil)
}

// checkEmailsFree refuses addresses that somebody else has, naming them.
func checkEmailsFree(ctx context.Context, tx *db.Tx, c Contact) error {
	for i, key := range emailKeys(c.Emails) {
		id, name, err := holderOf(ctx, tx, key, c.ID)
		if errors.Is(err, db.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		f := fault.InvalidField(fmt.Sprintf("emails[%d]", i), "contacts.email_taken",
			"{email} already belongs to {name}. Open that contact instead, or remove the address there first.", "email", c.Emails[i], "name", name, "contact_id", id)
		f.Kind = fault.Conflict
		return f
	}
	return nil
}

func indexContact(ctx context.Context, tx *db.Tx, c Contact) error {
	texts := append([]string{c.Name, c.Company, c.Address.City}, c.Emails...)
	texts = append(append(texts, c.Phones...), c.Tags...)
	if err := index.Put(ctx, tx, c.ID, search.Fold(c.Name), texts...); err != nil {
		return fmt.Errorf("indexing %s: %w", c.ID, err)
	}
	return nil
}

// Patch names what an update changes; nil leaves a field as it is.
type Patch struct {
	Name, Company, Language, TimeZone, Birthday, Theme *string
	Emails, Phones, Tags                               *[]string
	Address                                            *Address
}

func (p Patch) onto(c Contact) Contact {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&c.Name, p.Name)
	set(&c.Company, p.Company)
	set(&c.Language, p.Language)
	set(&c.TimeZone, p.TimeZone)
	set(&c.Birthday, p.Birthday)
	set(&c.Theme, p.Theme)
	if p.Emails != nil {
		c.Emails = *p.Emails
	}
	if p.Phones != nil {
		c.Phones = *p.Phones
	}
	if p.Tags != nil {
		c.Tags = *p.Tags
	}
	if p.Address != nil {
		c.Address = *p.Address
	}
	return c
}

// Update changes a contact. Staff only. A new login address ends the access that
// was given for the old one.
func (s *Service) Update(ctx context.Context, actor auth.Actor, id string, p Patch) (Contact, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Contact{}, err
	}
	return s.change(ctx, actor, id, p)
}

// UpdateOwn lets a client change their own name, language, time zone and theme.
func (s *Service) UpdateOwn(ctx context.Context, actor auth.Actor, p Patch) (Contact, error) {
	if err := actor.MustBeClient(); err != nil {
		return Contact{}, err
	}
	return s.change(ctx, actor, actor.ContactID, Patch{Name: p.Name, Language: p.Language, TimeZone: p.TimeZone, Theme: p.Theme})
}

func (s *Service) change(ctx context.Context, actor auth.Actor, id string, p Patch) (Contact, error) {
	var out Contact
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		old, err := s.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		c, err := p.onto(old).Normalised()
		if err != nil {
			return err
		}
		fields := changed(old, c)
		if out = c; len(fields) == 0 {
			return nil
		}
		c.Updated = tx.Now
		if err := checkEmailsFree(ctx, tx, c); err != nil {
			return err
		}
		if err := updateContact(ctx, tx, c); err != nil {
			return fmt.Errorf("updating %s: %w", id, err)
		}
		if err := claimEmails(ctx, tx, id, emailKeys(c.Emails)); err != nil {
			return fmt.Errorf("updating %s: %w", id, err)
		}
		if c, err = s.setTags(ctx, tx, c, old.Tags); err != nil {
			return err
		}
		if err := indexContact(ctx, tx, c); err != nil {
			return err
		}
		if old.Login() != c.Login() {
			if err := s.Access.EndAccess(ctx, tx, actor, id, "email_changed"); err != nil {
				return err
			}
		}
		out = c
		if err := tx.Emit(actor, Updated{id, fields}); err != nil {
			return err
		}
		return s.audited(tx, actor, "contacts.update", id, map[string]any{"fields": fields})
	})
	return out, err
}

// changed names the fields in which two contacts differ, as the API names them.
func changed(a, b Contact) []string {
	fields := []string{}
	for _, f := range []struct {
		name string
		a, b any
	}{
		{"name", a.Name, b.Name}, {"emails", a.Emails, b.Emails}, {"phones", a.Phones, b.Phones}, {"company", a.Company, b.Company},
		{"address", a.Address, b.Address}, {"language", a.Language, b.Language}, {"time_zone", a.TimeZone, b.TimeZone},
		{"birthday", a.Birthday, b.Birthday}, {"tags", a.Tags, b.Tags}, {"photo", a.Photo, b.Photo}, {"theme", a.Theme, b.Theme},
	} {
		if !reflect.DeepEqual(f.a, f.b) && (!empty(f.a) || !empty(f.b)) {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// empty takes a missing list for an empty one.
func empty(v any) bool {
	list, ok := v.([]string)
	return ok && len(list) == 0
}

// Get answers a contact, archived ones too. Staff only.
func (s *Service) Get(ctx context.Context, actor auth.Actor, id string) (Contact, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Contact{}, err
	}
	return s.ByID(ctx, s.DB.Read(), id)
}

// Own answers the signed-in client.
func (s *Service) Own(ctx context.Context, actor auth.Actor) (Contact, error) {
	if err := actor.MustBeClient(); err != nil {
		return Contact{}, err
	}
	return s.ByID(ctx, s.DB.Read(), actor.ContactID)
}

// ByID answers a contact that is not deleted, for other rooms and transactions.
func (s *Service) ByID(ctx context.Context, q db.Q, id string) (Contact, error) {
	c, err := contactByID(ctx, q, id)
	if errors.Is(err, db.ErrNoRows) || err == nil && c.State == Deleted {
		return Contact{}, ErrNotFound
	}
	if err != nil {
		return Contact{}, fmt.Errorf("reading contact %s: %w", id, err)
	}
	return c, nil
}

// ManyByID answers those of the contacts that exist and are not deleted, without tags.
func (s *Service) ManyByID(ctx context.Context, q db.Q, ids []string) (map[string]Contact, error) {
	list, err := contactsByID(ctx, q, ids)
	if err != nil {
		return nil, fmt.Errorf("reading contacts: %w", err)
	}
	out := make(map[string]Contact, len(list))
	for _, c := range list {
		if c.State != Deleted {
			out[c.ID] = c
		}
	}
	return out, nil
}

// ByEmail answers the contact that has an address, in whatever spelling.
func (s *Service) ByEmail(ctx context.Context, q db.Q, typed string) (Contact, error) {
	_, key, err := NormalEmail(typed)
	if err != nil {
		return Contact{}, err
	}
	c, err := contactByEmailKey(ctx, q, key)
	if errors.Is(err, db.ErrNoRows) {
		return Contact{}, ErrNotFound
	}
	return c, err
}

// FindOrCreate answers the contact with this address and makes one when nobody
// has it, with the caller's commit: an invitation to a raw address is one step.
func (s *Service) FindOrCreate(ctx context.Context, tx *db.Tx, actor auth.Actor, typed string) (Contact, error) {
	c, err := s.ByEmail(ctx, tx, typed)
	if errors.Is(err, ErrNotFound) {
		return s.create(ctx, tx, actor, Contact{Emails: []string{typed}})
	}
	return c, err
}

// audited ends a write: the deed in the log, and open windows told afterwards.
func (s *Service) audited(tx *db.Tx, actor auth.Actor, action, id string, detail map[string]any) error {
	tx.AfterCommit(func() { s.Live.Changed("contacts", id) })
	return tx.Audit(db.AuditEntry{Actor: actor, Action: action, Subject: id, Detail: detail})
}

// purgeJob erases a deleted contact when it can no longer be restored.
const purgeJob = "contacts.purge"

func (s *Service) purge(ctx context.Context, c jobs.Claimed) error {
	return s.erase(ctx, auth.System(), c.Key)
}

// Erase removes a contact for good, without its 30 days in the trash or before
// they are over, with everything that names it. Staff only.
func (s *Service) Erase(ctx context.Context, actor auth.Actor, id string) error {
	if err := s.Delete(ctx, actor, id); err != nil && !errors.Is(err, ErrNotFound) { // in the trash already
		return err
	}
	return s.erase(ctx, actor, id)
}

func (s *Service) erase(ctx context.Context, actor auth.Actor, id string) error {
	var photo string
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		gone, err := contactByID(ctx, tx, id)
		if errors.Is(err, db.ErrNoRows) || err == nil && gone.State != Deleted {
			return nil
		}
		if err != nil {
			return err
		}
		photo = gone.Photo
		if err := removeContact(ctx, tx, id); err != nil {
			return fmt.Errorf("erasing %s: %w", id, err)
		}
		if _, err := jobs.Cancel(ctx, tx, purgeJob, id); err != nil {
			return err
		}
		if err := events.Forget(ctx, tx, id); err != nil {
			return err
		}
		if err := tx.Emit(actor, Purged{id}); err != nil {
			return err
		}
		return s.audited(tx, actor, "contacts.purge", id, nil)
	})
	if err == nil && photo != "" {
		err = s.Blobs.Delete(photo)
	}
	return err
}
