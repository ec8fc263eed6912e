package chat

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/search"
)

// Found is a message or a note in which everything stands that was looked for.
type Found struct {
	ConversationID string
	Title          string // of a direct conversation the name of the contact
	Message        *Message
	Note           *Note
	Excerpt        string
}

// Search finds messages and internal notes by their words, the newest first, in
// one conversation or ("") in all, and answers where to go on. Staff only.
func (s *Service) Search(ctx context.Context, actor auth.Actor, typed, conversationID, cursor string, limit int) (list []Found, next string, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	h := hunt{query: search.Parse(typed), conversationID: conversationID, limit: limit + 1}
	if cursor != "" {
		at, id, err := readCursor(cursor, "ms", "cn")
		if err != nil {
			return nil, "", err
		}
		h.before, h.beforeID = at.UnixMilli(), id
	}
	if h.query.Empty() {
		return nil, "", nil
	}
	q := s.DB.Read()
	entries, err := hits(ctx, q, h)
	if err != nil {
		return nil, "", fmt.Errorf("searching messages: %w", err)
	}
	if len(entries) > limit {
		entries = entries[:limit]
		last := entries[limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.created, 10) + " " + last.id))
	}
	titles, err := s.titles(ctx, q, entries)
	if err != nil {
		return nil, "", fmt.Errorf("searching messages: %w", err)
	}
	for _, e := range entries {
		f, ok, err := s.found(ctx, q, e, typed)
		if err != nil {
			return nil, "", fmt.Errorf("reading what was found: %w", err)
		}
		if f.Title = titles[e.conversationID]; ok {
			list = append(list, f)
		}
	}
	return list, next, nil
}

// found reads what an entry stands for; false when that was taken back a moment ago.
func (s *Service) found(ctx context.Context, q db.Q, e entry, typed string) (Found, bool, error) {
	out := Found{ConversationID: e.conversationID}
	text := ""
	if e.note {
		n, err := noteByID(ctx, q, e.conversationID, e.id)
		if err != nil {
			return out, false, missing(err, nil)
		}
		out.Note, text = &n, n.Text
	} else {
		m, err := shownMessage(ctx, q, e.conversationID, e.id)
		if err != nil || !m.Deleted.IsZero() {
			return out, false, missing(err, nil)
		}
		list := []Message{m}
		if err := s.withFiles(ctx, q, e.conversationID, list); err != nil {
			return out, false, err
		}
		out.Message, text = &list[0], list[0].spoken()
	}
	out.Excerpt = around(text, typed)
	return out, true, nil
}

// titles are those of the conversations in which something was found.
func (s *Service) titles(ctx context.Context, q db.Q, entries []entry) (map[string]string, error) {
	out, direct := map[string]string{}, map[string]string{}
	var contacts []string
	for _, e := range entries {
		if _, known := out[e.conversationID]; known {
			continue
		}
		c, err := conversationByID(ctx, q, e.conversationID)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return nil, err
		}
		if out[e.conversationID] = c.Title; c.Kind == Direct {
			direct[e.conversationID], contacts = c.ContactID, append(contacts, c.ContactID)
		}
	}
	if len(contacts) == 0 {
		return out, nil
	}
	people, err := s.People.Persons(ctx, q, contacts)
	for id, contact := range direct {
		out[id] = people[contact].Name
	}
	return out, err
}
