package overview

import (
	"context"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/ident"
)

const (
	piece    = 200  // rows read at once while searching
	maxRead  = 2000 // rows read for one page: what is left is the next page's
	onePage  = 50
	longPage = 200
)

// Timeline answers what happened with a contact, newest first, and the cursor of
// the next page ("" at the end). Staff only. While searching, a page may hold
// fewer items than the limit, even none, and still have a next one.
func (s *Service) Timeline(ctx context.Context, actor auth.Actor, contactID, typed, cursor string, limit int) ([]Item, string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	if cursor != "" && !ident.Valid("ev", cursor) {
		return nil, "", errCursor
	}
	language, err := s.languageOf(ctx, actor)
	if err != nil {
		return nil, "", err
	}
	names, err := namesOf(ctx, s.DB.Read(), []string{contactID})
	if err != nil {
		return nil, "", fmt.Errorf("timeline of %s: %w", contactID, err)
	}
	if _, ok := names[contactID]; !ok {
		return nil, "", errContact
	}
	limit = pageSize(limit)
	items := []Item{}
	for read := 0; read < maxRead; read += piece {
		events, err := eventsOf(ctx, s.DB.Read(), contactID, cursor, piece)
		if err != nil {
			return nil, "", fmt.Errorf("timeline of %s: %w", contactID, err)
		}
		oldest, full := "", len(events) == piece
		if full {
			oldest = events[piece-1].id
		}
		events = together(events)
		for i, e := range events {
			item := s.tell(language, e, names[e.subject])
			if !matches(typed, item.Text) {
				continue
			}
			if items = append(items, item); len(items) == limit {
				if i == len(events)-1 && !full {
					return items, "", nil
				}
				return items, e.end(), nil
			}
		}
		if !full {
			return items, "", nil
		}
		cursor = oldest
	}
	return items, cursor, nil
}

// told puts facts into words, with the names of the people they are about.
func (s *Service) told(ctx context.Context, language string, events []event) ([]Item, error) {
	var ids []string
	events = together(events)
	for _, e := range events {
		if e.subject != "" {
			ids = append(ids, e.subject)
		}
	}
	names, err := namesOf(ctx, s.DB.Read(), ids)
	if err != nil {
		return nil, fmt.Errorf("names for %d facts: %w", len(events), err)
	}
	items := make([]Item, len(events))
	for i, e := range events {
		items[i] = s.tell(language, e, names[e.subject])
	}
	return items, nil
}

func pageSize(asked int) int {
	if asked < 1 {
		return onePage
	}
	return min(asked, longPage)
}
