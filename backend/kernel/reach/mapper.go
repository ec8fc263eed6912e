package reach

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"

	"portico/backend/kernel/clock"
)

// MapperConfig says which router is asked and who remembers. Store and Clock are needed.
type MapperConfig struct {
	Gateways    func(context.Context) ([]Gateway, error) // nil: DefaultGateways
	Search      []netip.AddrPort                         // where UPnP devices are searched; nil: the multicast group and the gateway itself
	Store       Store
	Clock       clock.Clock
	Log         *slog.Logger  // nil: none
	Lease       time.Duration // how long a forward is asked for; 0: an hour
	Every       time.Duration // how often forwards are looked at; 0: five minutes
	Patience    time.Duration // how long a router may take to answer; 0: three seconds
	Description string        // the label of our forwards in the router; "": Portico
	OnChange    func(Reached) // called by Run when what State says has changed; must not block
}

// Mapper keeps forwards open in the router. While nobody wants one, and none is
// remembered, it sends nothing.
type Mapper struct {
	c    MapperConfig
	poke chan struct{}

	mu      sync.Mutex
	wanted  []Forward
	fresh   bool // the router is to be looked for again
	reached Reached

	// Run's own.
	router   Router
	speakers []speaker
	surveyed time.Time
	loaded   bool
	mappings []Mapping
	uptime   map[Method]seen
	findings []Finding
}

// seen is how long a router said that it had been running, and when.
type seen struct {
	uptime time.Duration
	at     time.Time
}

