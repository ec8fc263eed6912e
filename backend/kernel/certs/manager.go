package certs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/certmagic"

	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// historyLength is how many entries are kept for a name.
const historyLength = 300

// Manager gets and renews the certificates of managed names and serves them. All
// methods may be called by many goroutines, before and while Run runs.
type Manager struct {
	config  Config
	storage *Storage
	cache   *certmagic.Cache
	wake    chan struct{}
	lines   chan Entry
	tee     tee

	internal   internal
	production *authority // answers challenges; orders go through orderers
	staging    *authority // nil when there is none

	served atomic.Pointer[map[string]bool] // names that may get their own certificate

	mu       sync.Mutex
	ports    [2]int // HTTP, TLS
	names    map[string]*managed
	busy     map[string]bool
	said     map[string]string // the last line about a name
	orderers map[orderer]*authority
}

// managed is a name that this process answers for.
type managed struct {
	name    string
	options Options
	stuck   int // looks in a row at which nothing could prove it; the holder of its lock counts

	loading  sync.Mutex
	modified time.Time // of the stored certificate that is loaded
	hash     string
}

// New makes a manager. Nothing is asked of anybody before Run; Manage serves what
// is stored at once. Close it when Run has returned, or instead. The error is the
// store's.
func New(ctx context.Context, c Config) (*Manager, error) {
	c = c.filled()
	m := &Manager{config: c, storage: NewStorage(c.DB, c.Box, c.Log), wake: make(chan struct{}, 1), lines: make(chan Entry, 256),
		ports: [2]int{c.HTTPPort, c.TLSPort}, names: map[string]*managed{}, busy: map[string]bool{}, said: map[string]string{}, orderers: map[orderer]*authority{}}
	m.tee = tee{log: c.Log, note: m.noteLine, holds: &holds{now: c.Clock.Now, until: map[string]time.Time{}}}
	m.served.Store(&map[string]bool{})
	if c.Alone {
		if err := m.storage.releaseAll(ctx); err != nil {
			return nil, fmt.Errorf("releasing old locks: %w", err)
		}
	}
	if err := m.internal.open(ctx, m.storage, c.Clock.Now()); err != nil {
		return nil, err
	}
	if err := m.internal.mint(c.Hosts, c.Clock.Now()); err != nil {
		return nil, err
	}
	m.cache = m.newCache()
	m.production = m.newAuthority(orderer{directory: c.Directory})
	if c.Staging != "" {
		m.staging = m.newAuthority(orderer{directory: c.Staging})
	}
	return m, nil
}

// Close ends what certmagic keeps running.
func (m *Manager) Close() { m.cache.Stop() }

// Listening changes the ports of our listeners, as Config.HTTPPort and TLSPort.
func (m *Manager) Listening(httpPort, tlsPort int) {
	m.mu.Lock()
	m.ports = [2]int{httpPort, tlsPort}
	m.mu.Unlock()
	m.Wake()
}

// Manage answers for a name from now on, or changes its options, which ends an
// order that waits for a DNS record of before: what is stored is served when Manage returns, what is missing is ordered by Run. The name must
// be in ASCII, lower case, without a trailing dot. The error is the store's.
func (m *Manager) Manage(ctx context.Context, name string, o Options) error {
	m.mu.Lock()
	n := m.names[name]
	if n == nil {
		n = &managed{name: name}
		m.names[name] = n
	}
	n.options = o
	m.publish()
	m.mu.Unlock()
	if err := m.load(ctx, n, false); err != nil {
		return err
	}
	m.Wake()
	return nil
}

// Release stops answering for a name, and waiting for its DNS record; its
// certificate stays in the store, so that
// a change of mind costs no order.
func (m *Manager) Release(name string) {
	m.mu.Lock()
	delete(m.names, name)
	delete(m.said, name)
	m.publish()
	m.mu.Unlock()
	m.cache.RemoveManaged([]certmagic.SubjectIssuer{{Subject: name}})
}

// publish shows handshakes which names are served; m.mu is held.
func (m *Manager) publish() {
	served := make(map[string]bool, len(m.names))
	for name := range m.names {
		served[name] = true
	}
	m.served.Store(&served)
}

// Retry lets the next attempt of a name begin now. While a limit holds, of ours or
// of the authority, the error is a *TooSoon.
func (m *Manager) Retry(ctx context.Context, name string) error {
	now := m.config.Clock.Now()
	_, soon, err := allowed(ctx, m.config.DB.Read(), m.allowance(m.config.Directory), name, m.config.Directory, now)
	if err != nil {
		return fmt.Errorf("retrying %s: %w", name, err)
	}
	if soon != nil {
		return soon
	}
	err = m.change(ctx, name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		mo.NextTry, mo.Why = time.Time{}, ""
		return nil, nil
	})
	m.Wake()
	return err
}

