package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/settings"
)

// What every message asks for stands apart from the rest, which is read seldom.
var (
	settingsKey = settings.Key[Settings]{Name: "chat.settings"}
	followUpKey = settings.Key[int64]{Name: "chat.follow_up_minutes", Default: 5}
)

// Settings answers how the business keeps its chat, with the time zone that
// holds. Staff only.
func (s *Service) Settings(ctx context.Context, actor auth.Actor) (Settings, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Settings{}, err
	}
	return s.settings(ctx)
}

func (s *Service) settings(ctx context.Context) (Settings, error) {
	out, err := settings.Get(ctx, s.DB.Read(), settingsKey)
	if err != nil {
		return Settings{}, err
	}
	if out.TimeZone == "" {
		if out.TimeZone, err = s.Owner.TimeZone(ctx); err != nil {
			return Settings{}, fmt.Errorf("asking for the owner's time zone: %w", err)
		}
	}
	out.FollowUpMinutes, err = settings.Get(ctx, s.DB.Read(), followUpKey)
	return out, err
}

// SetSettings changes all of them. Staff only.
func (s *Service) SetSettings(ctx context.Context, actor auth.Actor, in Settings) (Settings, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Settings{}, err
	}
	in.AwayMessage, in.AnswerTime = strings.TrimSpace(in.AwayMessage), strings.TrimSpace(in.AnswerTime)
	if err := in.check(); err != nil {
		return Settings{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := settings.Set(ctx, tx, settingsKey, in); err != nil {
			return err
		}
		if err := settings.Set(ctx, tx, followUpKey, in.FollowUpMinutes); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.Live.Changed("chat.settings") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "chat.settings", Subject: "chat"})
	})
	if err != nil {
		return Settings{}, err
	}
	return s.settings(ctx)
}

// Availability answers whether somebody is there, and what clients are told
// otherwise. Clients only.
func (s *Service) Availability(ctx context.Context, actor auth.Actor) (Availability, error) {
	if err := actor.MustBeClient(); err != nil {
		return Availability{}, err
	}
	kept, err := s.settings(ctx)
	if err != nil {
		return Availability{}, err
	}
	zone, _ := zoneNamed(kept.TimeZone)
	out := Availability{Online: s.Live.StaffOnline(ctx), AnswerTime: kept.AnswerTime}
	if out.Open, out.OpensAt = kept.open(s.DB.Clock().Now(), zone); !out.Open {
		out.AwayMessage = kept.AwayMessage
	}
	return out, nil
}

// Preferences answers how a client wants to be told of messages. Clients only.
func (s *Service) Preferences(ctx context.Context, actor auth.Actor) (Preferences, error) {
	if err := actor.MustBeClient(); err != nil {
		return Preferences{}, err
	}
	return preferences(ctx, s.DB.Read(), actor.ContactID)
}

func preferences(ctx context.Context, q db.Q, contactID string) (Preferences, error) {
	p, err := preferencesOf(ctx, q, contactID)
	if errors.Is(err, db.ErrNoRows) {
		return Preferences{Mail: MailSoon}, nil
	}
	if err != nil {
		return Preferences{}, fmt.Errorf("preferences of %s: %w", contactID, err)
	}
	return p, nil
}

// SetPreferences changes them. Clients only.
func (s *Service) SetPreferences(ctx context.Context, actor auth.Actor, p Preferences) (Preferences, error) {
	if err := actor.MustBeClient(); err != nil {
		return Preferences{}, err
	}
	if err := p.check(); err != nil {
		return Preferences{}, err
	}
	return p, s.DB.Write(ctx, func(tx *db.Tx) error { return savePreferences(ctx, tx, actor.ContactID, p) })
}

// zoneOf is the time zone of a person, or the business's.
func (s *Service) zoneOf(ctx context.Context, p Person) (*time.Location, error) {
	if p.TimeZone != "" {
		if zone, ok := zoneNamed(p.TimeZone); ok {
			return zone, nil
		}
	}
	kept, err := s.settings(ctx)
	zone, _ := zoneNamed(kept.TimeZone)
	return zone, err
}
