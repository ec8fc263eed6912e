package domains

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/settings"
)

// How often the records of a name that is being set up are looked at, by how
// long ago it was chosen; and those of a name in use.
const (
	lookOften  = 15 * time.Second
	lookSome   = 5 * time.Minute
	lookRarely = time.Hour
	lookDaily  = 24 * time.Hour
	eager      = time.Hour
	patient    = 48 * time.Hour
)

const (
	idle       = time.Minute      // looks at least this often whether something is due
	goOn       = 2 * time.Second  // while an update waits
	afterError = 30 * time.Second // when the store or a check broke
	keepNotice = 180 * 24 * time.Hour
)

// Wake makes Run look at once; it is cheap.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // awake already
	}
}

// CertificateChanged is told what happens to certificates (kernel/certs).
func (s *Service) CertificateChanged(e certs.Entry) {
	s.Live.Changed("domain")
	if e.Kind != certs.KindLine {
		s.Wake()
	}
}

// AccountEmail is what the certificate authority is told to write to.
func (s *Service) AccountEmail(ctx context.Context) string {
	o, err := settings.Get(ctx, s.DB.Read(), optionsKey)
	if err != nil {
		s.Log.Warn("the owner's address could not be read", "error", err)
	}
	return o.Email
}

// Listening says on which ports of this computer the portal's listeners are open.
func (s *Service) Listening(httpPort, tlsPort int) {
	s.mu.Lock()
	s.ports, s.serves = Ports{httpPort, tlsPort}, true
	s.mu.Unlock()
	s.Wake()
}

// OnWanted names who is told when the portal has to be reached from elsewhere; at
// once when that is so already, otherwise when the owner sets a name up. It is told
// again, now and then and before a check, as long as nobody listens for https.
func (s *Service) OnWanted(told func()) {
	s.mu.Lock()
	s.onWanted = told
	now := s.wanted
	s.mu.Unlock()
	if now {
		told()
	}
}

// knock asks once more for a listener for https when one is wanted and there is none:
// what kept it shut may be gone.
func (s *Service) knock() {
	s.mu.Lock()
	told, shut := s.onWanted, s.wanted && s.serves && s.ports.TLS == 0
	s.mu.Unlock()
	if shut {
		told()
	}
}