// NewMapper asks nobody yet.
func NewMapper(c MapperConfig) *Mapper {
	if c.Gateways == nil {
		c.Gateways = DefaultGateways
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Lease == 0 {
		c.Lease = time.Hour
	}
	if c.Every == 0 {
		c.Every = 5 * time.Minute
	}
	if c.Patience == 0 {
		c.Patience = 3 * time.Second
	}
	if c.Description == "" {
		c.Description = "Portico"
	}
	return &Mapper{c: c, poke: make(chan struct{}, 1), uptime: map[Method]seen{}}
}

// Want sets the forwards to keep open, in place of those before; none closes all.
// It takes effect while Run runs.
func (m *Mapper) Want(forwards ...Forward) {
	m.mu.Lock()
	m.wanted = slices.Clone(forwards)
	m.mu.Unlock()
	m.wake()
}

// Refresh looks for the router and at every forward again, now: after a change of
// network or a sleep.
func (m *Mapper) Refresh() {
	m.mu.Lock()
	m.fresh = true
	m.mu.Unlock()
	m.wake()
}

func (m *Mapper) wake() {
	select {
	case m.poke <- struct{}{}:
	default: // it is awake
	}
}

// State is what is known now. While nobody wants a forward nobody is asked, and the
// Router in it is empty: Explore asks.
func (m *Mapper) State() Reached {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.reached
	r.Mappings, r.Findings = slices.Clone(r.Mappings), slices.Clone(r.Findings)
	return r
}

// longestNap bounds a wait: timers stand still while a machine sleeps, its wall
// clock does not.
const longestNap = 30 * time.Second

// farewell is how long closing everything may take at the end.
const farewell = 5 * time.Second

// Run keeps what is wanted until ctx ends, then closes every forward. What a crash
// left behind is closed, or taken on, at its beginning.
func (m *Mapper) Run(ctx context.Context) error {
	var next time.Time
	for {
		if ctx.Err() == nil { // at the end nobody is to be asked who will not be waited for
			next = m.step(ctx)
		}
		for waiting := true; waiting; {
			nap := time.NewTimer(min(longestNap, max(0, next.Sub(m.c.Clock.Now()))))
			select {
			case <-ctx.Done():
				nap.Stop()
				last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
				defer cancel()
				m.finish(last)
				return nil
			case <-m.poke:
				waiting = false
			case <-nap.C:
				waiting = m.c.Clock.Now().Before(next)
			}
			nap.Stop()
		}
	}
}

// step does what is due and says when to come back.
func (m *Mapper) step(ctx context.Context) time.Time {
	now := m.c.Clock.Now()
	m.mu.Lock()
	wanted, fresh := slices.Clone(m.wanted), m.fresh
	m.fresh = false
	m.mu.Unlock()

	m.findings = nil
	m.load(ctx)
	if len(wanted) > 0 || len(m.mappings) > 0 {
		if fresh || len(m.speakers) == 0 || now.Sub(m.surveyed) >= m.c.Lease {
			if r, speakers := m.survey(ctx); ctx.Err() == nil {
				m.router, m.speakers, m.surveyed = r, speakers, now
			}
		}
		restarted := m.restarted(ctx, now)
		m.dropExcept(ctx, wanted)
		for _, f := range wanted {
			m.keep(ctx, f, restarted)
		}
	}
	next := now.Add(m.c.Every)
	m.publish(next)
	return next
}

// load reads what was remembered, once: the state in which a crash left it is not
// known, so all of it is due.
func (m *Mapper) load(ctx context.Context) {
	if m.loaded {
		return
	}
	all, err := m.c.Store.Remembered(ctx)
	if err != nil {
		m.c.Log.Error("the forwards that were remembered could not be read", "error", err)
		return
	}
	m.loaded = true
	for _, old := range all {
		old.Renew, old.Verified = m.c.Clock.Now(), false
		m.mappings = append(m.mappings, old)
	}
}

func (m *Mapper) publish(next time.Time) {
	now := Reached{Router: m.router, Mappings: slices.Clone(m.mappings), Findings: m.findings, Next: next}
	m.mu.Lock()
	before := m.reached
	m.reached = now
	m.mu.Unlock()
	before.Next = next
	if m.c.OnChange != nil && !reflect.DeepEqual(before, now) {
		m.c.OnChange(now)
	}
}

// finish closes everything. What cannot be closed stays remembered for the next start.
func (m *Mapper) finish(ctx context.Context) {
	m.findings = nil
	m.dropExcept(ctx, nil)
	m.publish(m.c.Clock.Now())
}

// Explore looks for the router and asks what it is; it opens nothing. An empty
// Gateway means that this machine has no default route.
func (m *Mapper) Explore(ctx context.Context) Router {
	r, _ := m.survey(ctx)
	return r
}

// survey asks each default gateway in all languages at once; the first gateway that
// speaks one is the router.
func (m *Mapper) survey(ctx context.Context) (Router, []speaker) {
	gateways, err := m.c.Gateways(ctx)
	if err != nil {
		m.c.Log.Error("the default routes could not be read", "error", err)
	}
	var silent Router
	for _, g := range gateways {
		r, speakers := m.interview(ctx, g)
		if len(speakers) > 0 || len(r.Disabled) > 0 {
			return r, speakers
		}
		if !silent.Gateway.Address.IsValid() {
			silent = r
		}
	}
	return silent, nil
}

func (m *Mapper) interview(ctx context.Context, g Gateway) (Router, []speaker) {
	ctx, cancel := context.WithTimeout(ctx, m.c.Patience)
	defer cancel()
	type answer struct {
		speaker speaker
		addr    netip.Addr
		err     error
	}
	ask := func(s speaker) answer {
		addr, _, err := s.external(ctx)
		return answer{s, addr, err}
	}
	questions := []func() []answer{
		func() []answer {
			u := discover(ctx, g, m.c.Search, m.c.Description)
			switch {
			case u == nil:
				return nil
			case u.firewall == nil:
				return []answer{ask(u)}
			}
			return []answer{ask(u), ask(upnp6{u})}
		},
		func() []answer { return []answer{ask(&pcp{g})} },
		func() []answer { return []answer{ask(&natpmp{g, m.c.Patience})} },
	}
	if g.Six.IsValid() {
		questions = append(questions, func() []answer {
			return []answer{ask(pcp6{&pcp{Gateway{Address: g.Six, Local: localTowards(g.Six)}}})}
		})
	}
	heard := make([][]answer, len(questions))
	var all sync.WaitGroup
	for i, ask := range questions {
		all.Go(func() { heard[i] = ask() })
	}
	all.Wait()

	r := Router{Gateway: g}
	var speakers []speaker
	for _, a := range slices.Concat(heard...) {
		var no *refused
		switch {
		case errors.As(a.err, &no) && no.disabled:
			r.Disabled = append(r.Disabled, a.speaker.method())
			continue
		case errors.Is(a.err, errOpen):
			r.Open = true
			continue
		case a.err != nil && !errors.Is(a.err, errOffline):
			continue
		}
		r.Offline = r.Offline || a.err != nil
		speakers = append(speakers, a.speaker)
		if a.speaker.method().six() {
			r.Pinholes = append(r.Pinholes, a.speaker.method())
			continue
		}
		r.Methods = append(r.Methods, a.speaker.method())
		if u, ok := a.speaker.(*upnp); ok {
			r.Name = u.name
		}
		if !r.External.IsValid() {
			r.External = a.addr
		}
	}
	r.Offline = r.Offline && !r.External.IsValid()
	return r, speakers
}
