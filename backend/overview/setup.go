package overview

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

// stepKeys are the steps of the first start, in their order.
var stepKeys = []string{"business", "look", "contact", "mail", "address", "invite"}

// Step is one step of the first start. Done is read off the data, never stored.
type Step struct {
	Key     string
	Done    bool
	Skipped bool
}

// Setup is how far the first start has come.
type Setup struct {
	Steps    []Step
	Finished bool
}

// setup is what is stored of it: what the owner said.
type setup struct {
	Skipped  []string `json:"skipped"`
	Finished bool     `json:"finished"`
}

var setupKey = settings.Key[setup]{Name: "overview.setup", Default: setup{Skipped: []string{}}}

// SkipStep skips a step of the first start, or takes it up again. Staff only.
func (s *Service) SkipStep(ctx context.Context, actor auth.Actor, key string, skipped bool) error {
	if !slices.Contains(stepKeys, key) {
		return fault.InvalidField("key", "overview.step", "There is no such step.")
	}
	return s.changeSetup(ctx, actor, func(st *setup) {
		st.Skipped = slices.DeleteFunc(st.Skipped, func(k string) bool { return k == key })
		if skipped {
			st.Skipped = append(st.Skipped, key)
		}
	})
}

// FinishSetup puts the first start away, or brings it back. Staff only.
func (s *Service) FinishSetup(ctx context.Context, actor auth.Actor, finished bool) error {
	return s.changeSetup(ctx, actor, func(st *setup) { st.Finished = finished })
}

func (s *Service) changeSetup(ctx context.Context, actor auth.Actor, edit func(*setup)) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		st, err := settings.Get(ctx, tx, setupKey)
		if err != nil {
			return err
		}
		edit(&st)
		tx.AfterCommit(func() { s.Live.Changed("overview") })
		return settings.Set(ctx, tx, setupKey, st)
	})
}

// setupOf compares what is there with what a portal needs.
func (s *Service) setupOf(ctx context.Context, n Numbers, mail MailStatus) (Setup, error) {
	st, err := settings.Get(ctx, s.DB.Read(), setupKey)
	if err != nil {
		return Setup{}, err
	}
	business, err := s.Brand.Business(ctx)
	if err != nil {
		return Setup{}, fmt.Errorf("asking for the brand: %w", err)
	}
	done := map[string]bool{
		"business": business.Name != "",
		"look":     business.Chosen,
		"contact":  n.Contacts > 0,
		"mail":     mail.State != "unset",
		"address":  public(s.Address.Portal()),
		"invite":   n.Invited > 0,
	}
	out := Setup{Finished: st.Finished}
	for _, key := range stepKeys {
		out.Steps = append(out.Steps, Step{key, done[key], slices.Contains(st.Skipped, key)})
	}
	return out, nil
}

// public reports whether an address could be reached from elsewhere: a name with
// a dot that is not made for the own network, or an address of the internet.
func public(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	for _, local := range []string{".local", ".localhost", ".internal", ".lan", ".home", ".test", ".home.arpa"} {
		if strings.HasSuffix(host, local) {
			return false
		}
	}
	return strings.Contains(host, ".")
}