// Run watches records, goes on with updates and raises alarms until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for {
		wait, err := s.turn(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("the portal's address could not be looked after", "error", err)
			wait = afterError
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// turn does what is due and answers how long nothing will be.
func (s *Service) turn(ctx context.Context) (time.Duration, error) {
	s.knock()
	v, err := s.view(ctx, s.DB.Read())
	if err != nil {
		return 0, err
	}
	s.manageAll(ctx, v)
	s.open(v)
	if err := s.raise(ctx, v); err != nil {
		return 0, err
	}
	if err := s.keepRecord(ctx, v); err != nil {
		return 0, err
	}
	if err := s.moved(ctx, v); err != nil {
		return 0, err
	}
	if v.Update != nil && v.Update.open() {
		return s.pace(goOn), s.advance(ctx, v.Update.ID)
	}
	if v.Plan.Name == "" {
		return idle, nil
	}
	due := s.due(v)
	if left := due.Sub(v.Now); left > 0 {
		return min(left, idle), nil
	}
	c, err := s.look(ctx, v.Plan.Name)
	if err != nil {
		return 0, err
	}
	if active, _ := v.active(); c.timely(v.Now) && active.Name != v.Plan.Name {
		return s.pace(lookOften), s.itIsTime(ctx, v.Plan)
	}
	return s.pace(lookOften), nil
}

// open lets the router forward to us while the owner wants that and a name is set up.
func (s *Service) open(v View) {
	var want []reach.Forward
	if v.Options.Mapping && (v.Plan.Name != "" || len(v.Names) > 0) {
		mine := slices.Contains(v.Outside.Local, v.six())
		for _, port := range [][2]int{{v.Outer.HTTP, v.Ports.HTTP}, {v.Outer.TLS, v.Ports.TLS}} {
			outer, inner := uint16(port[0]), uint16(port[1])
			if inner > 0 {
				want = append(want, reach.Forward{External: outer, Internal: inner})
			}
			if inner > 0 && inner == outer && mine {
				want = append(want, reach.Forward{External: outer, Internal: inner, To: v.six()})
			}
		}
	}
	s.mu.Lock()
	same := slices.Equal(want, s.opened)
	s.opened = want
	s.mu.Unlock()
	if !same {
		s.World.Open(want...)
	}
}

// Noticed is told what changes about being reachable (kernel/reach).
func (s *Service) Noticed(c reach.Change) {
	s.mu.Lock()
	if c.Public.IPv4.IsValid() || c.Public.IPv6.IsValid() {
		s.outside = Outside{IPv4: c.Public.IPv4, IPv6: lasting(c.Public.IPv6, s.outside.IPv6, c.Local), Asked: s.DB.Clock().Now(), Local: c.Local, Public: c.Public}
	} else {
		s.outside.Asked = time.Time{} // the next check asks anew
	}
	s.mu.Unlock()
	s.Live.Changed("domain")
	s.lookAgain()
}

// lookAgain has the name looked at soon, because something changed.
func (s *Service) lookAgain() {
	s.mu.Lock()
	s.stale = true
	s.mu.Unlock()
	s.Wake()
}

// Asks reports whether anybody outside may be asked: a name is set up and the
// owner lets it happen.
func (s *Service) Asks(ctx context.Context) bool {
	s.mu.Lock()
	wanted := s.wanted
	s.mu.Unlock()
	if !wanted {
		return false
	}
	o, err := settings.Get(ctx, s.DB.Read(), optionsKey)
	return err == nil && o.Outside
}

// pace is how long to wait where others are waited for; tests wait less.
func (s *Service) pace(usual time.Duration) time.Duration {
	if s.Tick > 0 {
		return min(s.Tick, usual)
	}
	return usual
}

// due is when the name is looked at again by itself.
func (s *Service) due(v View) time.Time {
	s.mu.Lock()
	stale := s.stale
	s.stale = false
	s.mu.Unlock()
	if v.Check == nil || stale {
		return v.Now
	}
	every := lookDaily
	if active, ok := v.active(); !ok || active.Name != v.Plan.Name {
		switch age := v.Now.Sub(v.Plan.Chosen); {
		case v.Check.Ready:
			every = lookSome
		case age < eager:
			every = lookOften
		case age < patient:
			every = lookSome
		default:
			every = lookRarely
		}
	}
	at := v.Check.At.Add(s.pace(every))
	if v.Plan.Told.IsZero() && v.Check.Settled.After(v.Check.At) && v.Check.Settled.Before(at) {
		return v.Check.Settled
	}
	return at
}

// manageAll makes the manager answer for the names in use, and for no others. One
// that fails must not hold up the others, nor alarms; the next turn tries again.
func (s *Service) manageAll(ctx context.Context, v View) {
	want := map[string]bool{}
	for _, h := range v.Names {
		want[h.Name] = true
	}
	if u := v.Update; u != nil && u.open() {
		if step, _ := u.current(); step.Key != StepCheck {
			want[u.Name] = true
		}
	}
	s.mu.Lock()
	have := slices.Collect(maps.Keys(s.managed))
	s.mu.Unlock()
	for _, name := range have {
		if !want[name] {
			s.Certs.Release(name)
			s.mu.Lock()
			delete(s.managed, name)
			s.mu.Unlock()
		}
	}
	for name := range want {
		if err := s.manage(ctx, name); err != nil && ctx.Err() == nil {
			s.Log.Error("a certificate could not be looked after", "name", name, "error", err)
		}
	}
}

// itIsTime tells the owner, once, that Update Domain can be pressed.
func (s *Service) itIsTime(ctx context.Context, p Plan) error {
	if !p.Told.IsZero() {
		return nil
	}
	return s.change(ctx, func(tx *db.Tx) error {
		now, err := planOf(ctx, tx)
		if err != nil || now.Name != p.Name || !now.Told.IsZero() {
			return err
		}
		now.Told = tx.Now
		if err := savePlan(ctx, tx, now); err != nil {
			return err
		}
		return s.tell(ctx, tx, Tells, "notice.ready", p.Name+" "+p.Chosen.Format(time.RFC3339), map[string]any{"name": display(p.Name)})
	})
}

// raise tells the owner about certificates that end soon or have ended.
func (s *Service) raise(ctx context.Context, v View) error {
	for _, h := range v.Names {
		status, err := s.Certs.Status(ctx, h.Name)
		if err != nil {
			return err
		}
		stage, due := alarm(status, s.wall())
		if !due {
			continue
		}
		code, level := "notice.expiring", Warns
		if stage <= 3 {
			level = Blocks
		}
		if stage == 0 {
			code = "notice.expired"
		}
		about := fmt.Sprintf("%s %s %d", h.Name, status.NotAfter.Format(time.RFC3339), stage)
		params := map[string]any{"name": display(h.Name), "count": left(status, s.wall())}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.tell(ctx, tx, level, code, about, params) }); err != nil {
			return err
		}
	}
	return nil
}

// tell keeps a notice, shows it in open windows and mails it, once for what it is about.
func (s *Service) tell(ctx context.Context, tx *db.Tx, level Severity, code, about string, params map[string]any) error {
	n := Notice{ID: ident.New("dn"), At: tx.Now, Level: level, Code: code, About: about, Params: params}
	fresh, err := insertNotice(ctx, tx, n)
	if err != nil || !fresh {
		return err
	}
	if err := forgetNotices(ctx, tx, tx.Now.Add(-keepNotice)); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.Live.Changed("domain", n.ID) })
	if level == Tells || s.Mail == nil {
		return nil
	}
	o, err := settings.Get(ctx, tx, optionsKey)
	if err != nil {
		return err
	}
	t := s.teller(auth.Actor{Language: o.Language})
	return s.Mail.Notify(ctx, tx, Letter{To: o.Email, Language: o.Language, Subject: t.say("domains."+code+".title", params), Text: t.say("domains."+code+".text", params), Key: "domains/" + n.ID})
}
