package overview

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

// Preferences are how staff like their dashboard.
type Preferences struct {
	Name     string `json:"name"`      // "" as whoever is signed in is called
	Language string `json:"language"`  // en, de; "" as the request asks
	TimeZone string `json:"time_zone"` // IANA; "" as on the device
	Theme    string `json:"theme"`     // system, light or dark
}

// preferencesKey keeps them, for the one owner that there is.
var preferencesKey = settings.Key[Preferences]{Name: "overview.staff", Default: Preferences{Theme: "system"}, Check: Preferences.check}

func (p Preferences) check() error {
	var c fault.Collector
	if utf8.RuneCountInString(p.Name) > 80 {
		c.Add("name", fault.New(fault.Invalid, "overview.name_long", "This name is too long: at most 80 letters fit."))
	}
	switch p.Language {
	case "", "en", "de":
	default:
		c.Add("language", fault.New(fault.Invalid, "overview.language", "Choose one of the languages offered."))
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
		c.Add("time_zone", fault.New(fault.Invalid, "overview.time_zone", "There is no such time zone. Choose one like Europe/Berlin."))
	}
	switch p.Theme {
	case "system", "light", "dark":
	default:
		c.Add("theme", fault.New(fault.Invalid, "overview.theme", "Choose system, light or dark."))
	}
	return c.Fault()
}

// PreferencesPatch names what changes; nil leaves a field as it is.
type PreferencesPatch struct{ Name, Language, TimeZone, Theme *string }

// StaffPreferences answers what staff chose; what they did not choose comes from
// whoever asks. Staff only.
func (s *Service) StaffPreferences(ctx context.Context, actor auth.Actor) (Preferences, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Preferences{}, err
	}
	return s.preferences(ctx, actor)
}

func (s *Service) preferences(ctx context.Context, actor auth.Actor) (Preferences, error) {
	p, err := settings.Get(ctx, s.DB.Read(), preferencesKey)
	if p.Name == "" {
		p.Name = actor.Name
	}
	if p.Language == "" {
		p.Language = actor.Language
	}
	return p, err
}

// SetStaffPreferences changes them. Staff only.
func (s *Service) SetStaffPreferences(ctx context.Context, actor auth.Actor, patch PreferencesPatch) (Preferences, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Preferences{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := settings.Get(ctx, tx, preferencesKey)
		if err != nil {
			return err
		}
		for _, f := range []struct{ to, from *string }{{&p.Name, patch.Name}, {&p.Language, patch.Language}, {&p.TimeZone, patch.TimeZone}, {&p.Theme, patch.Theme}} {
			if f.from != nil {
				*f.to = strings.TrimSpace(*f.from)
			}
		}
		tx.AfterCommit(func() { s.Live.Changed("overview") })
		return settings.Set(ctx, tx, preferencesKey, p)
	})
	if err != nil {
		return Preferences{}, err
	}
	return s.preferences(ctx, actor)
}
