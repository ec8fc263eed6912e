package chat

import (
	"strconv"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// Settings are how the business keeps its chat. Without hours it counts as open
// at all times; without a time zone the owner's holds.
type Settings struct {
	AwayMessage     string  `json:"away_message"`
	AnswerTime      string  `json:"answer_time"`
	TimeZone        string  `json:"time_zone"`
	Hours           []Hours `json:"hours"`
	FollowUpMinutes int64   `json:"-"`          // kept apart; 0: unread messages are not mailed
	QuietFrom       string  `json:"quiet_from"` // when staff want no notifications
	QuietTo         string  `json:"quiet_to"`
}

// Hours are a stretch of a weekday on which somebody is there.
type Hours struct {
	Day  int64  `json:"day"` // 1 is Monday, 7 Sunday
	From string `json:"from"`
	To   string `json:"to"` // 24:00 is the end of the day
}

// Quiet is a stretch of every day, over midnight when To comes before From; the
// zero Quiet is none.
type Quiet struct{ From, To string }

// Availability is what clients are told before they write.
type Availability struct {
	Open        bool
	Online      bool // somebody of the business has the dashboard open
	AwayMessage string
	AnswerTime  string
	OpensAt     time.Time
}

const (
	maxAway      = 500
	maxAnswer    = 80
	maxHours     = 28
	maxFollowUp  = 24 * 60
	dayInMinutes = 24 * 60
)

// check answers a fault that names every wrong choice.
func (s Settings) check() error {
	var c fault.Collector
	for _, text := range []struct {
		field, text string
		limit       int
	}{{"away_message", s.AwayMessage, maxAway}, {"answer_time", s.AnswerTime, maxAnswer}} {
		switch {
		case !utf8.ValidString(text.text):
			c.Add(text.field, fault.New(fault.Invalid, "chat.not_text", "This holds characters that are not text."))
		case utf8.RuneCountInString(text.text) > text.limit:
			c.Add(text.field, fault.New(fault.Invalid, "chat.text_long", "This is too long; at most {limit} characters fit.", "limit", text.limit))
		}
	}
	if _, ok := zoneNamed(s.TimeZone); !ok {
		c.Add("time_zone", fault.New(fault.Invalid, "chat.zone", "Choose a time zone such as Europe/Berlin."))
	}
	if len(s.Hours) > maxHours {
		c.Add("hours", fault.New(fault.Invalid, "chat.hours_many", "At most {limit} stretches of time fit into a week.", "limit", maxHours))
	}
	for _, h := range s.Hours {
		c.Add("hours", h.check())
	}
	if s.FollowUpMinutes < 0 || s.FollowUpMinutes > maxFollowUp {
		c.Add("follow_up_minutes", fault.New(fault.Invalid, "chat.follow_minutes", "Choose 1 to {limit} minutes, or 0 for no mail.", "limit", maxFollowUp))
	}
	Quiet{s.QuietFrom, s.QuietTo}.check(&c)
	return c.Fault()
}

func (h Hours) check() error {
	from, ok := minutes(h.From)
	to, also := minutes(h.To)
	switch {
	case h.Day < 1 || h.Day > 7:
		return fault.New(fault.Invalid, "chat.hours_day", "Choose a day of the week, 1 (Monday) to 7 (Sunday).")
	case !ok || !also || from == dayInMinutes:
		return errTime
	case from >= to:
		return fault.New(fault.Invalid, "chat.hours_order", "The end must come after the beginning.")
	}
	return nil
}

var errTime = fault.New(fault.Invalid, "chat.time", "Write a time of day such as 09:00.")

func (q Quiet) check(c *fault.Collector) {
	if q == (Quiet{}) {
		return
	}
	for _, end := range []struct{ field, text string }{{"quiet_from", q.From}, {"quiet_to", q.To}} {
		if n, ok := minutes(end.text); end.text == "" {
			c.Add(end.field, fault.New(fault.Invalid, "chat.quiet_half", "Give both times of the quiet hours, or none."))
		} else if !ok || n == dayInMinutes {
			c.Add(end.field, errTime)
		}
	}
}

// minutes reads "09:00" as minutes since midnight.
func minutes(text string) (int, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	h, herr := strconv.ParseUint(text[:2], 10, 8)
	m, merr := strconv.ParseUint(text[3:], 10, 8)
	n := int(h)*60 + int(m)
	return n, herr == nil && merr == nil && m < 60 && n <= dayInMinutes
}

// zoneNamed answers a time zone by its IANA name; "" is UTC.
func zoneNamed(name string) (*time.Location, bool) {
	if name == "Local" { // that of this computer, which is nobody's choice
		return time.UTC, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, false
	}
	return zone, true
}

// on is a time of day on the date of t, days later; clocks that are put forward or
// back are time.Date's to know.
func on(t time.Time, days, minute int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, minute, 0, 0, t.Location())
}

// open reports whether the business is there at a time, and otherwise when it is
// next; zero when that is never.
func (s Settings) open(now time.Time, zone *time.Location) (bool, time.Time) {
	if len(s.Hours) == 0 {
		return true, time.Time{}
	}
	now = now.In(zone)
	var next time.Time
	for days := range 8 {
		for _, h := range s.Hours {
			if int(h.Day) != (int(now.Weekday())+days+6)%7+1 {
				continue
			}
			from, _ := minutes(h.From)
			to, _ := minutes(h.To)
			begin, end := on(now, days, from), on(now, days, to)
			switch {
			case !now.Before(begin) && now.Before(end):
				return true, time.Time{}
			case begin.After(now) && (next.IsZero() || begin.Before(next)):
				next = begin
			}
		}
	}
	return false, next
}

// until answers when the quiet that reigns at a time is over; zero when there is none.
func (q Quiet) until(now time.Time, zone *time.Location) time.Time {
	from, ok := minutes(q.From)
	to, also := minutes(q.To)
	if !ok || !also || from == to {
		return time.Time{}
	}
	now = now.In(zone)
	for days := -1; days <= 0; days++ {
		begin, end := on(now, days, from), on(now, days, to)
		if to < from {
			end = on(now, days+1, to)
		}
		if !now.Before(begin) && now.Before(end) {
			return end
		}
	}
	return time.Time{}
}

// MailChoice is how soon a client wants unread messages by mail.
type MailChoice string

// The choices.
const (
	MailSoon  MailChoice = "soon"
	MailDaily MailChoice = "daily" // once a day, in the morning
	MailNever MailChoice = "never"
)

// Preferences are a client's own.
type Preferences struct {
	Mail  MailChoice
	Quiet Quiet
}

func (p Preferences) check() error {
	var c fault.Collector
	if p.Mail != MailSoon && p.Mail != MailDaily && p.Mail != MailNever {
		c.Add("mail", fault.New(fault.Invalid, "chat.mail_choice", "Choose soon, daily or never."))
	}
	p.Quiet.check(&c)
	return c.Fault()
}

// morning is when daily mail goes out, in minutes since midnight.
const morning = 8 * 60

// due is when a mail that is ready now may go: behind the quiet hours, and when
// the client wants them once a day, in the morning. Never for who wants none.
func (p Preferences) due(now time.Time, zone *time.Location, waited bool) (time.Time, bool) {
	if p.Mail == MailNever {
		return time.Time{}, false
	}
	at := now
	if p.Mail == MailDaily && !waited {
		if at = on(now.In(zone), 0, morning); !at.After(now) {
			at = on(now.In(zone), 1, morning)
		}
	}
	if over := p.Quiet.until(at, zone); !over.IsZero() {
		at = over
	}
	return at, true
}
