package domains

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/secret"
	"portico/backend/kernel/settings"
)

// Migrations and Messages are this room's tables and words.
var (
	//go:embed migrations/*.sql
	Migrations embed.FS
	//go:embed messages/*.json
	Messages embed.FS
)

// Deps are what the room is built on.
type Deps struct {
	DB        *db.DB
	Log       *slog.Logger
	Box       *secret.Box
	Words     Words
	Live      Live
	Address   Address
	Normal    func(typed string) (string, error) // puts what somebody typed into DNS's spelling, or refuses it
	Wall      clock.Clock                        // the machine's, as certificates are judged by
	Certs     Certificates
	World     World
	DNS       DNS
	Authority string        // its directory
	Version   string        // of the program
	Outer     Ports         // where clients connect to; zero: 80 and 443
	Rehearses bool          // the authority has a place to rehearse orders
	Mail      Mailer        // optional
	Tick      time.Duration // optional: how long others are waited for between two looks
}

// Service holds the verbs of the room.
type Service struct {
	Deps
	wake chan struct{}

	mu       sync.Mutex
	managed  map[string]string // name → how its certificate is got
	ports    Ports
	serves   bool // this process has listeners, as opposed to a verb of the command line
	outside  Outside
	stale    bool // something changed: look at the name again
	opened   []reach.Forward
	wanted   bool // the portal has to be reached from elsewhere
	onWanted func()
}

// New makes the room. Start must be called before anything is served.
func New(d Deps) *Service {
	if d.Outer.TLS == 0 {
		d.Outer = Ports{HTTP: 80, TLS: 443}
	}
	return &Service{Deps: d, wake: make(chan struct{}, 1), managed: map[string]string{}, onWanted: func() {}}
}

// wall is the time as certificates see it.
func (s *Service) wall() time.Time { return s.Wall.Now() }

// Start tells the rest of the program under which names it answers and serves
// their stored certificates: from the first handshake on. It asks nobody outside;
// what needs that follows in Run.
func (s *Service) Start(ctx context.Context) error {
	v, err := s.view(ctx, s.DB.Read())
	if err != nil {
		return fmt.Errorf("reading how the address stands: %w", err)
	}
	for _, h := range v.Names {
		if err := s.Certs.Manage(ctx, h.Name, s.certOptions(h.Name, "", v.Options)); err != nil {
			s.Log.Error("a stored certificate is not served yet", "name", h.Name, "error", err) // Run tries again
		}
	}
	return s.announce(ctx)
}

// announce reads the names that hold now and makes the program answer under them.
func (s *Service) announce(ctx context.Context) error {
	names, err := hostnames(ctx, s.DB.Read())
	if err != nil {
		return fmt.Errorf("reading the portal's names: %w", err)
	}
	o, err := settings.Get(ctx, s.DB.Read(), optionsKey)
	if err != nil {
		return err
	}
	p, err := planOf(ctx, s.DB.Read())
	if err != nil {
		return fmt.Errorf("reading the portal's names: %w", err)
	}
	active, former := "", []string{}
	for _, h := range names {
		if h.Role == Active {
			active = h.Name
		} else {
			former = append(former, h.Name)
		}
	}
	s.Address.Use(active, former, o.HSTS)
	s.mu.Lock()
	news := !s.wanted && (p.Name != "" || len(names) > 0) // links in old mails lead to former names
	s.wanted = s.wanted || news
	told := s.onWanted
	s.mu.Unlock()
	if news {
		told()
	}
	return nil
}

