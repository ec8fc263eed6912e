package limit

import (
	"context"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

// Bound allows Max within Seconds.
type Bound struct {
	Max     int   `json:"max"`
	Seconds int64 `json:"seconds"`
}

// Bounds hold together: each of them must let a hit pass.
type Bounds []Bound

// For are the rules that hold one key to the bounds.
func (b Bounds) For(key string) []Rule {
	rules := make([]Rule, len(b))
	for i, bound := range b {
		rules[i] = Rule{Key: key, Max: bound.Max, Per: time.Duration(bound.Seconds) * time.Second}
	}
	return rules
}

// Limits are all limits by name (backend/doc/security.md). Each is a row of the settings
// table, `limit.<name>`, once somebody has overridden it.
type Limits struct {
	LoginAddress Bounds // login_address: sign-in mails asked for, per address typed
	LoginNetwork Bounds // login_network: the same, per IPv4 address or IPv6 /64
	LoginTotal   Bounds // login_total: the same, by everybody together
	ForgedToken  Bounds // forged_token: links that were never ours, per IPv4 address or IPv6 /64
	Recipient    Bounds // recipient: sign-in mails sent, per recipient
	ChatMessage  Bounds // chat_message: messages written, per client
}

const (
	minute  = 60
	quarter = 15 * minute
	day     = 24 * 60 * minute
)

// Defaults are the limits until somebody overrides them.
func Defaults() Limits {
	return Limits{
		LoginAddress: Bounds{{3, quarter}, {10, day}},
		LoginNetwork: Bounds{{10, quarter}, {50, day}},
		LoginTotal:   Bounds{{60, minute}},
		ForgedToken:  Bounds{{30, 10 * minute}},
		Recipient:    Bounds{{3, quarter}, {10, day}},
		ChatMessage:  Bounds{{40, 2}, {600, 5 * minute}},
	}
}

// named is one limit of l.
type named struct {
	name   string
	bounds *Bounds
}

func (l *Limits) all() []named {
	return []named{
		{"login_address", &l.LoginAddress},
		{"login_network", &l.LoginNetwork},
		{"login_total", &l.LoginTotal},
		{"forged_token", &l.ForgedToken},
		{"recipient", &l.Recipient},
		{"chat_message", &l.ChatMessage},
	}
}

// Names are the names that Override knows, in the order of the fields of Limits.
func Names() []string {
	var l Limits
	var names []string
	for _, n := range l.all() {
		names = append(names, n.name)
	}
	return names
}

// Load reads the limits that hold now.
func Load(ctx context.Context, q db.Q) (Limits, error) {
	l := Defaults()
	for _, n := range l.all() {
		bounds, err := settings.Get(ctx, q, key(n))
		if err != nil {
			return Limits{}, err
		}
		*n.bounds = bounds
	}
	return l, nil
}

// Override changes one limit; nil bounds bring its default back. Faults:
// limit.unknown, limit.bounds.
func Override(ctx context.Context, tx *db.Tx, name string, bounds Bounds) error {
	l := Defaults()
	for _, n := range l.all() {
		switch {
		case n.name != name:
		case bounds == nil:
			return settings.Reset(ctx, tx, key(n))
		default:
			return settings.Set(ctx, tx, key(n), bounds)
		}
	}
	return fault.InvalidField("name", "limit.unknown", "There is no limit named {name}.", "name", name)
}

func key(n named) settings.Key[Bounds] {
	return settings.Key[Bounds]{Name: "limit." + n.name, Default: *n.bounds, Check: check}
}

// check keeps a limit from being switched off by an empty list.
func check(bounds Bounds) error {
	ok := len(bounds) > 0
	for _, b := range bounds {
		ok = ok && b.Max >= 0 && b.Max <= 1_000_000 && b.Seconds >= 1 && b.Seconds <= 31*day
	}
	if ok {
		return nil
	}
	return fault.InvalidField("bounds", "limit.bounds",
		"A limit needs at least one bound: how many (0 to 1,000,000) in how many seconds (1 to 2,678,400).")
}
