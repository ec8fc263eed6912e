package overview

import (
	"context"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/settings"
)

// The bell lists so many items and counts unseen ones up to a number that is
// shown as "99+" anyway.
const (
	bellItems  = 30
	bellCounts = 100
)

// seenKey holds the id of the newest fact when somebody last opened the bell.
var seenKey = settings.Key[string]{Name: "overview.seen"}

// Notifications answers the newest facts that staff should hear of, and how many
// came since somebody looked. Staff only.
func (s *Service) Notifications(ctx context.Context, actor auth.Actor) (items []Item, unseen int, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, 0, err
	}
	seen, err := settings.Get(ctx, s.DB.Read(), seenKey)
	if err != nil {
		return nil, 0, err
	}
	events, err := latest(ctx, s.DB.Read(), picks(onBell), bellCounts)
	if err != nil {
		return nil, 0, fmt.Errorf("reading notifications: %w", err)
	}
	for _, e := range events {
		if e.id > seen {
			unseen++
		}
	}
	language, err := s.languageOf(ctx, actor)
	if err != nil {
		return nil, 0, err
	}
	items, err = s.told(ctx, language, events[:min(len(events), bellItems)])
	return items, unseen, err
}

// NotificationsSeen takes everything until now for seen. Staff only.
func (s *Service) NotificationsSeen(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		newest, err := newestEvent(ctx, tx)
		if err != nil {
			return fmt.Errorf("marking notifications: %w", err)
		}
		tx.AfterCommit(func() { s.Live.Changed("overview") })
		return settings.Set(ctx, tx, seenKey, newest)
	})
}
