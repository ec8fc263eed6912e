package overview

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/auth"
)

// State is a colour of the traffic light.
type State string

// The colours, from good to bad.
const (
	OK    State = "ok"
	Warn  State = "warn"
	Error State = "error"
)

// HealthItem is one line of the health page.
type HealthItem struct {
	Key   string
	State State
	What  string
	Do    string
	Href  string
	unset bool // of mail: nobody has set it up yet
}

// Health is how the program stands. Light is the worst of its items.
type Health struct {
	Light State
	Items []HealthItem
}

// When free space becomes a matter for the owner: uploads stop at 5 %.
const (
	diskLow   = 0.10
	diskFull  = 0.05
	leastFree = 500 << 20
)

// How far the clock may be behind before it matters.
const (
	clockWarn  = time.Minute
	clockError = time.Hour
)

// Health answers the health page. Staff only.
func (s *Service) Health(ctx context.Context, actor auth.Actor) (Health, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Health{}, err
	}
	language, err := s.languageOf(ctx, actor)
	if err != nil {
		return Health{}, err
	}
	actor.Language = language
	mail, err := s.Mail.MailStatus(ctx, actor)
	if err != nil {
		return Health{}, fmt.Errorf("asking for the mail account: %w", err)
	}
	return s.healthOf(ctx, language, mail), nil
}

func (s *Service) healthOf(ctx context.Context, language string, mail MailStatus) Health {
	h := Health{OK, []HealthItem{
		s.mailHealth(language, mail), s.diskHealth(language), s.databaseHealth(ctx, language), s.clockHealth(language),
		s.domainHealth(ctx, language),
	}}
	for _, item := range h.Items {
		if item.State == Error || item.State == Warn && h.Light == OK {
			h.Light = item.State
		}
	}
	return h
}

// item makes a line whose words are `health.<key>` and, when it is not in order,
// `health.<key>_do`.
func (s *Service) item(language, key, words string, state State, params map[string]any) HealthItem {
	item := HealthItem{Key: key, State: state, What: s.word(language, "health."+words, params)}
	if state != OK {
		item.Do = s.word(language, "health."+words+"_do", params)
	}
	return item
}

func (s *Service) mailHealth(language string, mail MailStatus) HealthItem {
	item := HealthItem{Key: "mail", State: OK, What: mail.What, Do: mail.Do, Href: "/outbox/account", unset: mail.State == "unset"}
	switch mail.State {
	case "ok":
		item.Do = ""
		if item.What == "" {
			item.What = s.word(language, "health.mail_ok", nil)
		}
	case "paused":
		item.State = Error
	default:
		item.State = Warn
	}
	return item
}

func (s *Service) domainHealth(ctx context.Context, language string) HealthItem {
	item := HealthItem{Key: "reachability", State: OK, What: s.word(language, "health.reachability", nil), Href: "/portal/domain"}
	actor := auth.System()
	actor.Language = language
	d, err := s.Domain.DomainStatus(ctx, actor)
	if err != nil {
		s.Log.Error("how the portal's address stands could not be read", "error", err)
		return item
	}
	if d.What != "" {
		item.State, item.What, item.Do = d.State, d.What, d.Do
	}
	return item
}

func (s *Service) diskHealth(language string) HealthItem {
	free, total, err := s.Space(s.DataDir)
	if err != nil || total == 0 {
		return s.item(language, "disk", "disk_unknown", Warn, nil)
	}
	params := map[string]any{"free": s.size(language, free), "total": s.size(language, total)}
	share := float64(free) / float64(total)
	switch {
	case share < diskFull || free < leastFree:
		return s.item(language, "disk", "disk_full", Error, params)
	case share < diskLow:
		return s.item(language, "disk", "disk_low", Warn, params)
	}
	return s.item(language, "disk", "disk_ok", OK, params)
}

func (s *Service) clockHealth(language string) HealthItem {
	behind := s.Clock.Behind()
	minutes := int64((behind + time.Minute - 1) / time.Minute)
	switch {
	case behind >= clockError:
		return s.item(language, "clock", "clock_hours", Error, map[string]any{"count": int64(behind / time.Hour)})
	case behind >= clockWarn:
		return s.item(language, "clock", "clock_minutes", Warn, map[string]any{"count": minutes})
	}
	return s.item(language, "clock", "clock_ok", OK, nil)
}

// size writes a number of bytes for people: two figures at least, one decimal at most.
func (s *Service) size(language string, bytes uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	n, unit := float64(bytes), 0
	for n >= 1000 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	decimals := 0
	if n < 10 && unit > 0 {
		decimals = 1
	}
	text := strconv.FormatFloat(n, 'f', decimals, 64)
	return strings.Replace(text, ".", s.word(language, "health.decimal", nil), 1) + " " + units[unit]
}
