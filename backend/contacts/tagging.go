package contacts

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/search"
)

var (
	errTagGone     = fault.New(fault.NotFound, "contacts.tag_not_found", "This tag is not here any more.")
	errNothingToDo = fault.New(fault.Conflict, "contacts.nothing_to_do", "There was nothing to change.")
)

// setTags gives a contact exactly the tags named in c, creating those that are
// new, and answers it with the spelling that the tags have.
func (s *Service) setTags(ctx context.Context, tx *db.Tx, c Contact, old []string) (Contact, error) {
	want := map[string]bool{}
	names := make([]string, 0, len(c.Tags))
	for _, name := range c.Tags {
		t, err := s.tag(ctx, tx, name)
		if err != nil {
			return c, err
		}
		if want[search.Fold(t.Name)] {
			continue // Café and cafe are one tag
		}
		want[search.Fold(t.Name)] = true
		names = append(names, t.Name)
		if err := putOn(ctx, tx, c.ID, t.ID); err != nil {
			return c, err
		}
	}
	for _, name := range old {
		if want[search.Fold(name)] {
			continue
		}
		t, err := tagByKey(ctx, tx, search.Fold(name))
		if err != nil {
			return c, fmt.Errorf("finding tag %q: %w", name, err)
		}
		if err := takeOff(ctx, tx, c.ID, t.ID); err != nil {
			return c, err
		}
	}
	sort.Slice(names, func(i, j int) bool { return search.Fold(names[i]) < search.Fold(names[j]) })
	c.Tags = names
	return c, nil
}

// tag answers the tag of that name, made now when there is none.
func (s *Service) tag(ctx context.Context, tx *db.Tx, name string) (Tag, error) {
	key := search.Fold(name)
	t, err := tagByKey(ctx, tx, key)
	if !errors.Is(err, db.ErrNoRows) {
		return t, err
	}
	n, err := countTags(ctx, tx)
	if err != nil {
		return Tag{}, err
	}
	t = Tag{ID: ident.New("tg"), Name: name, Color: colors[n%len(colors)]}
	if err := insertTag(ctx, tx, t, key); err != nil {
		return Tag{}, fmt.Errorf("making tag %q: %w", name, err)
	}
	return t, nil
}

func putOn(ctx context.Context, tx *db.Tx, contactID, tagID string) error {
	n, err := tagContact(ctx, tx, contactID, tagID)
	if err != nil || n == 0 {
		return err
	}
	return countUse(ctx, tx, tagID, 1)
}

func takeOff(ctx context.Context, tx *db.Tx, contactID, tagID string) error {
	n, err := untagContact(ctx, tx, contactID, tagID)
	if err != nil || n == 0 {
		return err
	}
	return countUse(ctx, tx, tagID, -1)
}

// tagging is the bulk verb that puts a tag on a contact or takes it off.
func (s *Service) tagging(name string, on bool) verb {
	return func(ctx context.Context, tx *db.Tx, actor auth.Actor, id string) error {
		old, err := s.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		c := old
		c.Tags = without(old.Tags, name)
		if on {
			if c.Tags, err = normalTags(append(c.Tags, name)); err != nil {
				return err
			}
		}
		if len(c.Tags) == len(old.Tags) {
			return errNothingToDo
		}
		if c, err = s.setTags(ctx, tx, c, old.Tags); err != nil {
			return err
		}
		if err := indexContact(ctx, tx, c); err != nil {
			return err
		}
		if err := tx.Emit(actor, Updated{id, []string{"tags"}}); err != nil {
			return err
		}
		return s.audited(tx, actor, "contacts.update", id, map[string]any{"fields": []string{"tags"}})
	}
}

func without(names []string, name string) []string {
	out := []string{}
	for _, n := range names {
		if search.Fold(n) != search.Fold(name) {
			out = append(out, n)
		}
	}
	return out
}

// Tags answers all tags by name. Staff only.
func (s *Service) Tags(ctx context.Context, actor auth.Actor) ([]Tag, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	return listTags(ctx, s.DB.Read())
}

// ChangeTag renames or recolours a tag; "" leaves a value. Staff only.
func (s *Service) ChangeTag(ctx context.Context, actor auth.Actor, id, name, color string) (Tag, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Tag{}, err
	}
	var out Tag
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := tagByID(ctx, tx, id)
		if errors.Is(err, db.ErrNoRows) {
			return errTagGone
		}
		if err != nil {
			return err
		}
		renamed := name != "" && name != t.Name
		if name != "" {
			if t.Name, err = normalTag(name); err != nil {
				return onField("name", err)
			}
		}
		if color != "" {
			if err := checkColor(color); err != nil {
				return onField("color", err)
			}
			t.Color = color
		}
		if err := updateTag(ctx, tx, t, search.Fold(t.Name)); db.IsUnique(err) {
			return fault.InvalidField("name", "contacts.tag_taken", "There is a tag with this name already.")
		} else if err != nil {
			return err
		}
		if renamed {
			if err := s.reindexTagged(ctx, tx, id); err != nil {
				return err
			}
		}
		out = t
		return s.audited(tx, actor, "contacts.change_tag", id, nil)
	})
	return out, err
}

// onField says which field a fault is about.
func onField(name string, err error) error {
	var wrong fault.Collector
	wrong.Add(name, err)
	return wrong.Fault()
}

// DeleteTag takes a tag off everybody and away. Staff only.
func (s *Service) DeleteTag(ctx context.Context, actor auth.Actor, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		ids, err := taggedIDs(ctx, tx, id)
		if err != nil {
			return err
		}
		n, err := removeTag(ctx, tx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errTagGone
		}
		if err := s.reindex(ctx, tx, ids); err != nil {
			return err
		}
		return s.audited(tx, actor, "contacts.delete_tag", id, nil)
	})
}

func (s *Service) reindexTagged(ctx context.Context, tx *db.Tx, tagID string) error {
	ids, err := taggedIDs(ctx, tx, tagID)
	if err != nil {
		return err
	}
	return s.reindex(ctx, tx, ids)
}

func (s *Service) reindex(ctx context.Context, tx *db.Tx, ids []string) error {
	for _, id := range ids {
		c, err := contactByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.State == Deleted {
			continue
		}
		if err := indexContact(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}
