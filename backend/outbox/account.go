package outbox

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/mail"
)

// AccountKind says where mail goes.
type AccountKind string

// The kinds of account.
const (
	AccountSMTP  AccountKind = "smtp"
	AccountFiles AccountKind = "files" // every mail becomes an .eml file, for trying out
)

// Account is how mail leaves. The password is not part of it.
type Account struct {
	Kind        AccountKind
	Host        string
	Port        int
	Security    mail.Security
	Username    string
	FromName    string // "" takes the business's name
	FromAddress string
	Preset      string // id of a mail.Preset, or ""
	Limits      Limits
}

// Limits are what the provider allows; 0 means no limit.
type Limits struct {
	PerMinute     int
	PerDay        int // in any 24 hours
	PerConnection int // mails before the connection is replaced
	Connections   int // at the same time, beside one for login mail
}

// AccountState says whether mail goes out.
type AccountState string

// The states of the account.
const (
	AccountOK      AccountState = "ok"
	AccountUnset   AccountState = "unset"   // nobody has set one up: mail waits
	AccountPaused  AccountState = "paused"  // a person must do something: mail waits
	AccountOffline AccountState = "offline" // not reachable: mail waits, and it is tried by itself
)

// Status is what is the matter with the account.
type Status struct {
	State       AccountState
	Problem     string // key of the meaning
	Reply       string // the server's own words
	Since       time.Time
	Probes      int
	ProbeAt     time.Time
	HoldUntil   time.Time // the provider asked to wait, or its limit is reached
	HoldProblem string
}

// kept is the account as stored.
type kept struct {
	Account
	Version     int
	PasswordRef string
	Status      Status
}

const (
	maxConnections = 10
	// defaultConnections: as many mails can come twice after a kill. One is enough
	// for what providers allow.
	defaultConnections = 1
	// usualPerConnection: OpenSMTPD ends a connection after 100 mails.
	usualPerConnection = 50
	maxLimit           = 1_000_000
	// ownLimit begins the keys of holds that come from the limits kept here.
	ownLimit = "mail.own_limit_"
)

// ready reports whether mails may be tried now.
func (k kept) ready(now time.Time) bool {
	switch k.Status.State {
	case AccountUnset, AccountPaused:
		return false
	case AccountOffline:
		return !k.Status.ProbeAt.After(now)
	}
	return !k.Status.HoldUntil.After(now)
}

// onlyLogin reports whether the share of the limits that is not kept for login
// mail is used up. Nothing is known against the account itself.
func (k kept) onlyLogin(now time.Time) bool {
	return k.Status.State == AccountOK && k.Status.HoldUntil.After(now) && strings.HasPrefix(k.Status.HoldProblem, ownLimit)
}

// wakesAt is when an account that is not ready may become so by itself; zero: never.
func (k kept) wakesAt() time.Time {
	switch k.Status.State {
	case AccountOK:
		return k.Status.HoldUntil
	case AccountOffline:
		return k.Status.ProbeAt
	}
	return time.Time{}
}

// Waiting is how the account keeps mail from going out: the key of the meaning,
// and until when, if that is known.
func (st Status) Waiting(now time.Time) (key string, until time.Time) {
	switch {
	case st.State == AccountUnset:
		return "mail.account_unset_waiting", time.Time{}
	case st.State == AccountPaused:
		return st.Problem, time.Time{}
	case st.State == AccountOffline:
		return st.Problem, st.ProbeAt
	case st.HoldUntil.After(now):
		return st.HoldProblem, st.HoldUntil
	}
	return "", time.Time{}
}

// sender is the account as the transport takes it.
func (a Account) sender(password string, fallbackName string) mail.Account {
	name := a.FromName
	if name == "" {
		name = fallbackName
	}
	return mail.Account{Host: a.Host, Port: a.Port, Security: a.Security, Username: a.Username, Password: mail.Password(password),
		FromName: plain(name, 200), FromAddress: a.FromAddress}
}

