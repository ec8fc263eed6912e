package contacts

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/search"
)

// Page is part of a list. Next is "" at its end. Corrected is set when nothing
// matched as typed and the words were taken for one-letter typos.
type Page struct {
	Items     []Contact
	Next      string
	Corrected string
}

// List answers a page of contacts. Cursor comes from the page before; offset
// jumps instead, for the scroll bar of a long list. Staff only.
func (s *Service) List(ctx context.Context, actor auth.Actor, f Filter, cursor string, offset, limit int) (Page, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Page{}, err
	}
	q := s.DB.Read()
	l, err := s.listing(ctx, q, f)
	if err != nil || l == nil {
		return Page{}, err
	}
	l.limit, l.offset = limit+1, offset
	if l.after, err = readCursor(cursor, l.sort); err != nil {
		return Page{}, err
	}
	items, err := listContacts(ctx, q, l)
	if err != nil {
		return Page{}, fmt.Errorf("listing contacts: %w", err)
	}
	var page Page
	if len(items) == 0 && !l.query.Empty() {
		if l.after != nil || offset > 0 { // behind the end of what was found?
			first := *l
			first.after, first.offset, first.limit = nil, 0, 1
			if found, err := contactIDs(ctx, q, &first); err != nil || len(found) > 0 {
				return Page{}, err
			}
		}
		if items, page.Corrected, err = s.corrected(ctx, q, *l); err != nil {
			return Page{}, err
		}
	}
	if len(items) > limit {
		items = items[:limit]
		page.Next = writeCursor(items[limit-1], l.sort)
	}
	page.Items = items
	return page, nil
}

func (s *Service) corrected(ctx context.Context, q db.Q, l listing) ([]Contact, string, error) {
	better, shown, ok, err := index.Correct(ctx, q, l.query)
	if err != nil || !ok {
		return nil, "", err
	}
	l.query = better
	items, err := listContacts(ctx, q, &l)
	if err != nil {
		return nil, "", fmt.Errorf("listing contacts: %w", err)
	}
	if len(items) == 0 {
		shown = ""
	}
	return items, shown, nil
}

// Count answers how many contacts a filter shows. Staff only.
func (s *Service) Count(ctx context.Context, actor auth.Actor, f Filter) (int64, error) {
	if err := actor.MustBeStaff(); err != nil {
		return 0, err
	}
	l, err := s.literalOrCorrected(ctx, f)
	if err != nil || l == nil {
		return 0, err
	}
	return countContacts(ctx, s.DB.Read(), *l)
}

// IDs answers the ids of everything a filter shows, in order of name, for
// "select all". Staff only.
func (s *Service) IDs(ctx context.Context, actor auth.Actor, f Filter, limit int) ([]string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	l, err := s.literalOrCorrected(ctx, f)
	if err != nil || l == nil {
		return nil, err
	}
	l.sort, l.desc, l.limit = "name", false, limit
	return contactIDs(ctx, s.DB.Read(), l)
}

// literalOrCorrected is the listing that List would show.
func (s *Service) literalOrCorrected(ctx context.Context, f Filter) (*listing, error) {
	q := s.DB.Read()
	l, err := s.listing(ctx, q, f)
	if err != nil || l == nil || l.query.Empty() {
		return l, err
	}
	l.limit = 1
	found, err := contactIDs(ctx, q, l)
	if err != nil || len(found) > 0 {
		return l, err
	}
	better, _, ok, err := index.Correct(ctx, q, l.query)
	if ok {
		l.query = better
	}
	return l, err
}

// listing checks a filter; nil when it names a tag that nobody has.
func (s *Service) listing(ctx context.Context, q db.Q, f Filter) (*listing, error) {
	l := &listing{query: search.Parse(f.Search), sort: "name"}
	if f.Sort != "" {
		l.sort, l.desc = strings.CutPrefix(f.Sort, "-")
	}
	if sortColumns[l.sort] == "" {
		return nil, fault.InvalidField("sort", "contacts.sort", "Contacts can be sorted by name, created or updated.")
	}
	switch f.State {
	case "", Active:
		l.states = []State{Active}
	case Archived:
		l.states = []State{Archived}
	case "all":
		l.states = []State{Active, Archived}
	default:
		return nil, fault.InvalidField("state", "contacts.state", "Contacts are active, archived or all.")
	}
	for _, name := range f.Tags {
		t, err := tagByKey(ctx, q, search.Fold(name))
		if errors.Is(err, db.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("finding a tag: %w", err)
		}
		l.tagIDs = append(l.tagIDs, t.ID)
	}
	return l, nil
}

// A cursor is opaque to callers: the sort key and id of the last row shown.
func writeCursor(c Contact, sort string) string {
	p := place{ID: c.ID}
	switch sort {
	case "created":
		p.Key = c.Created.UnixMilli()
	case "updated":
		p.Key = c.Updated.UnixMilli()
	default:
		p.Key = search.Fold(c.Name)
	}
	b, err := json.Marshal(p)
	if err != nil {
		return "" // strings and numbers always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCursor(cursor, sort string) (*place, error) {
	if cursor == "" {
		return nil, nil
	}
	bad := fault.InvalidField("cursor", "contacts.cursor", "This place in the list is not valid; start from the top again.")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, bad
	}
	var p place
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, bad
	}
	switch key := p.Key.(type) {
	case float64:
		if sort == "name" {
			return nil, bad
		}
		p.Key = int64(key)
	case string:
		if sort != "name" {
			return nil, bad
		}
	default:
		return nil, bad
	}
	return &p, nil
}