// Wake makes Run look at what is due at once; it is cheap. Call it when the
// network has changed.
func (m *Manager) Wake() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Status is what is known about a name, managed or not.
func (m *Manager) Status(ctx context.Context, name string) (Status, error) {
	now := m.config.Clock.Now()
	mo, err := m.memo(ctx, m.config.DB.Read(), name)
	if err != nil {
		return Status{}, fmt.Errorf("status of %s: %w", name, err)
	}
	left, soon, err := allowed(ctx, m.config.DB.Read(), m.allowance(m.config.Directory), name, m.config.Directory, now)
	if err != nil {
		return Status{}, fmt.Errorf("status of %s: %w", name, err)
	}
	if soon != nil && mo.due(soon.Until) != nothing {
		mo.wait(soon.Until, soon.Why)
	}
	m.mu.Lock()
	_, ours := m.names[name]
	m.mu.Unlock()
	s := Status{Name: name, Managed: ours, State: mo.state(now), NotBefore: mo.NotBefore, NotAfter: mo.NotAfter, NextRenewal: mo.nextRenewal(),
		Problems: mo.Problems, Records: mo.Records, Rehearsed: mo.Rehearsed, Left: left}
	if !mo.NotAfter.IsZero() {
		s.Directory = mo.Directory
	}
	if mo.NextTry.After(now) && mo.NextTry.Before(now.Add(furthest)) {
		s.NextTry, s.Why = mo.NextTry, mo.Why
	}
	if len(mo.Problems) > 0 && s.State != StateActive {
		s.Problem = &mo.Problems[0]
	}
	return s, nil
}

// History is what happened to a name, newest first.
func (m *Manager) History(ctx context.Context, name string) ([]Entry, error) {
	entries, err := listEntries(ctx, m.config.DB.Read(), name, historyLength)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", name, err)
	}
	return entries, nil
}

// memo reads what is kept; what was kept about another authority is not ours.
func (m *Manager) memo(ctx context.Context, q db.Q, name string) (memo, error) {
	mo, err := getMemo(ctx, q, name)
	if mo.Directory != m.config.Directory {
		mo = memo{Directory: m.config.Directory}
	}
	return mo, err
}

// change changes what is kept about a name and adds to its history; a state that
// changed by it is an entry of its own.
func (m *Manager) change(ctx context.Context, name string, fn func(*db.Tx, *memo) ([]Entry, error)) error {
	var told []Entry
	err := m.config.DB.Write(ctx, func(tx *db.Tx) error {
		now := m.config.Clock.Now()
		mo, err := m.memo(ctx, tx, name)
		if err != nil {
			return err
		}
		before := mo.state(now)
		if told, err = fn(tx, &mo); err != nil {
			return err
		}
		if after := mo.state(now); after != before {
			told = append(told, Entry{Kind: KindState, State: after, Until: mo.NextTry, Why: mo.Why})
		}
		if err := putMemo(ctx, tx, name, mo); err != nil {
			return err
		}
		return m.keep(ctx, tx, name, told)
	})
	if err != nil {
		return fmt.Errorf("keeping the state of %s: %w", name, err)
	}
	m.tell(told)
	return nil
}

// keep writes entries into the history of a name.
func (m *Manager) keep(ctx context.Context, tx *db.Tx, name string, entries []Entry) error {
	for i := range entries {
		e := &entries[i]
		e.ID, e.Name = ident.New("ch"), name
		if e.At.IsZero() {
			e.At = m.config.Clock.Now()
		}
		if err := insertEntry(ctx, tx, *e); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return nil
	}
	return forgetEntries(ctx, tx, name, historyLength)
}

func (m *Manager) tell(entries []Entry) {
	for _, e := range entries {
		m.config.Notify(e)
	}
}

// showRecord shows a record that a person must publish; nil: none any more.
func (m *Manager) showRecord(ctx context.Context, name string, r *Record) error {
	return m.change(ctx, name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		mo.Records = nil
		if r != nil {
			mo.Records, mo.Activity = []Record{*r}, StateWaitingDNS
		} else if mo.Activity == StateWaitingDNS {
			mo.Activity = working(*mo)
		}
		return nil, nil
	})
}

// working is what the holder of a name's lock is doing when it orders.
func working(mo memo) State {
	if mo.NotAfter.IsZero() {
		return StateObtaining
	}
	return StateRenewing
}

func (m *Manager) dnsOf(name string) *DNS {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[name]
	if n == nil {
		return nil
	}
	return n.options.DNS
}

// challenges are the ways to prove a name now, the one that worked last first.
func (m *Manager) challenges(n *managed, worked Challenge) []Challenge {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n.options.DNS != nil {
		return []Challenge{DNS01}
	}
	var out []Challenge
	if m.ports[0] != 0 {
		out = append(out, HTTP01)
	}
	if m.ports[1] != 0 {
		out = append(out, TLSALPN01)
	}
	if len(out) == 2 && worked == out[1] {
		slices.Reverse(out)
	}
	return out
}

// claim makes the caller the only one in this process who works on a name.
func (m *Manager) claim(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.busy[name] {
		return false
	}
	m.busy[name] = true
	return true
}

func (m *Manager) unclaim(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.busy, name)
}

// idle are the managed names that nobody works on.
func (m *Manager) idle() []*managed {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*managed
	for name, n := range m.names {
		if !m.busy[name] {
			out = append(out, n)
		}
	}
	return out
}

// Somebody works on a name already: this node or another.
var (
	errBusy      = errors.New("certs: this node works on the name")
	errElsewhere = errors.New("certs: another node works on the name")
)

// exclusive runs fn while nobody else works on the name, here or on another node.
func (m *Manager) exclusive(ctx context.Context, name string, fn func() error) (err error) {
	if !m.claim(name) {
		return errBusy
	}
	defer m.unclaim(name)
	lock := "portico_" + name
	ok, err := m.storage.TryLock(ctx, lock)
	if err != nil {
		return err
	}
	if !ok {
		return errElsewhere
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("certs: panic: %v", p)
		}
		if unlock := m.storage.Unlock(context.WithoutCancel(ctx), lock); err == nil {
			err = unlock
		}
	}()
	return fn()
}