// normalise trims what people paste and fills what they may leave out.
func (a Account) normalise(before Account) Account {
	if a.Kind == "" {
		a.Kind = AccountSMTP
	}
	a.Host, a.Username = strings.TrimSpace(a.Host), strings.TrimSpace(a.Username)
	a.FromName, a.FromAddress = strings.TrimSpace(a.FromName), strings.TrimSpace(a.FromAddress)
	if a.Kind == AccountFiles {
		a.Host, a.Port, a.Security, a.Username, a.Preset = "", 0, "", "", ""
	}
	if a.Limits == (Limits{}) {
		a.Limits = before.Limits
		if a.Preset != before.Preset || before.Kind == "" || a.Kind != before.Kind {
			a.Limits = presetLimits(a.Preset)
		}
	}
	if a.Limits.PerConnection == 0 {
		a.Limits.PerConnection = usualPerConnection
	}
	if a.Limits.Connections == 0 {
		a.Limits.Connections = defaultConnections
	}
	return a
}

// presetLimits are a provider's; an account without a preset has none.
func presetLimits(id string) Limits {
	for _, p := range mail.Presets() {
		if p.ID == id {
			return Limits{PerMinute: p.Limits.PerMinute, PerDay: p.Limits.PerDay, PerConnection: p.Limits.PerConnection}
		}
	}
	return Limits{}
}

// check refuses an account that cannot work, all wrong fields at once.
func (a Account) check(password string) error {
	var c fault.Collector
	if a.Kind != AccountSMTP && a.Kind != AccountFiles {
		c.Add("kind", fault.New(fault.Invalid, "mail.account_kind", "Choose a mail server (smtp) or files."))
	}
	if utf8.RuneCountInString(a.FromName) > 200 || plain(a.FromName, 201) != a.FromName {
		c.Add("from_name", fault.New(fault.Invalid, "mail.from_name", "The sender's name must be one line of at most 200 characters."))
	}
	switch a.Kind {
	case AccountSMTP:
		if err := a.sender(password, "").Validate(); err != nil {
			field, f := entryFault(err)
			c.Add(field, f)
		}
	case AccountFiles:
		if _, err := mail.CheckAddress(a.FromAddress); err != nil {
			_, f := entryFault(err)
			c.Add("from_address", f)
		}
	}
	for _, l := range []struct {
		name      string
		n, lo, hi int
	}{
		{"limits.per_minute", a.Limits.PerMinute, 0, maxLimit},
		{"limits.per_day", a.Limits.PerDay, 0, maxLimit},
		{"limits.per_connection", a.Limits.PerConnection, 1, 1000},
		{"limits.connections", a.Limits.Connections, 1, maxConnections},
	} {
		if l.n < l.lo || l.n > l.hi {
			c.Add(l.name, fault.New(fault.Invalid, "mail.limit_range", "Enter a number from {min} to {max}.", "min", l.lo, "max", l.hi))
		}
	}
	return c.Fault()
}

// entryFault turns the transport's complaint about an entry into a fault, with
// the field as the API names it.
func entryFault(err error) (string, *fault.Fault) {
	var p *mail.Problem
	if !errors.As(err, &p) {
		return "", fault.As(err)
	}
	m := p.Meaning()
	field := map[string]string{"from": "from_address", "address": "to"}[p.Field]
	if field == "" {
		field = p.Field
	}
	return field, fault.New(fault.Invalid, p.Key, m.What+" "+m.Do)
}

// needsPassword reports whether a kept password may not be reused: a changed
// server or user name could be somebody else's, who would be handed it.
func (a Account) needsPassword(before kept) bool {
	if a.Kind != AccountSMTP || a.Username == "" {
		return false
	}
	return before.PasswordRef == "" || a.Host != before.Host || a.Username != before.Username ||
		(a.Security != before.Security && a.Security == mail.SecurityNone)
}

var errPasswordAgain = fault.InvalidField("password", "mail.password_again",
	"Enter the password again: server or user name changed, and the kept password belongs to the old ones.")