// Choose sets the name up that the owner wants: from now on its records are shown
// and watched. The address changes only with Update. Staff only. Faults: those of
// the name (zone), domains.alias_….
func (s *Service) Choose(ctx context.Context, actor auth.Actor, name string, record Record, alias string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	var wrong fault.Collector
	p := Plan{Record: record}
	var err error
	if p.Name, err = s.Normal(name); err != nil {
		wrong.Add("name", err)
	}
	if record == ByAlias && alias != "" {
		if p.Alias, err = s.Normal(alias); err != nil {
			wrong.Add("alias", err)
		}
	}
	if err := wrong.Fault(); err != nil {
		return err
	}
	if err := p.check(zoneOf(p.Name, "")); err != nil {
		return err
	}
	return s.change(ctx, func(tx *db.Tx) error {
		before, err := planOf(ctx, tx)
		if err != nil {
			return fmt.Errorf("choosing a name: %w", err)
		}
		if before.Name != p.Name {
			if err := s.endUpdate(ctx, tx, before.Name); err != nil {
				return err
			}
		}
		p.Chosen = tx.Now
		if before.Name == p.Name {
			p.Chosen, p.Told = before.Chosen, before.Told
		}
		if err := savePlan(ctx, tx, p); err != nil {
			return fmt.Errorf("choosing a name: %w", err)
		}
		if err := forgetChecks(ctx, tx); err != nil {
			return fmt.Errorf("choosing a name: %w", err)
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.choose", Subject: p.Name, Detail: map[string]any{"record": string(p.Record)}})
	})
}

// Drop ends the setting up of a name that is not active yet. Staff only.
func (s *Service) Drop(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.change(ctx, func(tx *db.Tx) error {
		p, err := planOf(ctx, tx)
		if err != nil {
			return fmt.Errorf("dropping a name: %w", err)
		}
		active, err := activeName(ctx, tx)
		if err != nil {
			return fmt.Errorf("dropping a name: %w", err)
		}
		if p.Name == active {
			return nil // nothing is being set up
		}
		if err := s.endUpdate(ctx, tx, p.Name); err != nil {
			return err
		}
		if err := savePlan(ctx, tx, Plan{Name: active, Record: ByAddress, Chosen: tx.Now}); err != nil {
			return fmt.Errorf("dropping a name: %w", err)
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.drop", Subject: p.Name})
	})
}

// BackToDefault makes the default address canonical again. The name goes on
// answering and leads there, so that links in old mails work. Staff only.
func (s *Service) BackToDefault(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.change(ctx, func(tx *db.Tx) error {
		p, err := planOf(ctx, tx)
		if err != nil {
			return fmt.Errorf("going back to the default address: %w", err)
		}
		if err := s.endUpdate(ctx, tx, p.Name); err != nil {
			return err
		}
		if err := savePlan(ctx, tx, Plan{Record: ByAddress}); err != nil {
			return fmt.Errorf("going back to the default address: %w", err)
		}
		active, err := activeName(ctx, tx)
		if err != nil || active == "" {
			return err
		}
		if err := retireActive(ctx, tx, tx.Now); err != nil {
			return fmt.Errorf("going back to the default address: %w", err)
		}
		if err := tx.Emit(actor, Switched{"", active}); err != nil {
			return err
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.default", Subject: active})
	})
}

// errNoFormer is what a name that is none of the former ones gets.
var errNoFormer = fault.New(fault.NotFound, "domains.no_former", "The portal does not answer under this name, or it is the one in use.")

// Forget stops answering under a former name: links to it are dead from then on.
// Staff only. Fault: domains.no_former.
func (s *Service) Forget(ctx context.Context, actor auth.Actor, name string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.change(ctx, func(tx *db.Tx) error {
		n, err := forgetFormer(ctx, tx, name)
		if err != nil {
			return fmt.Errorf("forgetting a name: %w", err)
		}
		if n == 0 {
			return errNoFormer
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.forget", Subject: name})
	})
}

// SetOptions changes what the owner may set beside the name. Staff only.
func (s *Service) SetOptions(ctx context.Context, actor auth.Actor, c Change) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.change(ctx, func(tx *db.Tx) error {
		before, err := settings.Get(ctx, tx, optionsKey)
		if err != nil {
			return err
		}
		o, err := before.apply(c, s.seal)
		if err == nil {
			err = s.usable(o)
		}
		if err != nil {
			return err
		}
		if o.HSTS && !before.HSTS {
			if err := s.mayHSTS(ctx, tx); err != nil {
				return err
			}
		}
		o.Language = actor.Language
		if err := settings.Set(ctx, tx, optionsKey, o); err != nil {
			return err
		}
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "domains.options", Detail: map[string]any{"method": string(o.Method), "dynamic": string(o.Dynamic), "mapping": o.Mapping, "hsts": o.HSTS}})
	})
}

// mayHSTS admits strict HTTPS only after the name has worked for a month: browsers
// remember it, so that a mistake could not be taken back.
func (s *Service) mayHSTS(ctx context.Context, tx *db.Tx) error {
	names, err := hostnames(ctx, tx)
	if err != nil {
		return fmt.Errorf("reading the portal's names: %w", err)
	}
	if i := slices.IndexFunc(names, func(h Hostname) bool { return h.Role == Active }); i < 0 || names[i].Since.Add(hstsAfter).After(tx.Now) {
		return fault.InvalidField("hsts", "domains.hsts_early", "This is offered once the address has worked for a month, because browsers remember it and it cannot be taken back at once.")
	}
	return nil
}

// change commits what do does and makes the program follow it.
func (s *Service) change(ctx context.Context, do func(tx *db.Tx) error) error {
	if err := s.DB.Write(ctx, do); err != nil {
		return err
	}
	s.Live.Changed("domain")
	err := s.announce(ctx)
	s.Wake()
	return err
}

// endUpdate cancels the open update of a name, if there is one.
func (s *Service) endUpdate(ctx context.Context, tx *db.Tx, name string) error {
	u, err := lastUpdate(ctx, tx, name)
	if errors.Is(err, db.ErrNoRows) || err == nil && !u.open() {
		return nil
	}
	if err == nil {
		_, err = saveUpdate(ctx, tx, u.cancelled(tx.Now))
	}
	if err != nil {
		return fmt.Errorf("ending an update: %w", err)
	}
	return nil
}

func activeName(ctx context.Context, q db.Q) (string, error) {
	names, err := hostnames(ctx, q)
	if err != nil || len(names) == 0 || names[0].Role != Active {
		return "", err
	}
	return names[0].Name, nil
}

func (s *Service) seal(plain, purpose string) []byte { return s.Box.Seal([]byte(plain), purpose) }

// errNoName is what needs a name before one was chosen.
var errNoName = fault.New(fault.Conflict, "domains.no_name", "No name is set up yet. Enter the name that your portal should have first.")

// Instructions writes a mail to whoever runs the owner's domain. Fault: domains.no_name.
func (s *Service) Instructions(actor auth.Actor, v View) (Instructions, error) {
	if v.Plan.Name == "" {
		return Instructions{}, errNoName
	}
	return s.teller(actor).instructions(v, actor.Name), nil
}
