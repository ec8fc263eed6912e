package contacts

import (
	"cmp"
	"context"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
)

// Views answers the kept views, oldest first. Staff only.
func (s *Service) Views(ctx context.Context, actor auth.Actor) ([]View, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	return listViews(ctx, s.DB.Read())
}

// SaveView keeps a view; an empty ID makes a new one, another changes the view
// that has it. Staff only.
func (s *Service) SaveView(ctx context.Context, actor auth.Actor, v View) (View, error) {
	if err := actor.MustBeStaff(); err != nil {
		return View{}, err
	}
	name, err := Line(v.Name, maxTag)
	if err != nil || name == "" {
		return View{}, fault.InvalidField("name", "contacts.view_name", "Give the view a name of at most {limit} characters.", "limit", maxTag)
	}
	fresh := v.ID == ""
	if v.Name = name; fresh {
		v.ID = ident.New("vw")
	}
	return v, s.DB.Write(ctx, func(tx *db.Tx) error {
		if fresh {
			if err := insertView(ctx, tx, v); err != nil {
				return err
			}
		} else if n, err := updateView(ctx, tx, v); err != nil || n == 0 {
			return cmp.Or(err, error(errViewGone))
		}
		return s.audited(tx, actor, "contacts.save_view", v.ID, nil)
	})
}

var errViewGone = fault.New(fault.NotFound, "contacts.view_not_found", "This view is not here any more.")

// DeleteView forgets a view. Staff only.
func (s *Service) DeleteView(ctx context.Context, actor auth.Actor, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := removeView(ctx, tx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errViewGone
		}
		return s.audited(tx, actor, "contacts.delete_view", id, nil)
	})
}
